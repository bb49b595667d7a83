/**
 * The gradient of a convolution's kernel: dw[k,f] = Σ over pixels of x[pixel + k] · dy[pixel, f].
 *
 * The tile of convolution.ts with the roles of pixels and taps exchanged: 4 taps × 8 filters stay in eight vectors while
 * all pixels of a band pass by, each giving four numbers of x to broadcast and eight of dy:
 *
 *                      dy[f..f+3]   dy[f+4..f+7]
 *      x[pixel + k0]   a00          a01
 *      x[pixel + k1]   a10          a11          k0 … k3: four taps, wherever they lie under the window
 *      x[pixel + k2]   a20          a21
 *      x[pixel + k3]   a30          a31
 *
 * Images are divided into slices, each with a sum of its own; `sumSlices` adds these in order. Where one slice is enough
 * (a large kernel), units are chunks of taps. Both depend on shapes alone, so the sums have one order.
 */
import { Band, Convolution, layBand } from "./band";
import { loadLanes, madd, storeLanes } from "./vectors";

/** The record of the forward pass (source: x; destination: dw, or the slices' sums one after the other), and more. */
@unmanaged
class KernelGradient extends Convolution {
  dy: usize;
  images: i32;
  slices: i32;
  /** Taps of one unit: a multiple of 8, or all. */
  chunkTaps: i32;
  tapChunks: i32;
  /** Bytes of scratch memory before the copy of eight filters of dy, and before the table of the taps' places. */
  copyOffset: usize;
  tableOffset: usize;
}

/** Units: slices of images, in them chunks of taps. */
export function kernelGradient(record: usize, begin: i32, end: i32, scratch: usize): void {
  const k = changetype<KernelGradient>(record);
  const size = <usize>(k.kernelHeight * k.kernelWidth * k.channels * k.groups * k.filters) << 2;
  for (let unit = begin; unit < end; unit++) {
    const slice = unit / k.tapChunks;
    const chunk = unit - slice * k.tapChunks;
    const firstImage = (k.images * slice) / k.slices;
    const endImage = (k.images * (slice + 1)) / k.slices;
    for (let image = firstImage; image < endImage; image++) {
      for (let band = 0; band < k.bands; band++) {
        const first = image == firstImage && band == 0;
        addBand(k, image, band * k.bandRows, chunk, k.destination + slice * size, first, scratch);
      }
    }
  }
}

function addBand(k: KernelGradient, image: i32, firstRow: i32, chunk: i32, sums: usize, first: bool, scratch: usize): void {
  const rows = min(k.bandRows, k.outputHeight - firstRow);
  layBand(k, image, firstRow, rows, scratch);
  const band = changetype<Band>(scratch);
  const F = k.groups * k.filters;
  const pixels = rows * k.outputWidth;
  const dy = k.dy + (<usize>((image * k.outputHeight + firstRow) * k.outputWidth) * F << 2);
  const copy = scratch + k.copyOffset;
  const table = scratch + k.tableOffset;
  if (first) noteTaps(k, band, table);
  const firstTap = chunk * k.chunkTaps;
  const endTap = min(firstTap + k.chunkTaps, k.kernelHeight * k.kernelWidth * k.channels);
  for (let g = 0; g < k.groups; g++) {
    const origin = band.origin + (<usize>(g * k.channels) << 2);
    for (let f = 0; f < k.filters; f += 8) {
      const lanes = min(8, k.filters - f);
      const width = lanes > 4 ? 8 : 4;
      copyFilters(dy + (<usize>(g * k.filters + f) << 2), <usize>F << 2, lanes, width, pixels, copy);
      const to = sums + (<usize>(g * k.filters + f) << 2);
      for (let tap = firstTap; tap < endTap; tap += 32 / width) {
        const taps = min(32 / width, endTap - tap);
        const places = table + (<usize>tap << 2);
        const sum = to + (<usize>(tap * F) << 2);
        if (lanes > 4) taps4x8(k, band, origin, places, copy, 32, rows, sum, taps, lanes, first);
        else taps8x4(k, band, origin, places, copy, 16, rows, sum, taps, lanes, first);
      }
    }
  }
}

