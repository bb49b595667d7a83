/** Dropout: C7. */
import fc from "fast-check";
import type { Layer } from "../layers/layer.ts";
import { filled, seeds } from "./arbitraries.ts";
import { equal, holds } from "./compare.ts";
import { imagesFrom } from "./images.ts";
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
