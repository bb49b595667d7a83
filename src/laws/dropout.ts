/** Dropout: C7. */
import fc from "fast-check";
import type { Layer } from "../layers/layer.ts";
import { zeros } from "../tensor.ts";
import { filled, seeds } from "./arbitraries.ts";
import { equal, holds } from "./compare.ts";
import { imagesFrom, reader } from "./images.ts";
import { type Law, law } from "./law.ts";
import { imageShapes } from "./layers.ts";
import { float64, type LawOptions, LayerCase, trial } from "./subject.ts";

/** Without training, and with rate 0, dropout is the identity, forward and backward. C7 */
export function dropoutIsIdentity(make: (rate: number) => Layer, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({ shape: imageShapes(), rate: fc.constantFrom(0, 0.25, 0.5, 0.9), seed: seeds });
  const name = "dropout is the identity without training, and with rate 0";
  return law(["C7"], name, cases, ({ shape, rate, seed }) => {
    for (const [used, training] of [
      [rate, false],
      [0, true],
    ] as const) {
      trial(new LayerCase(() => make(used), shape, seed), { kernels, training }, ({ x, draw, gradients }) => {
        const { y, dy, dx } = gradients(x, (shape) => draw(shape, 1));
        equal(y, x, ["in y", "in x"]);
        equal(dx, dy, ["in dx", "in dy"]);
      });
    }
  });
}

/** Numbers in one tensor, and how far the fraction kept of them may be from 1 − rate. */
const COUNT = 4096;
/** Hoeffding 1963: P(|mean − expected| ≥ t) ≤ 2·exp(−2·n·t²), which is below 10⁻⁹ for this t. */
const SPREAD = Math.sqrt(21.42 / (2 * COUNT));

/**
 * While training each number is dropped, or scaled by 1/(1 − rate), and the fraction kept is 1 − rate: so the mean stays.
 * What is dropped forward is dropped backward. C7
 * Exact: x is a multiple of 3 and 1/(1 − rate) is 1, 4/3, 2 or 4.
 */
export function dropoutKeepsMean(make: (rate: number) => Layer, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({ rate: fc.constantFrom(0, 0.25, 0.5, 0.75), seed: seeds });
  const name = "dropout keeps 1 − rate of all numbers and scales them by 1/(1 − rate), forward and backward alike";
  return law(["C7"], name, cases, ({ rate, seed }) => {
    const positive = (shape: readonly number[], seed: number) =>
      filled(shape, seed, kernels.dtype, (random) => 3 + 3 * random.below(8));
    const drawn = new LayerCase(() => make(rate), [1, 1, 1, COUNT], seed);
    trial(drawn, { kernels, training: true, numbers: positive }, ({ x, draw, gradients }) => {
      const { y, dy, dx } = gradients(x, (shape) => draw(shape, 1));
      const scaled = (value: number) => value / (1 - rate);
      equal(
        y,
        imagesFrom(x.shape, x, (_n, _u, _v, c) => (y.data[c] === 0 ? 0 : scaled(x.data[c]))),
        ["in y", "= x / (1 − rate)"],
      );
      const back = imagesFrom(x.shape, x, (_n, _u, _v, c) => (y.data[c] === 0 ? 0 : scaled(dy.data[c])));
      equal(dx, back, ["in dx", "= dy / (1 − rate) where y was kept"]);
      const kept = y.data.filter((value) => value !== 0).length / COUNT;
      holds(Math.abs(kept - (1 - rate)) <= SPREAD, () => `${kept} of all are kept with rate ${rate}`);
    });
  });
}

/**
 * Whole channels of an image are dropped, or scaled by 1/(1 − rate), forward and backward alike; which ones depends on the
 * image and on the channel. C7
 */
export function wholeChannelsAreDropped(make: (rate: number) => Layer, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({ shape: imageShapes(), rate: fc.constantFrom(0.25, 0.5, 0.75), seed: seeds });
  const name = "a channel of an image is dropped as a whole, or scaled by 1/(1 − rate), forward and backward alike";
  return law(["C7"], name, cases, ({ shape, rate, seed }) => {
    const positive = (shape: readonly number[], seed: number) =>
      filled(shape, seed, kernels.dtype, (random) => 3 + 3 * random.below(8));
    const drawn = new LayerCase(() => make(rate), shape, seed);
    trial(drawn, { kernels, training: true, numbers: positive }, ({ x, draw, gradients }) => {
      const { y, dy, dx } = gradients(x, (shape) => draw(shape, 1));
      const [at, cell, slope] = [reader(y), reader(x), reader(dy)];
      const of = (value: typeof at) =>
        imagesFrom(shape, x, (n, u, v, c) => (at(n, 0, 0, c) === 0 ? 0 : value(n, u, v, c) / (1 - rate)));
      equal(y, of(cell), ["in y", "= x / (1 − rate) where the channel is kept"]);
      equal(dx, of(slope), ["in dx", "= dy / (1 − rate) where the channel is kept"]);
    });
  });
}

/**
 * Noise while training: y − x has mean 0 and the standard deviation asked for, whatever x is; dx = dy; and nothing happens
 * without training. C7
 * Of n normal numbers the mean is further from 0 than 6·σ/√n, and their variance from σ² than 6·σ²·√(2/n), twice in 10⁹.
 */
export function noiseIsNormal(make: (stddev: number) => Layer, { kernels = float64 }: LawOptions = {}): Law {
  const name = "noise while training has mean 0 and its standard deviation, whatever x is, and dx = dy";
  const cases = fc.record({ stddev: fc.constantFrom(0, 0.5, 1, 4), seed: seeds });
  return law(["C7"], name, cases, ({ stddev, seed }) => {
    const drawn = new LayerCase(() => make(stddev), [1, COUNT], seed);
    trial(drawn, { kernels, training: true }, ({ x, draw, forward, gradients }) => {
      const { y, dy, dx } = gradients(x, (shape) => draw(shape, 1));
      equal(dx, dy, ["in dx", "in dy"]);
      const noise = forward(zeros(x.shape, x.dtype));
      // x is whole: adding it loses a few bits of the noise.
      const lost = kernels.dtype === "float32" ? 2 ** -18 : 2 ** -47;
      const sum = zeros(x.shape, x.dtype);
      for (let e = 0; e < x.size; e++) sum.data[e] = x.data[e] + noise.data[e];
      equal(y, sum, ["in y", "= x + the noise of zeros"], lost);
      let [mean, square] = [0, 0];
      for (const value of noise.data) [mean, square] = [mean + value / COUNT, square + (value * value) / COUNT];
      holds(Math.abs(mean) <= (6 * stddev) / Math.sqrt(COUNT), () => `the mean of the noise is ${mean}`);
      const error = Math.abs(square - stddev ** 2);
      holds(error <= 6 * stddev ** 2 * Math.sqrt(2 / COUNT), () => `the noise's mean square is ${square}`);
    });
    trial(drawn, { kernels }, ({ x, forward }) => equal(forward(x), x, ["without training", "in x"]));
  });
}