/**
 * Copies up to eight filters of dy side by side, filled up by zeros: the tiles of all taps read them, and pixels that are
 * a power of two apart would all fall into the same few lines of the cache.
 */
function copyFilters(from: usize, step: usize, lanes: i32, width: i32, pixels: i32, to: usize): void {
  for (; pixels > 0; --pixels) {
    v128.store(to, loadLanes(from, min(4, lanes)));
    if (width == 8) v128.store(to, loadLanes(from + 16, lanes - 4), 16);
    to += <usize>width << 2;
    from += step;
  }
}

/** Notes how far each tap lies from the first one, in bytes; seven more repeat the last, for a ragged tile. */
export function noteTaps(k: Convolution, band: Band, table: usize): void {
  let place: usize = 0;
  for (let p = 0; p < k.kernelHeight; p++) {
    for (let q = 0; q < k.kernelWidth; q++) {
      place = p * k.dilationHeight * band.rowBytes + (<usize>(q * k.dilationWidth * k.sourceChannels) << 2);
      for (let c = 0; c < k.channels; c++) {
        store<usize>(table, place);
        table += 4;
        place += 4;
      }
    }
  }
  for (let more = 0; more < 7; more++) {
    store<usize>(table, place - 4);
    table += 4;
  }
}

function taps4x8(
  k: KernelGradient, band: Band, origin: usize, places: usize, dy: usize, dyStep: usize, rows: i32, to: usize,
  taps: i32, lanes: i32, first: bool,
): void {
  const step = <usize>(k.groups * k.filters) << 2;
  let x0 = origin + load<usize>(places), x1 = origin + load<usize>(places, 4), x2 = origin + load<usize>(places, 8), x3 = origin + load<usize>(places, 12);
  let a00 = f32x4.splat(0);
  let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00;
  if (!first) {
    const right = lanes - 4;
    a00 = v128.load(to);
    a01 = loadLanes(to + 16, right);
    if (taps > 1) { a10 = v128.load(to + step); a11 = loadLanes(to + step + 16, right); }
    if (taps > 2) { a20 = v128.load(to + 2 * step); a21 = loadLanes(to + 2 * step + 16, right); }
    if (taps > 3) { a30 = v128.load(to + 3 * step); a31 = loadLanes(to + 3 * step + 16, right); }
  }
  const xStep = <usize>(k.strideWidth * k.sourceChannels) << 2;
  const xRow = k.strideHeight * band.rowBytes - k.outputWidth * xStep;
  for (let i = rows; i > 0; --i) {
    const end = dy + k.outputWidth * dyStep;
    do {
      const d0 = v128.load(dy);
      const d1 = v128.load(dy, 16);
      let x = v128.load32_splat(x0);
      a00 = madd(a00, x, d0);
      a01 = madd(a01, x, d1);
      x = v128.load32_splat(x1);
      a10 = madd(a10, x, d0);
      a11 = madd(a11, x, d1);
      x = v128.load32_splat(x2);
      a20 = madd(a20, x, d0);
      a21 = madd(a21, x, d1);
      x = v128.load32_splat(x3);
      a30 = madd(a30, x, d0);
      a31 = madd(a31, x, d1);
      x0 += xStep; x1 += xStep; x2 += xStep; x3 += xStep;
      dy += dyStep;
    } while (dy < end);
    x0 += xRow; x1 += xRow; x2 += xRow; x3 += xRow;
  }
  storePair(to, a00, a01, lanes);
  if (taps > 1) storePair(to + step, a10, a11, lanes);
  if (taps > 2) storePair(to + 2 * step, a20, a21, lanes);
  if (taps > 3) storePair(to + 3 * step, a30, a31, lanes);
}

// @ts-ignore: decorator
@inline
function storePair(to: usize, left: v128, right: v128, lanes: i32): void {
  v128.store(to, left);
  storeLanes(to + 16, right, lanes - 4);
}

