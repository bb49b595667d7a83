/**
 * Depthwise convolution: every channel has one filter of its own, so the lanes are channels, which lie side by side in x, y
 * and the kernel. One tile is 3 output pixels × 8 channels, held in six vectors while the taps pass by:
 *
 *                        w[tap, c..c+3]   w[tap, c+4..c+7]
 *      x[pixel 0 + tap]  a00              a01                 a += x · w, lane by lane
 *      x[pixel 1 + tap]  a10              a11
 *      x[pixel 2 + tap]  a20              a21
 *
 * No number of x serves two sums, so a fourth pixel would not fit into the registers: V8 loads all vectors of a tap before
 * it multiplies, and 4 × 8 would spill two sums at each tap.
 *
 * There are few operations for a number that is moved, so nothing is copied, not even at the border. The output is cut into
 * rectangles of pixels whose windows have the same taps inside the image: one large, and around it one for each row and
 * column of the border. Taps outside are left out of a rectangle's list.
 *
 *      ┌─┬──────────┬─┐
 *      ├─┼──────────┼─┤      3 × 3, padded by 1:  corners have 4 taps,
 *      │ │          │ │                           edges 6,
 *      ├─┼──────────┼─┤                           the rest all 9
 *      └─┴──────────┴─┘
 *
 * The gradient of the kernel takes the same rectangles: there 3 taps × 8 channels stay in six vectors while the pixels pass.
 */
import { applyActivation } from "./activation";
import { Convolution } from "./band";
import { clearNumbers, floorOf, loadLanes, madd, rectified, storeLanes } from "./vectors";

/** In the worker's own memory: the rectangle at hand, and behind it the list of its taps. */
@unmanaged
class Rectangle {
  /** Under the first tap of the first pixel's window (perhaps outside of the image); and that pixel's place in y or dy. */
  x: usize;
  y: usize;
  rows: i32;
  columns: i32;
  /** Where the list ends: a place and a number a tap. */
  end: usize;
  /** What `touch` has read. */
  touched: i32;
}

/** src/kernels/wasm/depthwise.ts knows of them. */
const LIST: usize = 32;
const ENTRY: usize = 8;

/** Units: images, in them bands of rows. `weights` is what packWeights makes of all channels as filters of one group. */
export function depthwise(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<Convolution>(record);
  for (let unit = begin; unit < end; unit++) {
    const image = unit / c.bands;
    const firstRow = (unit - image * c.bands) * c.bandRows;
    const endRow = min(firstRow + c.bandRows, c.outputHeight);
    eachRectangle(c, image, firstRow, endRow, changetype<Rectangle>(scratch), 0);
    if (c.activation > 1) {
      for (let i = firstRow; i < endRow; i++) {
        const row = c.destination + image * c.imageStep + i * c.rowStep;
        applyActivation(row, row, c.outputWidth * c.groups, c.activation, c.alpha);
      }
    }
  }
}

/** The record of the forward pass with dy in the place of y, and the slices' sums one after the other in that of the weights. */
@unmanaged
class DepthwiseGradient extends Convolution {
  images: i32;
  slices: i32;
}

/** Units: slices of images, each with a sum of its own. */
export function depthwiseGradient(record: usize, begin: i32, end: i32, scratch: usize): void {
  const k = changetype<DepthwiseGradient>(record);
  const size = k.kernelHeight * k.kernelWidth * k.groups;
  for (let slice = begin; slice < end; slice++) {
    const sums = k.weights + (<usize>(slice * size) << 2);
    const endImage = (k.images * (slice + 1)) / k.slices;
    clearNumbers(sums, size);
    for (let image = (k.images * slice) / k.slices; image < endImage; image++) {
      for (let row = 0; row < k.outputHeight; row += k.bandRows) {
        eachRectangle(k, image, row, min(row + k.bandRows, k.outputHeight), changetype<Rectangle>(scratch), sums);
      }
    }
  }
}

