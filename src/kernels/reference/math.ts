import type { DType } from "../../tensor.ts";
import { FLOAT32, FLOAT64, type LogFormat, logarithm, powerOfTwo } from "./logarithm.ts";

/**
 * exp, log and tanh of our own, because Math.exp and its kin differ from one JavaScript engine to the next. C1
 *
 *   exp x   = 2ᵏ · exp r         k = ⌊x/ln 2 + ½⌋, r = x − k·ln 2, so |r| ≤ ½ ln 2;   exp r − 1 = r + r²·(1/2! + r/3! + …)
 *   log x                        see logarithm.ts
 *   tanh x  = t/(t + 2)          t = exp 2x − 1
 *
 * ln 2 is the sum of a high part, whose product with k is exact, and a low part (Cody & Waite 1980). `round` follows
 * every single operation: with Math.fround these are the very operations of assembly/math.ts and give the same bits, in
 * float64 it does nothing. The error is below 2 units in the last place, in tanh below 5.
 */
export interface Arithmetic {
  /** To the nearest number of this width. */
  round(x: number): number;
  /** Rounded, and 0 where that is smaller than the smallest normal number. */
  flushed(x: number): number;
  exp(x: number): number;
  /** exp x − 1 without cancellation, for |x| up to where it is −1 or tanh is 1; beyond, it stays what it is there. */
  expm1(x: number): number;
  log(x: number): number;
  /** log(1 + x) without cancellation, for x ≥ 0. */
  log1p(x: number): number;
  tanh(x: number): number;
}

interface Format extends LogFormat {
  /** exp is 0 below the first and ∞ above the second. */
  readonly range: readonly [number, number];
  /** exp(−saturation) is nothing beside 1. */
  readonly saturation: number;
  /** The last power that counts in the series. */
  readonly expPower: number;
  readonly smallestNormal: number;
}

const float32 = arithmeticOf({
  ...FLOAT32,
  range: [-104, 89],
  saturation: 20,
  expPower: 7,
  smallestNormal: 1.1754943508222875e-38,
});

const float64 = arithmeticOf({
  ...FLOAT64,
  range: [-746, 710],
  saturation: 40,
  expPower: 13,
  smallestNormal: 2.2250738585072014e-308,
});

/** In float64, for those who work in no other precision. */
export const { exp, log } = float64;

export function arithmetic(dtype: DType): Arithmetic {
  return dtype === "float32" ? float32 : float64;
}

function arithmeticOf(format: Format): Arithmetic {
  const { round, ln2High, ln2Low, range, saturation, expPower, smallestNormal } = format;
  const high = round(ln2High);
  const low = round(ln2Low);
  const reciprocals = Array.from({ length: expPower + 1 }, (_, n) => round(1 / factorial(n)));
  const half = 0.5;
  const log = logarithm(format);

  function flushed(x: number): number {
    const rounded = round(x);
    return Math.abs(rounded) < smallestNormal ? 0 : rounded;
  }

  function multipleOfLn2(x: number): number {
    return Math.floor(round(round(x * round(Math.LOG2E)) + half));
  }

  /** exp r − 1 for the remainder r of x. */
  function expm1OfRemainder(x: number, k: number): number {
    const r = round(round(x - round(k * high)) - round(k * low));
    let series = 0;
    for (let n = expPower; n >= 2; n--) series = round(round(series * r) + reciprocals[n]);
    return round(r + round(round(r * r) * series));
  }

  function exp(x: number): number {
    const inside = Math.min(Math.max(x, range[0]), range[1]);
    const k = multipleOfLn2(inside);
    const result = round(1 + expm1OfRemainder(inside, k));
    const k1 = Math.floor(k * half); // 2ᵏ alone may be too large or too small to be represented
    return round(round(result * powerOfTwo(k1)) * powerOfTwo(k - k1));
  }

  function expm1(x: number): number {
    const inside = Math.min(Math.max(x, -saturation), saturation);
    const k = multipleOfLn2(inside);
    const scale = powerOfTwo(k);
    return round(round(scale * expm1OfRemainder(inside, k)) + round(scale - 1));
  }

  function log1p(x: number): number {
    const u = round(1 + x);
    return round(log(u) + round(round(x - round(u - 1)) / u)); // the quotient makes up for what the sum has lost
  }

  function tanh(x: number): number {
    if (x === 0) return x; // −0 stays −0
    const t = expm1(2 * Math.abs(x));
    const y = round(t / round(t + 2));
    return x < 0 ? -y : y;
  }

  return { round, flushed, exp, expm1, log, log1p, tanh };
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}
