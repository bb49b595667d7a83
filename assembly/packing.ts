/** Kernels as the tile of convolution.ts reads them: for each block of eight filters the biases, then tap by tap. */

import { turn4x4 } from "./vectors";

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
  for (let lane = 0; lane < width; lane++) {
    store<f32>(to + (<usize>lane << 2), bias && lane < lanes ? load<f32>(bias + (<usize>lane << 2)) : 0);
  }
  to += <usize>width << 2;
  for (let p = 0; p < k.rows; p++) {
    for (let q = 0; q < k.columns; q++) {
      const tap = from + (<usize>(p * k.rowStep + q * k.columnStep) << 2);
      if (lanes == 8) packEight(k, tap, to);
      else packSome(k, tap, to, lanes, width);
      to += <usize>(k.channels * width) << 2;
    }
  }
}

/** All channels of one tap for eight filters, by whole vectors where the filters or the channels are neighbours. */
function packEight(k: Packing, from: usize, to: usize): void {
  const filter = <usize>k.filterStep << 2;
  const channel = <usize>k.channelStep << 2;
  let c = 0;
  if (filter == 4) {
    for (; c < k.channels; c++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += channel;
      to += 32;
    }
  } else if (channel == 4) {
    for (; c + 4 <= k.channels; c += 4) {
      turn4x4(from, filter, to);
      turn4x4(from + 4 * filter, filter, to + 16);
      from += 16;
      to += 128;
    }
  }
  for (; c < k.channels; c++) {
    for (let lane: usize = 0; lane < 8; lane++) store<f32>(to + (lane << 2), load<f32>(from + lane * filter));
    from += channel;
    to += 32;
  }
}

function packSome(k: Packing, from: usize, to: usize, lanes: i32, width: i32): void {
  for (let c = 0; c < k.channels; c++) {
    for (let lane = 0; lane < width; lane++) {
      const value = lane < lanes ? load<f32>(from + (<usize>(lane * k.filterStep) << 2)) : 0;
      store<f32>(to + (<usize>lane << 2), value);
    }
    from += <usize>k.channelStep << 2;
    to += <usize>width << 2;
  }
}
