/**
 * Softmax, its logarithm and their gradients, row by row; the formulas are those of src/kernels/reference/softmax.ts.
 * Sums are made in four lanes and then added: (0 + 1) + (2 + 3).
 */
import { laneMask, maximumOfLanes, sumOfLanes } from "./lanes";
import { exp, log } from "./math";
import { Divided, endOf, firstOf } from "./units";
import { loadLanes, storeLanes } from "./vectors";

/** `count` is rows. */
@unmanaged
class Softmax extends Divided {
  /** y forward, dx backward. */
  destination: usize;
  /** x forward, dy backward. */
  source: usize;
  /** y backward. */
  output: usize;
  columns: i32;
}

/** Units: rows. */
export function softmaxForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<Softmax>(record);
  const last = endOf(s, end);
  for (let row = firstOf(s, begin); row < last; row++) {
    const x = s.source + rowOffset(row, s.columns);
    const y = s.destination + rowOffset(row, s.columns);
    const maximum = rowMaximum(x, s.columns);
    const sum = f32x4.splat(sumOfExp(x, s.columns, maximum));
    for (let k = 0; k < s.columns; k += 4) {
      const lanes = min(4, s.columns - k);
      const offset = <usize>k << 2;
      const shifted = f32x4.sub(loadLanes(x + offset, lanes), f32x4.splat(maximum));
      storeLanes(y + offset, f32x4.div(exp(shifted), sum), lanes);
    }
  }
}

/** Units: rows. */
export function softmaxBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<Softmax>(record);
  const last = endOf(s, end);
  for (let row = firstOf(s, begin); row < last; row++) {
    const rowStart = rowOffset(row, s.columns);
    let dot = f32x4.splat(0);
    for (let k = 0; k < s.columns; k += 4) {
      const lanes = min(4, s.columns - k);
      const offset = rowStart + (<usize>k << 2);
      dot = f32x4.add(dot, f32x4.mul(loadLanes(s.source + offset, lanes), loadLanes(s.output + offset, lanes)));
    }
    const total = f32x4.splat(sumOfLanes(dot));
    for (let k = 0; k < s.columns; k += 4) {
      const lanes = min(4, s.columns - k);
      const offset = rowStart + (<usize>k << 2);
      const rest = f32x4.sub(loadLanes(s.source + offset, lanes), total);
      storeLanes(s.destination + offset, f32x4.mul(loadLanes(s.output + offset, lanes), rest), lanes);
    }
  }
}

/** Units: rows. */
export function logSoftmaxForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<Softmax>(record);
  const last = endOf(s, end);
  for (let row = firstOf(s, begin); row < last; row++) {
    const x = s.source + rowOffset(row, s.columns);
    const y = s.destination + rowOffset(row, s.columns);
    const maximum = rowMaximum(x, s.columns);
    const logSum = log(f32x4.splat(sumOfExp(x, s.columns, maximum)));
    for (let k = 0; k < s.columns; k += 4) {
      const lanes = min(4, s.columns - k);
      const offset = <usize>k << 2;
      const shifted = f32x4.sub(loadLanes(x + offset, lanes), f32x4.splat(maximum));
      storeLanes(y + offset, f32x4.sub(shifted, logSum), lanes);
    }
  }
}

/** Units: rows. */
export function logSoftmaxBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<Softmax>(record);
  const last = endOf(s, end);
  for (let row = firstOf(s, begin); row < last; row++) {
    const rowStart = rowOffset(row, s.columns);
    const sum = f32x4.splat(rowSum(s.source + rowStart, s.columns));
    for (let k = 0; k < s.columns; k += 4) {
      const lanes = min(4, s.columns - k);
      const offset = rowStart + (<usize>k << 2);
      const share = f32x4.mul(exp(loadLanes(s.output + offset, lanes)), sum);
      storeLanes(s.destination + offset, f32x4.sub(loadLanes(s.source + offset, lanes), share), lanes);
    }
  }
}

// @ts-ignore: decorator
@inline
export function rowOffset(row: i32, columns: i32): usize {
  return <usize>row * (<usize>columns << 2);
}

/** NaN where one of the numbers is NaN, −∞ for an empty row. */
export function rowMaximum(x: usize, columns: i32): f32 {
  let maximum = f32x4.splat(-Infinity);
  for (let k = 0; k < columns; k += 4) {
    const lanes = min(4, columns - k);
    const value = loadLanes(x + (<usize>k << 2), lanes);
    maximum = f32x4.max(maximum, v128.bitselect(value, maximum, laneMask(lanes)));
  }
  return maximumOfLanes(maximum);
}

/** Σ exp(x − maximum). */
export function sumOfExp(x: usize, columns: i32, maximum: f32): f32 {
  let sum = f32x4.splat(0);
  for (let k = 0; k < columns; k += 4) {
    const lanes = min(4, columns - k);
    const value = exp(f32x4.sub(loadLanes(x + (<usize>k << 2), lanes), f32x4.splat(maximum)));
    sum = f32x4.add(sum, v128.and(value, laneMask(lanes)));
  }
  return sumOfLanes(sum);
}

function rowSum(x: usize, columns: i32): f32 {
  let sum = f32x4.splat(0);
  for (let k = 0; k < columns; k += 4) sum = f32x4.add(sum, loadLanes(x + (<usize>k << 2), min(4, columns - k)));
  return sumOfLanes(sum);
}
