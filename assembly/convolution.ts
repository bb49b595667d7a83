/**
 * Direct convolution of NHWC images, for all strides, paddings, dilations and groups.
 *
 * One tile is 4 output pixels × 8 filters, held in eight vectors. For every number under the window the tile
 * broadcasts one number of each pixel and multiplies it with eight packed weights:
 *
 *                  w[0..3]    w[4..7]
 *      pixel 0  x  a00        a01          x: one number of the image, in all four lanes
 *      pixel 1  x  a10        a11          a += x · w, eight times: 64 operations
 *      pixel 2  x  a20        a21          for 4 + 2 loads
 *      pixel 3  x  a30        a31
 *
 * In NHWC the numbers under one row of the window are one contiguous run of kernelWidth · channels numbers, so no
 * im2col is needed; only where the window hangs over the border, a band of the image is copied with its zeros. Four
 * filters or fewer take a tile of 6 pixels × 4 filters.
 *
 * Runs are gone through by fours, with a way out after each number: addresses are raised once in four numbers, and V8
 * leaves each number's loads beside its multiplications (bench/variants, tile 13).
 *
 * Where multiplication and addition are fused, eight sums do not hide the latency, and no register is needed for a product:
 * then a tile is 6 pixels × 8 filters. V8's 15 registers hold that only if each row's load stays where it is, so there is a
 * way out after each row too. It is never taken: addresses so low hold no numbers (tile 19).
 *
 * The gradient of the input is a convolution of dy with the turned kernel: the same code with another record (see
 * src/kernels/wasm/conv2d.ts).
 */
import { applyActivation } from "./activation";
import { Band, Convolution, layBand, notePlaces } from "./band";
import { TALLEST } from "./product";
import { floorOf, madd, rectified, storeLanes } from "./vectors";

/** The record of a convolution, and where a band's places lie in the scratch memory. */
@unmanaged
class DirectConvolution extends Convolution {
  placesOffset: usize;
}

/** Units: images, in them bands of rows. Scratch: the band, and the places of its pixels. */
export function convolution(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<DirectConvolution>(record);
  const places = scratch + c.placesOffset;
  for (let unit = begin; unit < end; unit++) {
    const image = unit / c.bands;
    const firstRow = (unit - image * c.bands) * c.bandRows;
    const rows = min(c.bandRows, c.outputHeight - firstRow);
    const output = c.destination + image * c.imageStep + firstRow * c.rowStep;
    layBand(c, image, firstRow, rows, scratch);
    const band = changetype<Band>(scratch);
    filters(c, band, places, notePlaces(c, band, 1, output, rows, places));
    if (c.activation > 1) {
      for (let i = 0; i < rows; i++) {
        const row = output + i * c.rowStep;
        applyActivation(row, row, c.outputWidth * c.groups * c.filters, c.activation, c.alpha);
      }
    }
  }
}

/** All filters of all groups, over the pixels of a band. */
function filters(c: Convolution, band: Band, places: usize, end: usize): void {
  const taps = c.kernelHeight * c.kernelWidth * c.channels;
  let weights = c.weights;
  for (let g = 0; g < c.groups; g++) {
    const x = <usize>(g * c.channels) << 2;
    for (let f = 0; f < c.filters; f += 8) {
      const y = <usize>(g * c.filters + f) << 2;
      const lanes = min(8, c.filters - f);
      if (lanes > 4) {
        for (let place = places; place < end; place += <usize>TALLEST << 3) {
          tile(band, place, x, weights, y, lanes, c.activation);
        }
        weights += <usize>(taps + 1) << 5;
      } else {
        for (let place = places; place < end; place += 48) tile6x4(band, place, x, weights, y, lanes, c.activation);
        weights += <usize>(taps + 1) << 4;
      }
    }
  }
}

