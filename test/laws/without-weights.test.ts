/** The layers that have no weights, but for pooling by windows, activations, dropout and flattening. */
import fc from "fast-check";
import {
  adjointness,
  agreement,
  averagePooling2D,
  batchInvariance,
  globalIsOneWindow,
  gradients,
  imageShapes,
  LayerCase,
  linearity,
  maxPooling2D,
  seeds,
  seesNoPlace,
} from "../../src/laws/index.ts";
import { GlobalAveragePooling2D, GlobalMaxPooling2D, type Layer } from "../../src/layers/index.ts";
import { reference32, reference64, wasm } from "../support/kernels.ts";
import { obeys } from "./support.ts";

/** Global pooling of images whose numbers are multiples of the number of their pixels: means are whole. */
const globalCases = (make: (options: { keepDims: boolean }) => Layer) =>
  fc.record({ keepDims: fc.boolean(), shape: imageShapes(), seed: seeds }).map(({ keepDims, shape, seed }) => {
    return new LayerCase(() => make({ keepDims }), shape, seed, shape[1] * shape[2]);
  });
const globalAverage = globalCases((options) => new GlobalAveragePooling2D(options));
const globalMax = globalCases((options) => new GlobalMaxPooling2D(options));

for (const [kind, cases] of [
  ["GlobalAveragePooling2D", globalAverage],
  ["GlobalMaxPooling2D", globalMax],
] as const) {
  obeys(gradients(cases), kind);
  obeys(agreement([wasm, reference32], cases), kind);
}

for (const kernels of [reference64, wasm]) {
  const on = { kernels };
  const { name } = kernels;
  for (const [kind, cases] of [["GlobalAveragePooling2D", globalAverage]] as const) {
    obeys(linearity(cases, undefined, on), `${kind}, ${name}`);
    obeys(adjointness(cases, undefined, on), `${kind}, ${name}`);
  }
  for (const [kind, cases] of [
    ["GlobalAveragePooling2D", globalAverage],
    ["GlobalMaxPooling2D", globalMax],
  ] as const) {
    obeys(batchInvariance(cases, undefined, on), `${kind}, ${name}`);
    obeys(seesNoPlace(cases, undefined, on), `${kind}, ${name}`);
  }
  obeys(
    globalIsOneWindow((options) => new GlobalAveragePooling2D(options), averagePooling2D, on),
    `average, ${name}`,
  );
  obeys(
    globalIsOneWindow((options) => new GlobalMaxPooling2D(options), maxPooling2D, on),
    `maximum, ${name}`,
  );
}
