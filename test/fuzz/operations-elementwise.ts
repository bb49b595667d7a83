/** Operations on one number after the other and on one row after the other, losses, and the steps of optimizers. */
import fc from "fast-check";
import type { LossKind } from "../../src/kernels/kernels.ts";
import { activations, channels, operation, rows, sizes } from "./operations.ts";

export const elementwise = [
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
  operation(
    "gaussianNoise",
    fc.record({ size: sizes, stddev: fc.constantFrom(0, 0.5, 1e30, 1e-40), seed: fc.nat() }),
    ({ size, stddev, seed }) => ({
      ...{ inputs: [[size]], outputs: [[size]] },
      run: (kernels, y, x) => kernels.gaussianNoise(y, x, stddev, [seed, 1]),
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
  operation(
    "affineForward",
    fc.record({ rows: fc.integer({ min: 0, max: 40 }), size: channels, which: fc.nat(3), activation: activations }),
    ({ rows, size, which, activation }) => ({
      inputs: [[rows, size], ...[which & 1, which & 2].filter(Boolean).map(() => [size])],
      outputs: [[rows, size]],
      run: (kernels, y, x, ...given) => {
        const scale = which & 1 ? given.shift() : undefined;
        kernels.affineForward(y, x, scale, which & 2 ? given[0] : undefined, activation);
      },
    }),
  ),
  operation(
    "affineBackwardScale",
    fc.record({ rows: fc.integer({ min: 0, max: 40 }), size: channels }),
    ({ rows, size }) => ({
      inputs: [
        [rows, size],
        [rows, size],
      ],
      ...{ outputs: [[size]], sums: rows },
      run: (kernels, dscale, dy, x) => kernels.affineBackwardScale(dscale, dy, x),
    }),
  ),
  operation("backwardBias", fc.record({ rows: fc.integer({ min: 0, max: 40 }), size: channels }), ({ rows, size }) => ({
    ...{ inputs: [[rows, size]], outputs: [[size]], sums: rows },
    run: (kernels, dbias, dy) => kernels.backwardBias(dbias, dy),
  })),
];

export const byRow = (["softmaxForward", "logSoftmaxForward"] as const).map((name) =>
  operation(name, fc.record({ rows, size: sizes }), ({ rows, size }) => ({
    ...{ inputs: [[rows, size]], outputs: [[rows, size]], sums: size },
    run: (kernels, y, x) => kernels[name](y, x),
  })),
);
export const byRowBackward = (["softmaxBackward", "logSoftmaxBackward"] as const).map((name) =>
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

const normalizations = fc.record({
  rows,
  channels: sizes,
  settings: fc.record({
    size: fc.constantFrom(1, 2, 5, 2 ** 31),
    alpha: fc.constantFrom(0, 1e-4, 3, 1e30),
    beta: fc.constantFrom(0, 0.75, -1, 40),
    k: fc.constantFrom(1e-40, 1, 2),
  }),
});
export const normalizing = [
  operation("localResponseNormalizationForward", normalizations, ({ rows, channels, settings }) => ({
    ...{ inputs: [[rows, channels]], outputs: [[rows, channels]] },
    run: (kernels, y, x) => kernels.localResponseNormalizationForward(y, x, settings),
  })),
  operation("localResponseNormalizationBackward", normalizations, ({ rows, channels, settings }) => ({
    ...{
      inputs: [
        [rows, channels],
        [rows, channels],
      ],
      outputs: [[rows, channels]],
    },
    run: (kernels, dx, dy, x) => kernels.localResponseNormalizationBackward(dx, dy, x, settings),
  })),
];

const kinds: fc.Arbitrary<LossKind> = fc.constantFrom(
  "softmaxCrossEntropy",
  "categoricalCrossEntropy",
  "sigmoidCrossEntropy",
  "binaryCrossEntropy",
  "squaredError",
);
export const losses = operation(
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

const strengths = { l1: fc.constantFrom(0, 0.25, 1), l2: fc.constantFrom(0, 0.5, 1) };
export const penalties = [
  operation("penalty", fc.record({ size: sizes, ...strengths }), ({ size, ...settings }) => ({
    ...{ inputs: [[size]], outputs: [[1]], sums: size },
    run: (kernels, y, x) => kernels.penalty(y, x, settings),
  })),
  operation("regularize", fc.record({ size: sizes, ...strengths }), ({ size, ...settings }) => ({
    ...{ inputs: [[size]], outputs: [], states: [[size]] },
    run: (kernels, gradient, value) => kernels.regularize(gradient, value, settings),
  })),
  operation("clip", fc.record({ size: sizes, limit: fc.constantFrom(0.5, 3, 1e30, 1e-40) }), ({ size, limit }) => ({
    ...{ inputs: [[size]], outputs: [[size]] },
    run: (kernels, y, x) => kernels.clip(y, x, limit),
  })),
];

const rates = fc.constantFrom(0, 0.1, 0.9, 0.999, 1e-7, 1e30, 1e-42);
export const optimizers = [
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