function tile(band: Band, places: usize, x: usize, w: usize, y: usize, lanes: i32, activation: i32): void {
  let x0 = x + load<usize>(places), x1 = x + load<usize>(places, 8), x2 = x + load<usize>(places, 16);
  let x3 = x + load<usize>(places, 24), x4: usize = 0, x5: usize = 0;
  if (TALLEST == 6) { x4 = x + load<usize>(places, 32); x5 = x + load<usize>(places, 40); }
  let a00 = v128.load(w), a01 = v128.load(w, 16);
  let a10 = a00, a11 = a01, a20 = a00, a21 = a01, a30 = a00, a31 = a01, a40 = a00, a41 = a01, a50 = a00, a51 = a01;
  w += 32;
  for (let p = band.kernelHeight; p > 0; --p) {
    for (let q = band.runsInRow; q > 0; --q) {
      const end = x0 + band.runBytes, last1 = end - 4, last2 = end - 8, last3 = end - 12, last4 = end - 16;
      for (;;) {
        let w0 = v128.load(w), w1 = v128.load(w, 16);
        let s = v128.load32_splat(x0);
        a00 = madd(a00, s, w0);
        a01 = madd(a01, s, w1);
        if (TALLEST == 6 && x1 == 1) break;
        s = v128.load32_splat(x1);
        a10 = madd(a10, s, w0);
        a11 = madd(a11, s, w1);
        if (TALLEST == 6 && x2 == 1) break;
        s = v128.load32_splat(x2);
        a20 = madd(a20, s, w0);
        a21 = madd(a21, s, w1);
        if (TALLEST == 6 && x3 == 1) break;
        s = v128.load32_splat(x3);
        a30 = madd(a30, s, w0);
        a31 = madd(a31, s, w1);
        if (TALLEST == 6 && x4 == 1) break;
        if (TALLEST == 6) {
          s = v128.load32_splat(x4);
          a40 = madd(a40, s, w0);
          a41 = madd(a41, s, w1);
          if (x5 == 1) break;
          s = v128.load32_splat(x5);
          a50 = madd(a50, s, w0);
          a51 = madd(a51, s, w1);
        }
        if (x0 == last1) break;
        w0 = v128.load(w, 32); w1 = v128.load(w, 48);
        s = v128.load32_splat(x0, 4);
        a00 = madd(a00, s, w0);
        a01 = madd(a01, s, w1);
        if (TALLEST == 6 && x1 == 2) break;
        s = v128.load32_splat(x1, 4);
        a10 = madd(a10, s, w0);
        a11 = madd(a11, s, w1);
        if (TALLEST == 6 && x2 == 2) break;
        s = v128.load32_splat(x2, 4);
        a20 = madd(a20, s, w0);
        a21 = madd(a21, s, w1);
        if (TALLEST == 6 && x3 == 2) break;
        s = v128.load32_splat(x3, 4);
        a30 = madd(a30, s, w0);
        a31 = madd(a31, s, w1);
        if (TALLEST == 6 && x4 == 2) break;
        if (TALLEST == 6) {
          s = v128.load32_splat(x4, 4);
          a40 = madd(a40, s, w0);
          a41 = madd(a41, s, w1);
          if (x5 == 2) break;
          s = v128.load32_splat(x5, 4);
          a50 = madd(a50, s, w0);
          a51 = madd(a51, s, w1);
        }
        if (x0 == last2) break;
        w0 = v128.load(w, 64); w1 = v128.load(w, 80);
        s = v128.load32_splat(x0, 8);
        a00 = madd(a00, s, w0);
        a01 = madd(a01, s, w1);
        if (TALLEST == 6 && x1 == 3) break;
        s = v128.load32_splat(x1, 8);
        a10 = madd(a10, s, w0);
        a11 = madd(a11, s, w1);
        if (TALLEST == 6 && x2 == 3) break;
        s = v128.load32_splat(x2, 8);
        a20 = madd(a20, s, w0);
        a21 = madd(a21, s, w1);
        if (TALLEST == 6 && x3 == 3) break;
        s = v128.load32_splat(x3, 8);
        a30 = madd(a30, s, w0);
        a31 = madd(a31, s, w1);
        if (TALLEST == 6 && x4 == 3) break;
        if (TALLEST == 6) {
          s = v128.load32_splat(x4, 8);
          a40 = madd(a40, s, w0);
          a41 = madd(a41, s, w1);
          if (x5 == 3) break;
          s = v128.load32_splat(x5, 8);
          a50 = madd(a50, s, w0);
          a51 = madd(a51, s, w1);
        }
        if (x0 == last3) break;
        w0 = v128.load(w, 96); w1 = v128.load(w, 112);
        s = v128.load32_splat(x0, 12);
        a00 = madd(a00, s, w0);
        a01 = madd(a01, s, w1);
        if (TALLEST == 6 && x1 == 4) break;
        s = v128.load32_splat(x1, 12);
        a10 = madd(a10, s, w0);
        a11 = madd(a11, s, w1);
        if (TALLEST == 6 && x2 == 4) break;
        s = v128.load32_splat(x2, 12);
        a20 = madd(a20, s, w0);
        a21 = madd(a21, s, w1);
        if (TALLEST == 6 && x3 == 4) break;
        s = v128.load32_splat(x3, 12);
        a30 = madd(a30, s, w0);
        a31 = madd(a31, s, w1);
        if (TALLEST == 6 && x4 == 4) break;
        if (TALLEST == 6) {
          s = v128.load32_splat(x4, 12);
          a40 = madd(a40, s, w0);
          a41 = madd(a41, s, w1);
          if (x5 == 4) break;
          s = v128.load32_splat(x5, 12);
          a50 = madd(a50, s, w0);
          a51 = madd(a51, s, w1);
        }
        if (x0 == last4) break;
        x0 += 16; x1 += 16; x2 += 16; x3 += 16;
        if (TALLEST == 6) { x4 += 16; x5 += 16; }
        w += 128;
      }
      const rest = end - x0, step = rest + band.runStep;
      x0 += step; x1 += step; x2 += step; x3 += step;
      if (TALLEST == 6) { x4 += step; x5 += step; }
      w += rest << 3;
    }
    const step = band.kernelRowStep;
    x0 += step; x1 += step; x2 += step; x3 += step;
    if (TALLEST == 6) { x4 += step; x5 += step; }
  }
  const floor = floorOf(activation == 1);
  storeRow(y + load<usize>(places, 4), a00, a01, lanes, floor);
  storeRow(y + load<usize>(places, 12), a10, a11, lanes, floor);
  storeRow(y + load<usize>(places, 20), a20, a21, lanes, floor);
  storeRow(y + load<usize>(places, 28), a30, a31, lanes, floor);
  if (TALLEST == 6) {
    storeRow(y + load<usize>(places, 36), a40, a41, lanes, floor);
    storeRow(y + load<usize>(places, 44), a50, a51, lanes, floor);
  }
}

