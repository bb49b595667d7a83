/**
 * One step of gradient descent, in place, four parameters at a time; formulas and bits are those of
 * src/kernels/reference/optimizers.ts. Constants arrive as the adapter has rounded them.
 */
import { Divided, endOf, firstOf } from "./units";
import { loadLanes, storeLanes } from "./vectors";

/** The bits of a float's exponent. */
const EXPONENT: i32 = 0x7f800000;

@unmanaged
class SGD extends Divided {
  value: usize;
  /** 0: no momentum. */
  velocity: usize;
  gradient: usize;
  learningRate: f32;
  momentum: f32;
  weightDecay: f32;
  nesterov: i32;
}

/** Units: numbers. */
export function sgd(record: usize, begin: i32, end: i32, scratch: usize): void {
  const o = changetype<SGD>(record);
  const last = endOf(o, end);
  let e = firstOf(o, begin);
  for (; e + 4 <= last; e += 4) sgdLanes(o, e, 4);
  if (e < last) sgdLanes(o, e, last - e);
}

// @ts-ignore: decorator
@inline
function sgdLanes(o: SGD, e: i32, lanes: i32): void {
  const offset = <usize>e << 2;
  const value = loadLanes(o.value + offset, lanes);
  const slope = decayed(loadLanes(o.gradient + offset, lanes), value, o.weightDecay);
  let step = slope;
  if (o.velocity) {
    const momentum = f32x4.splat(o.momentum);
    const velocity = flushed(f32x4.add(f32x4.mul(momentum, loadLanes(o.velocity + offset, lanes)), slope));
    storeLanes(o.velocity + offset, velocity, lanes);
    step = o.nesterov ? f32x4.add(slope, f32x4.mul(momentum, velocity)) : velocity;
  }
  storeLanes(o.value + offset, f32x4.sub(value, f32x4.mul(f32x4.splat(o.learningRate), step)), lanes);
}

@unmanaged
class Adam extends Divided {
  value: usize;
  mean: usize;
  square: usize;
  gradient: usize;
  /** learningRate / correction1. */
  rate: f32;
  beta1: f32;
  rest1: f32;
  beta2: f32;
  rest2: f32;
  rootOfCorrection2: f32;
  epsilon: f32;
  weightDecay: f32;
  /** By which part of itself the value shrinks first. */
  shrink: f32;
}

/** Units: numbers. */
export function adam(record: usize, begin: i32, end: i32, scratch: usize): void {
  const o = changetype<Adam>(record);
  const last = endOf(o, end);
  let e = firstOf(o, begin);
  for (; e + 4 <= last; e += 4) adamLanes(o, e, 4);
  if (e < last) adamLanes(o, e, last - e);
}

// @ts-ignore: decorator
@inline
function adamLanes(o: Adam, e: i32, lanes: i32): void {
  const offset = <usize>e << 2;
  const value = loadLanes(o.value + offset, lanes);
  const slope = decayed(loadLanes(o.gradient + offset, lanes), value, o.weightDecay);
  const mean = average(loadLanes(o.mean + offset, lanes), o.beta1, slope, o.rest1);
  const square = average(loadLanes(o.square + offset, lanes), o.beta2, f32x4.mul(slope, slope), o.rest2);
  const root = f32x4.div(f32x4.sqrt(square), f32x4.splat(o.rootOfCorrection2));
  const step = f32x4.div(f32x4.mul(f32x4.splat(o.rate), mean), f32x4.add(root, f32x4.splat(o.epsilon)));
  const shrunk = f32x4.sub(value, f32x4.mul(f32x4.splat(o.shrink), value));
  storeLanes(o.mean + offset, mean, lanes);
  storeLanes(o.square + offset, square, lanes);
  storeLanes(o.value + offset, f32x4.sub(shrunk, step), lanes);
}

@unmanaged
class RMSprop extends Divided {
  value: usize;
  square: usize;
  gradient: usize;
  learningRate: f32;
  rho: f32;
  rest: f32;
  epsilon: f32;
}

/** Units: numbers. */
export function rmsprop(record: usize, begin: i32, end: i32, scratch: usize): void {
  const o = changetype<RMSprop>(record);
  const last = endOf(o, end);
  let e = firstOf(o, begin);
  for (; e + 4 <= last; e += 4) rmspropLanes(o, e, 4);
  if (e < last) rmspropLanes(o, e, last - e);
}

// @ts-ignore: decorator
@inline
function rmspropLanes(o: RMSprop, e: i32, lanes: i32): void {
  const offset = <usize>e << 2;
  const slope = loadLanes(o.gradient + offset, lanes);
  const square = average(loadLanes(o.square + offset, lanes), o.rho, f32x4.mul(slope, slope), o.rest);
  const scale = f32x4.add(f32x4.sqrt(square), f32x4.splat(o.epsilon));
  const step = f32x4.div(f32x4.mul(f32x4.splat(o.learningRate), slope), scale);
  storeLanes(o.square + offset, square, lanes);
  storeLanes(o.value + offset, f32x4.sub(loadLanes(o.value + offset, lanes), step), lanes);
}

/** g + λθ. */
// @ts-ignore: decorator
@inline
function decayed(gradient: v128, value: v128, weightDecay: f32): v128 {
  return f32x4.add(gradient, f32x4.mul(f32x4.splat(weightDecay), value));
}

/** β·old + (1 − β)·fresh. */
// @ts-ignore: decorator
@inline
function average(old: v128, beta: f32, fresh: v128, rest: f32): v128 {
  return flushed(f32x4.add(f32x4.mul(f32x4.splat(beta), old), f32x4.mul(f32x4.splat(rest), fresh)));
}

/** 0 for what is below the smallest normal number, whose exponent is 0: see the reference. */
// @ts-ignore: decorator
@inline
function flushed(x: v128): v128 {
  return v128.andnot(x, i32x4.eq(v128.and(x, i32x4.splat(EXPONENT)), i32x4.splat(0)));
}