/** Computes y in all rectangles of a band, or adds their share of the kernel's gradient to `sums`. */
function eachRectangle(c: Convolution, image: i32, firstRow: i32, endRow: i32, r: Rectangle, sums: usize): void {
  const pixel = <usize>c.groups << 2;
  const above = firstRow * c.strideHeight - c.top;
  const below = (endRow - 1) * c.strideHeight - c.top + (c.kernelHeight - 1) * c.dilationHeight;
  const first = max(above, 0);
  const line = c.sourceWidth * pixel;
  touch(r, c.source + (image * c.sourceHeight + first) * line, max(min(below + 1, c.sourceHeight) - first, 0) * line);
  if (sums) touch(r, c.destination + image * c.imageStep + firstRow * c.rowStep, (endRow - firstRow) * c.rowStep);
  for (let i = firstRow; i < endRow; i += r.rows) {
    const u = i * c.strideHeight - c.top;
    const firstP = firstInside(u, c.dilationHeight);
    const endP = endInside(u, c.dilationHeight, c.kernelHeight, c.sourceHeight);
    const isWhole = firstP == 0 && endP == c.kernelHeight;
    const behind = (c.sourceHeight - 1 - u - (c.kernelHeight - 1) * c.dilationHeight) / c.strideHeight;
    r.rows = isWhole ? min(endRow - i, behind + 1) : 1;
    for (let j = 0; j < c.outputWidth; j += r.columns) {
      const v = j * c.strideWidth - c.left;
      const firstQ = firstInside(v, c.dilationWidth);
      const endQ = endInside(v, c.dilationWidth, c.kernelWidth, c.sourceWidth);
      const isWhole = firstQ == 0 && endQ == c.kernelWidth;
      const behind = (c.sourceWidth - 1 - v - (c.kernelWidth - 1) * c.dilationWidth) / c.strideWidth;
      r.columns = isWhole ? min(c.outputWidth - j, behind + 1) : 1;
      r.x = c.source + <usize>((image * c.sourceHeight + u) * c.sourceWidth + v) * pixel;
      r.y = c.destination + image * c.imageStep + i * c.rowStep + j * c.pixelStep;
      noteTaps(c, r, firstP, endP, firstQ, endQ);
      if (sums) eachTap(c, r, sums);
      else eachPixel(c, r);
    }
  }
}

/**
 * Reads one number of every cache line of a band, in order, which brings it into the second-level cache at the memory's
 * speed: the tiles jump between rows, or from pixel to pixel, too much for the processor to fetch ahead, and without this
 * take up to twice the time (`npm run bench -- conv2d --only MobileNet`).
 */
function touch(r: Rectangle, from: usize, bytes: usize): void {
  let sum = 0;
  for (const end = from + bytes; from < end; from += 64) sum += load<i32>(from);
  r.touched = sum;
}

