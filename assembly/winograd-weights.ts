/**
 * Winograd's transform of the weights, U = G g Gᵀ, see winograd.ts: of all filters before the tiles, or of a few filters and
 * channels at a time between them (winograd-few-tiles.ts). Eight filters are two vectors, whatever order the kernel has: the
 * gradient of the input reads it turned.
 */
import { madd } from "./vectors";
import { planeBytes } from "./winograd-tiles";

/** The 36 vectors between the two steps of a transform; behind them is room for a line of the kernel. */
const LINES: usize = 36 * 16;

/** How the numbers of a filter and channel lie in a kernel tensor; steps are in numbers. */
@unmanaged
export class WinogradWeights {
  destination: usize;
  kernel: usize;
  channels: i32;
  channelStep: i32;
  filters: i32;
  filterStep: i32;
  rowStep: i32;
  columnStep: i32;
  /** Rows and columns of the kernel: 3 or 5. */
  size: i32;
}

/** U = G g Gᵀ. Units: blocks of 8 filters. */
export function winogradWeights(record: usize, begin: i32, end: i32, scratch: usize): void {
  const k = changetype<WinogradWeights>(record);
  const plane = planeBytes(k.channels, k.filters);
  for (let block = begin; block < end; block++) {
    const to = k.destination + (<usize>(block * k.channels * 8) << 2);
    transformFilters(k, block * 8, 0, k.channels, to, plane, scratch);
  }
}

/** A row or column of a kernel, of four filters: its size is known when this is compiled, once for each. */
@unmanaged
class Three {
  g0: v128;
  g1: v128;
  g2: v128;
}

@unmanaged
class Five extends Three {
  g3: v128;
  g4: v128;
}

/** G g Gᵀ of 8 filters and some channels, into 36 planes [channels][8] that are `step` bytes apart. */
export function transformFilters(
  k: WinogradWeights, filter: i32, firstChannel: i32, endChannel: i32, to: usize, step: usize, lines: usize,
): void {
  if (k.size == 3) transformKernels<Three>(k, filter, firstChannel, endChannel, to, step, lines);
  else transformKernels<Five>(k, filter, firstChannel, endChannel, to, step, lines);
}

function transformKernels<Line>(
  k: WinogradWeights, filter: i32, firstChannel: i32, endChannel: i32, to: usize, step: usize, lines: usize,
): void {
  const filterBytes = <usize>k.filterStep << 2;
  for (let c = firstChannel; c < endChannel; c++) {
    for (let half = 0; half < 8; half += 4) {
      const from = k.kernel + (<usize>(c * k.channelStep + (filter + half) * k.filterStep) << 2);
      for (let q = 0; q < offsetof<Line>() >> 4; q++) {
        for (let p = 0; p < offsetof<Line>() >> 4; p++) {
          const place = from + (<usize>(p * k.rowStep + q * k.columnStep) << 2);
          v128.store(lines + LINES + (<usize>p << 4), gather(place, filterBytes));
        }
        kernelLine<Line>(lines + LINES, lines + (<usize>q << 4), offsetof<Line>());
      }
      for (let i: usize = 0; i < 6; i++) kernelLine<Line>(lines + offsetof<Line>() * i, to + 6 * i * step, step);
      to += 16;
    }
  }
}

// @ts-ignore: decorator
@inline
function gather(from: usize, step: usize): v128 {
  if (step == 4) return v128.load(from);
  let result = v128.load32_zero(from);
  result = v128.load_lane<f32>(from + step, result, 1);
  result = v128.load_lane<f32>(from + 2 * step, result, 2);
  return v128.load_lane<f32>(from + 3 * step, result, 3);
}

/**
 * G of three vectors:  1/4 0 0 | −1/6 −1/6 −1/6 | −1/6 1/6 −1/6 | 1/24 1/12 1/6 | 1/24 −1/12 1/6 | 0 0 1;
 * of five:  1/4 0 0 0 0 | −1/6 −1/6 −1/6 −1/6 −1/6 | … | 1/24 1/12 1/6 1/3 2/3 | 1/24 −1/12 1/6 −1/3 2/3 | 0 0 0 0 1.
 */
// @ts-ignore: decorator
@inline
function kernelLine<Line>(from: usize, to: usize, toStep: usize): void {
  const line = changetype<Five>(from);
  const g0 = line.g0, g1 = line.g1, g2 = line.g2;
  const quarter = f32x4.mul(g0, f32x4.splat(0.25));
  let even = f32x4.add(g0, g2), odd = g1;
  let even4 = f32x4.add(quarter, g2), odd4 = f32x4.mul(g1, f32x4.splat(0.5));
  let last = g2;
  if (offsetof<Line>() == offsetof<Five>()) {
    const g3 = line.g3;
    last = line.g4;
    even = f32x4.add(even, last);
    odd = f32x4.add(odd, g3);
    even4 = madd(even4, last, f32x4.splat(4));
    odd4 = madd(odd4, g3, f32x4.splat(2));
  }
  const sixth = f32x4.splat(1.0 / 6.0);
  even = f32x4.mul(even, sixth);
  odd = f32x4.mul(odd, sixth);
  even4 = f32x4.mul(even4, sixth);
  odd4 = f32x4.mul(odd4, sixth);
  v128.store(to, quarter);
  v128.store(to + toStep, f32x4.neg(f32x4.add(even, odd)));
  v128.store(to + 2 * toStep, f32x4.sub(odd, even));
  v128.store(to + 3 * toStep, f32x4.add(even4, odd4));
  v128.store(to + 4 * toStep, f32x4.sub(even4, odd4));
  v128.store(to + 5 * toStep, last);
}
