/** Small pieces that several kernels need: moving float32 numbers, and the ragged end of a row. */

/**
 * sum + a · b. The default build rounds twice, as every machine can; the relaxed build fuses where the machine can, which
 * is faster and rounds once.
 */
// @ts-ignore: decorator
@inline
export function madd(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(f32x4.mul(a, b), sum);
}

/** sum − a · b, as `madd`. */
// @ts-ignore: decorator
@inline
export function msub(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, sum);
  return f32x4.sub(sum, f32x4.mul(a, b));
}

/** The floor with which `rectified` is ReLU, or nothing. */
// @ts-ignore: decorator
@inline
export function floorOf(rectifies: bool): v128 {
  return f32x4.splat(rectifies ? 0 : NaN);
}

/**
 * 0 where x ≤ floor, otherwise x: with the floor 0 this is max(x, 0), also of −0 and NaN, and with NaN it is x. Two
 * instructions on x86-64, where f32x4.max takes eight to get just these right.
 */
// @ts-ignore: decorator
@inline
export function rectified(x: v128, floor: v128): v128 {
  return v128.andnot(x, f32x4.le(x, floor));
}

/**
 * Reads each cache line once, in the order of memory, which the processor foresees: what then jumps about in it finds it in
 * the cache. `to`, where nothing may be noted yet, gets a number that nobody needs. (32 images of 28×28, 128 channels, with
 * 1×1 kernels: 0.9 of the time.)
 */
export function readAhead(from: usize, bytes: usize, to: usize): void {
  let sum = 0;
  for (const end = from + bytes; from < end; from += 64) sum += load<u8>(from);
  store<i32>(to, sum);
}

/** Copies `count` numbers; the two places do not overlap. */
export function copyNumbers(to: usize, from: usize, count: i32): void {
  const end = to + (<usize>count << 2);
  while (to + 16 <= end) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
  while (to < end) {
    store<f32>(to, load<f32>(from));
    to += 4;
    from += 4;
  }
}

/** Copies `rows` rows of `count` numbers that are `fromStep` and `toStep` bytes apart. */
export function copyMatrix(from: usize, fromStep: usize, to: usize, toStep: usize, rows: i32, count: i32): void {
  for (; rows > 0; --rows) {
    copyNumbers(to, from, count);
    from += fromStep;
    to += toStep;
  }
}

/** Writes `count` zeros. */
export function clearNumbers(to: usize, count: i32): void {
  const end = to + (<usize>count << 2);
  const zero = f32x4.splat(0);
  while (to + 16 <= end) {
    v128.store(to, zero);
    to += 16;
  }
  while (to < end) {
    store<f32>(to, 0);
    to += 4;
  }
}

/** Stores the first `count` (1 … 4) lanes, and nothing behind them. */
// @ts-ignore: decorator
@inline
export function storeLanes(to: usize, value: v128, count: i32): void {
  if (count == 4) {
    v128.store(to, value);
  } else if (count == 1) {
    v128.store_lane<f32>(to, value, 0);
  } else {
    v128.store_lane<f64>(to, value, 0);
    if (count == 3) v128.store_lane<f32>(to, value, 2, 8);
  }
}

/** Loads `count` (1 … 4) numbers, zeros in the other lanes, and reads nothing behind them. */
// @ts-ignore: decorator
@inline
export function loadLanes(from: usize, count: i32): v128 {
  if (count == 4) return v128.load(from);
  if (count == 1) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  return count == 3 ? v128.load_lane<f32>(from, two, 2, 8) : two;
}

/** Four rows of four numbers, `step` bytes apart, as four columns: rows of eight. */
// @ts-ignore: decorator
@inline
export function turn4x4(from: usize, step: usize, to: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + step);
  const r2 = v128.load(from + 2 * step);
  const r3 = v128.load(from + 3 * step);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
  v128.store(to, v128.shuffle<f64>(low01, low23, 1, 3), 32);
  v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2), 64);
  v128.store(to, v128.shuffle<f64>(high01, high23, 1, 3), 96);
}
