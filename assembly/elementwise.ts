/**
 * Sums and products of two tensors, copies of rows; the sum of all numbers of a tensor, and of the rows of a matrix.
 *
 * A long sum is cut into slices that are fixed by the shape; each slice has a sum of its own, and these are summed by the
 * same kernel again until one is left. So the order of additions is the same whoever does which slice, and errors grow
 * with the logarithm of the length.
 */
import { sumOfLanes } from "./lanes";
import { Divided, endOf, firstOf } from "./units";
import { copyMatrix, loadLanes, storeLanes } from "./vectors";

@unmanaged
class Pair extends Divided {
  y: usize;
  a: usize;
  b: usize;
}

/** y = a + b. Units: numbers. */
export function add(record: usize, begin: i32, end: i32, scratch: usize): void {
  const t = changetype<Pair>(record);
  const last = endOf(t, end);
  let e = firstOf(t, begin);
  for (; e + 4 <= last; e += 4) addLanes(t, e, 4);
  if (e < last) addLanes(t, e, last - e);
}

// @ts-ignore: decorator
@inline
function addLanes(t: Pair, e: i32, lanes: i32): void {
  const offset = <usize>e << 2;
  storeLanes(t.y + offset, f32x4.add(loadLanes(t.a + offset, lanes), loadLanes(t.b + offset, lanes)), lanes);
}

/** y = a · b. Units: numbers. */
export function multiply(record: usize, begin: i32, end: i32, scratch: usize): void {
  const t = changetype<Pair>(record);
  const last = endOf(t, end);
  let e = firstOf(t, begin);
  for (; e + 4 <= last; e += 4) multiplyLanes(t, e, 4);
  if (e < last) multiplyLanes(t, e, last - e);
}

// @ts-ignore: decorator
@inline
function multiplyLanes(t: Pair, e: i32, lanes: i32): void {
  const offset = <usize>e << 2;
  storeLanes(t.y + offset, f32x4.mul(loadLanes(t.a + offset, lanes), loadLanes(t.b + offset, lanes)), lanes);
}

@unmanaged
class RowCopy extends Divided {
  to: usize;
  toStep: i32;
  from: usize;
  fromStep: i32;
  length: i32;
}

/** to[r·toStep + c] = from[r·fromStep + c] for c < length. Units: rows. */
export function copyRows(record: usize, begin: i32, end: i32, scratch: usize): void {
  const t = changetype<RowCopy>(record);
  const first = firstOf(t, begin);
  const toStep = <usize>t.toStep << 2, fromStep = <usize>t.fromStep << 2;
  copyMatrix(t.from + first * fromStep, fromStep, t.to + first * toStep, toStep, endOf(t, end) - first, t.length);
}

@unmanaged
class Sum extends Divided {
  y: usize;
  x: usize;
}

/** y[unit] = Σ of that slice of x, in sixteen sums side by side. Units: slices of numbers. */
export function sumNumbers(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<Sum>(record);
  for (let unit = begin; unit < end; unit++) {
    store<f32>(s.y + (<usize>unit << 2), sliceSum(s.x, firstOf(s, unit), endOf(s, unit + 1)));
  }
}

function sliceSum(x: usize, e: i32, last: i32): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (; e + 16 <= last; e += 16) {
    const from = x + (<usize>e << 2);
    sum0 = f32x4.add(sum0, v128.load(from));
    sum1 = f32x4.add(sum1, v128.load(from, 16));
    sum2 = f32x4.add(sum2, v128.load(from, 32));
    sum3 = f32x4.add(sum3, v128.load(from, 48));
  }
  for (; e < last; e += 4) sum0 = f32x4.add(sum0, loadLanes(x + (<usize>e << 2), min(4, last - e)));
  return sumOfLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}

@unmanaged
class RowSum extends Divided {
  y: usize;
  x: usize;
  columns: i32;
}

/** y[unit, c] = Σ of x[r, c] over the rows r of that slice. Units: slices of rows. */
export function sumRows(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<RowSum>(record);
  const stride = <usize>s.columns << 2;
  for (let slice = begin; slice < end; slice++) {
    const first = firstOf(s, slice);
    const rows = endOf(s, slice + 1) - first;
    const from = s.x + <usize>first * stride;
    const to = s.y + <usize>slice * stride;
    const end = from + rows * stride;
    for (let c = 0; c < s.columns; c += 8) {
      sumColumns(from + (<usize>c << 2), end, stride, min(8, s.columns - c), to + (<usize>c << 2));
    }
  }
}

/**
 * The sums of up to eight columns. Two vectors of them side by side, and even and odd rows apart, because additions of one
 * sum have to wait for each other. Until eight numbers reach behind the end, lanes without a column sum what is there.
 */
function sumColumns(from: usize, end: usize, stride: usize, columns: i32, to: usize): void {
  let even0 = f32x4.splat(0);
  let even1 = even0, odd0 = even0, odd1 = even0;
  while (from + stride + 32 <= end) {
    even0 = f32x4.add(even0, v128.load(from));
    even1 = f32x4.add(even1, v128.load(from, 16));
    from += stride;
    odd0 = f32x4.add(odd0, v128.load(from));
    odd1 = f32x4.add(odd1, v128.load(from, 16));
    from += stride;
  }
  const left = min(4, columns), right = columns - 4;
  for (let odd = false; from < end; from += stride) {
    const sum0 = f32x4.add(odd ? odd0 : even0, loadLanes(from, left));
    const sum1 = right > 0 ? f32x4.add(odd ? odd1 : even1, loadLanes(from + 16, right)) : even1;
    if (odd) {
      odd0 = sum0;
      odd1 = sum1;
    } else {
      even0 = sum0;
      even1 = sum1;
    }
    odd = !odd;
  }
  storeLanes(to, f32x4.add(even0, odd0), left);
  if (right > 0) storeLanes(to + 16, f32x4.add(even1, odd1), right);
}