function taps8x4(
  k: KernelGradient, band: Band, origin: usize, places: usize, dy: usize, dyStep: usize, rows: i32, to: usize,
  taps: i32, lanes: i32, first: bool,
): void {
  const step = <usize>(k.groups * k.filters) << 2;
  let x0 = origin + load<usize>(places), x1 = origin + load<usize>(places, 4), x2 = origin + load<usize>(places, 8), x3 = origin + load<usize>(places, 12);
  let x4 = origin + load<usize>(places, 16), x5 = origin + load<usize>(places, 20), x6 = origin + load<usize>(places, 24), x7 = origin + load<usize>(places, 28);
  let a0 = f32x4.splat(0);
  let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  if (!first) {
    a0 = loadLanes(to, lanes);
    if (taps > 1) a1 = loadLanes(to + step, lanes);
    if (taps > 2) a2 = loadLanes(to + 2 * step, lanes);
    if (taps > 3) a3 = loadLanes(to + 3 * step, lanes);
    if (taps > 4) a4 = loadLanes(to + 4 * step, lanes);
    if (taps > 5) a5 = loadLanes(to + 5 * step, lanes);
    if (taps > 6) a6 = loadLanes(to + 6 * step, lanes);
    if (taps > 7) a7 = loadLanes(to + 7 * step, lanes);
  }
  const xStep = <usize>(k.strideWidth * k.sourceChannels) << 2;
  const xRow = k.strideHeight * band.rowBytes - k.outputWidth * xStep;
  for (let i = rows; i > 0; --i) {
    const end = dy + k.outputWidth * dyStep;
    do {
      const d = v128.load(dy);
      a0 = madd(a0, v128.load32_splat(x0), d);
      a1 = madd(a1, v128.load32_splat(x1), d);
      a2 = madd(a2, v128.load32_splat(x2), d);
      a3 = madd(a3, v128.load32_splat(x3), d);
      a4 = madd(a4, v128.load32_splat(x4), d);
      a5 = madd(a5, v128.load32_splat(x5), d);
      a6 = madd(a6, v128.load32_splat(x6), d);
      a7 = madd(a7, v128.load32_splat(x7), d);
      x0 += xStep; x1 += xStep; x2 += xStep; x3 += xStep; x4 += xStep; x5 += xStep; x6 += xStep; x7 += xStep;
      dy += dyStep;
    } while (dy < end);
    x0 += xRow; x1 += xRow; x2 += xRow; x3 += xRow; x4 += xRow; x5 += xRow; x6 += xRow; x7 += xRow;
  }
  storeLanes(to, a0, lanes);
  if (taps > 1) storeLanes(to + step, a1, lanes);
  if (taps > 2) storeLanes(to + 2 * step, a2, lanes);
  if (taps > 3) storeLanes(to + 3 * step, a3, lanes);
  if (taps > 4) storeLanes(to + 4 * step, a4, lanes);
  if (taps > 5) storeLanes(to + 5 * step, a5, lanes);
  if (taps > 6) storeLanes(to + 6 * step, a6, lanes);
  if (taps > 7) storeLanes(to + 7 * step, a7, lanes);
}

@unmanaged
class Slices {
  destination: usize;
  source: usize;
  size: i32;
  slices: i32;
  block: i32;
}

/** destination[e] = Σ source[slice][e], slices in their order. Units: blocks of numbers. */
export function sumSlices(record: usize, begin: i32, end: i32, scratch: usize): void {
  const s = changetype<Slices>(record);
  const first = begin * s.block;
  const last = min(end * s.block, s.size);
  const step = <usize>s.size << 2;
  for (let e = first; e < last; e += 4) {
    const lanes = min(4, last - e);
    let from = s.source + (<usize>e << 2);
    let sum = loadLanes(from, lanes);
    for (let slice = 1; slice < s.slices; slice++) {
      from += step;
      sum = f32x4.add(sum, loadLanes(from, lanes));
    }
    storeLanes(s.destination + (<usize>e << 2), sum, lanes);
  }
}
