/** What keeps weights and gradients small: penalties with their gradients, and clipping. */
import { sumOfLanes } from "./lanes";
import { Divided, endOf, firstOf } from "./units";
import { loadLanes, storeLanes } from "./vectors";

@unmanaged
class Penalty extends Divided {
  y: usize;
  x: usize;
  l1: f32;
  l2: f32;
}

/** y[unit] = Σ l1·|x| + l2·x² of that slice of x, in eight sums side by side. Units: slices of numbers. */
export function penalty(record: usize, begin: i32, end: i32, scratch: usize): void {
  const p = changetype<Penalty>(record);
  for (let unit = begin; unit < end; unit++) {
    store<f32>(p.y + (<usize>unit << 2), slicePenalty(p, firstOf(p, unit), endOf(p, unit + 1)));
  }
}

function slicePenalty(p: Penalty, e: i32, last: i32): f32 {
  let even = f32x4.splat(0);
  let odd = even;
  for (; e + 8 <= last; e += 8) {
    const from = p.x + (<usize>e << 2);
    even = f32x4.add(even, penaltyOf(p, v128.load(from)));
    odd = f32x4.add(odd, penaltyOf(p, v128.load(from, 16)));
  }
  for (; e < last; e += 4) even = f32x4.add(even, penaltyOf(p, loadLanes(p.x + (<usize>e << 2), min(4, last - e))));
  return sumOfLanes(f32x4.add(even, odd));
}

// @ts-ignore: decorator
@inline
function penaltyOf(p: Penalty, x: v128): v128 {
  const linear = f32x4.mul(f32x4.splat(p.l1), f32x4.abs(x));
  return f32x4.add(linear, f32x4.mul(f32x4.splat(p.l2), f32x4.mul(x, x)));
}

@unmanaged
class Shrink extends Divided {
  gradient: usize;
  value: usize;
  l1: f32;
  twiceL2: f32;
}

/** gradient += l1·sign(value) + 2·l2·value. Units: numbers. */
export function regularize(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<Shrink>(record);
  const last = endOf(s, end);
  let e = firstOf(s, begin);
  for (; e + 4 <= last; e += 4) regularizeLanes(s, e, 4);
  if (e < last) regularizeLanes(s, e, last - e);
}

// @ts-ignore: decorator
@inline
function regularizeLanes(s: Shrink, e: i32, lanes: i32): void {
  const offset = <usize>e << 2;
  const value = loadLanes(s.value + offset, lanes);
  const zero = f32x4.splat(0);
  const l1 = f32x4.splat(s.l1);
  const sign = f32x4.sub(v128.and(f32x4.gt(value, zero), l1), v128.and(f32x4.lt(value, zero), l1));
  const slope = f32x4.add(sign, f32x4.mul(f32x4.splat(s.twiceL2), value));
  storeLanes(s.gradient + offset, f32x4.add(loadLanes(s.gradient + offset, lanes), slope), lanes);
}

@unmanaged
class Clip extends Divided {
  y: usize;
  x: usize;
  limit: f32;
}

/** y = x, but at least −limit and at most limit; NaN stays NaN. Units: numbers. */
export function clip(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<Clip>(record);
  const last = endOf(c, end);
  let e = firstOf(c, begin);
  for (; e + 4 <= last; e += 4) clipLanes(c, e, 4);
  if (e < last) clipLanes(c, e, last - e);
}

// @ts-ignore: decorator
@inline
function clipLanes(c: Clip, e: i32, lanes: i32): void {
  const offset = <usize>e << 2;
  const below = f32x4.min(loadLanes(c.x + offset, lanes), f32x4.splat(c.limit));
  storeLanes(c.y + offset, f32x4.max(below, f32x4.splat(-c.limit)), lanes);
}
