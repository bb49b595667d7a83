/**
 * Convolution with stride 1 by Winograd's minimal filtering, 3 × 3 kernels by F(4×4, 3×3), 5 × 5 kernels by F(2×2, 5×5)
 *                                                                                            Lavin & Gray 2015, §4.3
 *   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A        d: 6×6 of the image   g: the kernel   Y: 4×4 or 2×2 of the output
 *
 * 16 outputs cost 36 multiplications instead of 144, or 4 outputs 36 instead of 100. Summed over channels, each of the 36
 * places is a matrix product of its own, so a block of tiles goes through three stages that stay in the second-level cache:
 *
 *    image ──Bᵀ d B──▶ 36 planes [tiles][channels] ──· U──▶ 36 planes [tiles][filters] ──Aᵀ m A──▶ the outputs
 *
 * U = G g Gᵀ is made before, in winograd-weights.ts. Both forms multiply two polynomials at the points 0, ±1, ±2 and ∞: the
 * degree of the one, the kernel, may grow while that of the other shrinks. So Bᵀ is the same, and the two rows of the other
 * Aᵀ are the first and, with 2 instead of 8, the last of this one.
 *
 * The price: sums are formed with factors up to 8 and 1/24, so the error is some ten times that of the direct sum (a
 * bound is derived in the tests). The planes are a cache line further apart than their size, because stores whose
 * addresses differ by a multiple of 4096 bytes would all fall into the same few lines of the first-level cache.
 */
import { applyActivation } from "./activation";
import { products } from "./product";
import { clearNumbers, copyNumbers, floorOf, madd, readAhead, rectified } from "./vectors";

@unmanaged
export class Winograd {
  source: usize;
  destination: usize;
  /** U = G g Gᵀ as [36][filters/8][channels][8], planes as far apart as those of tiles. */
  weights: usize;
  /** One number a filter; 0: none. */
  bias: usize;
  /** Bytes from one output image, row, pixel to the next. */
  imageStep: usize;
  rowStep: usize;
  pixelStep: usize;
  height: i32;
  width: i32;
  channels: i32;
  filters: i32;
  top: i32;
  left: i32;
  outputHeight: i32;
  outputWidth: i32;
  /** Outputs of a tile in each direction: 4 with 3 × 3 kernels, 2 with 5 × 5. */
  side: i32;
  tileRows: i32;
  tileColumns: i32;
  /** Of all images. */
  tiles: i32;
  /** Tiles of one unit of work, a multiple of 4. */
  blockTiles: i32;
  /** Of the source there are so many bytes to a tile; 0 where it is not read ahead. */
  tileBytes: usize;
  activation: i32;
  alpha: f32;
}

/** What a worker's scratch memory begins with: 36 vectors between the two passes of a transform. */
export const LINES: usize = 36 * 16;

/** Bytes between two planes. */
const APART: usize = 64;

/** Bytes from one of the 36 planes to the next. */
// @ts-ignore: decorator
@inline
export function planeBytes(tiles: i32, depth: i32): usize {
  return (<usize>(tiles * depth) << 2) + APART;
}

/** Where the planes of the input lie in a worker's scratch memory: behind the lines and one copied patch. */
// @ts-ignore: decorator
@inline
export function planesOf(channels: i32, scratch: usize): usize {
  return scratch + LINES + ((<usize>(36 * channels) << 2));
}

/** Tiles are counted along the rows of an image, from image to image. */
// @ts-ignore: decorator
@inline
export function imageOf(w: Winograd, tile: i32): i32 {
  return tile / (w.tileRows * w.tileColumns);
}

/** The first row of a tile's outputs, and the first column. */
// @ts-ignore: decorator
@inline
export function rowOf(w: Winograd, tile: i32): i32 {
  return ((tile / w.tileColumns) % w.tileRows) * w.side;
}

// @ts-ignore: decorator
@inline
export function columnOf(w: Winograd, tile: i32): i32 {
  return (tile % w.tileColumns) * w.side;
}

