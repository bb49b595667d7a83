/** Every constructor and every function that takes options, with options that fit and options that do not. */
import assert from "node:assert/strict";
import fc from "fast-check";
import * as neocog from "../../src/index.ts";
import { junk, mostly, options } from "./junk.ts";
import { type Target, target } from "./target.ts";

const flag = fc.boolean();
const count = fc.constantFrom(1, 2, 3, 6, 2 ** 31, 2 ** 53 - 1);
const pair = fc.oneof(count, fc.tuple(count, count));
const sides = fc.array(fc.constantFrom(0, 1, 2, 2 ** 31, 2 ** 53 - 1), { minLength: 4, maxLength: 4 });
const edges = fc.oneof(fc.constantFrom(0, 1, 2 ** 31), fc.tuple(fc.nat(2), fc.nat(2)), sides);
const padding = fc.oneof(fc.constantFrom<unknown>("valid", "same", 0, 1, 2 ** 31, 2 ** 53 - 1), sides);
const fraction = fc.constantFrom(0, 0.5, 5e-324, 1 - 2 ** -53);
const rate = fc.constantFrom(0, 0.01, 5e-324, 1.7e308);
const name = fc.constantFrom("a", "b/c", "__proto__", "\u0000");

const initializerNames = fc.constantFrom("glorotUniform", "heNormal", "zeros", "ones", "randomNormal", "randomUniform");
const initializer = fc.oneof(
  initializerNames,
  options({ name: initializerNames, mean: rate, stddev: rate, minval: rate, maxval: rate }, ["name"]),
  junk.map((value) => () => value),
);
const activationNames = fc.constantFrom(
  "linear",
  "relu",
  "leakyRelu",
  "elu",
  "sigmoid",
  "tanh",
  "scaledTanh",
  "softmax",
);
const activation = fc.oneof(
  activationNames,
  options({ name: activationNames, negativeSlope: rate, alpha: rate }, ["name"]),
);

const table = fc
  .tuple(fc.nat(3), fc.nat(3))
  .chain(([rows, columns]) =>
    fc.array(fc.array(flag, { maxLength: columns, minLength: columns }), { maxLength: rows }),
  );

const common = { name, trainable: flag };
const regularizer = options({ l1: rate, l2: rate });
const weighted = {
  ...{ ...common, activation, useBias: flag, kernelInitializer: initializer, biasInitializer: initializer },
  ...{ kernelRegularizer: regularizer, biasRegularizer: regularizer },
};
const pooling = { ...common, poolSize: pair, strides: pair, padding };
const conv2d = {
  ...weighted,
  filters: count,
  kernelSize: pair,
  strides: pair,
  padding,
  dilationRate: pair,
  groups: count,
};

const {
  filters: _filters,
  groups: _groups,
  kernelInitializer: _initializer,
  kernelRegularizer: _penalty,
  ...rest
} = conv2d;
const within = { ...rest, depthwiseInitializer: initializer, depthwiseRegularizer: regularizer };

/** Options of every kind of layer. */
export const layerOptions: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  Activation: fc.oneof(activationNames, options({ ...common, activation }, ["activation"])),
  AveragePooling2D: options(pooling),
  BatchNormalization: options({
    ...{ ...common, epsilon: rate, momentum: fraction, center: flag, scale: flag },
    ...{ gammaRegularizer: regularizer, betaRegularizer: regularizer },
  }),
  AveragePooling1D: options(pooling),
  Conv1D: options({ ...conv2d, kernelSize: count, strides: count, dilationRate: count }, ["filters", "kernelSize"]),
  MaxPooling1D: options({ ...common, poolSize: count, strides: count, padding: fc.constantFrom("valid", "same", 1) }),
  Conv2D: options(conv2d, ["filters", "kernelSize"]),
  Cropping2D: options({ ...common, cropping: edges }),
  Conv2DTranspose: options({ ...conv2d, outputPadding: fc.oneof(fc.nat(2), fc.tuple(fc.nat(2), fc.nat(2))) }, [
    "filters",
    "kernelSize",
  ]),
  DepthwiseConv2D: options({ ...within, depthMultiplier: count }, ["kernelSize"]),
  SeparableConv2D: options({ ...within, pointwiseInitializer: initializer, filters: count, depthMultiplier: count }, [
    "filters",
    "kernelSize",
  ]),
  Dense: options({ ...weighted, units: count }, ["units"]),
  Dropout: options({ ...common, rate: fraction }, ["rate"]),
  EuclideanRBF: options({ ...weighted, units: count }, ["units"]),
  ELU: options({ ...common, alpha: rate }),
  Flatten: options(common),
  GaussianNoise: options({ ...common, stddev: rate }, ["stddev"]),
  GlobalAveragePooling1D: options({ ...common, keepDims: flag }),
  GlobalMaxPooling1D: options({ ...common, keepDims: flag }),
  GlobalAveragePooling2D: options({ ...common, keepDims: flag }),
  GlobalMaxPooling2D: options({ ...common, keepDims: flag }),
  LeakyReLU: options({ ...common, negativeSlope: rate }),
  LocalResponseNormalization: options({ ...common, size: count, alpha: rate, beta: rate, k: rate }),
  MaxPooling2D: options(pooling),
  MaxUnpooling2D: options({ ...pooling, pooling: fc.constant(new neocog.MaxPooling2D()) }),
  Permute: options({ ...common, dims: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 3 }) }, ["dims"]),
  ReLU: options(common),
  Reshape: options({ ...common, targetShape: fc.array(fc.constantFrom(-1, 1, 2, 6, 2 ** 31)) }, ["targetShape"]),
  Sigmoid: options(common),
  Softmax: options(common),
  Subsampling2D: options({
    ...common,
    activation,
    useBias: flag,
    poolSize: pair,
    strides: pair,
    coefficientInitializer: initializer,
  }),
  TableConv2D: options(
    { ...weighted, ...{ kernelSize: pair, strides: pair, padding, dilationRate: pair }, connections: table },
    ["connections", "kernelSize"],
  ),
  SpatialDropout2D: options({ ...common, rate: fraction }, ["rate"]),
  Tanh: options(common),
  UpSampling2D: options({ ...common, size: pair, interpolation: fc.constantFrom("nearest", "bilinear") }),
  ZeroPadding2D: options({ ...common, padding: edges }),
};

