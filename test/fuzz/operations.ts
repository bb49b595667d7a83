/** Every operation of the contract with shapes that fit each other: one case is one call. */
import fc from "fast-check";
import type { Activation, Kernels, LossKind } from "../../src/kernels/kernels.ts";
import type { Shape, Tensor } from "../../src/tensor.ts";
import { type Geometry, geometries, windowOf } from "../support/arbitraries.ts";

export interface Call {
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  /** Tensors that are changed in place; they count as inputs and as outputs. */
  readonly states?: readonly Shape[];
  /** `tensors`: outputs, then states, then inputs. */
  readonly run: (kernels: Kernels, ...tensors: Tensor[]) => void;
  /** What the numbers of input k have to be, where it is not any: classes, cells of a window. */
  readonly whole?: Readonly<Record<number, number>>;
  /** Whether sums are made in another order than the reference's, and how many products each has at most. */
  readonly sums?: number;
  /** Inputs that are multiplied by a sum, and therefore always finite: ∞ times a sum that is almost 0 is anything. */
  readonly finite?: readonly number[];
  /** Whether a zero may have either sign; see src/kernels/kernels.ts. */
  readonly anyZero?: boolean;
}

export interface Operation {
  readonly name: string;
  /** To be read in a failure, and repeated. */
  readonly settings: unknown;
  readonly call: Call;
}

function operation<S>(name: string, settings: fc.Arbitrary<S>, call: (settings: S) => Call): fc.Arbitrary<Operation> {
  return settings.map((drawn) => ({ name, settings: drawn, call: call(drawn) }));
}

const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 41, max: 300 }) },
);
const rows = fc.integer({ min: 0, max: 5 });
const batches = fc.integer({ min: 0, max: 3 });
const channels = fc.integer({ min: 1, max: 10 });
const slopes = fc.constantFrom(0, 0.3, 1, 1e30, 1e-40);
const activations: fc.Arbitrary<Activation> = fc.record({
  name: fc.constantFrom("linear", "relu", "leakyRelu", "elu", "sigmoid", "tanh"),
  alpha: slopes,
});
const LINEAR: Activation = { name: "linear", alpha: 0 };

const elementwise = [
  operation("activationForward", fc.record({ size: sizes, activation: activations }), ({ size, activation }) => ({
    ...{ inputs: [[size]], outputs: [[size]] },
    run: (kernels, y, x) => kernels.activationForward(y, x, activation),
  })),
  operation("activationBackward", fc.record({ size: sizes, activation: activations }), ({ size, activation }) => ({
    ...{ inputs: [[size], [size]], outputs: [[size]] },
    run: (kernels, dx, dy, y) => kernels.activationBackward(dx, dy, y, activation),
  })),
  operation(
    "dropout",
    fc.record({ size: sizes, rate: fc.double({ min: 0, max: 0.999, noNaN: true }), seed: fc.nat() }),
    ({ size, rate, seed }) => ({
      ...{ inputs: [[size]], outputs: [[size]] },
      run: (kernels, y, x) => kernels.dropout(y, x, rate, [seed, 1]),
    }),
  ),
  operation("add", fc.record({ size: sizes }), ({ size }) => ({
    ...{ inputs: [[size], [size]], outputs: [[size]] },
    run: (kernels, y, a, b) => kernels.add(y, a, b),
  })),
  operation("add in place", fc.record({ size: sizes }), ({ size }) => ({
    ...{ inputs: [[size]], states: [[size]], outputs: [] },
    run: (kernels, y, b) => kernels.add(y, y, b),
  })),
  operation("sum", fc.record({ size: sizes }), ({ size }) => ({
    ...{ inputs: [[size]], outputs: [[1]], sums: size },
    run: (kernels, y, x) => kernels.sum(y, x),
  })),
  operation("backwardBias", fc.record({ rows: fc.integer({ min: 0, max: 40 }), size: channels }), ({ rows, size }) => ({
    ...{ inputs: [[rows, size]], outputs: [[size]], sums: rows },
    run: (kernels, dbias, dy) => kernels.backwardBias(dbias, dy),
  })),
];

const byRow = (["softmaxForward", "logSoftmaxForward"] as const).map((name) =>
  operation(name, fc.record({ rows, size: sizes }), ({ rows, size }) => ({
    ...{ inputs: [[rows, size]], outputs: [[rows, size]], sums: size },
    run: (kernels, y, x) => kernels[name](y, x),
  })),
);
const byRowBackward = (["softmaxBackward", "logSoftmaxBackward"] as const).map((name) =>
  operation(name, fc.record({ rows, size: sizes }), ({ rows, size }) => ({
    ...{
      inputs: [
        [rows, size],
        [rows, size],
      ],
      outputs: [[rows, size]],
      sums: size,
      finite: [1],
    },
    run: (kernels, dx, dy, y) => kernels[name](dx, dy, y),
  })),
);