/** Units: blocks of tiles. */
export function winograd(record: usize, begin: i32, end: i32, scratch: usize): void {
  const w = changetype<Winograd>(record);
  const from = planesOf(w.channels, scratch);
  const to = from + 36 * planeBytes(w.blockTiles, w.channels);
  for (let unit = begin; unit < end; unit++) {
    const first = unit * w.blockTiles;
    const tiles = min(w.blockTiles, w.tiles - first);
    transformTiles(w, first, tiles, scratch);
    multiply(w, (tiles + 3) & ~3, from, to);
    const step = planeBytes(w.blockTiles, w.filters);
    for (let t = 0; t < tiles; t++) {
      finishTile(w, first + t, to + (<usize>(t * w.filters) << 2), step, 0, w.filters, scratch);
    }
  }
}

/** Bᵀ d B of a block of tiles. */
export function transformTiles(w: Winograd, first: i32, tiles: i32, scratch: usize): void {
  const step = planeBytes(w.blockTiles, w.channels);
  const planes = planesOf(w.channels, scratch);
  readAhead(w.source + first * w.tileBytes, tiles * w.tileBytes, scratch);
  for (let t = 0; t < tiles; t++) {
    transformTile(w, first + t, planes + (<usize>(t * w.channels) << 2), step, scratch);
  }
}

/** Bᵀ d B of one tile, into 36 planes that are `step` bytes apart. */
export function transformTile(w: Winograd, tile: i32, to: usize, step: usize, scratch: usize): void {
  const C = w.channels;
  const u = rowOf(w, tile) - w.top;
  const v = columnOf(w, tile) - w.left;
  const source = w.source + (<usize>(imageOf(w, tile) * w.height) * w.width * C << 2);
  if (u >= 0 && v >= 0 && u + 6 <= w.height && v + 6 <= w.width) {
    transformPatch(source + (<usize>((u * w.width + v) * C) << 2), w.width * C, C, to, step, scratch);
  } else {
    const patch = scratch + LINES;
    copyPatch(source, w.height, w.width, C, u, v, 6, patch);
    transformPatch(patch, 6 * C, C, to, step, scratch);
  }
}

/** Copies size × size pixels from row u and column v on, with zeros for those outside the image. */
export function copyPatch(
  source: usize, height: i32, width: i32, depth: i32, u: i32, v: i32, size: i32, to: usize,
): void {
  const left = min(max(-v, 0), size);
  const right = max(left, min(size, width - v));
  const pixel = <usize>depth << 2;
  for (let r = 0; r < size; r++, u++) {
    if (u < 0 || u >= height) {
      clearNumbers(to, size * depth);
    } else {
      clearNumbers(to, left * depth);
      copyNumbers(to + left * pixel, source + <usize>(u * width + v + left) * pixel, (right - left) * depth);
      clearNumbers(to + right * pixel, (size - right) * depth);
    }
    to += size * pixel;
  }
}

function transformPatch(from: usize, rowStep: i32, pixelStep: i32, to: usize, planeStep: usize, lines: usize): void {
  const row = <usize>rowStep << 2;
  const pixel = <usize>pixelStep << 2;
  for (let c: usize = 0; c < pixel; c += 16) {
    for (let j: usize = 0; j < 6; j++) inputLine(from + j * pixel + c, row, lines + (j << 4), 96);
    for (let i: usize = 0; i < 6; i++) inputLine(lines + 96 * i, 16, to + 6 * i * planeStep + c, planeStep);
  }
}

/** Bᵀ of six vectors:  4 0 −5 0 1 0 | 0 −4 −4 1 1 0 | 0 4 −4 −1 1 0 | 0 −2 −1 2 1 0 | 0 2 −1 −2 1 0 | 0 4 0 −5 0 1. */
// @ts-ignore: decorator
@inline
function inputLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + step);
  const d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step);
  const d4 = v128.load(from + 4 * step);
  const d5 = v128.load(from + 5 * step);
  const four = f32x4.splat(4);
  const even = f32x4.sub(d4, d2);
  const twice = f32x4.sub(d3, d1);
  const odd = f32x4.add(twice, twice);
  const even4 = f32x4.sub(d4, f32x4.mul(four, d2));
  const odd4 = f32x4.sub(d3, f32x4.mul(four, d1));
  v128.store(to, madd(even, four, f32x4.sub(d0, d2)));
  v128.store(to + toStep, f32x4.add(even4, odd4));
  v128.store(to + 2 * toStep, f32x4.sub(even4, odd4));
  v128.store(to + 3 * toStep, f32x4.add(even, odd));
  v128.store(to + 4 * toStep, f32x4.sub(even, odd));
  v128.store(to + 5 * toStep, f32x4.sub(f32x4.sub(d5, d3), f32x4.mul(four, twice)));
}

