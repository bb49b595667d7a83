/**
 * Channels that are scaled and shifted by numbers of their own, and the gradient of the scale.
 *
 * Scale and shift come repeated until they fill whole vectors (src/kernels/wasm/affine.ts), so that a row of three
 * channels is as fast as one of 64.
 */
import { applyActivation } from "./activation";
import { Divided, endOf, firstOf } from "./units";
import { loadLanes, storeLanes } from "./vectors";

@unmanaged
class Affine extends Divided {
  y: usize;
  x: usize;
  scale: usize;
  shift: usize;
  /** Numbers of a row, a multiple of four; the last row may be shorter. */
  row: i32;
  /** Numbers of all rows. */
  numbers: i32;
  kind: i32;
  alpha: f32;
}

/** y = activation(x · scale + shift). Units: rows. */
export function affine(record: usize, begin: i32, end: i32, scratch: usize): void {
  const a = changetype<Affine>(record);
  const last = endOf(a, end);
  for (let row = firstOf(a, begin); row < last; row++) {
    const first = row * a.row;
    const count = min(a.row, a.numbers - first);
    const offset = <usize>first << 2;
    const y = a.y + offset;
    let c = 0;
    for (; c + 4 <= count; c += 4) affineLanes(a, y, offset, c, 4);
    if (c < count) affineLanes(a, y, offset, c, count - c);
    applyActivation(y, y, count, a.kind, a.alpha);
  }
}

// @ts-ignore: decorator
@inline
function affineLanes(a: Affine, y: usize, offset: usize, c: i32, lanes: i32): void {
  const at = <usize>c << 2;
  const scaled = f32x4.mul(loadLanes(a.x + offset + at, lanes), v128.load(a.scale + at));
  storeLanes(y + at, f32x4.add(scaled, v128.load(a.shift + at)), lanes);
}

@unmanaged
class RowProducts extends Divided {
  y: usize;
  a: usize;
  b: usize;
  columns: i32;
}

/** y[unit, c] = Σ a[r, c] · b[r, c] over the rows r of that slice. Units: slices of rows. */
export function sumRowsOfProducts(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<RowProducts>(record);
  const stride = <usize>s.columns << 2;
  for (let slice = begin; slice < end; slice++) {
    const first = firstOf(s, slice);
    const rows = endOf(s, slice + 1) - first;
    const from = <usize>first * stride;
    const to = s.y + <usize>slice * stride;
    for (let c = 0; c < s.columns; c += 4) {
      const at = <usize>c << 2;
      const lanes = min(4, s.columns - c);
      storeLanes(to + at, columnSum(s.a + from + at, s.b + from + at, rows, stride, lanes), lanes);
    }
  }
}

/** Up to four columns; even and odd rows apart, so that additions need not wait for each other. */
// @ts-ignore: decorator
@inline
function columnSum(a: usize, b: usize, rows: i32, stride: usize, lanes: i32): v128 {
  let even = f32x4.splat(0);
  let odd = even;
  let row = 0;
  for (; row + 2 <= rows; row += 2) {
    even = f32x4.add(even, f32x4.mul(loadLanes(a, lanes), loadLanes(b, lanes)));
    odd = f32x4.add(odd, f32x4.mul(loadLanes(a + stride, lanes), loadLanes(b + stride, lanes)));
    a += stride << 1;
    b += stride << 1;
  }
  if (row < rows) even = f32x4.add(even, f32x4.mul(loadLanes(a, lanes), loadLanes(b, lanes)));
  return f32x4.add(even, odd);
}
