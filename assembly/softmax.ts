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
    const sum = f32x4.splat(sumOfExp(x, s.columns, maximum, y));
    for (let k = 0; k < s.columns; k += 4) {
      const lanes = min(4, s.columns - k);
      storeLanes(at(y, k), f32x4.div(loadLanes(at(y, k), lanes), sum), lanes);
    }
  }
}

/** Units: rows. */
export function softmaxBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<Softmax>(record);
  const last = endOf(s, end);
  for (let row = firstOf(s, begin); row < last; row++) {
    const offset = rowOffset(row, s.columns);
    const dy = s.source + offset;
    const y = s.output + offset;
    const dot = f32x4.splat(rowDot(dy, y, s.columns));
    for (let k = 0; k < s.columns; k += 4) {
      const lanes = min(4, s.columns - k);
      const rest = f32x4.sub(loadLanes(at(dy, k), lanes), dot);
      storeLanes(at(s.destination + offset, k), f32x4.mul(loadLanes(at(y, k), lanes), rest), lanes);
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
    const logSum = log(f32x4.splat(sumOfExp(x, s.columns, maximum, 0)));
    for (let k = 0; k < s.columns; k += 4) {
      const lanes = min(4, s.columns - k);
      storeLanes(at(y, k), f32x4.sub(shifted(x, k, lanes, maximum), logSum), lanes);
    }
  }
}

/** Units: rows. */
export function logSoftmaxBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<Softmax>(record);
  const last = endOf(s, end);
  for (let row = firstOf(s, begin); row < last; row++) {
    const offset = rowOffset(row, s.columns);
    const dy = s.source + offset;
    const sum = f32x4.splat(rowSum(dy, s.columns));
    for (let k = 0; k < s.columns; k += 4) {
      const lanes = min(4, s.columns - k);
      const share = f32x4.mul(exp(loadLanes(at(s.output + offset, k), lanes)), sum);
      storeLanes(at(s.destination + offset, k), f32x4.sub(loadLanes(at(dy, k), lanes), share), lanes);
    }
  }
}

// @ts-ignore: decorator
@inline
export function rowOffset(row: i32, columns: i32): usize {
  return <usize>row * (<usize>columns << 2);
}

/** The address of element k of a row. */
// @ts-ignore: decorator
@inline
function at(row: usize, k: i32): usize {
  return row + (<usize>k << 2);
}

/** x[k] − maximum. */
// @ts-ignore: decorator
@inline
function shifted(x: usize, k: i32, lanes: i32, maximum: f32): v128 {
  return f32x4.sub(loadLanes(at(x, k), lanes), f32x4.splat(maximum));
}

/**
 * The largest number of a row, −∞ where there is none: pmax passes over what is not a number, which makes the sum of exp one
 * that is none. (max takes 20 cycles until the next can begin, pmax four.)
 */
export function rowMaximum(x: usize, columns: i32): f32 {
  let maximum = f32x4.splat(-Infinity);
  for (let k = 0; k < columns; k += 4) {
    const lanes = min(4, columns - k);
    maximum = f32x4.pmax(maximum, v128.bitselect(loadLanes(at(x, k), lanes), maximum, laneMask(lanes)));
  }
  return maximumOfLanes(maximum);
}

/** Σ exp(x − maximum), whose terms are kept at `y`, if it is not 0. */
export function sumOfExp(x: usize, columns: i32, maximum: f32, y: usize): f32 {
  let sum = f32x4.splat(0);
  for (let k = 0; k < columns; k += 4) {
    const lanes = min(4, columns - k);
    const term = exp(shifted(x, k, lanes, maximum));
    if (y) storeLanes(at(y, k), term, lanes);
    sum = f32x4.add(sum, v128.and(term, laneMask(lanes)));
  }
  return sumOfLanes(sum);
}

function rowSum(x: usize, columns: i32): f32 {
  let sum = f32x4.splat(0);
  for (let k = 0; k < columns; k += 4) sum = f32x4.add(sum, loadLanes(at(x, k), min(4, columns - k)));
  return sumOfLanes(sum);
}

function rowDot(a: usize, b: usize, columns: i32): f32 {
  let sum = f32x4.splat(0);
  for (let k = 0; k < columns; k += 4) {
    const lanes = min(4, columns - k);
    sum = f32x4.add(sum, f32x4.mul(loadLanes(at(a, k), lanes), loadLanes(at(b, k), lanes)));
  }
  return sumOfLanes(sum);
}