/** The 36 matrix products [tiles][channels] · [channels][filters], in tiles of 4 × 8 as in convolution.ts. */
function multiply(w: Winograd, tiles: i32, from: usize, to: usize): void {
  const C = w.channels;
  const F = w.filters;
  const fromStep = planeBytes(w.blockTiles, C);
  const toStep = planeBytes(w.blockTiles, F);
  const row = <usize>C << 2;
  const toRow = <usize>F << 2;
  let weights = w.weights;
  for (let place = 0; place < 36; place++) {
    for (let f = 0; f < F; f += 8) {
      products(from, row, row, tiles, weights, to + (<usize>f << 2), toRow, false);
      weights += <usize>C << 5;
    }
    weights += APART;
    from += fromStep;
    to += toStep;
  }
}

/** Aᵀ m A of one tile for some filters, bias, activation; outputs beyond the edge are left out. */
export function finishTile(
  w: Winograd, tile: i32, from: usize, step: usize, firstFilter: i32, filters: i32, lines: usize,
): void {
  const side = w.side;
  const i0 = rowOf(w, tile);
  const j0 = columnOf(w, tile);
  const rows = min(side, w.outputHeight - i0);
  const columns = min(side, w.outputWidth - j0);
  // Of the four lines that outputLine makes, F(2×2, 5×5) wants the first and the last.
  const apart: usize = side == 4 ? 1 : 3;
  const last = f32x4.splat(side == 4 ? 8 : 2);
  const pixel = w.pixelStep;
  const offset = <usize>firstFilter << 2;
  const bytes = <usize>filters << 2;
  const output = w.destination + imageOf(w, tile) * w.imageStep + i0 * w.rowStep + j0 * pixel + offset;
  const zero = f32x4.splat(0);
  const floor = floorOf(w.activation == 1);
  for (let f: usize = 0; f < bytes; f += 16) {
    for (let j: usize = 0; j < 6; j++) outputLine(from + j * step + f, 6 * step, lines + (j << 4), 96, last);
    const bias = w.bias ? v128.load(w.bias + offset + f) : zero;
    for (let i = 0; i < rows; i++) {
      // The second pass is written back over its own line, of which it has read everything.
      const line = lines + 96 * apart * i;
      outputLine(line, 16, line, 16, last);
      let to = output + i * w.rowStep + f;
      for (let j = 0; j < columns; j++) {
        v128.store(to, rectified(f32x4.add(v128.load(line + 16 * apart * j), bias), floor));
        to += pixel;
      }
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

/** Aᵀ of six vectors:  1 1 1 1 1 0 | 0 1 −1 2 −2 0 | 0 1 1 4 4 0 | 0 1 −1 8 −8 1, where `last` is the 8. */
// @ts-ignore: decorator
@inline
function outputLine(from: usize, step: usize, to: usize, toStep: usize, last: v128): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const m5 = v128.load(from + 5 * step);
  const sum1 = f32x4.add(m1, m2);
  const difference1 = f32x4.sub(m1, m2);
  const sum2 = f32x4.add(m3, m4);
  const difference2 = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(f32x4.add(m0, sum1), sum2));
  v128.store(to + toStep, madd(difference1, f32x4.splat(2), difference2));
  v128.store(to + 2 * toStep, madd(sum1, f32x4.splat(4), sum2));
  v128.store(to + 3 * toStep, madd(f32x4.add(difference1, m5), last, difference2));
}
