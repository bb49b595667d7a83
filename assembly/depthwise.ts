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
 * rectangles of pixels whose windows have the same taps inside the image (depthwise-rectangles.ts).
 */
import { applyActivation } from "./activation";
import { Convolution } from "./band";
import { ENTRY, LIST, Rectangle, beginBand, nextRectangle } from "./depthwise-rectangles";
import { floorOf, loadLanes, madd, rectified, storeLanes } from "./vectors";

/** Units: images, in them bands of rows. `weights` is what packWeights makes of all channels as filters of one group. */
export function depthwise(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<Convolution>(record);
  for (let unit = begin; unit < end; unit++) {
    const image = unit / c.bands;
    const firstRow = (unit - image * c.bands) * c.bandRows;
    const endRow = min(firstRow + c.bandRows, c.outputHeight);
    const r = beginBand(c, image, firstRow, endRow, scratch);
    while (nextRectangle(c, r)) eachPixel(c, r);
    if (c.activation > 1) {
      for (let i = firstRow; i < endRow; i++) {
        const row = c.destination + image * c.imageStep + i * c.rowStep;
        applyActivation(row, row, c.outputWidth * c.groups, c.activation, c.alpha);
      }
    }
  }
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
