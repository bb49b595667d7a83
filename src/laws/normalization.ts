/** Batch normalisation: C10. */
import fc from "fast-check";
import { BatchNormalization, type BatchNormalizationOptions, type Layer } from "../layers/index.ts";
import { Pass } from "../pass.ts";
import { type Tensor, zeros } from "../tensor.ts";
import { floats, seeds } from "./arbitraries.ts";
import { equal, holds } from "./compare.ts";
import { type Law, law } from "./law.ts";
import { float64, type LawOptions, LayerCase } from "./subject.ts";

export type MakeBatchNormalization = (options: BatchNormalizationOptions) => Layer;
export const batchNormalization: MakeBatchNormalization = (options) => new BatchNormalization(options);

/** Batch normalisations with and without γ and β, on rows and images for them. */
export function batchNormalizationCases(make: MakeBatchNormalization = batchNormalization): fc.Arbitrary<LayerCase> {
  return fc.record({ ...shapes, center: fc.boolean(), scale: fc.boolean() }).map(({ center, scale, ...drawn }) => {
    return new LayerCase(() => make({ epsilon: 0.25, momentum: 0.5, center, scale }), shapeOf(drawn), drawn.seed);
  });
}

const shapes = {
  batch: fc.integer({ min: 2, max: 4 }),
  // Rows, or images.
  sides: fc.constantFrom([], [3, 2], [1, 4]),
  channels: fc.integer({ min: 1, max: 5 }),
  seed: seeds,
};
interface Drawn {
  readonly batch: number;
  readonly sides: readonly number[];
  readonly channels: number;
}
const shapeOf = ({ batch, sides, channels }: Drawn) => [batch, ...sides, channels];

/** How far results may be off: of float32 a few roundings for each number that is added up. */
const boundOf = ({ kernels = float64 }: LawOptions) => (kernels.dtype === "float64" ? 1e-11 : 1e-5);

/** Mean and variance of each channel, in float64. */
function statistics({ data, shape }: Tensor): { mean: number; variance: number }[] {
  const C = shape[shape.length - 1];
  return Array.from({ length: C }, (_, c) => {
    const own = [...data].filter((_, e) => e % C === c);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    return { mean, variance: own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length };
  });
}

function normalized(layer: Layer, x: Tensor, training: boolean, { kernels = float64 }: LawOptions): Tensor {
  return layer.forward(x, new Pass({ kernels, training, gradients: false }));
}

/**
 * In training every channel of y has the mean 0, and the variance σ²/(σ² + ε), which is 1 but for ε; γ and β are 1 and 0 at
 * first. C10
 */
export function batchIsNormalized(make: MakeBatchNormalization = batchNormalization, options: LawOptions = {}): Law {
  const cases = fc.record({ ...shapes, epsilon: fc.constantFrom(0, 0.001, 0.5) });
  const name = "while training every channel of y has mean 0 and variance 1 (σ²/(σ² + ε))";
  return law(["C10"], name, cases, ({ epsilon, seed, ...drawn }) => {
    const x = floats(shapeOf(drawn), seed, 4, (options.kernels ?? float64).dtype);
    const before = statistics(x);
    fc.pre(before.every(({ variance }) => variance > 0.01));
    const after = statistics(normalized(make({ epsilon }), x, true, options));
    after.forEach(({ mean, variance }, c) => {
      const expected = before[c].variance / (before[c].variance + epsilon);
      const close = Math.abs(mean) < boundOf(options) && Math.abs(variance - expected) < 10 * boundOf(options);
      holds(close, () => `channel ${c} has mean ${mean} and variance ${variance}, expected 0 and ${expected}`);
    });
  });
}