const kinds: fc.Arbitrary<LossKind> = fc.constantFrom(
  "softmaxCrossEntropy",
  "categoricalCrossEntropy",
  "sigmoidCrossEntropy",
  "binaryCrossEntropy",
  "squaredError",
);
const losses = operation(
  "loss",
  fc.record({ kind: kinds, rows, size: sizes, byIndex: fc.boolean(), gradient: fc.boolean() }),
  ({ kind, rows, size, byIndex, gradient }) => ({
    inputs: [[rows, size], byIndex ? [rows] : [rows, size], [rows]],
    outputs: gradient ? [[rows], [rows, size]] : [[rows]],
    ...(byIndex ? { whole: { 1: size } } : {}),
    sums: size,
    finite: [2],
    run(kernels, losses, ...rest) {
      const dx = gradient ? rest.shift() : undefined;
      kernels.loss(kind, losses, dx, rest[0], rest[1], rest[2]);
    },
  }),
);

const pools = fc.record({
  geometry: fc.oneof(
    { weight: 3, arbitrary: geometries({ kernel: 3 }) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 2, max: 7 })).map(
        ([height, width]): Geometry => ({
          height,
          width,
          kernelSize: [2, 2],
          strides: [2, 2],
          dilationRate: [1, 1],
          padding: [0, 0, 0, 0],
        }),
      ),
    },
  ),
  batch: batches,
  channels,
});
const pooling = [
  operation("maxPooling2dForward", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    const y = window.outputShape(batch, channels);
    return {
      inputs: [window.inputShape(batch, channels)],
      outputs: [y, y],
      run: (k, y, switches, x) => k.maxPooling2dForward(y, switches, x, window),
    };
  }),
  operation("maxPooling2dForward without switches", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    return {
      inputs: [window.inputShape(batch, channels)],
      outputs: [window.outputShape(batch, channels)],
      run: (k, y, x) => k.maxPooling2dForward(y, undefined, x, window),
    };
  }),
  operation("maxPooling2dBackward", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    const y = window.outputShape(batch, channels);
    return {
      inputs: [y, y],
      outputs: [window.inputShape(batch, channels)],
      whole: { 1: window.rows.kernel * window.columns.kernel },
      anyZero: true,
      run: (k, dx, dy, switches) => k.maxPooling2dBackward(dx, dy, switches, window),
    };
  }),
  operation("averagePooling2dForward", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    return {
      inputs: [window.inputShape(batch, channels)],
      outputs: [window.outputShape(batch, channels)],
      run: (k, y, x) => k.averagePooling2dForward(y, x, window),
    };
  }),
  operation("averagePooling2dBackward", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    return {
      inputs: [window.outputShape(batch, channels)],
      outputs: [window.inputShape(batch, channels)],
      run: (k, dx, dy) => k.averagePooling2dBackward(dx, dy, window),
    };
  }),
];

const rates = fc.constantFrom(0, 0.1, 0.9, 0.999, 1e-7, 1e30, 1e-42);
const optimizers = [
  operation(
    "sgd",
    fc.record({
      size: sizes,
      velocity: fc.boolean(),
      learningRate: rates,
      momentum: rates,
      weightDecay: rates,
      nesterov: fc.boolean(),
    }),
    ({ size, velocity, ...settings }) => ({
      ...{ inputs: [[size]], outputs: [], states: velocity ? [[size], [size]] : [[size]] },
      run: (k, value, ...rest) => k.sgd(value, velocity ? rest[0] : undefined, rest.at(-1)!, settings),
    }),
  ),
  operation(
    "adam",
    fc.record({
      size: sizes,
      learningRate: rates,
      beta1: rates,
      beta2: rates,
      epsilon: rates,
      weightDecay: rates,
      decoupled: fc.boolean(),
      correction1: rates,
      correction2: rates,
    }),
    ({ size, ...settings }) => ({
      ...{ inputs: [[size]], outputs: [], states: [[size], [size], [size]] },
      run: (k, value, mean, square, gradient) => k.adam(value, mean, square, gradient, settings),
    }),
  ),
  operation(
    "rmsprop",
    fc.record({ size: sizes, learningRate: rates, rho: rates, epsilon: rates }),
    ({ size, ...settings }) => ({
      ...{ inputs: [[size]], outputs: [], states: [[size], [size]] },
      run: (k, value, square, gradient) => k.rmsprop(value, square, gradient, settings),
    }),
  ),
];

