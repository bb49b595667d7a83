/**
 * exp, log, tanh and the logistic sigmoid on four float32 at once. Formulas and constants are those of src/kernels/reference/math.ts
 * (sigmoid: activation.ts), operation by operation, and so are the bits of the results; NaN goes in and out.
 */

const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444005469057e-4;
const LOG2_E: f32 = 1.4426950408889634;
const SQRT_2: f32 = 1.4142135623730951;
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;

/** pmin and pmax are one instruction on x86-64, min and max eight; they differ in −0 and in which of two NaN they give. */
// @ts-ignore: decorator
@inline
function clamped(x: v128, low: f32, high: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(low)), f32x4.splat(high));
}

// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const inside = clamped(x, -104, 89);
  const k = multipleOfLn2(inside);
  const result = f32x4.add(f32x4.splat(1), expm1OfRemainder(inside, k));
  const whole = integer(k);
  const half = i32x4.shr_s(whole, 1); // 2ᵏ alone may be too large or too small to be represented
  return f32x4.mul(f32x4.mul(result, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** exp x − 1 for |x| ≤ 20, and beyond what it is there. */
// @ts-ignore: decorator
@inline
export function expm1(x: v128): v128 {
  const inside = clamped(x, -20, 20);
  const k = multipleOfLn2(inside);
  const scale = powerOfTwo(integer(k));
  const scaled = f32x4.mul(scale, expm1OfRemainder(inside, k));
  return f32x4.add(scaled, f32x4.sub(scale, f32x4.splat(1)));
}

// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const sign = f32x4.splat(-0.0);
  const t = expm1(f32x4.mul(f32x4.splat(2), f32x4.abs(x)));
  const y = f32x4.div(t, f32x4.add(t, f32x4.splat(2)));
  return v128.bitselect(x, y, sign);
}

/** 1 / (1 + exp(−x)), and for negative x exp x / (1 + exp x): exp never overflows. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  const z = exp(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(z, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one, z));
}

/** A call, not inlined: it is long, and the call costs its users a twentieth at most. */
export function log(x: v128): v128 {
  const isSubnormal = f32x4.lt(x, f32x4.splat(SMALLEST_NORMAL));
  const bits = v128.bitselect(f32x4.mul(x, f32x4.splat(16777216)), x, isSubnormal);
  let m = v128.or(v128.and(bits, i32x4.splat(0x7fffff)), f32x4.splat(1));
  const isUpper = f32x4.gt(m, f32x4.splat(SQRT_2));
  m = v128.bitselect(f32x4.mul(m, f32x4.splat(0.5)), m, isUpper);
  const bias = i32x4.add(i32x4.splat(127), v128.and(isSubnormal, i32x4.splat(24)));
  const whole = i32x4.sub(i32x4.sub(i32x4.shr_u(bits, 23), bias), isUpper); // a true lane is −1
  const result = logOfParts(m, f32x4.convert_i32x4_s(whole));
  // NaN and +∞ stay themselves, of a negative number there is no logarithm, and that of 0 is −∞.
  const isOrdinary = f32x4.lt(x, f32x4.splat(Infinity));
  const positive = v128.bitselect(result, x, isOrdinary);
  const below = v128.bitselect(f32x4.splat(-Infinity), f32x4.splat(NaN), f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(below, positive, f32x4.le(x, f32x4.splat(0)));
}

/** log(1 + x) without cancellation, for x ≥ 0. */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const u = f32x4.add(f32x4.splat(1), x);
  const lost = f32x4.sub(x, f32x4.sub(u, f32x4.splat(1)));
  return f32x4.add(log(u), f32x4.div(lost, u));
}

/** log m + e·ln 2 for m between √½ and √2. */
// @ts-ignore: decorator
@inline
function logOfParts(m: v128, e: v128): v128 {
  const f = f32x4.sub(m, f32x4.splat(1));
  const s = f32x4.div(f, f32x4.add(f32x4.splat(2), f));
  const square = f32x4.mul(s, s);
  let R = f32x4.mul(square, f32x4.splat(2.0 / 11.0));
  R = f32x4.mul(square, f32x4.add(R, f32x4.splat(2.0 / 9.0)));
  R = f32x4.mul(square, f32x4.add(R, f32x4.splat(2.0 / 7.0)));
  R = f32x4.mul(square, f32x4.add(R, f32x4.splat(2.0 / 5.0)));
  R = f32x4.mul(square, f32x4.add(R, f32x4.splat(2.0 / 3.0)));
  const rest = f32x4.sub(f32x4.mul(e, f32x4.splat(LN2_LOW)), f32x4.mul(s, f32x4.sub(f, R)));
  return f32x4.add(f32x4.add(rest, f), f32x4.mul(e, f32x4.splat(LN2_HIGH)));
}

// @ts-ignore: decorator
@inline
function multipleOfLn2(x: v128): v128 {
  return f32x4.floor(f32x4.add(f32x4.mul(x, f32x4.splat(LOG2_E)), f32x4.splat(0.5)));
}

// @ts-ignore: decorator
@inline
function expm1OfRemainder(x: v128, k: v128): v128 {
  const high = f32x4.sub(x, f32x4.mul(k, f32x4.splat(LN2_HIGH)));
  const r = f32x4.sub(high, f32x4.mul(k, f32x4.splat(LN2_LOW)));
  let series = f32x4.splat(1.0 / 5040.0);
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1.0 / 720.0));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1.0 / 120.0));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1.0 / 24.0));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1.0 / 6.0));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(0.5));
  return f32x4.add(r, f32x4.mul(f32x4.mul(r, r), series));
}

/** The integers of whole floats below 2²²: the last bits of their sums with 1.5 · 2²³. Converting takes seven instructions. */
// @ts-ignore: decorator
@inline
function integer(k: v128): v128 {
  return i32x4.sub(f32x4.add(k, f32x4.splat(12582912)), f32x4.splat(12582912));
}

/** 2ᵏ for whole k from −126 to 127. */
// @ts-ignore: decorator
@inline
function powerOfTwo(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
}
