/**
 * Sine and cosine of our own, in float64, because Math.sin and Math.cos differ from one JavaScript engine to the next.
 *
 *   x = k·π/2 + r, |r| ≤ π/4;   sin r = r − r³/3! + r⁵/5! − …   cos r = 1 − r²/2! + r⁴/4! − …
 *
 * π/2 is the sum of three parts; the products of the first two with k are exact for |k| < 2²⁰ (Cody & Waite 1980, with the
 * constants of fdlibm). Below a million radians the error is less than 2 units in the last place of 1.
 */
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;

/** `sine(0.5)` is 0.479425538604203. */
export function sine(x: number): number {
  return quarterTurns(x, 0);
}

/** `cosine(0)` is 1. */
export function cosine(x: number): number {
  return quarterTurns(x, 1);
}

/**
 * Both, of an angle in degrees: the remainder to the nearest quarter turn is exact, so quarter turns are too.
 *
 * ```ts
 * sineAndCosine(90); // [1, 0]
 * sineAndCosine(60); // [0.8660254037844387, 0.49999999999999994]
 * ```
 */
export function sineAndCosine(degrees: number): readonly [sine: number, cosine: number] {
  const quarters = Math.round(degrees / 90);
  const r = (degrees - 90 * quarters) * (Math.PI / 180);
  return [turned(r, quarters), turned(r, quarters + 1)];
}

/** sin(x + turns·π/2): after a quarter turn a sine is a cosine, after two it is −sine. */
function quarterTurns(x: number, turns: number): number {
  const k = Math.floor(x / (Math.PI / 2) + 0.5);
  const r = x - k * HALF_PI[0] - k * HALF_PI[1] - k * HALF_PI[2];
  return turned(r, k + turns);
}

/** sin(r + quarters·π/2), |r| ≤ π/4. */
function turned(r: number, quarters: number): number {
  const quarter = ((quarters % 4) + 4) % 4;
  const value = quarter % 2 === 0 ? r * series(r * r, 1) : series(r * r, 0);
  return quarter < 2 ? value : 0 - value;
}

/** 1 − q/(2·1) + q²/(4·3·2·1) − …, and with first = 1 that of sin r / r: 1 − q/(3·2) + q²/(5·4·3·2) − … */
function series(q: number, first: 0 | 1): number {
  let sum = 1;
  for (let n = 18 + first; n > first; n -= 2) sum = 1 - (q * sum) / (n * (n - 1));
  return sum;
}
