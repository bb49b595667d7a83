import type { DType } from "../../tensor.ts";

/**
 * exp, log and tanh of our own, because Math.exp and its kin differ from one JavaScript engine to the next. C1
 *
 *   exp x   = 2ᵏ · exp r         k = ⌊x/ln 2 + ½⌋, r = x − k·ln 2, so |r| ≤ ½ ln 2;   exp r − 1 = r + r²·(1/2! + r/3! + …)
 *   log x   = e·ln 2 + log m     x = 2ᵉ·m with √½ < m ≤ √2, f = m − 1, s = f/(2 + f);
 *             log m = 2 artanh s = f − s·(f − R),   R = 2s²/3 + 2s⁴/5 + 2s⁶/7 + …
 *   tanh x  = t/(t + 2)          t = exp 2x − 1
 *
 * ln 2 is the sum of a high part, whose product with k is exact, and a low part (Cody & Waite 1980); the form of log is
 * that of fdlibm. `round` follows every single operation: with Math.fround these are the very operations of
 * assembly/math.ts and give the same bits, in float64 it does nothing. The error is below 2 units in the last place, in
 * tanh below 5.
 */
export interface Arithmetic {
  /** To the nearest number of this width. */
  round(x: number): number;
  exp(x: number): number;
  /** exp x − 1 without cancellation, for |x| up to where it is −1 or tanh is 1; beyond, it stays what it is there. */
  expm1(x: number): number;
  log(x: number): number;
  /** log(1 + x) without cancellation, for x ≥ 0. */
  log1p(x: number): number;
  tanh(x: number): number;
}

interface Format {
  readonly round: (x: number) => number;
  readonly ln2High: number;
  readonly ln2Low: number;
  /** exp is 0 below the first and ∞ above the second. */
  readonly range: readonly [number, number];
  /** exp(−saturation) is nothing beside 1. */
  readonly saturation: number;
  /** The last powers that count in the two series. */
  readonly expPower: number;
  readonly logPower: number;
}

const float32 = arithmeticOf({
  round: Math.fround,
  ln2High: 0.693359375,
  ln2Low: -2.1219444005469057e-4,
  range: [-104, 89],
  saturation: 20,
  expPower: 7,
  logPower: 10,
});

const float64 = arithmeticOf({
  round: (x) => x,
  ln2High: 0.6931471803691238,
  ln2Low: 1.9082149292705877e-10,
  range: [-746, 710],
  saturation: 40,
  expPower: 13,
  logPower: 20,
});

/** In float64, for those who work in no other precision. */
export const { exp, log } = float64;

export function arithmetic(dtype: DType): Arithmetic {
  return dtype === "float32" ? float32 : float64;
}

function arithmeticOf({ round, ln2High, ln2Low, range, saturation, expPower, logPower }: Format): Arithmetic {
  const high = round(ln2High);
  const low = round(ln2Low);
  const reciprocals = Array.from({ length: expPower + 1 }, (_, n) => round(1 / factorial(n)));
  const half = 0.5;

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

  function log(x: number): number {
    if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN;
    if (x === Infinity) return x;
    let [m, e] = mantissaAndExponent(x);
    if (m > round(Math.SQRT2)) [m, e] = [m * half, e + 1];
    const f = m - 1;
    const s = round(f / round(2 + f));
    const square = round(s * s);
    let R = 0;
    for (let power = logPower; power >= 2; power -= 2) R = round(square * round(R + round(2 / (power + 1))));
    const rest = round(round(e * low) - round(s * round(f - R)));
    return round(round(rest + f) + round(e * high));
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

  return { round, exp, expm1, log, log1p, tanh };
}

const bits = new DataView(new ArrayBuffer(8));
const BIAS = 1023;

/** 2ᵏ for a whole k from −1022 to 1023; for NaN any number. */
function powerOfTwo(k: number): number {
  bits.setUint32(0, (k + BIAS) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** m in [1, 2) and e with x = m · 2ᵉ, for a finite x > 0. */
function mantissaAndExponent(x: number): [m: number, e: number] {
  const isSubnormal = x < 2.2250738585072014e-308;
  bits.setFloat64(0, isSubnormal ? x * 18014398509481984 : x);
  const high = bits.getUint32(0);
  bits.setUint32(0, (high & 0xfffff) | (BIAS << 20));
  return [bits.getFloat64(0), (high >>> 20) - BIAS - (isSubnormal ? 54 : 0)];
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}
