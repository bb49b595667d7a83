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
 * filters or fewer take a tile of 8 pixels × 4 filters.
 *
 * The gradient of the input is a convolution of dy with the turned kernel: the same code with another record (see
 * src/kernels/wasm/conv2d.ts).
 */
import { applyActivation } from "./activation";
import { Band, Convolution, PLACES, layBand } from "./band";
import { floorOf, madd, rectified, storeLanes } from "./vectors";

/** Units: images, in them bands of rows. */
export function convolution(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<Convolution>(record);
  for (let unit = begin; unit < end; unit++) {
    const image = unit / c.bands;
    const firstRow = (unit - image * c.bands) * c.bandRows;
    const rows = min(c.bandRows, c.outputHeight - firstRow);
    layBand(c, image, firstRow, rows, scratch);
    filters(c, changetype<Band>(scratch), c.destination + image * c.imageStep + firstRow * c.rowStep, rows);
  }
}

/** All filters of all groups, over the pixels of a band. */
function filters(c: Convolution, band: Band, output: usize, rows: i32): void {
  const taps = c.kernelHeight * c.kernelWidth * c.channels;
  let weights = c.weights;
  for (let g = 0; g < c.groups; g++) {
    const origin = band.origin + (<usize>(g * c.channels) << 2);
    for (let f = 0; f < c.filters; f += 8) {
      const to = output + (<usize>(g * c.filters + f) << 2);
      const lanes = min(8, c.filters - f);
      if (lanes > 4) {
        pixels4(c, band, origin, weights, to, rows, lanes);
        weights += <usize>(taps + 1) << 5;
      } else {
        pixels8(c, band, origin, weights, to, rows, lanes);
        weights += <usize>(taps + 1) << 4;
      }
    }
  }
  if (c.activation > 1) {
    const count = c.outputWidth * c.groups * c.filters;
    for (let i = 0; i < rows; i++) {
      const row = output + i * c.rowStep;
      applyActivation(row, row, count, c.activation, c.alpha);
    }
  }
}

/** All pixels of a band, four at a time and across the ends of rows; a ragged last tile computes its last pixel again. */
function pixels4(
  c: Convolution, band: Band, origin: usize, weights: usize, output: usize, rows: i32, lanes: i32,
): void {
  const xStep = <usize>(c.strideWidth * c.sourceChannels) << 2;
  const xRow = c.strideHeight * band.rowBytes;
  const last = rows * c.outputWidth - 1;
  let i: usize = 0;
  let j = 0;
  let x0: usize = 0, x1: usize = 0, x2: usize = 0, x3: usize = 0;
  let y0: usize = 0, y1: usize = 0, y2: usize = 0, y3: usize = 0;
  for (let pixel = 0; pixel <= last; pixel += 4) {
    if (j + 4 <= c.outputWidth) {
      x0 = origin + i * xRow + j * xStep;
      x1 = x0 + xStep;
      x2 = x1 + xStep;
      x3 = x2 + xStep;
      y0 = output + i * c.rowStep + j * c.pixelStep;
      y1 = y0 + c.pixelStep;
      y2 = y1 + c.pixelStep;
      y3 = y2 + c.pixelStep;
      j += 4;
    } else {
      for (let k = 0; k < 4; k++) {
        if (j == c.outputWidth && pixel + k <= last) {
          j = 0;
          i++;
        }
        x0 = x1; x1 = x2; x2 = x3;
        y0 = y1; y1 = y2; y2 = y3;
        if (pixel + k <= last) {
          x3 = origin + i * xRow + j * xStep;
          y3 = output + i * c.rowStep + j * c.pixelStep;
          j++;
        }
      }
    }
    tile4x8(band, x0, x1, x2, x3, weights, y0, y1, y2, y3, lanes, c.activation);
  }
}

function tile4x8(
  band: Band, x0: usize, x1: usize, x2: usize, x3: usize, w: usize,
  y0: usize, y1: usize, y2: usize, y3: usize, lanes: i32, activation: i32,
): void {
  let a00 = v128.load(w), a01 = v128.load(w, 16);
  let a10 = a00, a11 = a01, a20 = a00, a21 = a01, a30 = a00, a31 = a01;
  w += 32;
  const bytes = band.runBytes, step = band.runStep, rowStep = band.kernelRowStep;
  for (let p = band.kernelHeight; p > 0; --p) {
    for (let q = band.runsInRow; q > 0; --q) {
      const end = x0 + bytes;
      do {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        let x = v128.load32_splat(x0);
        a00 = madd(a00, x, w0);
        a01 = madd(a01, x, w1);
        x = v128.load32_splat(x1);
        a10 = madd(a10, x, w0);
        a11 = madd(a11, x, w1);
        x = v128.load32_splat(x2);
        a20 = madd(a20, x, w0);
        a21 = madd(a21, x, w1);
        x = v128.load32_splat(x3);
        a30 = madd(a30, x, w0);
        a31 = madd(a31, x, w1);
        x0 += 4; x1 += 4; x2 += 4; x3 += 4;
        w += 32;
      } while (x0 < end);
      x0 += step; x1 += step; x2 += step; x3 += step;
    }
    x0 += rowStep; x1 += rowStep; x2 += rowStep; x3 += rowStep;
  }
  const floor = floorOf(activation == 1);
  a00 = rectified(a00, floor); a01 = rectified(a01, floor);
  a10 = rectified(a10, floor); a11 = rectified(a11, floor);
  a20 = rectified(a20, floor); a21 = rectified(a21, floor);
  a30 = rectified(a30, floor); a31 = rectified(a31, floor);
  v128.store(y0, a00);
  v128.store(y1, a10);
  v128.store(y2, a20);
  v128.store(y3, a30);
  if (lanes == 8) {
    v128.store(y0, a01, 16);
    v128.store(y1, a11, 16);
    v128.store(y2, a21, 16);
    v128.store(y3, a31, 16);
  } else {
    storeLanes(y0 + 16, a01, lanes - 4);
    storeLanes(y1 + 16, a11, lanes - 4);
    storeLanes(y2 + 16, a21, lanes - 4);
    storeLanes(y3 + 16, a31, lanes - 4);
  }
}

