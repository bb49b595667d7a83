/**
 * Pooling as networks use it most: windows of 2 × 2 with stride 2, nothing padded. The windows do not overlap, so
 * the gradient is written, not added, and every output pixel is a few vectors of channels:
 *
 *      x[2i, 2j]    x[2i, 2j+1]         the first maximum in the order 0 1 2 3, or their mean
 *      x[2i+1, 2j]  x[2i+1, 2j+1]
 *
 * A ragged last vector reaches back over channels that are done and does them again (fewer than four channels are left to
 * pooling.ts).
 */
import { Divided, endOf, firstOf } from "./units";
import { clearNumbers } from "./vectors";

@unmanaged
class Halving extends Divided {
  y: usize;
  x: usize;
  switches: usize;
  channels: i32;
  height: i32;
  width: i32;
  outputHeight: i32;
  outputWidth: i32;
}

/** Units: output rows of all images. */
export function maxHalvingForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  forward(false, changetype<Halving>(record), begin, end);
}

/** Units: output rows of all images. */
export function averageHalvingForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  forward(true, changetype<Halving>(record), begin, end);
}

// @ts-ignore: decorator
@inline
function forward(isMean: bool, h: Halving, begin: i32, end: i32): void {
  const pixel = <usize>h.channels << 2;
  const line = <usize>h.width * pixel;
  const lastChannel = pixel - 16;
  const last = endOf(h, end);
  for (let row = firstOf(h, begin); row < last; row++) {
    const image = row / h.outputHeight;
    const i = row - image * h.outputHeight;
    let from = h.x + <usize>(image * h.height + 2 * i) * line;
    let to = <usize>(row * h.outputWidth) * pixel;
    for (let j = h.outputWidth; j > 0; --j) {
      for (let c: usize = 0; c < pixel; c += 16) {
        const at = min(c, lastChannel);
        if (isMean) mean(from + at, pixel, line, h.y + to + at);
        else maximum(from + at, pixel, line, h.y + to + at, h.switches ? h.switches + to + at : 0);
      }
      from += 2 * pixel;
      to += pixel;
    }
  }
}

/** Sums begin with 0, as those of pooling.ts: four times −0 is 0. */
// @ts-ignore: decorator
@inline
function mean(from: usize, pixel: usize, line: usize, y: usize): void {
  const top = f32x4.add(f32x4.add(f32x4.splat(0), v128.load(from)), v128.load(from + pixel));
  from += line;
  v128.store(y, f32x4.mul(f32x4.add(f32x4.add(top, v128.load(from)), v128.load(from + pixel)), f32x4.splat(0.25)));
}

// @ts-ignore: decorator
@inline
function maximum(from: usize, pixel: usize, line: usize, y: usize, switches: usize): void {
  const x0 = v128.load(from);
  const x1 = v128.load(from + pixel);
  const x2 = v128.load(from + line);
  const x3 = v128.load(from + line + pixel);
  const right0 = wins(x1, x0);
  const right2 = wins(x3, x2);
  const top = v128.bitselect(x1, x0, right0);
  const bottom = v128.bitselect(x3, x2, right2);
  const below = wins(bottom, top);
  v128.store(y, v128.bitselect(bottom, top, below));
  if (switches) {
    const one = f32x4.splat(1);
    const cell = v128.bitselect(f32x4.add(f32x4.splat(2), v128.and(one, right2)), v128.and(one, right0), below);
    v128.store(switches, cell);
  }
}

/** True where `value` takes the place of `best`: where it is greater, or not a number. */
// @ts-ignore: decorator
@inline
export function wins(value: v128, best: v128): v128 {
  return v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
}

/** Units: images. */
export function maxHalvingBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  backward(false, changetype<Halving>(record), begin, end);
}

/** Units: images. */
export function averageHalvingBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  backward(true, changetype<Halving>(record), begin, end);
}

// @ts-ignore: decorator
@inline
function backward(isMean: bool, h: Halving, begin: i32, end: i32): void {
  const pixel = <usize>h.channels << 2;
  const line = <usize>h.width * pixel;
  const lastChannel = pixel - 16;
  const oddColumn = (h.width & 1) * h.channels;
  const last = endOf(h, end);
  for (let image = firstOf(h, begin); image < last; image++) {
    let to = h.x + <usize>(image * h.height) * line;
    let from = <usize>(image * h.outputHeight * h.outputWidth) * pixel;
    for (let i = h.outputHeight; i > 0; --i) {
      for (let j = h.outputWidth; j > 0; --j) {
        for (let c: usize = 0; c < pixel; c += 16) {
          const at = min(c, lastChannel);
          if (isMean) spread(h.y + from + at, to + at, pixel, line);
          else route(h.y + from + at, h.switches + from + at, to + at, pixel, line);
        }
        from += pixel;
        to += 2 * pixel;
      }
      clearNumbers(to, oddColumn);
      to += <usize>oddColumn << 2;
      clearNumbers(to + line - (<usize>oddColumn << 2), oddColumn);
      to += line;
    }
    if (h.height & 1) clearNumbers(to, h.width * h.channels);
  }
}

/** Each dy goes to the one of its four x that its switch names, the other three get nothing. It is added to 0: −0 becomes 0. */
// @ts-ignore: decorator
@inline
function route(from: usize, switches: usize, to: usize, pixel: usize, line: usize): void {
  const dy = f32x4.add(v128.load(from), f32x4.splat(0));
  const winner = v128.load(switches);
  v128.store(to, v128.and(dy, f32x4.eq(winner, f32x4.splat(0))));
  v128.store(to + pixel, v128.and(dy, f32x4.eq(winner, f32x4.splat(1))));
  v128.store(to + line, v128.and(dy, f32x4.eq(winner, f32x4.splat(2))));
  v128.store(to + line + pixel, v128.and(dy, f32x4.eq(winner, f32x4.splat(3))));
}

/** A quarter of dy, or 0 for −0, to each of its four x. */
// @ts-ignore: decorator
@inline
function spread(from: usize, to: usize, pixel: usize, line: usize): void {
  const share = f32x4.add(f32x4.mul(v128.load(from), f32x4.splat(0.25)), f32x4.splat(0));
  v128.store(to, share);
  v128.store(to + pixel, share);
  to += line;
  v128.store(to, share);
  v128.store(to + pixel, share);
}
