/**
 * Aᵀ m A of winograd.ts: from 36 planes of sums to a tile's outputs, with bias and activation. As in winograd-tiles.ts some
 * filters at a time take two steps:  6 × 6 planes ──▶ 4 lines [filters/4][6 columns][4] ──▶ 4 × 4 outputs.
 */
import { applyActivation } from "./activation";
import { floorOf, madd, rectified } from "./vectors";
import { Winograd, columnOf, imageOf, rowOf } from "./winograd-tiles";

/** Bytes of the filters that are finished together. */
const CHUNK: usize = 128;
/** Bytes from one line to the next. */
const LINE: usize = 6 * CHUNK;

/** One tile for some filters; outputs beyond the edge are left out. */
export function finishTile(
  w: Winograd, tile: i32, from: usize, plane: usize, firstFilter: i32, filters: i32, lines: usize,
): void {
  const side = w.side;
  const i0 = rowOf(w, tile);
  const j0 = columnOf(w, tile);
  const rows = min(side, w.outputHeight - i0);
  const columns = min(side, w.outputWidth - j0);
  // Of the four lines and columns that there are, F(2×2, 5×5) wants the first and the last.
  const line: usize = side == 4 ? LINE : 3 * LINE;
  const last = f32x4.splat(side == 4 ? 8 : 2);
  const pixel = w.pixelStep;
  const offset = <usize>firstFilter << 2;
  const size = <usize>filters << 2;
  const output = w.destination + imageOf(w, tile) * w.imageStep + i0 * w.rowStep + j0 * pixel + offset;
  const floor = floorOf(w.activation == 1);
  for (let f: usize = 0; f < size; f += CHUNK) {
    const bytes = min(CHUNK, size - f);
    for (let j: usize = 0; j < 6; j++) finishColumn(from + j * plane + f, 6 * plane, bytes, last, lines + (j << 4));
    const bias = w.bias ? w.bias + offset + f : 0;
    for (let i = 0; i < rows; i++) {
      finishLine(lines + line * i, bytes, last, bias, floor, side, columns, output + i * w.rowStep + f, pixel);
    }
  }
  if (w.activation > 1) {
    for (let i = 0; i < rows; i++) {
      let to = output + i * w.rowStep;
      for (let j = 0; j < columns; j++) {
        applyActivation(to, to, filters, w.activation, w.alpha);
        to += pixel;
      }
    }
  }
}

/** A column of planes into a column of the lines. */
// @ts-ignore: decorator
@inline
function finishColumn(from: usize, step: usize, bytes: usize, last: v128, to: usize): void {
  for (const end = from + bytes; from < end; from += 16) {
    let at = from;
    const m0 = v128.load(at);
    at += step;
    const m1 = v128.load(at);
    at += step;
    const m2 = v128.load(at);
    at += step;
    const m3 = v128.load(at);
    at += step;
    const m4 = v128.load(at);
    at += step;
    const m5 = v128.load(at);
    const sum1 = f32x4.add(m1, m2), difference1 = f32x4.sub(m1, m2);
    const sum2 = f32x4.add(m3, m4), difference2 = f32x4.sub(m3, m4);
    v128.store(to, first(m0, sum1, sum2));
    v128.store(to, second(difference1, difference2), LINE);
    v128.store(to, third(sum1, sum2), 2 * LINE);
    v128.store(to, fourth(difference1, difference2, m5, last), 3 * LINE);
    to += 96;
  }
}

/** A line into a row of pixels, of which `columns` are inside. */
// @ts-ignore: decorator
@inline
function finishLine(
  line: usize, bytes: usize, last: v128, bias: usize, floor: v128, side: i32, columns: i32, to: usize, pixel: usize,
): void {
  for (const end = to + bytes; to < end; to += 16) {
    const m0 = v128.load(line), m1 = v128.load(line, 16), m2 = v128.load(line, 32);
    const m3 = v128.load(line, 48), m4 = v128.load(line, 64), m5 = v128.load(line, 80);
    const sum1 = f32x4.add(m1, m2), difference1 = f32x4.sub(m1, m2);
    const sum2 = f32x4.add(m3, m4), difference2 = f32x4.sub(m3, m4);
    let b = f32x4.splat(0);
    if (bias) {
      b = v128.load(bias);
      bias += 16;
    }
    let at = to;
    v128.store(at, rectified(f32x4.add(first(m0, sum1, sum2), b), floor));
    if (side == 4) {
      if (columns > 1) {
        at += pixel;
        v128.store(at, rectified(f32x4.add(second(difference1, difference2), b), floor));
      }
      if (columns > 2) {
        at += pixel;
        v128.store(at, rectified(f32x4.add(third(sum1, sum2), b), floor));
      }
    }
    if (columns == side) {
      v128.store(at + pixel, rectified(f32x4.add(fourth(difference1, difference2, m5, last), b), floor));
    }
    line += 96;
  }
}

// Aᵀ of six vectors:  1 1 1 1 1 0 | 0 1 −1 2 −2 0 | 0 1 1 4 4 0 | 0 1 −1 8 −8 1, where `last` is the 8.
// @ts-ignore: decorator
@inline
function first(m0: v128, sum1: v128, sum2: v128): v128 {
  return f32x4.add(f32x4.add(m0, sum1), sum2);
}

// @ts-ignore: decorator
@inline
function second(difference1: v128, difference2: v128): v128 {
  return madd(difference1, f32x4.splat(2), difference2);
}

// @ts-ignore: decorator
@inline
function third(sum1: v128, sum2: v128): v128 {
  return madd(sum1, f32x4.splat(4), sum2);
}

// @ts-ignore: decorator
@inline
function fourth(difference1: v128, difference2: v128, m5: v128, last: v128): v128 {
  return madd(f32x4.add(difference1, m5), last, difference2);
}
