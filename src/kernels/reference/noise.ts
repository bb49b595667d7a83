import { philox } from "../../random.ts";
import type { Kernels } from "../kernels.ts";
import { type Arithmetic, arithmetic } from "./math.ts";

/**
 * Additive noise with a normal distribution, y = x + stddev · z.                                                    C7
 *
 *   z = √2 · erfinv u      u = (2h + 1)/2²⁴ − 1 from the upper 24 bits h of the element's 32, never −1, 0 or 1
 *   erfinv u = u · p(w)    w = −log((1 − u)·(1 + u));  p a polynomial in w − 2.5 for w < 5, in √w − 3 beyond
 *
 * Giles, "Approximating the erfinv function", GPU Computing Gems 2011: single precision, relative errors below 4·10⁻⁷. It
 * takes one random word for one number and rejects none, so that each element has bits of its own, as in dropout; |z| is
 * at most 5.42.
 */
export const noise: Pick<Kernels, "gaussianNoise"> = {
  gaussianNoise(y, x, stddev, key) {
    const math = arithmetic(y.dtype);
    const [Y, X, { round }] = [y.data, x.data, math];
    const deviation = round(stddev);
    const words = new Uint32Array(4);
    for (let e = 0; e < Y.length; e++) {
      philox(words, [4 * Math.floor(e / 16) + (e % 4), 0, 0, 0], key);
      Y[e] = X[e] + round(deviation * normal(words[Math.floor(e / 4) % 4], math));
    }
  },
};

const MIDDLE = [
  ...[2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087],
  ...[-0.00125372503, -0.00417768164, 0.246640727, 1.50140941],
];
const TAIL = [
  ...[-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773],
  ...[-0.0076224613, 0.00943887047, 1.00167406, 2.83297682],
];

/** A standard normal number from 32 random bits. */
export function normal(bits: number, { round, log }: Arithmetic): number {
  const u = (2 * (bits >>> 8) + 1 - 2 ** 24) / 2 ** 24;
  const w = -log(round(round(1 - u) * round(1 + u)));
  const [coefficients, v] = w < 5 ? [MIDDLE, round(w - 2.5)] : [TAIL, round(round(Math.sqrt(w)) - 3)];
  const p = coefficients.reduce((sum, coefficient) => round(round(sum * v) + round(coefficient)), 0);
  return round(round(p * u) * round(Math.SQRT2));
}
