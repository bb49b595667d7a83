/** The layers that have no weights, but for pooling by windows, activations, dropout and flattening. */
import fc from "fast-check";
import {
  adjointness,
  agreement,
  averagePooling2D,
  batchInvariance,
  bilinearKeepsSlopes,
  Chain,
  conv2D,
  croppingCases,
  croppingUndoesPadding,
  dropoutIsIdentity,
  dropoutKeepsMean,
  exchangedDirections,
  globalIsOneWindow,
  gradients,
  imageShapes,
  LayerCase,
  linearity,
  localResponseCases,
  localResponseFormula,
  type MakePermute,
  maxPooling2D,
  neighboursCompete,
  noiseIsNormal,
  OneRow,
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
  wholeChannelsAreDropped,
} from "../../src/laws/index.ts";
import {
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  type GlobalPooling1DOptions,
  type Layer,
  Permute,
  Reshape,
  SpatialDropout2D,
} from "../../src/layers/index.ts";
import { reference32, reference64, wasm } from "../support/kernels.ts";
import { obeys } from "./support.ts";

/** Global pooling of images whose numbers are multiples of the number of their pixels: means are whole. */
const globalCases = (make: (options: { keepDims: boolean }) => Layer, shapes = imageShapes()) =>
  fc.record({ keepDims: fc.boolean(), shape: shapes, seed: seeds }).map(({ keepDims, shape, seed }) => {
    return new LayerCase(() => make({ keepDims }), shape, seed, shape[1] * shape[2]);
  });
const globalAverage = globalCases((options) => new GlobalAveragePooling2D(options));
const keptDims = globalCases(() => new GlobalAveragePooling2D({ keepDims: true }));
const globalMax = globalCases((options) => new GlobalMaxPooling2D(options));
/** Sequences, as images of one row. */
const rows = imageShapes().map(([batch, , width, channels]) => [batch, 1, width, channels]);
const averageOfSteps = (options: GlobalPooling1DOptions) => new OneRow(new GlobalAveragePooling1D(options));
const maxOfSteps = (options: GlobalPooling1DOptions) => new OneRow(new GlobalMaxPooling1D(options));
const [globalAverage1D, globalMax1D] = [averageOfSteps, maxOfSteps].map((make) => globalCases(make, rows));

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
  ["GlobalAveragePooling1D", globalAverage1D],
  ["ZeroPadding2D", paddingCases()],
  ["Cropping2D", croppingCases()],
  ["Reshape", reshapes],
  ["Permute", permutations],
  ["UpSampling2D, nearest", upSamplingCases("nearest")],
  ["UpSampling2D, bilinear", upSamplingCases("bilinear")],
] as const;
const all = [...linear, ["GlobalMaxPooling2D", globalMax], ["GlobalMaxPooling1D", globalMax1D]] as const;

for (const [kind, cases] of all) {
  obeys(gradients(cases), kind);
  obeys(agreement([wasm, reference32], cases), kind);
}

const drops = fc
  .record({ rate: fc.constantFrom(0.25, 0.5, 0.75), shape: imageShapes(), seed: seeds })
  .map(({ rate, shape, seed }) => {
    return new LayerCase(() => new SpatialDropout2D({ rate }), shape, seed, 3);
  });
const noises = () => new GaussianNoise({ stddev: 0.5 });
obeys(gradients(drops, undefined, { training: true }), "SpatialDropout2D while training");
obeys(gradients(noises, imageShapes(), { training: true }), "GaussianNoise while training");
obeys(agreement([wasm, reference32], drops, undefined, { training: true }), "SpatialDropout2D while training");
obeys(agreement([wasm, reference32], noises, imageShapes(), { training: true }), "GaussianNoise while training");

const responses = localResponseCases();
obeys(gradients(responses), "LocalResponseNormalization");
obeys(agreement([wasm, reference32], responses), "LocalResponseNormalization");

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
    ["GlobalAveragePooling1D", globalAverage1D],
    ["GlobalMaxPooling1D", globalMax1D],
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
  obeys(globalIsOneWindow(averageOfSteps, averagePooling2D, on, rows), `average over steps, ${name}`);
  obeys(globalIsOneWindow(maxOfSteps, maxPooling2D, on, rows), `maximum over steps, ${name}`);
  for (const [kind, cases] of [
    ["ZeroPadding2D", paddingCases()],
    ["Cropping2D", croppingCases()],
  ] as const) {
    obeys(outputSize(cases, undefined, on), `${kind}, ${name}`);
    obeys(translationEquivariance(cases, undefined, on), `${kind}, ${name}`);
  }
  obeys(batchInvariance(responses, undefined, on), `LocalResponseNormalization, ${name}`);
  obeys(translationEquivariance(responses, undefined, on), `LocalResponseNormalization, ${name}`);
  obeys(neighboursCompete(undefined, on), name);
  obeys(localResponseFormula(undefined, on), name);
  const spatial = (rate: number) => new SpatialDropout2D({ rate });
  obeys(dropoutIsIdentity(spatial, on), `SpatialDropout2D, ${name}`);
  obeys(dropoutKeepsMean(spatial, on), `SpatialDropout2D of channels of one pixel, ${name}`);
  obeys(wholeChannelsAreDropped(spatial, on), name);
  obeys(
    noiseIsNormal((stddev) => new GaussianNoise({ stddev }), on),
    name,
  );
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
  ["UpSampling2D, nearest", upSamplingCases("nearest")],
  ["UpSampling2D, bilinear", upSamplingCases("bilinear")],
  ["GlobalAveragePooling2D", keptDims],
] as const) {
  obeys(receptiveFieldIsSeen(cases), kind);
}

const enlarged = () => new Chain([upSampling2D({ size: 3 }), conv2D({ filters: 2, kernelSize: 3, padding: "same" })]);
obeys(receptiveFieldIsSeen(enlarged, [1, 3, 4, 2]), "an enlarged image and a convolution");