const units = fc.integer({ min: 1, max: 40 });
const products = fc.record({
  N: fc.integer({ min: 0, max: 9 }),
  A: fc.integer({ min: 0, max: 70 }),
  B: units,
  bias: fc.boolean(),
  activation: fc.oneof(fc.constant(LINEAR), activations),
});
const dense = [
  operation("denseForward", products, ({ N, A, B, bias, activation }) => ({
    inputs: bias
      ? [[N, A], [A, B], [B]]
      : [
          [N, A],
          [A, B],
        ],
    ...{ outputs: [[N, B]], sums: A * Math.max(1, activation.alpha) },
    run: (k, y, x, kernel, b) => k.denseForward(y, x, kernel, b, activation),
  })),
  operation("denseBackwardInput", products, ({ N, A, B }) => ({
    ...{
      inputs: [
        [N, B],
        [A, B],
      ],
      outputs: [[N, A]],
      sums: B,
      spreads: true,
    },
    run: (k, dx, dy, kernel) => k.denseBackwardInput(dx, dy, kernel),
  })),
  operation("denseBackwardKernel", products, ({ N, A, B }) => ({
    ...{
      inputs: [
        [N, A],
        [N, B],
      ],
      outputs: [[A, B]],
      sums: N,
      spreads: true,
    },
    run: (k, dkernel, x, dy) => k.denseBackwardKernel(dkernel, x, dy),
  })),
];

interface Convolution {
  readonly geometry: Geometry;
  readonly N: number;
  readonly groups: number;
  readonly channels: number;
  readonly filters: number;
  readonly bias: boolean;
  readonly activation: Activation;
}
const biases = { bias: fc.boolean(), activation: fc.oneof(fc.constant(LINEAR), activations) };
/** Of every size, and those for which there are special ways: one channel and six filters, 3 × 3 with many channels. */
const convolutions: fc.Arbitrary<Convolution> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      geometry: geometries({ kernel: 3, dilation: 2 }),
      N: batches,
      groups: fc.constantFrom(1, 1, 2),
      channels: fc.integer({ min: 1, max: 5 }),
      filters: fc.integer({ min: 1, max: 9 }),
      ...biases,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      geometry: geometries({ kernel: 5, stride: 1, output: 8 }),
      N: batches,
      groups: fc.constant(1),
      channels: fc.constant(1),
      filters: fc.constantFrom(6, 12),
      ...biases,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      geometry: fc
        .record({
          height: fc.integer({ min: 4, max: 9 }),
          width: fc.integer({ min: 4, max: 9 }),
          padding: fc.tuple(...[0, 0, 0, 0].map(() => fc.nat(2))),
        })
        .map(
          (drawn): Geometry => ({
            ...drawn,
            padding: drawn.padding as unknown as Geometry["padding"],
            kernelSize: [3, 3],
            strides: [1, 1],
            dilationRate: [1, 1],
          }),
        ),
      ...{
        N: fc.nat(2),
        groups: fc.constant(1),
        channels: fc.constantFrom(16, 20),
        filters: fc.constantFrom(16, 24),
        ...biases,
      },
    }),
  },
);

function shapesOf({ geometry, N, groups, channels, filters }: Convolution) {
  const window = windowOf(geometry);
  const kernel = [window.rows.kernel, window.columns.kernel, channels, filters * groups];
  const [x, y] = [window.inputShape(N, channels * groups), window.outputShape(N, filters * groups)];
  const cells = window.rows.kernel * window.columns.kernel;
  return {
    window,
    kernel,
    x,
    y,
    taps: cells * channels,
    sent: cells * filters,
    seen: N * window.rows.output * window.columns.output,
  };
}

const conv2d = [
  operation("conv2dForward", convolutions, (settings) => {
    const { window, kernel, x, y, taps } = shapesOf(settings);
    return {
      inputs: settings.bias ? [x, kernel, y.slice(-1)] : [x, kernel],
      ...{ outputs: [y], sums: taps * Math.max(1, settings.activation.alpha) },
      run: (k, y, x, kernel, bias) => k.conv2dForward(y, x, kernel, bias, window, settings.activation),
    };
  }),
  operation("conv2dBackwardInput", convolutions, (settings) => {
    const { window, kernel, x, y, sent } = shapesOf(settings);
    return {
      inputs: [y, kernel],
      outputs: [x],
      sums: sent,
      spreads: true,
      run: (k, dx, dy, kernel) => k.conv2dBackwardInput(dx, dy, kernel, window),
    };
  }),
  operation("conv2dBackwardKernel", convolutions, (settings) => {
    const { window, kernel, x, y, seen } = shapesOf(settings);
    return {
      inputs: [x, y],
      outputs: [kernel],
      sums: seen,
      spreads: true,
      run: (k, dkernel, x, dy) => k.conv2dBackwardKernel(dkernel, x, dy, window),
    };
  }),
];

/** Operations whose bits are those of the reference, or almost, whatever the numbers. */
export const exactOperations = fc.oneof(...elementwise, ...byRow, ...byRowBackward, losses, ...pooling, ...optimizers);
/** Sums of products. */
export const products2d = fc.oneof(...dense, ...conv2d, ...conv2d);