/** All pixels of a band, eight at a time, for at most four filters. */
function pixels8(
  c: Convolution, band: Band, origin: usize, weights: usize, output: usize, rows: i32, lanes: i32,
): void {
  const xStep = <usize>(c.strideWidth * c.sourceChannels) << 2;
  const xRow = c.strideHeight * band.rowBytes;
  const last = rows * c.outputWidth - 1;
  const places = changetype<usize>(band) + PLACES;
  let i: usize = 0;
  let j = 0;
  for (let pixel = 0; pixel <= last; pixel += 8) {
    let x0: usize = 0, x1: usize = 0, x2: usize = 0, x3: usize = 0, x4: usize = 0, x5: usize = 0, x6: usize = 0, x7: usize = 0;
    for (let k = 0; k < 8; k++) {
      x0 = x1; x1 = x2; x2 = x3; x3 = x4; x4 = x5; x5 = x6; x6 = x7;
      if (pixel + k <= last) {
        if (j == c.outputWidth) {
          j = 0;
          i++;
        }
        x7 = origin + i * xRow + j * xStep;
        store<usize>(places + (<usize>k << 2), output + i * c.rowStep + j * c.pixelStep);
        j++;
      } else {
        store<usize>(places + (<usize>k << 2), load<usize>(places + (<usize>(k - 1) << 2)));
      }
    }
    tile8x4(band, x0, x1, x2, x3, x4, x5, x6, x7, weights, places, lanes, c.activation);
  }
}

function tile8x4(
  band: Band, x0: usize, x1: usize, x2: usize, x3: usize, x4: usize, x5: usize, x6: usize, x7: usize,
  w: usize, places: usize, lanes: i32, activation: i32,
): void {
  let a0 = v128.load(w);
  let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  w += 16;
  const bytes = band.runBytes, step = band.runStep, rowStep = band.kernelRowStep;
  for (let p = band.kernelHeight; p > 0; --p) {
    for (let q = band.runsInRow; q > 0; --q) {
      const end = x0 + bytes;
      do {
        const weight = v128.load(w);
        a0 = madd(a0, v128.load32_splat(x0), weight);
        a1 = madd(a1, v128.load32_splat(x1), weight);
        a2 = madd(a2, v128.load32_splat(x2), weight);
        a3 = madd(a3, v128.load32_splat(x3), weight);
        a4 = madd(a4, v128.load32_splat(x4), weight);
        a5 = madd(a5, v128.load32_splat(x5), weight);
        a6 = madd(a6, v128.load32_splat(x6), weight);
        a7 = madd(a7, v128.load32_splat(x7), weight);
        x0 += 4; x1 += 4; x2 += 4; x3 += 4; x4 += 4; x5 += 4; x6 += 4; x7 += 4;
        w += 16;
      } while (x0 < end);
      x0 += step; x1 += step; x2 += step; x3 += step; x4 += step; x5 += step; x6 += step; x7 += step;
    }
    x0 += rowStep; x1 += rowStep; x2 += rowStep; x3 += rowStep;
    x4 += rowStep; x5 += rowStep; x6 += rowStep; x7 += rowStep;
  }
  const floor = floorOf(activation == 1);
  a0 = rectified(a0, floor); a1 = rectified(a1, floor); a2 = rectified(a2, floor); a3 = rectified(a3, floor);
  a4 = rectified(a4, floor); a5 = rectified(a5, floor); a6 = rectified(a6, floor); a7 = rectified(a7, floor);
  storeLanes(load<usize>(places), a0, lanes);
  storeLanes(load<usize>(places, 4), a1, lanes);
  storeLanes(load<usize>(places, 8), a2, lanes);
  storeLanes(load<usize>(places, 12), a3, lanes);
  storeLanes(load<usize>(places, 16), a4, lanes);
  storeLanes(load<usize>(places, 20), a5, lanes);
  storeLanes(load<usize>(places, 24), a6, lanes);
  storeLanes(load<usize>(places, 28), a7, lanes);
}
