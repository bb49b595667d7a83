/**
 * Local response normalisation along the channels of each pixel; the formulas are those of
 * src/kernels/reference/local-response.ts, operation by operation.
 *
 * Sums over neighbouring channels are loads that are shifted by one number each, from a row of the worker's memory that has
 * zeros before and behind it. The order of additions is that of the channels.
 */
import { exp, log } from "./math";
import { Divided, endOf, firstOf } from "./units";
import { clearNumbers, loadLanes, storeLanes } from "./vectors";

/** `count` is pixels. */
@unmanaged
class LocalResponse extends Divided {
  /** dx backward. */
  y: usize;
  x: usize;
  /** Backward only. */
  dy: usize;
  channels: i32;
  /** Neighbours before and after; no more than there are channels. */
  before: i32;
  after: i32;
  /** α/size, k, −β and 2·β·α/size. */
  share: f32;
  least: f32;
  exponent: f32;
  factor: f32;
}

/** Units: pixels. */
export function localResponseNormalizationForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const n = changetype<LocalResponse>(record);
  const last = endOf(n, end);
  clearNumbers(scratch, rowLength(n));
  for (let pixel = firstOf(n, begin); pixel < last; pixel++) {
    const offset = <usize>(pixel * n.channels) << 2;
    square(n, n.x + offset, scratch);
    for (let c = 0; c < n.channels; c += 4) {
      const lanes = min(4, n.channels - c);
      const at = offset + (<usize>c << 2);
      const power = powerOf(n, scaleOf(n, scratch, c));
      storeLanes(n.y + at, f32x4.mul(loadLanes(n.x + at, lanes), power), lanes);
    }
  }
}

/** Units: pixels. */
export function localResponseNormalizationBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const n = changetype<LocalResponse>(record);
  const last = endOf(n, end);
  const row = <usize>rowLength(n) << 2;
  // x², what each channel sends to its neighbours, and s^−β.
  const shares = scratch + row;
  const powers = shares + row;
  clearNumbers(scratch, 3 * rowLength(n));
  for (let pixel = firstOf(n, begin); pixel < last; pixel++) {
    const offset = <usize>(pixel * n.channels) << 2;
    square(n, n.x + offset, scratch);
    for (let c = 0; c < n.channels; c += 4) {
      const lanes = min(4, n.channels - c);
      const at = offset + (<usize>c << 2);
      const scale = scaleOf(n, scratch, c);
      const power = powerOf(n, scale);
      const product = f32x4.mul(loadLanes(n.dy + at, lanes), loadLanes(n.x + at, lanes));
      storeLanes(shares + (<usize>(n.after + c) << 2), f32x4.mul(product, f32x4.div(power, scale)), lanes);
      v128.store(powers + (<usize>c << 2), power);
    }
    for (let c = 0; c < n.channels; c += 4) {
      const lanes = min(4, n.channels - c);
      const at = offset + (<usize>c << 2);
      const own = f32x4.mul(loadLanes(n.dy + at, lanes), v128.load(powers + (<usize>c << 2)));
      const sent = f32x4.mul(loadLanes(n.x + at, lanes), neighbours(n, shares, c));
      storeLanes(n.y + at, f32x4.sub(own, f32x4.mul(f32x4.splat(n.factor), sent)), lanes);
    }
  }
}

/** Numbers of a row: the channels in whole vectors, zeros on both sides, and what a shifted load reads beyond. */
// @ts-ignore: decorator
@inline
function rowLength(n: LocalResponse): i32 {
  return n.before + n.after + ((n.channels + 3) & ~3) + 4;
}

/** x² between the zeros of a row. */
function square(n: LocalResponse, x: usize, row: usize): void {
  let to = row + (<usize>n.before << 2);
  for (let c = 0; c < n.channels; c += 4) {
    const lanes = min(4, n.channels - c);
    const value = loadLanes(x, lanes);
    storeLanes(to, f32x4.mul(value, value), lanes);
    x += 16;
    to += 16;
  }
}

/** The sums over the neighbourhoods of four channels. */
// @ts-ignore: decorator
@inline
function neighbours(n: LocalResponse, row: usize, c: i32): v128 {
  let from = row + (<usize>c << 2);
  let sum = f32x4.splat(0);
  for (let d = n.before + n.after; d >= 0; d--) {
    sum = f32x4.add(sum, v128.load(from));
    from += 4;
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function scaleOf(n: LocalResponse, row: usize, c: i32): v128 {
  return f32x4.add(f32x4.splat(n.least), f32x4.mul(f32x4.splat(n.share), neighbours(n, row, c)));
}

function powerOf(n: LocalResponse, scale: v128): v128 {
  return exp(f32x4.mul(f32x4.splat(n.exponent), log(scale)));
}
