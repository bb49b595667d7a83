/** Local response normalisation: C10. */
import fc from "fast-check";
import { type Layer, LocalResponseNormalization } from "../layers/index.ts";
import type { LocalResponseNormalizationOptions } from "../layers/local-response-normalization.ts";
import { type Tensor, zeros } from "../tensor.ts";
import { filled, seeds } from "./arbitraries.ts";
import { coordinates, equal, holds } from "./compare.ts";
import { type Law, law } from "./law.ts";
import { float64, type LawOptions, LayerCase, trial } from "./subject.ts";

export type MakeLocalResponse = (options: LocalResponseNormalizationOptions) => Layer;
export const localResponseNormalization: MakeLocalResponse = (options) => new LocalResponseNormalization(options);

const settings = {
  size: fc.integer({ min: 1, max: 7 }),
  alpha: fc.constantFrom(0.5, 1, 3),
  beta: fc.constantFrom(0.5, 0.75, 1, 2),
  k: fc.constantFrom(0.5, 1, 2),
};
const shapes = fc.tuple(...[2, 3, 3, 9].map((max) => fc.integer({ min: 1, max })));

/** Normalisations over up to seven channels, of images with up to nine. */
export function localResponseCases(make: MakeLocalResponse = localResponseNormalization): fc.Arbitrary<LayerCase> {
  const cases = fc.record({ ...settings, shape: shapes, seed: seeds });
  return cases.map(({ shape, seed, ...options }) => new LayerCase(() => make(options), shape, seed));
}

/**
 * Channels compete: a channel that becomes more active makes those weaker that have it in their neighbourhood, which is
 * ⌊size/2⌋ channels before and ⌊(size−1)/2⌋ behind them, and no other, and nothing at any other pixel. C10
 */
export function neighboursCompete(
  make: MakeLocalResponse = localResponseNormalization,
  { kernels = float64 }: LawOptions = {},
): Law {
  const cases = fc.record({ ...settings, shape: shapes, seed: seeds, place: fc.nat(0xffff) });
  const name = "a more active channel weakens those that have it in their neighbourhood, and no others";
  return law(["C10"], name, cases, ({ shape, seed, place, ...options }) => {
    const nonzero = (shape: readonly number[], seed: number) =>
      filled(shape, seed, kernels.dtype, (random) => (1 + random.below(8)) * (random.below(2) === 0 ? 1 : -1));
    trial(new LayerCase(() => make(options), shape, seed), { kernels, numbers: nonzero }, ({ x, forward }) => {
      const before = forward(x).copy();
      const element = place % x.size;
      const [n, u, v, c] = coordinates(element, shape);
      x.data[element] *= 4;
      const after = forward(x);
      for (let e = 0; e < x.size; e++) {
        if (e === element) continue;
        const [m, i, j, d] = coordinates(e, shape);
        const distance = m === n && i === u && j === v ? c - d : Infinity;
        const isNeighbour = distance >= -Math.floor(options.size / 2) && distance <= Math.floor((options.size - 1) / 2);
        const [was, is] = [Math.abs(before.data[e]), Math.abs(after.data[e])];
        holds(isNeighbour ? is < was : is === was, () => {
          return `channel ${c} at [${n},${u},${v}] is four times as active: |y| at [${m},${i},${j},${d}] from ${was} to ${is}`;
        });
      }
    });
  });
}

/**
 * The formula: y = x / (k + α/size · Σ x²)^β for powers that need no logarithm, β = ½ and 1, to a few roundings; β = 0 and
 * α = 0 with k = 1 are the identity. C10
 */
export function localResponseFormula(
  make: MakeLocalResponse = localResponseNormalization,
  { kernels = float64 }: LawOptions = {},
): Law {
  const { size, alpha, k } = settings;
  const cases = fc.record({ size, alpha, k, beta: fc.constantFrom(0, 0.5, 1), shape: shapes, seed: seeds });
  const name = "y is x divided by the root, or the whole, of k + α/size times its neighbours' squares";
  return law(["C10"], name, cases, ({ shape, seed, ...options }) => {
    const run = (options: LocalResponseNormalizationOptions, of: (x: Tensor, y: Tensor) => void) => {
      trial(new LayerCase(() => make(options), shape, seed), { kernels }, ({ x, forward }) => of(x, forward(x)));
    };
    // log and exp are wrong by a few roundings; what is wrong in a logarithm of up to 8 is multiplied.
    const rounding = kernels.dtype === "float32" ? 2 ** -24 : 2 ** -53;
    run(options, (x, y) => {
      const expected = normalized(x, options);
      equal(y, expected, ["of the layer", "of the formula"], (e) => 64 * rounding * Math.abs(expected.data[e]));
    });
    run({ ...options, beta: 0 }, (x, y) => equal(y, x, ["with β = 0", "in x"]));
    run({ ...options, alpha: 0, k: 1 }, (x, y) => equal(y, x, ["with α = 0 and k = 1", "in x"]));
  });
}

function normalized(x: Tensor, { size, alpha, beta, k }: Record<"size" | "alpha" | "beta" | "k", number>): Tensor {
  const y = zeros(x.shape, x.dtype);
  const channels = x.shape[3];
  for (let e = 0; e < x.size; e++) {
    const [c, pixel] = [e % channels, e - (e % channels)];
    let squares = 0;
    for (let d = 0; d < channels; d++) {
      const isNear = d >= c - Math.floor(size / 2) && d <= c + Math.floor((size - 1) / 2);
      if (isNear) squares += x.data[pixel + d] ** 2;
    }
    const scale = k + (alpha / size) * squares;
    y.data[e] = x.data[e] / (beta === 0 ? 1 : beta === 1 ? scale : Math.sqrt(scale));
  }
  return y;
}