/** In training scale and shift of the input are not seen: of a·x + b, a > 0, with ε·a², y is that of x. C10 */
export function scaleAndShiftAreNotSeen(
  make: MakeBatchNormalization = batchNormalization,
  options: LawOptions = {},
): Law {
  const cases = fc.record({ ...shapes, a: fc.constantFrom(0.125, 0.5, 2, 16), b: fc.integer({ min: -8, max: 8 }) });
  const name = "while training a channel's scale and shift are not seen: y of a·x + b is that of x";
  return law(["C10"], name, cases, ({ a, b, seed, ...drawn }) => {
    const x = floats(shapeOf(drawn), seed, 4, (options.kernels ?? float64).dtype);
    fc.pre(statistics(x).every(({ variance }) => variance > 0.01));
    const moved = zeros(x.shape, x.dtype);
    for (let e = 0; e < x.size; e++) moved.data[e] = a * x.data[e] + b;
    const [y, other] = [normalized(make({ epsilon: 0.01 }), x, true, options), make({ epsilon: 0.01 * a * a })];
    // What a small a leaves of x beside b is known no better than b is.
    const bound = (boundOf(options) * 10 * (1 + Math.abs(b))) / Math.min(1, a);
    equal(normalized(other, moved, true, options), y, ["of a·x + b", "of x"], bound);
  });
}

/** As y does not see a shift of x, a channel's dx has the sum 0; and dx does not depend on a shift of dy. C10 */
export function gradientSumsToZero(make: MakeBatchNormalization = batchNormalization, options: LawOptions = {}): Law {
  const { kernels = float64 } = options;
  const name = "while training a channel's dx sums to 0";
  return law(["C10"], name, fc.record(shapes), ({ seed, ...drawn }) => {
    const x = floats(shapeOf(drawn), seed, 4, kernels.dtype);
    fc.pre(statistics(x).every(({ variance }) => variance > 0.01));
    const layer = make({});
    const pass = new Pass({ kernels, training: true });
    layer.forward(x, pass);
    const dx = layer.backward(floats(x.shape, seed + 1, 1, kernels.dtype), pass);
    for (const { mean } of statistics(dx)) {
      holds(Math.abs(mean) < 100 * boundOf(options), () => `the mean of a channel of dx is ${mean}`);
    }
  });
}

/**
 * Moving statistics go towards those of the batch: after k steps on one batch they are at 1 − momentumᵏ of the way. Outside
 * of training, and where the layer is frozen, they stay, and y is γ·(x − μ)/√(σ² + ε) + β with them. C10
 */
export function statisticsMove(make: MakeBatchNormalization = batchNormalization, options: LawOptions = {}): Law {
  const { kernels = float64 } = options;
  const cases = fc.record({ ...shapes, steps: fc.integer({ min: 0, max: 4 }), freezes: fc.boolean() });
  const name = "moving statistics go towards the batch's while training, and are used otherwise and where it is frozen";
  return law(["C10"], name, cases, ({ steps, freezes, seed, ...drawn }) => {
    const x = floats(shapeOf(drawn), seed, 4, kernels.dtype);
    const layer = make({ momentum: 0.75, epsilon: 0.5 });
    for (let step = 0; step < steps; step++) normalized(layer, x, true, options);
    layer.build(x.shape, new Pass({ kernels }));
    layer.trainable = !freezes;
    const y = normalized(layer, x, freezes, options);
    const [gamma, beta, mean, variance] = layer.parameters.map(({ value }) => value);
    const left = 0.75 ** steps;
    const expected = zeros(x.shape, x.dtype);
    statistics(x).forEach((own, c) => {
      const [m, v] = [(1 - left) * own.mean, left + (1 - left) * own.variance];
      const far = Math.abs(mean.data[c] - m) + Math.abs(variance.data[c] - v);
      const found = () => `after ${steps} steps there are ${mean.data[c]} and ${variance.data[c]}, not ${m} and ${v}`;
      holds(far < 30 * boundOf(options), found);
      for (let e = c; e < x.size; e += drawn.channels) {
        expected.data[e] = (gamma.data[c] * (x.data[e] - m)) / Math.sqrt(v + 0.5) + beta.data[c];
      }
    });
    equal(y, expected, ["of the layer", "with the moving statistics"], 100 * boundOf(options));
  });
}
