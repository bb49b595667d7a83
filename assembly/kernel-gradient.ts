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
 * Both are copied first to lie one after the other, x as [pixels][8 taps], dy as [F/8][pixels][8]: then one loop goes over
 * all pixels (the end of every row of the image would cost as much as five of them), and pixels that are a power of two
 * apart do not fall into the same few lines of the cache. Where four filters or fewer are left, they take the places of
 * the taps, and eight taps those of the filters. In the relaxed build tiles have 6 taps, and 12 are copied at a time.
 *
 * Images are divided into slices, each with a sum of its own; `sumSlices` adds these in order. Where one slice is enough
 * (a large kernel), units are chunks of taps. Both depend on shapes alone, so the sums have one order.
 */
import { Band, Convolution, layBand, notePlaces, noteTaps } from "./band";
import { outerProducts } from "./outer-product";
import { packEights } from "./packing";
import { TALLEST } from "./product";
import { loadLanes, storeLanes } from "./vectors";

/** Taps that are copied at a time: two tiles, or eight lanes where four filters or fewer are left. */
// @ts-ignore: decorator
@inline
function packedTaps(filters: i32): i32 {
  return TALLEST == 4 || ((filters - 1) & 7) < 4 ? 8 : 2 * TALLEST;
}

/** The record of the forward pass (source: x; destination: dw, or the slices' sums one after the other), and more. */
@unmanaged
class KernelGradient extends Convolution {
  dy: usize;
  images: i32;
  slices: i32;
  /** Taps of one unit: a multiple of 8, or all. */
  chunkTaps: i32;
  tapChunks: i32;
  /** Bytes of scratch memory before the places of pixels and taps, before the copies of x and of dy, and before a tile. */
  placesOffset: usize;
  tableOffset: usize;
  xOffset: usize;
  dyOffset: usize;
  tileOffset: usize;
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
  const places = scratch + k.placesOffset, table = scratch + k.tableOffset;
  const packedX = scratch + k.xOffset, packedDy = scratch + k.dyOffset, tile = scratch + k.tileOffset;
  notePlaces(k, band, 1, 0, rows, places);
  if (first) noteTaps(k, band, table);
  const row = <usize>F << 2;
  const packed = packedTaps(k.filters);
  const xStep = <usize>packed << 2;
  const firstTap = chunk * k.chunkTaps;
  const endTap = min(firstTap + k.chunkTaps, k.kernelHeight * k.kernelWidth * k.channels);
  for (let g = 0; g < k.groups; g++) {
    const group = <usize>(g * k.filters) << 2, channels = <usize>(g * k.channels) << 2;
    packEights(dy + group, row, k.filters, pixels, packedDy);
    for (let tap = firstTap; tap < endTap; tap += packed) {
      const taps = min(packed, endTap - tap);
      const seen = table + (<usize>tap << 3);
      const firstSeen = load<usize>(seen);
      if (taps == packed && load<usize>(seen + (xStep << 1) - 8) == firstSeen + xStep - 4) {
        packRun(places, pixels, channels + firstSeen, packedX, xStep);
      } else {
        for (let t = 0; t < taps; t += 4) {
          packTaps(places, pixels, channels, seen + (<usize>t << 3), packedX + (<usize>t << 2), xStep);
        }
      }
      let d = packedDy;
      for (let f = 0; f < k.filters; f += 8) {
        const lanes = min(8, k.filters - f);
        const to = sums + tap * row + group + (<usize>f << 2);
        if (lanes > 4) outerProducts(packedX, xStep, taps, d, 32, pixels, to, row, lanes, tile, first);
        else addFilters(packedX, xStep, d, pixels, to, row, taps, lanes, tile, first);
        d += <usize>pixels << 5;
      }
    }
  }
}

/** Up to 4 filters × 8 taps: the tile the other way round. */
function addFilters(
  x: usize, xStep: usize, d: usize, pixels: i32,
  to: usize, row: usize, taps: i32, lanes: i32, tile: usize, first: bool,
): void {
  if (!first) turnTile(to, row, 4, tile, 4, 32, taps, lanes);
  outerProducts(d, 32, 4, x, xStep, pixels, tile, 32, 8, tile, first);
  turnTile(tile, 4, 32, to, row, 4, taps, lanes);
}

/** Copies [taps][lanes] numbers between places with other steps. */
function turnTile(
  from: usize, fromTap: usize, fromLane: usize, to: usize, toTap: usize, toLane: usize, taps: i32, lanes: i32,
): void {
  for (let tap = 0; tap < taps; tap++) {
    for (let lane = 0; lane < lanes; lane++) {
      store<f32>(to + tap * toTap + lane * toLane, load<f32>(from + tap * fromTap + lane * fromLane));
    }
  }
}

/** Copies what taps that are neighbours see of every pixel's window: [pixels][8 or 12]. */
function packRun(places: usize, pixels: i32, first: usize, to: usize, step: usize): void {
  for (const end = places + (<usize>pixels << 3); places < end; places += 8) {
    const x = load<usize>(places) + first;
    v128.store(to, v128.load(x));
    v128.store(to, v128.load(x, 16), 16);
    if (TALLEST == 6 && step == 48) v128.store(to, v128.load(x, 32), 32);
    to += step;
  }
}

/** Copies what four taps see of every pixel's window: a part of [pixels][taps]. */
function packTaps(places: usize, pixels: i32, group: usize, taps: usize, to: usize, step: usize): void {
  const t0 = group + load<usize>(taps), t1 = group + load<usize>(taps, 8);
  const t2 = group + load<usize>(taps, 16), t3 = group + load<usize>(taps, 24);
  const end = places + (<usize>pixels << 3);
  // Places rise from tap to tap, except where a ragged tile repeats the last one.
  if (t2 == t0 + 8 && t3 == t0 + 12) {
    for (; places < end; places += 8) {
      v128.store(to, v128.load(load<usize>(places) + t0));
      to += step;
    }
  } else {
    for (; places < end; places += 8) {
      const x = load<usize>(places);
      const two = v128.load_lane<f32>(x + t1, v128.load32_zero(x + t0), 1);
      v128.store(to, v128.load_lane<f32>(x + t3, v128.load_lane<f32>(x + t2, two, 2), 3));
      to += step;
    }
  }
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