const shape = fc.array(fc.constantFrom(0, 1, 2, 3, 5, 2 ** 31, 2 ** 53 - 1), { maxLength: 5 });
export const shapes = mostly(
  fc.oneof(
    { weight: 3, arbitrary: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 4, maxLength: 4 }) },
    { weight: 1, arbitrary: shape },
  ),
  12,
);

const moments = {
  learningRate: rate,
  epsilon: rate,
  weightDecay: rate,
  clipValue: rate,
  clipNorm: rate,
  globalClipNorm: rate,
};
const adam = options({ ...moments, beta1: fraction, beta2: fraction });
const decay = { initialLearningRate: rate, endLearningRate: rate, decayRate: fraction, decaySteps: count };
const rates = fc.array(rate, { maxLength: 3 });
const steps = fc.array(fc.constantFrom(0, 1, 5, 2 ** 53), { maxLength: 3 });
const monitored = {
  monitor: fc.constantFrom("loss", "valLoss"),
  patience: fc.nat(3),
  minDelta: rate,
  mode: fc.constantFrom("min", "max"),
  restoreBestWeights: flag,
};

const optimizers = fc
  .constantFrom("adam", "sgd")
  .map((kind) => (kind === "adam" ? new neocog.Adam() : new neocog.SGD()));
const dtypes = fc.constantFrom("float32", "float64");
const window = { kernelSize: pair, strides: pair, padding, dilationRate: pair };
const images = fc.constantFrom(0, 1, 5, 28, 2 ** 31, 2 ** 53 - 1);

const range = fc.oneof(rate, fc.tuple(fc.constantFrom(-3, 0, 0.5), fc.constantFrom(0.5, 1, 2 ** 53 - 1)));
const augmentation = {
  ...{ rotation: range, shear: range, zoom: range, widthShift: range, heightShift: range, brightness: range },
  ...{ randomCrop: count, horizontalFlip: fc.oneof(flag, fraction), verticalFlip: flag, cutout: count },
  ...{ fillMode: fc.constantFrom("constant", "nearest", "reflect"), fillValue: rate },
};

