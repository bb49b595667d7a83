/** The layers that have no weights, but for pooling by windows, activations, dropout and flattening. */
import fc from "fast-check";
import {
  adjointness,
  agreement,
  averagePooling2D,
  batchInvariance,
  bilinearKeepsSlopes,
  conv2D,
  croppingCases,
  croppingUndoesPadding,
  exchangedDirections,
  globalIsOneWindow,
  gradients,
  imageShapes,
  LayerCase,
  linearity,
  type MakePermute,
  maxPooling2D,
  outputSize,
  paddingCases,
  paddingIsALayer,
  permutingAxes,
  poolingUndoesUpSampling,
  receptiveFieldIsSeen,
  reshapingKeepsOrder,
  seeds,
  seesNoPlace,
  translationEquivariance,
  unpoolingIsPoolingsGradient,
  unpoolingUndoesPooling,
  upSampling2D,
  upSamplingCases,
  upSamplingIsTransposed,
} from "../../src/laws/index.ts";
import { GlobalAveragePooling2D, GlobalMaxPooling2D, type Layer, Permute, Reshape } from "../../src/layers/index.ts";
import { reference32, reference64, wasm } from "../support/kernels.ts";
import { obeys } from "./support.ts";

/** Global pooling of images whose numbers are multiples of the number of their pixels: means are whole. */
const globalCases = (make: (options: { keepDims: boolean }) => Layer) =>
  fc.record({ keepDims: fc.boolean(), shape: imageShapes(), seed: seeds }).map(({ keepDims, shape, seed }) => {
    return new LayerCase(() => make({ keepDims }), shape, seed, shape[1] * shape[2]);
  });
const globalAverage = globalCases((options) => new GlobalAveragePooling2D(options));
const globalMax = globalCases((options) => new GlobalMaxPooling2D(options));

const permute: MakePermute = (dims) => new Permute({ dims });
const permutations = fc
  .record({ dims: fc.constantFrom([2, 1, 3], [3, 1, 2], [1, 2, 3], [2, 3, 1]), shape: imageShapes(), seed: seeds })
  .map(({ dims, shape, seed }) => new LayerCase(() => permute(dims), shape, seed));
const reshapes = fc.record({ shape: imageShapes(), seed: seeds, open: fc.boolean() }).map(({ shape, seed, open }) => {
  const [, H, W, C] = shape;
  return new LayerCase(() => new Reshape({ targetShape: [C, open ? -1 : H, W] }), shape, seed);
});

/** Everything that is linear: all of its gradient is in the adjoint law, and there are no kinks. */
const linear = [
  ["GlobalAveragePooling2D", globalAverage],
  ["ZeroPadding2D", paddingCases()],
  ["Cropping2D", croppingCases()],
  ["Reshape", reshapes],
  ["Permute", permutations],
  ["UpSampling2D, nearest", upSamplingCases("nearest")],
  ["UpSampling2D, bilinear", upSamplingCases("bilinear")],
] as const;
const all = [...linear, ["GlobalMaxPooling2D", globalMax]] as const;

for (const [kind, cases] of all) {
  obeys(gradients(cases), kind);
  obeys(agreement([wasm, reference32], cases), kind);
}

for (const kernels of [reference64, wasm]) {
  const on = { kernels };
  const { name } = kernels;
  for (const [kind, cases] of linear) {
    obeys(linearity(cases, undefined, on), `${kind}, ${name}`);
    obeys(adjointness(cases, undefined, on), `${kind}, ${name}`);
  }
  for (const [kind, cases] of all) obeys(batchInvariance(cases, undefined, on), `${kind}, ${name}`);
  for (const [kind, cases] of [
    ["GlobalAveragePooling2D", globalAverage],
    ["GlobalMaxPooling2D", globalMax],
  ] as const) {
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
  for (const [kind, cases] of [
    ["ZeroPadding2D", paddingCases()],
    ["Cropping2D", croppingCases()],
  ] as const) {
    obeys(outputSize(cases, undefined, on), `${kind}, ${name}`);
    obeys(translationEquivariance(cases, undefined, on), `${kind}, ${name}`);
  }
  obeys(unpoolingUndoesPooling(undefined, undefined, on), name);
  obeys(unpoolingIsPoolingsGradient(undefined, undefined, on), name);
  obeys(croppingUndoesPadding(undefined, undefined, on), name);
  obeys(paddingIsALayer(conv2D, undefined, on), name);
  obeys(reshapingKeepsOrder(reshapes, undefined, on), name);
  obeys(permutingAxes(permute, on), name);
  obeys(exchangedDirections(conv2D, permute, on), name);
  obeys(poolingUndoesUpSampling(upSampling2D, maxPooling2D, on), `the maximum, ${name}`);
  obeys(poolingUndoesUpSampling(upSampling2D, averagePooling2D, on), `the mean, ${name}`);
  obeys(upSamplingIsTransposed(upSampling2D, on), name);
  obeys(bilinearKeepsSlopes(upSampling2D, on), name);
}
for (const [kind, cases] of [
  ["ZeroPadding2D", paddingCases()],
  ["Cropping2D", croppingCases()],
] as const) {
  obeys(receptiveFieldIsSeen(cases), kind);
}
