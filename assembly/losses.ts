/**
 * Losses with their gradients, row by row; formulas and names are those of src/kernels/reference/losses.ts.
 *
 * One loop over rows serves all losses: inlined with a constant kind, the choice disappears from it.
 */
import { laneMask, sumOfLanes } from "./lanes";
import { exp, log, log1p, sigmoid } from "./math";
import { rowMaximum, rowOffset, sumOfExp } from "./softmax";
import { Divided, endOf, firstOf } from "./units";
import { loadLanes, storeLanes } from "./vectors";

const SOFTMAX_CROSS_ENTROPY = 0;
const CATEGORICAL_CROSS_ENTROPY = 1;
const SIGMOID_CROSS_ENTROPY = 2;
const BINARY_CROSS_ENTROPY = 3;
const SQUARED_ERROR = 4;

const TINY: f32 = 1e-7;

/** `count` is rows. */
@unmanaged
class Loss extends Divided {
  losses: usize;
  /** 0: only the losses are wanted. */
  dx: usize;
  x: usize;
  targets: usize;
  weights: usize;
  columns: i32;
  kind: i32;
  /** 1: a target is the index of a class, one a row. */
  isIndex: i32;
}

/** What a softmax row needs to know of itself before its elements are visited. */
@unmanaged
class Row {
  maximum: f32;
  sum: f32;
  logSum: f32;
  /** Σ t. */
  total: f32;
}

/** Units: rows. The worker's own memory holds a Row. */
export function loss(record: usize, begin: i32, end: i32, scratch: usize): void {
  const l = changetype<Loss>(record);
  const row = changetype<Row>(scratch);
  const last = endOf(l, end);
  for (let r = firstOf(l, begin); r < last; r++) {
    if (l.kind == SOFTMAX_CROSS_ENTROPY) {
      survey(l, r, row);
      lossOfRow(SOFTMAX_CROSS_ENTROPY, l, r, row);
    } else if (l.kind == CATEGORICAL_CROSS_ENTROPY) lossOfRow(CATEGORICAL_CROSS_ENTROPY, l, r, row);
    else if (l.kind == SIGMOID_CROSS_ENTROPY) lossOfRow(SIGMOID_CROSS_ENTROPY, l, r, row);
    else if (l.kind == BINARY_CROSS_ENTROPY) lossOfRow(BINARY_CROSS_ENTROPY, l, r, row);
    else lossOfRow(SQUARED_ERROR, l, r, row);
  }
}

function survey(l: Loss, r: i32, row: Row): void {
  const start = rowOffset(r, l.columns);
  const x = l.x + start;
  row.maximum = rowMaximum(x, l.columns);
  row.sum = sumOfExp(x, l.columns, row.maximum, l.dx ? l.dx + start : 0);
  row.logSum = f32x4.extract_lane(log(f32x4.splat(row.sum)), 0);
  let total = f32x4.splat(0);
  for (let k = 0; k < l.columns; k += 4) total = f32x4.add(total, targetLanes(l, r, k, min(4, l.columns - k)));
  row.total = sumOfLanes(total);
}

// @ts-ignore: decorator
@inline
function lossOfRow(kind: i32, l: Loss, r: i32, row: Row): void {
  const start = rowOffset(r, l.columns);
  const isMean = kind != SOFTMAX_CROSS_ENTROPY && kind != CATEGORICAL_CROSS_ENTROPY;
  let weight = load<f32>(l.weights + (<usize>r << 2));
  if (isMean) weight /= <f32>l.columns;
  let sum = f32x4.splat(0);
  for (let k = 0; k < l.columns; k += 4) {
    const lanes = min(4, l.columns - k);
    const offset = start + (<usize>k << 2);
    const x = loadLanes(l.x + offset, lanes);
    const t = targetLanes(l, r, k, lanes);
    sum = f32x4.add(sum, v128.and(term(kind, x, t, row), laneMask(lanes)));
    if (l.dx) {
      const powers = kind == SOFTMAX_CROSS_ENTROPY ? loadLanes(l.dx + offset, lanes) : x;
      storeLanes(l.dx + offset, f32x4.mul(f32x4.splat(weight), slope(kind, x, powers, t, row)), lanes);
    }
  }
  store<f32>(l.losses + (<usize>r << 2), weight * sumOfLanes(sum));
}

