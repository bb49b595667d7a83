/**
 * Numbers as tiles read them, eight side by side: kernels for convolution.ts, for each block of eight filters the biases, then
 * tap by tap; and rows and columns of matrices for dense.ts and kernel-gradient.ts.
 */

import { loadLanes, turn4x4 } from "./vectors";

/** How a kernel [KH,KW,C/groups,F] is packed for the tiles; steps are in numbers. */
@unmanaged
class Packing {
  destination: usize;
  kernel: usize;
  bias: usize;
  groups: i32;
  groupStep: i32;
  filters: i32;
  filterStep: i32;
  rows: i32;
  rowStep: i32;
  columns: i32;
  columnStep: i32;
  channels: i32;
  channelStep: i32;
}

/** Units: blocks of 8 filters, group by group; a last block of at most 4 takes 4 lanes. Lanes without a filter are 0. */
export function packWeights(record: usize, begin: i32, end: i32, scratch: usize): void {
  const k = changetype<Packing>(record);
  const taps = k.rows * k.columns * k.channels;
  const blocks = (k.filters + 7) >> 3;
  const remainder = k.filters & 7;
  const groupWidth = (k.filters & ~7) + (remainder == 0 ? 0 : remainder > 4 ? 8 : 4);
  for (let unit = begin; unit < end; unit++) {
    const g = unit / blocks;
    const f = (unit - g * blocks) << 3;
    const lanes = min(8, k.filters - f);
    const from = k.kernel + (<usize>(g * k.groupStep + f * k.filterStep) << 2);
    const bias = k.bias ? k.bias + (<usize>(g * k.filters + f) << 2) : 0;
    const to = k.destination + (<usize>(g * groupWidth + f) * (taps + 1) << 2);
    packBlock(k, to, from, bias, lanes, lanes > 4 ? 8 : 4);
  }
}

function packBlock(k: Packing, to: usize, from: usize, bias: usize, lanes: i32, width: i32): void {
  packLanes(bias, 4, 0, 1, to, bias ? lanes : 0, width);
  to += <usize>width << 2;
  for (let p = 0; p < k.rows; p++) {
    for (let q = 0; q < k.columns; q++) {
      const tap = from + (<usize>(p * k.rowStep + q * k.columnStep) << 2);
      packLanes(tap, <usize>k.filterStep << 2, <usize>k.channelStep << 2, k.channels, to, lanes, width);
      to += <usize>(k.channels * width) << 2;
    }
  }
}

/** `count` times `lanes` numbers as [count][width], with zeros behind them: eight by whole vectors where these exist. */
export function packLanes(
  from: usize, laneStep: usize, step: usize, count: i32, to: usize, lanes: i32, width: i32,
): void {
  if (lanes == 8) {
    if (laneStep == 4) {
      for (; count > 0; --count) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        from += step;
        to += 32;
      }
    } else if (step == 4) {
      for (; count >= 4; count -= 4) {
        turn4x4(from, laneStep, to);
        turn4x4(from + 4 * laneStep, laneStep, to + 16);
        from += 16;
        to += 128;
      }
    }
  }
  for (; count > 0; --count) {
    for (let lane = 0; lane < width; lane++) {
      store<f32>(to + (<usize>lane << 2), lane < lanes ? load<f32>(from + lane * laneStep) : 0);
    }
    from += step;
    to += <usize>width << 2;
  }
}

/**
 * Rows of numbers by eights, the last ones filled up by zeros: [length / 8][rows][8]. It reads them as they lie, so that the
 * processor fetches ahead.
 */
export function packEights(from: usize, step: usize, length: i32, rows: i32, to: usize): void {
  const next = <usize>rows << 5;
  for (; rows > 0; --rows) {
    let at = to;
    let left = length;
    let source = from;
    for (; left >= 8; left -= 8) {
      v128.store(at, v128.load(source));
      v128.store(at, v128.load(source, 16), 16);
      source += 32;
      at += next;
    }
    if (left > 0) {
      v128.store(at, loadLanes(source, min(4, left)));
      v128.store(at, left > 4 ? loadLanes(source + 16, left - 4) : f32x4.splat(0), 16);
    }
    from += step;
    to += 32;
  }
}
