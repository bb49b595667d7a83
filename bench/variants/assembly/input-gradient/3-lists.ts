/**
 * Only what is not zero: dy is listed column by column, the runs of a row of dx are summed from the lists, each in a
 * place of its own, and then added where they overlap; directly to dx where a block lies within one of its pixels. Won
 * where a part of dy is zero, and is assembly/input-gradient.ts for stride 1, with the same inner loops.
 */
import { clearNumbers, loadLanes, storeLanes } from "../../../../assembly/vectors";
import { addProducts, append, layTable } from "../../../../assembly/nonzeros";
import { LANES, Shape, gradientBytes } from "../shape";

const STARTS: usize = 256;
const RUNS: usize = 1 << 14;
const LIST: usize = 1 << 17;
const DISTANCE: usize = (1 << 20) + 2112;

/** [blocks of a run][KH][F][32]: a row of dy further up is a kernel row further down, one list passes through all. */
export function pack(s: Shape, kernel: usize, to: usize): void {
  const length = s.kernelWidth * s.channels;
  for (let r = 0; r < length; r += LANES) {
    for (let p = 0; p < s.kernelHeight; p++) {
      for (let f = 0; f < s.filters; f++) {
        for (let lane = r; lane < r + LANES; lane++) {
          const from = kernel + (<usize>((p * length + lane) * s.filters + f) << 2);
          store<f32>(to, lane < length ? load<f32>(from) : 0);
          to += 4;
        }
      }
    }
  }
}

export function gradient(s: Shape, dy: usize, weights: usize, dx: usize, scratch: usize): void {
  layTable(scratch);
  const row = s.width * s.channels;
  for (let image = 0; image < s.images; image++) {
    listColumns(s, dy, scratch);
    for (let u = 0; u < s.height; u++) {
      if (s.channels % LANES == 0) {
        clearNumbers(dx, row);
        sumRuns(s, u, weights, dx, scratch);
      } else {
        sumRuns(s, u, weights, 0, scratch);
        addRuns(s, dx, scratch);
      }
      dx += <usize>row << 2;
    }
    dy += gradientBytes(s);
  }
}

/** Lists dy column by column, in each from the top to the bottom; notes where each pixel's part starts. */
function listColumns(s: Shape, dy: usize, scratch: usize): void {
  const F = s.filters;
  let starts = scratch + STARTS;
  let to = scratch + LIST;
  for (let j = 0; j < s.outputWidth; j++) {
    let from = dy + (<usize>(j * F) << 2);
    for (let i = 0; i < s.outputHeight; i++) {
      store<usize>(starts, to);
      starts += 4;
      let offsets = i32x4.add(i32x4.splat(-i * F * LANES * 4), i32x4(0, LANES * 4, 2 * LANES * 4, 3 * LANES * 4));
      let f = 0;
      for (; f + 4 <= F; f += 4) {
        to = append(to, DISTANCE, v128.load(from + (<usize>f << 2)), offsets, scratch);
        offsets = i32x4.add(offsets, i32x4.splat(4 * LANES * 4));
      }
      if (f < F) to = append(to, DISTANCE, loadLanes(from + (<usize>f << 2), F - f), offsets, scratch);
      from += <usize>(s.outputWidth * F) << 2;
    }
    store<usize>(starts, to);
    starts += 4;
  }
}

/** What every column of dy sends to row u: added to dx where blocks lie within one of its pixels, else runs to be added. */
function sumRuns(s: Shape, u: i32, packed: usize, dx: usize, scratch: usize): void {
  const reach = u + s.top;
  const first = min(max(reach - s.kernelHeight + 1, 0), s.outputHeight);
  const end = max(first, min(reach + 1, s.outputHeight));
  const column = <usize>(s.outputHeight + 1) << 2;
  const run = runOf(s);
  const sending = <usize>first << 2, ending = <usize>end << 2;
  for (let r = 0; r < run; r += LANES) {
    const weights = packed + (<usize>((r * s.kernelHeight + reach * LANES) * s.filters) << 2);
    let list = scratch + STARTS;
    if (dx) {
      const q = r / s.channels;
      let to = dx + (<usize>((q - s.left) * s.channels + r - q * s.channels) << 2);
      for (let j = 0, v = q - s.left; j < s.outputWidth; j++, v++) {
        if (v >= 0 && v < s.width) {
          const from = load<usize>(list + sending), until = load<usize>(list + ending);
          if (from < until) addProducts(from, until, DISTANCE, weights, to);
        }
        list += column;
        to += <usize>s.channels << 2;
      }
    } else {
      let to = scratch + RUNS + (<usize>r << 2);
      for (let j = 0; j < s.outputWidth; j++) {
        clearNumbers(to, LANES);
        addProducts(load<usize>(list + sending), load<usize>(list + ending), DISTANCE, weights, to);
        list += column;
        to += <usize>run << 2;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function runOf(s: Shape): i32 {
  return (s.kernelWidth * s.channels + LANES - 1) & -LANES;
}

/** A row of dx from the runs of all columns. */
function addRuns(s: Shape, dx: usize, scratch: usize): void {
  const C = s.channels;
  const run = runOf(s);
  const back = <usize>(C - run) << 2;
  for (let v = 0; v < s.width; v++) {
    const reach = v + s.left;
    const last = min(reach, s.outputWidth - 1);
    const first = max(reach - s.kernelWidth + 1, 0);
    const from = scratch + RUNS + (<usize>(last * run + (reach - last) * C) << 2);
    for (let c = 0; c < C; c += 4) {
      let sum = f32x4.splat(0);
      let place = from + (<usize>c << 2);
      for (let j = last; j >= first; j--) {
        sum = f32x4.add(sum, v128.load(place));
        place += back;
      }
      storeLanes(dx, sum, min(4, C - c));
      dx += <usize>min(4, C - c) << 2;
    }
  }
}