/** Targets of the elements k … k + lanes − 1; of a class index, 1 at that class and 0 elsewhere. */
// @ts-ignore: decorator
@inline
function targetLanes(l: Loss, r: i32, k: i32, lanes: i32): v128 {
  if (!l.isIndex) return loadLanes(l.targets + rowOffset(r, l.columns) + (<usize>k << 2), lanes);
  const elements = f32x4.convert_i32x4_s(i32x4.add(i32x4.splat(k), i32x4(0, 1, 2, 3)));
  const isTarget = f32x4.eq(elements, f32x4.splat(load<f32>(l.targets + (<usize>r << 2))));
  return v128.and(v128.and(f32x4.splat(1), isTarget), laneMask(lanes));
}

// @ts-ignore: decorator
@inline
function term(kind: i32, x: v128, t: v128, row: Row): v128 {
  if (kind == SOFTMAX_CROSS_ENTROPY) {
    const shifted = f32x4.sub(x, f32x4.splat(row.maximum));
    return minusProduct(t, f32x4.sub(shifted, f32x4.splat(row.logSum)));
  }
  if (kind == CATEGORICAL_CROSS_ENTROPY) return minusProduct(t, log(f32x4.pmax(x, f32x4.splat(TINY))));
  if (kind == SIGMOID_CROSS_ENTROPY) {
    const linear = f32x4.sub(f32x4.max(x, f32x4.splat(0)), f32x4.mul(x, t));
    return f32x4.add(linear, log1p(exp(f32x4.neg(f32x4.abs(x)))));
  }
  if (kind == BINARY_CROSS_ENTROPY) {
    const one = f32x4.splat(1);
    return f32x4.add(logTerm(x, t), logTerm(f32x4.sub(one, x), f32x4.sub(one, t)));
  }
  const difference = f32x4.sub(x, t);
  return f32x4.mul(difference, difference);
}

/** `powers`: exp(x − maximum), which the survey of a softmax row has kept in dx. */
// @ts-ignore: decorator
@inline
function slope(kind: i32, x: v128, powers: v128, t: v128, row: Row): v128 {
  if (kind == SOFTMAX_CROSS_ENTROPY) {
    const p = f32x4.div(powers, f32x4.splat(row.sum));
    return f32x4.sub(f32x4.mul(p, f32x4.splat(row.total)), t);
  }
  if (kind == CATEGORICAL_CROSS_ENTROPY) return logSlope(x, t);
  if (kind == SIGMOID_CROSS_ENTROPY) return f32x4.sub(sigmoid(x), t);
  if (kind == BINARY_CROSS_ENTROPY) {
    const one = f32x4.splat(1);
    return f32x4.sub(logSlope(x, t), logSlope(f32x4.sub(one, x), f32x4.sub(one, t)));
  }
  return f32x4.mul(f32x4.splat(2), f32x4.sub(x, t));
}

/** −t·y, and 0 where t is 0 even if y is −∞. */
// @ts-ignore: decorator
@inline
function minusProduct(t: v128, y: v128): v128 {
  return v128.and(f32x4.neg(f32x4.mul(t, y)), f32x4.ne(t, f32x4.splat(0)));
}

/** −t·log max(p, tiny). */
// @ts-ignore: decorator
@inline
function logTerm(p: v128, t: v128): v128 {
  return f32x4.neg(f32x4.mul(t, log(f32x4.pmax(p, f32x4.splat(TINY)))));
}

/** Its derivative by p. */
// @ts-ignore: decorator
@inline
function logSlope(p: v128, t: v128): v128 {
  return v128.and(f32x4.neg(f32x4.div(t, p)), f32x4.gt(p, f32x4.splat(TINY)));
}
