/**
 * Sums and products of two tensors, copies of rows; the sum of all numbers of a tensor, and of the rows of a matrix.
 *
 * A long sum is cut into slices that are fixed by the shape; each slice has a sum of its own, and these are summed by the
 * same kernel again until one is left. So the order of additions is the same whoever does which slice, and errors grow
 * with the logarithm of the length.
 */
import { sumOfLanes } from "./lanes";
import { Divided, endOf, firstOf } from "./units";
import { copyNumbers, loadLanes, storeLanes } from "./vectors";

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
  const last = endOf(t, end);
  for (let row = firstOf(t, begin); row < last; row++) {
    const to = t.to + ((<usize>row * t.toStep) << 2);
    copyNumbers(to, t.from + ((<usize>row * t.fromStep) << 2), t.length);
  }
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
    let from = s.x + <usize>first * stride;
    let to = s.y + <usize>slice * stride;
    let c = 0;
    for (; c + 4 <= s.columns; c += 4) {
      v128.store(to, columnSum(from, rows, stride, 4));
      from += 16;
      to += 16;
    }
    if (c < s.columns) storeLanes(to, columnSum(from, rows, stride, s.columns - c), s.columns - c);
  }
}

/** The sum of up to four columns; even and odd rows apart, so that additions need not wait for each other. */
// @ts-ignore: decorator
@inline
function columnSum(from: usize, rows: i32, stride: usize, lanes: i32): v128 {
  let even = f32x4.splat(0);
  let odd = even;
  let row = 0;
  for (; row + 2 <= rows; row += 2) {
    even = f32x4.add(even, loadLanes(from, lanes));
    odd = f32x4.add(odd, loadLanes(from + stride, lanes));
    from += stride << 1;
  }
  if (row < rows) even = f32x4.add(even, loadLanes(from, lanes));
  return f32x4.add(even, odd);
}
