import {
  agreement,
  batchInvariance,
  batchIsNormalized,
  batchNormalization,
  batchNormalizationCases,
  gradientSumsToZero,
  gradients,
  scaleAndShiftAreNotSeen,
  statisticsMove,
} from "../../src/laws/index.ts";
import { reference32, reference64, wasm } from "../support/kernels.ts";
import { obeys } from "./support.ts";

for (const kernels of [reference64, wasm]) {
  const on = { kernels };
  const about = `BatchNormalization, ${kernels.name}`;
  obeys(batchIsNormalized(batchNormalization, on), about);
  obeys(scaleAndShiftAreNotSeen(batchNormalization, on), about);
  obeys(gradientSumsToZero(batchNormalization, on), about);
  obeys(statisticsMove(batchNormalization, on), about);
  obeys(batchInvariance(batchNormalizationCases(), undefined, { ...on, parameters: false }), about);
}
obeys(gradients(batchNormalizationCases(), undefined, { training: true }), "BatchNormalization while training");
obeys(gradients(batchNormalizationCases()), "BatchNormalization at inference");
const rounded = { bound: 1e-3, training: true };
obeys(agreement([wasm, reference32], batchNormalizationCases(), undefined, rounded), "BatchNormalization");
