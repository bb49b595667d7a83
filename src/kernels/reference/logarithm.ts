/**
 * The logarithm of our own, apart from the other functions of math.ts because initial weights need no other. C1
 *
 *   log x   = e·ln 2 + log m     x = 2ᵉ·m with √½ < m ≤ √2, f = m − 1, s = f/(2 + f);
 *             log m = 2 artanh s = f − s·(f − R),   R = 2s²/3 + 2s⁴/5 + 2s⁶/7 + …
 *
 * The form is that of fdlibm.
 */
export interface LogFormat {
  readonly round: (x: number) => number;
  readonly ln2High: number;
  readonly ln2Low: number;
  /** The last power that counts in the series. */
  readonly logPower: number;
}

export const FLOAT32: LogFormat = {
  round: Math.fround,
  ln2High: 0.693359375,
  ln2Low: -2.1219444005469057e-4,
  logPower: 10,
};

export const FLOAT64: LogFormat = {
  round: (x) => x,
  ln2High: 0.6931471803691238,
  ln2Low: 1.9082149292705877e-10,
  logPower: 20,
};

export function logarithm({ round, ln2High, ln2Low, logPower }: LogFormat): (x: number) => number {
  const high = round(ln2High);
  const low = round(ln2Low);
  const half = 0.5;

  return (x) => {
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
  };
}

const bits = new DataView(new ArrayBuffer(8));
const BIAS = 1023;

/** 2ᵏ for a whole k from −1022 to 1023; for NaN any number. */
export function powerOfTwo(k: number): number {
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