// @ts-ignore: decorator
@inline
function storeRow(y: usize, a0: v128, a1: v128, lanes: i32, floor: v128): void {
  v128.store(y, rectified(a0, floor));
  if (lanes == 8) v128.store(y, rectified(a1, floor), 16);
  else storeLanes(y + 16, rectified(a1, floor), lanes - 4);
}

/** The tile for at most four filters: 6 pixels × 4 filters. */
function tile6x4(band: Band, places: usize, x: usize, w: usize, y: usize, lanes: i32, activation: i32): void {
  let x0 = x + load<usize>(places), x1 = x + load<usize>(places, 8), x2 = x + load<usize>(places, 16);
  let x3 = x + load<usize>(places, 24), x4 = x + load<usize>(places, 32), x5 = x + load<usize>(places, 40);
  let a0 = v128.load(w);
  let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  w += 16;
  for (let p = band.kernelHeight; p > 0; --p) {
    for (let q = band.runsInRow; q > 0; --q) {
      const end = x0 + band.runBytes, last1 = end - 4, last2 = end - 8, last3 = end - 12;
      for (;;) {
        let weight = v128.load(w);
        a0 = madd(a0, v128.load32_splat(x0), weight);
        a1 = madd(a1, v128.load32_splat(x1), weight);
        a2 = madd(a2, v128.load32_splat(x2), weight);
        a3 = madd(a3, v128.load32_splat(x3), weight);
        a4 = madd(a4, v128.load32_splat(x4), weight);
        a5 = madd(a5, v128.load32_splat(x5), weight);
        if (x0 == last1) break;
        weight = v128.load(w, 16);
        a0 = madd(a0, v128.load32_splat(x0, 4), weight);
        a1 = madd(a1, v128.load32_splat(x1, 4), weight);
        a2 = madd(a2, v128.load32_splat(x2, 4), weight);
        a3 = madd(a3, v128.load32_splat(x3, 4), weight);
        a4 = madd(a4, v128.load32_splat(x4, 4), weight);
        a5 = madd(a5, v128.load32_splat(x5, 4), weight);
        if (x0 == last2) break;
        weight = v128.load(w, 32);
        a0 = madd(a0, v128.load32_splat(x0, 8), weight);
        a1 = madd(a1, v128.load32_splat(x1, 8), weight);
        a2 = madd(a2, v128.load32_splat(x2, 8), weight);
        a3 = madd(a3, v128.load32_splat(x3, 8), weight);
        a4 = madd(a4, v128.load32_splat(x4, 8), weight);
        a5 = madd(a5, v128.load32_splat(x5, 8), weight);
        if (x0 == last3) break;
        x0 += 12; x1 += 12; x2 += 12; x3 += 12; x4 += 12; x5 += 12;
        w += 48;
      }
      const rest = end - x0, step = rest + band.runStep;
      x0 += step; x1 += step; x2 += step; x3 += step; x4 += step; x5 += step;
      w += rest << 2;
    }
    const step = band.kernelRowStep;
    x0 += step; x1 += step; x2 += step; x3 += step; x4 += step; x5 += step;
  }
  const floor = floorOf(activation == 1);
  storeLanes(y + load<usize>(places, 4), rectified(a0, floor), lanes);
  storeLanes(y + load<usize>(places, 12), rectified(a1, floor), lanes);
  storeLanes(y + load<usize>(places, 20), rectified(a2, floor), lanes);
  storeLanes(y + load<usize>(places, 28), rectified(a3, floor), lanes);
  storeLanes(y + load<usize>(places, 36), rectified(a4, floor), lanes);
  storeLanes(y + load<usize>(places, 44), rectified(a5, floor), lanes);
}