/** The first tap of a window that begins at `start` which is not before the image. */
function firstInside(start: i32, dilation: i32): i32 {
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** The end of its taps that are not behind the image. */
function endInside(start: i32, dilation: i32, kernel: i32, size: i32): i32 {
  return start < size ? min(kernel, (size - 1 - start) / dilation + 1) : 0;
}

/** Lists where the taps inside lie under a window, in bytes, and which they are; two more repeat the last. */
function noteTaps(c: Convolution, r: Rectangle, firstP: i32, endP: i32, firstQ: i32, endQ: i32): void {
  let entry = changetype<usize>(r) + LIST;
  for (let p = firstP; p < endP; p++) {
    for (let q = firstQ; q < endQ; q++) {
      const place = p * c.dilationHeight * c.sourceWidth + q * c.dilationWidth;
      store<usize>(entry, <usize>(place * c.groups) << 2);
      store<i32>(entry, p * c.kernelWidth + q, 4);
      entry += ENTRY;
    }
  }
  r.end = entry;
  const last = load<u64>(entry - ENTRY);
  store<u64>(entry, last);
  store<u64>(entry, last, ENTRY);
}

/** All pixels of a rectangle, three at a time and across the ends of rows; a ragged last tile repeats its last pixel. */
function eachPixel(c: Convolution, r: Rectangle): void {
  const xStep = <usize>(c.strideWidth * c.groups) << 2;
  const xRow = (<usize>(c.strideHeight * c.sourceWidth * c.groups) << 2) - r.columns * xStep;
  const yRow = c.rowStep - r.columns * c.pixelStep;
  let x = r.x, x0: usize = 0, x1: usize = 0, x2: usize = 0;
  let y = r.y, y0: usize = 0, y1: usize = 0, y2: usize = 0;
  let j = r.columns;
  for (let left = r.rows * r.columns; left > 0; left -= 3) {
    for (let k = 0; k < 3; k++) {
      x0 = x1; x1 = x2;
      y0 = y1; y1 = y2;
      if (k < left) {
        x2 = x;
        y2 = y;
        x += xStep;
        y += c.pixelStep;
        if (--j == 0) {
          j = r.columns;
          x += xRow;
          y += yRow;
        }
      }
    }
    eachChannel(c, r, x0, x1, x2, y0, y1, y2);
  }
}

function eachChannel(
  c: Convolution, r: Rectangle, x0: usize, x1: usize, x2: usize, y0: usize, y1: usize, y2: usize,
): void {
  const rectify = c.activation == 1;
  const blockBytes = <usize>(c.kernelHeight * c.kernelWidth + 1) << 5;
  let w = c.weights;
  for (let more = c.groups >> 3; more > 0; --more) {
    tile3x8(r, x0, x1, x2, w, y0, y1, y2, rectify);
    x0 += 32; x1 += 32; x2 += 32;
    y0 += 32; y1 += 32; y2 += 32;
    w += blockBytes;
  }
  const shift = (c.groups & 7) > 4 ? 5 : 4;
  for (let rest = c.groups & 7; rest > 0; rest -= 4) {
    tile3x4(r, x0, x1, x2, w, shift, y0, y1, y2, rectify, min(4, rest));
    x0 += 16; x1 += 16; x2 += 16;
    y0 += 16; y1 += 16; y2 += 16;
    w += 16;
  }
}

// @ts-ignore: decorator
@inline
function tile3x8(
  r: Rectangle, x0: usize, x1: usize, x2: usize, w: usize,
  y0: usize, y1: usize, y2: usize, rectify: bool,
): void {
  let a00 = v128.load(w), a01 = v128.load(w, 16);
  let a10 = a00, a11 = a01, a20 = a00, a21 = a01;
  const end = r.end;
  let entry = changetype<usize>(r) + LIST;
  if (entry < end) do {
    const place = load<usize>(entry);
    const weights = w + (load<usize>(entry, 4) << 5);
    entry += ENTRY;
    const w0 = v128.load(weights, 32);
    const w1 = v128.load(weights, 48);
    let x = x0 + place;
    a00 = madd(a00, v128.load(x), w0);
    a01 = madd(a01, v128.load(x, 16), w1);
    x = x1 + place;
    a10 = madd(a10, v128.load(x), w0);
    a11 = madd(a11, v128.load(x, 16), w1);
    x = x2 + place;
    a20 = madd(a20, v128.load(x), w0);
    a21 = madd(a21, v128.load(x, 16), w1);
  } while (entry < end);
  const floor = floorOf(rectify);
  a00 = rectified(a00, floor); a01 = rectified(a01, floor);
  a10 = rectified(a10, floor); a11 = rectified(a11, floor);
  a20 = rectified(a20, floor); a21 = rectified(a21, floor);
  v128.store(y0, a00);
  v128.store(y0, a01, 16);
  v128.store(y1, a10);
  v128.store(y1, a11, 16);
  v128.store(y2, a20);
  v128.store(y2, a21, 16);
}

/** The channels behind the last eight, at most four at a time; `shift` tells the bytes of a tap in `w`. */
function tile3x4(
  r: Rectangle, x0: usize, x1: usize, x2: usize, w: usize, shift: usize,
  y0: usize, y1: usize, y2: usize, rectify: bool, lanes: i32,
): void {
  let a0 = v128.load(w);
  let a1 = a0, a2 = a0;
  const end = r.end;
  for (let entry = changetype<usize>(r) + LIST; entry < end; entry += ENTRY) {
    const place = load<usize>(entry);
    const weights = v128.load(w + ((load<usize>(entry, 4) + 1) << shift));
    a0 = madd(a0, loadLanes(x0 + place, lanes), weights);
    a1 = madd(a1, loadLanes(x1 + place, lanes), weights);
    a2 = madd(a2, loadLanes(x2 + place, lanes), weights);
  }
  const floor = floorOf(rectify);
  storeLanes(y0, rectified(a0, floor), lanes);
  storeLanes(y1, rectified(a1, floor), lanes);
  storeLanes(y2, rectified(a2, floor), lanes);
}

/**
 * All taps of a rectangle, three at a time, for all channels. Where fewer are left, one is done twice or three times: from
 * the same sum the same numbers are stored.
 */
function eachTap(k: Convolution, r: Rectangle, sums: usize): void {
  const pixel = <usize>k.groups << 2;
  for (let at: usize = 0; at < pixel; at += 32) {
    for (let entry = changetype<usize>(r) + LIST; entry < r.end; entry += 3 * ENTRY) {
      const s0 = sums + at + load<usize>(entry, 4) * pixel;
      const s1 = sums + at + load<usize>(entry, 4 + ENTRY) * pixel;
      const s2 = sums + at + load<usize>(entry, 4 + 2 * ENTRY) * pixel;
      if (at + 32 <= pixel) {
        taps3x8(k, r, entry, at, s0, s1, s2);
      } else {
        const rest = k.groups & 7;
        taps3x4(k, r, entry, at, s0, s1, s2, min(4, rest));
        if (rest > 4) taps3x4(k, r, entry, at + 16, s0 + 16, s1 + 16, s2 + 16, rest - 4);
      }
    }
  }
}

function taps3x8(k: Convolution, r: Rectangle, entry: usize, at: usize, s0: usize, s1: usize, s2: usize): void {
  let a00 = v128.load(s0), a01 = v128.load(s0, 16);
  let a10 = v128.load(s1), a11 = v128.load(s1, 16);
  let a20 = v128.load(s2), a21 = v128.load(s2, 16);
  const x = r.x + at;
  let x0 = x + load<usize>(entry), x1 = x + load<usize>(entry, ENTRY), x2 = x + load<usize>(entry, 2 * ENTRY);
  const xStep = <usize>(k.strideWidth * k.groups) << 2;
  const xRow = (<usize>(k.strideHeight * k.sourceWidth * k.groups) << 2) - r.columns * xStep;
  const dyStep = k.pixelStep;
  const dyRow = k.rowStep - r.columns * dyStep;
  let dy = r.y + at;
  for (let i = r.rows; i > 0; --i) {
    const end = dy + r.columns * dyStep;
    do {
      const d0 = v128.load(dy);
      const d1 = v128.load(dy, 16);
      a00 = madd(a00, v128.load(x0), d0);
      a01 = madd(a01, v128.load(x0, 16), d1);
      a10 = madd(a10, v128.load(x1), d0);
      a11 = madd(a11, v128.load(x1, 16), d1);
      a20 = madd(a20, v128.load(x2), d0);
      a21 = madd(a21, v128.load(x2, 16), d1);
      x0 += xStep; x1 += xStep; x2 += xStep;
      dy += dyStep;
    } while (dy < end);
    x0 += xRow; x1 += xRow; x2 += xRow;
    dy += dyRow;
  }
  v128.store(s0, a00);
  v128.store(s0, a01, 16);
  v128.store(s1, a10);
  v128.store(s1, a11, 16);
  v128.store(s2, a20);
  v128.store(s2, a21, 16);
}

/** The channels behind the last eight, at most four at a time. */
function taps3x4(
  k: Convolution, r: Rectangle, entry: usize, at: usize, s0: usize, s1: usize, s2: usize, lanes: i32,
): void {
  let a0 = loadLanes(s0, lanes), a1 = loadLanes(s1, lanes), a2 = loadLanes(s2, lanes);
  const p0 = load<usize>(entry), p1 = load<usize>(entry, ENTRY), p2 = load<usize>(entry, 2 * ENTRY);
  const xStep = <usize>(k.strideWidth * k.groups) << 2;
  for (let i = 0; i < r.rows; i++) {
    let x = r.x + at + (<usize>(i * k.strideHeight * k.sourceWidth * k.groups) << 2);
    let dy = r.y + at + i * k.rowStep;
    for (let j = r.columns; j > 0; --j) {
      const d = loadLanes(dy, lanes);
      a0 = madd(a0, loadLanes(x + p0, lanes), d);
      a1 = madd(a1, loadLanes(x + p1, lanes), d);
      a2 = madd(a2, loadLanes(x + p2, lanes), d);
      x += xStep;
      dy += k.pixelStep;
    }
  }
  storeLanes(s0, a0, lanes);
  storeLanes(s1, a1, lanes);
  storeLanes(s2, a2, lanes);
}
