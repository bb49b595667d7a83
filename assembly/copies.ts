/** Numbers that move and stay what they are: a window of an image, and another order of the axes. */
import { Divided, endOf, firstOf } from "./units";
import { clearNumbers, copyNumbers } from "./vectors";

/** `count` is rows of y of all images. */
@unmanaged
class WindowCopy extends Divided {
  y: usize;
  x: usize;
  channels: i32;
  height: i32;
  width: i32;
  outputHeight: i32;
  outputWidth: i32;
  top: i32;
  left: i32;
}

/** y[n,i,j,c] = x[n, i+top, j+left, c], 0 outside of x. Units: rows of y. */
export function copyWindow2d(record: usize, begin: i32, end: i32, scratch: usize): void {
  const w = changetype<WindowCopy>(record);
  const pixel = <usize>w.channels << 2;
  // The columns of y that lie inside of x.
  const first = min(max(-w.left, 0), w.outputWidth);
  const behind = max(min(w.width - w.left, w.outputWidth), first);
  const last = endOf(w, end);
  for (let row = firstOf(w, begin); row < last; row++) {
    const image = row / w.outputHeight;
    const u = row - image * w.outputHeight + w.top;
    const to = w.y + <usize>(row * w.outputWidth) * pixel;
    if (u < 0 || u >= w.height) {
      clearNumbers(to, w.outputWidth * w.channels);
      continue;
    }
    const from = w.x + <usize>((image * w.height + u) * w.width + w.left + first) * pixel;
    clearNumbers(to, first * w.channels);
    copyNumbers(to + <usize>first * pixel, from, (behind - first) * w.channels);
    clearNumbers(to + <usize>behind * pixel, (w.outputWidth - behind) * w.channels);
  }
}

/**
 * `count` is rows of y: its last axis is `length` long, and neighbours in it are `step` numbers apart in x. Behind the
 * record lie, for each of its other axes, last one first, how long it is and how far apart neighbours are in x.
 */
@unmanaged
class Permutation extends Divided {
  y: usize;
  x: usize;
  length: i32;
  step: i32;
  axes: i32;
}

/** y has the numbers of x with its axes in another order. Units: rows of y. */
export function permute(record: usize, begin: i32, end: i32, scratch: usize): void {
  const p = changetype<Permutation>(record);
  const axes = record + offsetof<Permutation>();
  const step = <usize>p.step << 2;
  const last = endOf(p, end);
  for (let row = firstOf(p, begin); row < last; row++) {
    const from = p.x + (startOf(row, axes, p.axes) << 2);
    const to = p.y + ((<usize>row * p.length) << 2);
    if (p.step == 1) copyNumbers(to, from, p.length);
    else gather(to, from, step, p.length);
  }
}

/** Where the row begins in x, in numbers. */
function startOf(row: i32, axes: usize, count: i32): usize {
  let start: usize = 0;
  for (let axis = 0; axis < count; axis++) {
    const length = load<i32>(axes);
    const rest = row / length;
    start += <usize>(row - rest * length) * load<i32>(axes, 4);
    row = rest;
    axes += 8;
  }
  return start;
}

/** Numbers that are `step` bytes apart, one after the other. */
function gather(to: usize, from: usize, step: usize, length: i32): void {
  for (; length >= 4; length -= 4) {
    v128.store(to, fourApart(from, step));
    to += 16;
    from += step << 2;
  }
  for (; length > 0; length--) {
    store<f32>(to, load<f32>(from));
    to += 4;
    from += step;
  }
}

// @ts-ignore: decorator
@inline
function fourApart(from: usize, step: usize): v128 {
  let four = v128.load32_zero(from);
  four = v128.load_lane<f32>(from + step, four, 1);
  four = v128.load_lane<f32>(from + 2 * step, four, 2);
  return v128.load_lane<f32>(from + 3 * step, four, 3);
}
