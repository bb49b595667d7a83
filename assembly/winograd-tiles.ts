/**
 * The tiles of an image on their way into 36 planes, Bᵀ d B of winograd.ts, and those of a gradient, A dy Aᵀ of
 * winograd-gradient.ts. Tiles beside each other are one run; for some channels at a time it takes two steps:
 *
 *      image                      lines                            planes
 *      6 rows of pixels   ──▶   6 lines [channels/4][columns][4]  ──▶   6 × 6 [tiles][channels]
 *
 * The first transforms the columns of pixels, each once, though neighbouring tiles share some; the second six neighbouring
 * columns of each line. The lines stay in the first-level cache, and how far they are apart is known when this is compiled:
 * instructions for addresses would be as many as those that calculate. Rows of pixels are read in the order of memory, and
 * those outside the image are a few zeros, so nothing has to be copied around it. (Tile by tile, with patches at the edges
 * copied, the whole convolution of 32×32, 32 → 32, took 1.11 times as long.)
 */
import { clearNumbers, madd, msub } from "./vectors";

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
  activation: i32;
  alpha: f32;
}

/** Bytes between two planes. */
export const APART: usize = 64;

/** Bytes from one of the 36 planes to the next. */
// @ts-ignore: decorator
@inline
export function planeBytes(tiles: i32, depth: i32): usize {
  return (<usize>(tiles * depth) << 2) + APART;
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

/** Channels that are transformed together. */
const CHUNK: i32 = 32;
/** Columns of the longest run: 8 tiles of an image with 3 × 3 kernels. */
const COLUMNS: i32 = 34;
/** Bytes from four channels of the lines to the next four, and from one line to the next. */
const PITCH: usize = 16 * COLUMNS;
const LINE: usize = (CHUNK / 4) * PITCH;
/** Behind the lines: zeros for the channels of a pixel. */
const ZEROS: usize = 6 * LINE;

/** Bytes that a transform needs in a worker's scratch memory, which begins with them. */
export const LINES: usize = ZEROS + 4 * CHUNK;

/** Bᵀ d B of a block of tiles, into planes that are as far apart as those of `blockTiles` tiles. */
export function transformTiles(w: Winograd, first: i32, tiles: i32, planes: usize, scratch: usize): void {
  transformRuns(w, w.source, w.height, w.width, w.channels, w.top, w.left, 6, first, tiles, planes, scratch);
}

/** The same of A dy Aᵀ. */
export function transformGradients(
  w: Winograd, dy: usize, first: i32, tiles: i32, planes: usize, scratch: usize,
): void {
  transformRuns(w, dy, w.outputHeight, w.outputWidth, w.filters, 0, 0, w.side, first, tiles, planes, scratch);
}

/** Tiles take `reach` × `reach` pixels; those of an image six, those of a gradient as many as tiles are apart. */
function transformRuns(
  w: Winograd, source: usize, height: i32, width: i32, depth: i32, top: i32, left: i32, reach: i32,
  first: i32, tiles: i32, planes: usize, scratch: usize,
): void {
  const side = w.side;
  const plane = planeBytes(w.blockTiles, depth);
  const pixel = <usize>depth << 2;
  const longest = (COLUMNS - reach) / side + 1;
  clearNumbers(scratch + ZEROS, CHUNK);
  for (const end = first + tiles; first < end; ) {
    const run = min(min(longest, end - first), w.tileColumns - (first % w.tileColumns));
    const u = rowOf(w, first) - top;
    const v = columnOf(w, first) - left;
    const corner = source + <usize>((imageOf(w, first) * height + u) * width + v) * pixel;
    const columns = (run - 1) * side + reach;
    for (let c: usize = 0; c < pixel; c += 4 * CHUNK) {
      const bytes = min<usize>(4 * CHUNK, pixel - c);
      let from = corner + c;
      for (let j = 0; j < columns; j++) {
        const rows = <u32>(v + j) < <u32>width ? height : 0;
        transformColumn(from, u, rows, width * pixel, bytes, reach, scratch + (j << 4), scratch + ZEROS);
        from += pixel;
      }
      let to = planes + c;
      for (let line = scratch; line < scratch + ZEROS; line += LINE) {
        for (let t = 0; t < run; t++) {
          transformLine(line + (t * side << 4), bytes, reach, to + t * pixel, plane);
        }
        to += 6 * plane;
      }
    }
    first += run;
    planes += run * pixel;
  }
}

/** A column of pixels from row u on, of which rows from `rows` on are outside, and those above row 0. */
// @ts-ignore: decorator
@inline
function transformColumn(
  from: usize, u: u32, rows: u32, row: usize, bytes: usize, reach: i32, to: usize, zeros: usize,
): void {
  const p0 = u < rows ? from : zeros;
  const p1 = u + 1 < rows ? from + row : zeros;
  const p2 = u + 2 < rows ? from + 2 * row : zeros;
  const p3 = u + 3 < rows ? from + 3 * row : zeros;
  const p4 = u + 4 < rows ? from + 4 * row : zeros;
  const p5 = u + 5 < rows ? from + 5 * row : zeros;
  for (let c: usize = 0; c < bytes; c += 16) {
    const d0 = v128.load(p0 + c), d1 = v128.load(p1 + c);
    let d2 = f32x4.splat(0), d3 = d2;
    if (reach > 2) {
      d2 = v128.load(p2 + c);
      d3 = v128.load(p3 + c);
    }
    if (reach == 6) imageLine(d0, d1, d2, d3, v128.load(p4 + c), v128.load(p5 + c), to, LINE, true);
    else gradientLine(d0, d1, d2, d3, reach, to, LINE, true);
    to += PITCH;
  }
}

/** Six columns of a line, or as many as a gradient's tile has, into six planes. */
// @ts-ignore: decorator
@inline
function transformLine(line: usize, bytes: usize, reach: i32, to: usize, plane: usize): void {
  for (const end = to + bytes; to < end; to += 16) {
    const d0 = v128.load(line), d1 = v128.load(line, 16);
    let d2 = f32x4.splat(0), d3 = d2;
    if (reach > 2) {
      d2 = v128.load(line, 32);
      d3 = v128.load(line, 48);
    }
    if (reach == 6) imageLine(d0, d1, d2, d3, v128.load(line, 64), v128.load(line, 80), to, plane, false);
    else gradientLine(d0, d1, d2, d3, reach, to, plane, false);
    line += PITCH;
  }
}

/** Bᵀ of six vectors:  4 0 −5 0 1 0 | 0 −4 −4 1 1 0 | 0 4 −4 −1 1 0 | 0 −2 −1 2 1 0 | 0 2 −1 −2 1 0 | 0 4 0 −5 0 1. */
// @ts-ignore: decorator
@inline
function imageLine(
  d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize, known: bool,
): void {
  const four = f32x4.splat(4);
  const even = f32x4.sub(d4, d2);
  const twice = f32x4.sub(d3, d1);
  const odd = f32x4.add(twice, twice);
  const even4 = msub(d4, four, d2);
  const odd4 = msub(d3, four, d1);
  storeSix(
    madd(even, four, f32x4.sub(d0, d2)), f32x4.add(even4, odd4), f32x4.sub(even4, odd4), f32x4.add(even, odd),
    f32x4.sub(even, odd), msub(f32x4.sub(d5, d3), four, twice), to, step, known,
  );
}

/**
 * A of four vectors:  1 0 0 0 | 1 1 1 1 | 1 −1 1 −1 | 1 2 4 8 | 1 −2 4 −8 | 0 0 0 1;
 * of two:             1 0     | 1 1     | 1 −1      | 1 2     | 1 −2      | 0 1.
 */
// @ts-ignore: decorator
@inline
function gradientLine(y0: v128, y1: v128, y2: v128, y3: v128, reach: i32, to: usize, step: usize, known: bool): void {
  const even = f32x4.add(y0, y2);
  const odd = f32x4.add(y1, y3);
  const four = f32x4.splat(4);
  const even4 = madd(y0, four, y2);
  const once = madd(y1, four, y3);
  const odd4 = f32x4.add(once, once);
  storeSix(
    y0, f32x4.add(even, odd), f32x4.sub(even, odd), f32x4.add(even4, odd4), f32x4.sub(even4, odd4),
    reach == 2 ? y1 : y3, to, step, known,
  );
}

/** Into six lines, whose distance the instructions know, or planes. */
// @ts-ignore: decorator
@inline
function storeSix(
  y0: v128, y1: v128, y2: v128, y3: v128, y4: v128, y5: v128, to: usize, step: usize, known: bool,
): void {
  v128.store(to, y0);
  if (known) {
    v128.store(to, y1, LINE);
    v128.store(to, y2, 2 * LINE);
    v128.store(to, y3, 3 * LINE);
    v128.store(to, y4, 4 * LINE);
    v128.store(to, y5, 5 * LINE);
  } else {
    to += step;
    v128.store(to, y1);
    to += step;
    v128.store(to, y2);
    to += step;
    v128.store(to, y3);
    to += step;
    v128.store(to, y4);
    to += step;
    v128.store(to, y5);
  }
}