/** By name: what the arguments are drawn from. */
const calls: Readonly<Record<string, fc.Arbitrary<unknown[]>>> = {
  ...Object.fromEntries(Object.entries(layerOptions).map(([kind, drawn]) => [kind, fc.tuple(drawn)])),
  l1: fc.tuple(mostly(rate)),
  l2: fc.tuple(mostly(rate)),
  l1l2: fc.tuple(options({ l1: rate, l2: rate })),
  SGD: fc.tuple(options({ ...moments, momentum: fraction, nesterov: flag })),
  Adam: fc.tuple(adam),
  AdamW: fc.tuple(adam),
  RMSprop: fc.tuple(options({ ...moments, rho: fraction })),
  BinaryCrossentropy: fc.tuple(options({ fromLogits: flag })),
  CategoricalCrossentropy: fc.tuple(options({ fromLogits: flag })),
  SparseCategoricalCrossentropy: fc.tuple(options({ fromLogits: flag })),
  MeanSquaredError: fc.tuple(options({})),
  Accuracy: fc.tuple(options({})),
  MeanIoU: fc.tuple(options({})),
  TopKCategoricalAccuracy: fc.tuple(options({ k: count })),
  EarlyStopping: fc.tuple(options(monitored)),
  CSVLogger: fc.tuple(junk),
  LearningRateScheduler: fc.tuple(mostly(optimizers), mostly(fc.constant(() => 0.1))),
  linearDecay: fc.tuple(options(decay, ["initialLearningRate", "decaySteps"])),
  exponentialDecay: fc.tuple(options(decay, ["initialLearningRate", "decayRate"])),
  piecewiseConstantDecay: fc.tuple(options({ boundaries: steps, values: rates }, ["boundaries", "values"])),
  gaborFilter: fc.tuple(
    options({ size: fc.nat(9), wavelength: rate, orientation: rate, phase: rate, sigma: rate, aspectRatio: rate }, [
      "size",
      "wavelength",
    ]),
  ),
  gaborBank: fc.tuple(options({ size: fc.nat(9), wavelength: rate, orientations: fc.nat(5) }, ["size", "wavelength"])),
  sobelFilter: fc.tuple(mostly(fc.constantFrom("x", "y"))),
  centreSurroundFilter: fc.tuple(options({ size: fc.nat(9), sigma: rate, surroundSigma: rate }, ["size", "sigma"])),
  filterBank: fc.tuple(mostly(fc.constant([neocog.sobelFilter("x")]))),
  cosineDecay: fc.tuple(
    options({ initialLearningRate: rate, decaySteps: count, alpha: fraction }, ["initialLearningRate", "decaySteps"]),
  ),
  warmUp: fc.tuple(mostly(fc.constant(() => 0.1)), options({ warmUpSteps: count, from: rate }, ["warmUpSteps"])),
  ReduceLearningRateOnPlateau: fc.tuple(
    mostly(optimizers),
    options({ ...monitored, factor: fraction, cooldown: fc.nat(3), minLearningRate: rate }).map((given) => {
      const { restoreBestWeights: _, ...others } = Object(given);
      return others;
    }),
  ),
  Augmentation: fc.tuple(options(augmentation)),
  leNet5: fc.tuple(
    options({
      classes: fc.constantFrom(1, 3),
      inputShape: fc.constantFrom([12, 12, 1], [28, 28, 3], [1, 1, 1]),
      form: fc.constantFrom("modern", "1998"),
      seed: fc.nat(3),
      name,
    }),
  ),
  Random: fc.tuple(mostly(fc.maxSafeNat())),
  Pass: fc.tuple(
    options({
      kernels: fc.constant(neocog.referenceKernels("float32")),
      training: flag,
      gradients: flag,
      seed: fc.maxSafeNat(),
    }),
  ),
  referenceKernels: fc.tuple(mostly(dtypes)),
  wasmKernels: fc.tuple(options({ threads: fc.constantFrom(1, 2, 2 ** 31, 2 ** 53 - 1), relaxed: fc.constant(false) })),
  tensor: fc.tuple(
    mostly(fc.oneof(fc.array(fc.double()), fc.array(fc.array(fc.double())), fc.float32Array())),
    mostly(shape),
    mostly(dtypes),
  ),
  Tensor: fc.tuple(shapes, fc.constant(neocog.tensor([1]).storage)),
  "Window.over": fc.tuple(fc.constant("Window.over"), mostly(images), mostly(images), options(window, ["kernelSize"])),
  datasetDirectory: fc.tuple(mostly(fc.constantFrom("mnist", "fashion-mnist-part"))),
};

const FUNCTIONS = [
  "gaborFilter",
  "gaborBank",
  "sobelFilter",
  "centreSurroundFilter",
  "filterBank",
  "cosineDecay",
  "warmUp",
  "l1",
  "l2",
  "l1l2",
  "linearDecay",
  "exponentialDecay",
  "piecewiseConstantDecay",
  "leNet5",
  "referenceKernels",
  "wasmKernels",
  "tensor",
  "datasetDirectory",
];

function make(name: string, given: readonly unknown[]): unknown {
  // biome-ignore lint/suspicious/noExplicitAny: anything is what fuzzing is about
  const library = neocog as any;
  if (name === "Window.over") return library.Window.over(...given);
  return FUNCTIONS.includes(name) ? library[name](...given) : new library[name](...given);
}

const call = fc
  .oneof(
    { weight: 200, arbitrary: fc.constantFrom(...Object.keys(calls).filter((name) => name !== "leNet5")) },
    { weight: 1, arbitrary: fc.constant("leNet5") }, // which draws thousands of weights
  )
  .chain((name) => calls[name].map((given) => ({ name, given })));

const constructors = target("constructors", 250, call, ({ name, given }) => {
  const made = make(name, given);
  if (name === "Augmentation") (made as neocog.Augmentation).apply(neocog.tensor(new Float32Array(18), [1, 3, 3, 2]));
  if (name.endsWith("Decay")) {
    for (const step of [0, 1, 1000]) assert.ok((made as neocog.Schedule)(step) >= 0, "a learning rate is no number");
  }
});

export const constructing: readonly Target[] = [constructors];
