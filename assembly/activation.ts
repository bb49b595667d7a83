/**
 * Activations on four float32 at once, each with its derivative through the output; formulas and bits are those of
 * src/kernels/reference/activation.ts.
 *
 * One loop serves all functions: inlined with a constant kind, the choice disappears from it.
 */
import { expm1, sigmoid, tanh } from "./math";
import { Divided, endOf, firstOf } from "./units";
import { loadLanes, rectified, storeLanes } from "./vectors";

const LINEAR = 0;
const RELU = 1;
const LEAKY_RELU = 2;
const ELU = 3;
const SIGMOID = 4;
const TANH = 5;
const SCALED_TANH = 6;

/** Of scaledTanh: y = AMPLITUDE · tanh(STEEPNESS · x), whose slope is TOP − FALL · y². */
const AMPLITUDE: f32 = 1.7159;
const STEEPNESS: f32 = <f32>(2.0 / 3.0);
const TOP: f32 = <f32>((1.7159 * 2.0) / 3.0);
const FALL: f32 = <f32>(2.0 / (3.0 * 1.7159));

@unmanaged
class Activation extends Divided {
  /** y forward, dx backward. */
  destination: usize;
  /** x forward, dy backward. */
  source: usize;
  /** y backward. */
  output: usize;
  kind: i32;
  alpha: f32;
}

/** y = f(x) for `count` numbers; y may be x. */
export function applyActivation(y: usize, x: usize, count: i32, kind: i32, alpha: f32): void {
  if (kind == RELU) forward(RELU, y, x, count, alpha);
  else if (kind == LEAKY_RELU) forward(LEAKY_RELU, y, x, count, alpha);
  else if (kind == ELU) forward(ELU, y, x, count, alpha);
  else if (kind == SIGMOID) forward(SIGMOID, y, x, count, alpha);
  else if (kind == TANH) forward(TANH, y, x, count, alpha);
  else if (kind == SCALED_TANH) forward(SCALED_TANH, y, x, count, alpha);
  else if (y != x) forward(LINEAR, y, x, count, alpha);
}

/** Units: numbers. */
export function activationForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const a = changetype<Activation>(record);
  const first = firstOf(a, begin);
  const offset = <usize>first << 2;
  applyActivation(a.destination + offset, a.source + offset, endOf(a, end) - first, a.kind, a.alpha);
}

/** Units: numbers. */
export function activationBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const a = changetype<Activation>(record);
  const first = firstOf(a, begin);
  const last = endOf(a, end);
  if (a.kind == RELU) backward(RELU, a, first, last);
  else if (a.kind == LEAKY_RELU) backward(LEAKY_RELU, a, first, last);
  else if (a.kind == ELU) backward(ELU, a, first, last);
  else if (a.kind == SIGMOID) backward(SIGMOID, a, first, last);
  else if (a.kind == TANH) backward(TANH, a, first, last);
  else if (a.kind == SCALED_TANH) backward(SCALED_TANH, a, first, last);
  else backward(LINEAR, a, first, last);
}

// @ts-ignore: decorator
@inline
function forward(kind: i32, y: usize, x: usize, count: i32, alpha: f32): void {
  const slope = f32x4.splat(alpha);
  let e = 0;
  // Of the long ones one copy is enough: how many lanes there are is soon asked beside an exponential.
  if (kind <= LEAKY_RELU) for (; e + 4 <= count; e += 4) forwardLanes(kind, y, x, e, 4, slope);
  for (; e < count; e += 4) forwardLanes(kind, y, x, e, min(4, count - e), slope);
}

// @ts-ignore: decorator
@inline
function forwardLanes(kind: i32, y: usize, x: usize, e: i32, lanes: i32, alpha: v128): void {
  const offset = <usize>e << 2;
  storeLanes(y + offset, activated(kind, loadLanes(x + offset, lanes), alpha), lanes);
}

// @ts-ignore: decorator
@inline
function backward(kind: i32, a: Activation, first: i32, last: i32): void {
  let e = first;
  for (; e + 4 <= last; e += 4) backwardLanes(kind, a, e, 4);
  if (e < last) backwardLanes(kind, a, e, last - e);
}

// @ts-ignore: decorator
@inline
function backwardLanes(kind: i32, a: Activation, e: i32, lanes: i32): void {
  const offset = <usize>e << 2;
  const slope = derivative(kind, loadLanes(a.output + offset, lanes), f32x4.splat(a.alpha));
  storeLanes(a.destination + offset, f32x4.mul(loadLanes(a.source + offset, lanes), slope), lanes);
}

// @ts-ignore: decorator
@inline
function activated(kind: i32, x: v128, alpha: v128): v128 {
  const zero = f32x4.splat(0);
  if (kind == RELU) return rectified(x, zero);
  if (kind == LEAKY_RELU) return v128.bitselect(x, f32x4.mul(alpha, x), f32x4.gt(x, zero));
  if (kind == ELU) return v128.bitselect(x, f32x4.mul(alpha, expm1(x)), f32x4.gt(x, zero));
  if (kind == SIGMOID) return sigmoid(x);
  if (kind == TANH) return tanh(x);
  if (kind == SCALED_TANH) return f32x4.mul(f32x4.splat(AMPLITUDE), tanh(f32x4.mul(f32x4.splat(STEEPNESS), x)));
  return x;
}

// @ts-ignore: decorator
@inline
function derivative(kind: i32, y: v128, alpha: v128): v128 {
  const one = f32x4.splat(1);
  const isPositive = f32x4.gt(y, f32x4.splat(0));
  if (kind == RELU) return v128.and(one, isPositive);
  if (kind == LEAKY_RELU) return v128.bitselect(one, alpha, isPositive);
  if (kind == ELU) return v128.bitselect(one, f32x4.add(y, alpha), isPositive);
  if (kind == SIGMOID) return f32x4.mul(y, f32x4.sub(one, y));
  if (kind == TANH) return f32x4.sub(one, f32x4.mul(y, y));
  if (kind == SCALED_TANH) return f32x4.sub(f32x4.splat(TOP), f32x4.mul(f32x4.splat(FALL), f32x4.mul(y, y)));
  return one;
}
