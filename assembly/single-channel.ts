/**
 * Convolution of images with one channel (the first layer of LeNet) where filters do not fill vectors of eight: here
 * the lanes are four neighbouring pixels, so no lane is wasted. Forward four rows of them meet two filters, six loads for
 * eight products (bench/variants, first-layer); in the gradient one row meets six filters.
 *
 *      x[i + k, j .. j+3]  ×  w[tap, f] in all lanes   +=   a_kf        k = 0 … 3, f = 0, 1
 *
 * Pixels lie side by side in x because there is one channel, and in dy after a copy by filters. A row that is no multiple
 * of four ends with a vector that reaches back: forward it computes the same outputs again, in the gradient those lanes
 * of dy are zero.
 */
import { applyActivation } from "./activation";
import { Band, Convolution, layBand, noteTaps } from "./band";
import { floorOf, madd, rectified } from "./vectors";

const ROWS = 4;
const FILTERS = 2;
const GRADIENT_FILTERS = 6;

/** `weights` is [F/2][KH·KW][2][4]: every number four times. */
@unmanaged
class SingleChannel extends Convolution {
  /** One number a filter; 0: none. */
  bias: usize;
  /** The kernel as it lies, [KH,KW,1,F]. */
  kernel: usize;
  /** Bytes of scratch memory before the table of the taps' places. */
  tableOffset: usize;
}

/** Fills `weights` from `kernel`. Units: blocks of two filters. */
export function spreadWeights(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<SingleChannel>(record);
  const taps = c.kernelHeight * c.kernelWidth;
  for (let block = begin; block < end; block++) {
    let to = c.weights + (<usize>(block * taps * FILTERS) << 4);
    for (let tap = 0; tap < taps; tap++) {
      const from = c.kernel + (<usize>(tap * c.filters + block * FILTERS) << 2);
      for (let f = 0; f < FILTERS; f++) {
        v128.store(to, v128.load32_splat(from + (<usize>f << 2)));
        to += 16;
      }
    }
  }
}

/** Units: bands of rows, image by image. */
export function singleChannel(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<SingleChannel>(record);
  const band = changetype<Band>(scratch);
  const bias = c.bias;
  const places = scratch + c.tableOffset;
  const block = <usize>(c.kernelHeight * c.kernelWidth) << 4;
  for (let unit = begin; unit < end; unit++) {
    const image = unit / c.bands;
    const firstRow = (unit - image * c.bands) * c.bandRows;
    const rows = min(c.bandRows, c.outputHeight - firstRow);
    layBand(c, image, firstRow, rows, scratch);
    noteTaps(c, band, places);
    for (let i = 0; i < rows; i += ROWS) {
      const tileRows = min(ROWS, rows - i);
      const rowBytes = c.strideHeight * band.rowBytes;
      const x = band.origin + i * rowBytes;
      const y = c.destination + image * c.imageStep + (firstRow + i) * c.rowStep;
      for (let f: usize = 0; f < <usize>c.filters << 2; f += FILTERS << 2) {
        const weights = c.weights + (f >> 2) * block;
        rows4(c, places, x, rowBytes, tileRows, weights, bias ? bias + f : 0, y + f);
      }
      if (c.activation > 1) {
        for (let k = 0; k < tileRows; k++) {
          const row = y + k * c.rowStep;
          applyActivation(row, row, c.outputWidth * c.filters, c.activation, c.alpha);
        }
      }
    }
  }
}

/**
 * Four output rows of two filters, four pixels at a time; where there are fewer rows, the last one is computed again. The
 * taps' places come from a table because one loop over all taps is predicted, while a loop over five columns in a loop over
 * five rows loses a third of the time at its ends.
 */
function rows4(
  c: Convolution, places: usize, row: usize, rowBytes: usize, rows: i32, weights: usize, bias: usize, output: usize,
): void {
  const down1 = <usize>min(1, rows - 1), down2 = <usize>min(2, rows - 1), down3 = <usize>(rows - 1);
  let bias0 = f32x4.splat(0), bias1 = bias0;
  if (bias) {
    bias0 = v128.load32_splat(bias);
    bias1 = v128.load32_splat(bias, 4);
  }
  const last1 = weights + (<usize>((c.kernelHeight * c.kernelWidth - 1) * FILTERS) << 4);
  const last2 = last1 - (FILTERS << 4), last3 = last2 - (FILTERS << 4);
  const width = <usize>c.outputWidth;
  const pixelStep = c.pixelStep, rowStep = c.rowStep;
  const floor = floorOf(c.activation == 1);
  for (let j: usize = 0; j < width; j += 4) {
    const first = min(j, width - 4);
    const x0 = row + (first << 2);
    const x1 = x0 + down1 * rowBytes, x2 = x0 + down2 * rowBytes, x3 = x0 + down3 * rowBytes;
    let a00 = bias0, a01 = bias1, a10 = bias0, a11 = bias1, a20 = bias0, a21 = bias1, a30 = bias0, a31 = bias1;
    let w = weights;
    let place = places;
    for (;;) {
      let at = load<usize>(place);
      let p0 = v128.load(x0 + at), p1 = v128.load(x1 + at), p2 = v128.load(x2 + at), p3 = v128.load(x3 + at);
      let weight = v128.load(w);
      a00 = madd(a00, p0, weight);
      a10 = madd(a10, p1, weight);
      a20 = madd(a20, p2, weight);
      a30 = madd(a30, p3, weight);
      weight = v128.load(w, 16);
      a01 = madd(a01, p0, weight);
      a11 = madd(a11, p1, weight);
      a21 = madd(a21, p2, weight);
      a31 = madd(a31, p3, weight);
      if (w == last1) break;
      at = load<usize>(place, 8);
      p0 = v128.load(x0 + at); p1 = v128.load(x1 + at); p2 = v128.load(x2 + at); p3 = v128.load(x3 + at);
      weight = v128.load(w, 32);
      a00 = madd(a00, p0, weight);
      a10 = madd(a10, p1, weight);
      a20 = madd(a20, p2, weight);
      a30 = madd(a30, p3, weight);
      weight = v128.load(w, 48);
      a01 = madd(a01, p0, weight);
      a11 = madd(a11, p1, weight);
      a21 = madd(a21, p2, weight);
      a31 = madd(a31, p3, weight);
      if (w == last2) break;
      at = load<usize>(place, 16);
      p0 = v128.load(x0 + at); p1 = v128.load(x1 + at); p2 = v128.load(x2 + at); p3 = v128.load(x3 + at);
      weight = v128.load(w, 64);
      a00 = madd(a00, p0, weight);
      a10 = madd(a10, p1, weight);
      a20 = madd(a20, p2, weight);
      a30 = madd(a30, p3, weight);
      weight = v128.load(w, 80);
      a01 = madd(a01, p0, weight);
      a11 = madd(a11, p1, weight);
      a21 = madd(a21, p2, weight);
      a31 = madd(a31, p3, weight);
      if (w == last3) break;
      place += 24;
      w += 96;
    }
    const y = output + first * pixelStep;
    store2(rectified(a00, floor), rectified(a01, floor), y, pixelStep);
    store2(rectified(a10, floor), rectified(a11, floor), y + down1 * rowStep, pixelStep);
    store2(rectified(a20, floor), rectified(a21, floor), y + down2 * rowStep, pixelStep);
    store2(rectified(a30, floor), rectified(a31, floor), y + down3 * rowStep, pixelStep);
  }
}

/** Two vectors of four pixels as four pixels of two filters. */
// @ts-ignore: decorator
@inline
function store2(a0: v128, a1: v128, y: usize, pixelStep: usize): void {
  const low = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5), high = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
  v128.store_lane<f64>(y, low, 0);
  v128.store_lane<f64>(y + pixelStep, low, 1);
  v128.store_lane<f64>(y + 2 * pixelStep, high, 0);
  v128.store_lane<f64>(y + 3 * pixelStep, high, 1);
}

/** The record of kernel-gradient.ts as far as it matters here. */
@unmanaged
class SingleChannelGradient extends Convolution {
  dy: usize;
  images: i32;
  slices: i32;
  copyOffset: usize;
}

/** Units: slices of images, each with a sum of its own [KH,KW,1,F] at `destination`. */
export function singleChannelGradient(record: usize, begin: i32, end: i32, scratch: usize): void {
  const k = changetype<SingleChannelGradient>(record);
  const band = changetype<Band>(scratch);
  const size = <usize>(k.kernelHeight * k.kernelWidth * k.filters) << 2;
  const vectors = (k.outputWidth + 3) >> 2;
  const planes = scratch + k.copyOffset;
  for (let slice = begin; slice < end; slice++) {
    const sums = k.destination + slice * size;
    const firstImage = (k.images * slice) / k.slices;
    const endImage = (k.images * (slice + 1)) / k.slices;
    for (let image = firstImage; image < endImage; image++) {
      for (let firstRow = 0; firstRow < k.outputHeight; firstRow += k.bandRows) {
        const rows = min(k.bandRows, k.outputHeight - firstRow);
        const first = image == firstImage && firstRow == 0;
        layBand(k, image, firstRow, rows, scratch);
        for (let f = 0; f < k.filters; f += GRADIENT_FILTERS) {
          const row = (image * k.outputHeight + firstRow) * k.outputWidth;
          copyPlanes(k, k.dy + (<usize>(row * k.filters + f) << 2), rows, vectors, planes);
          let to = sums + (<usize>f << 2);
          for (let p = 0; p < k.kernelHeight; p++) {
            let x = band.origin + p * k.dilationHeight * band.rowBytes;
            for (let q = 0; q < k.kernelWidth; q++) {
              tap6(k, band, x, planes, rows, vectors, to, first);
              x += <usize>k.dilationWidth << 2;
              to += <usize>k.filters << 2;
            }
          }
        }
      }
    }
  }
}

/** dy of six filters as [rows][vectors][6][4 pixels]. */
function copyPlanes(k: SingleChannelGradient, dy: usize, rows: i32, vectors: i32, to: usize): void {
  const pixel = <usize>k.filters << 2;
  const back = vectors * 4 - k.outputWidth;
  for (let i = 0; i < rows; i++) {
    for (let v = 0; v < vectors; v++) {
      const last = v == vectors - 1;
      let from = dy + <usize>(v * 4 - (last ? back : 0)) * pixel;
      const r0 = v128.load(from), s0 = v128.load64_zero(from, 16);
      from += pixel;
      const r1 = v128.load(from), s1 = v128.load64_zero(from, 16);
      from += pixel;
      const r2 = v128.load(from), s2 = v128.load64_zero(from, 16);
      from += pixel;
      const r3 = v128.load(from), s3 = v128.load64_zero(from, 16);
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      const s01 = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), s23 = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5);
      const lanes = i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat(last ? back : 0));
      v128.store(to, v128.and(lanes, v128.shuffle<f64>(low01, low23, 0, 2)));
      v128.store(to, v128.and(lanes, v128.shuffle<f64>(low01, low23, 1, 3)), 16);
      v128.store(to, v128.and(lanes, v128.shuffle<f64>(high01, high23, 0, 2)), 32);
      v128.store(to, v128.and(lanes, v128.shuffle<f64>(high01, high23, 1, 3)), 48);
      v128.store(to, v128.and(lanes, v128.shuffle<f64>(s01, s23, 0, 2)), 64);
      v128.store(to, v128.and(lanes, v128.shuffle<f64>(s01, s23, 1, 3)), 80);
      to += 96;
    }
    dy += k.outputWidth * pixel;
  }
}

/** The sums of one tap over a band, six filters at a time. */
function tap6(
  k: SingleChannelGradient, band: Band, x: usize, d: usize, rows: i32, vectors: i32, to: usize, first: bool,
): void {
  let a0 = f32x4.splat(0);
  let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  const back = <usize>(vectors * 4 - k.outputWidth) << 2;
  const rowStep = k.strideHeight * band.rowBytes;
  for (let i = rows; i > 0; --i) {
    let at = x;
    const end = x + (<usize>(vectors - 1) << 4);
    for (; at < end; at += 16) {
      const pixels = v128.load(at);
      a0 = madd(a0, pixels, v128.load(d));
      a1 = madd(a1, pixels, v128.load(d, 16));
      a2 = madd(a2, pixels, v128.load(d, 32));
      a3 = madd(a3, pixels, v128.load(d, 48));
      a4 = madd(a4, pixels, v128.load(d, 64));
      a5 = madd(a5, pixels, v128.load(d, 80));
      d += 96;
    }
    const pixels = v128.load(at - back);
    a0 = madd(a0, pixels, v128.load(d));
    a1 = madd(a1, pixels, v128.load(d, 16));
    a2 = madd(a2, pixels, v128.load(d, 32));
    a3 = madd(a3, pixels, v128.load(d, 48));
    a4 = madd(a4, pixels, v128.load(d, 64));
    a5 = madd(a5, pixels, v128.load(d, 80));
    d += 96;
    x += rowStep;
  }
  addSum(to, a0, first);
  addSum(to + 4, a1, first);
  addSum(to + 8, a2, first);
  addSum(to + 12, a3, first);
  addSum(to + 16, a4, first);
  addSum(to + 20, a5, first);
}

// @ts-ignore: decorator
@inline
function addSum(to: usize, a: v128, first: bool): void {
  const sum =
    f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
  store<f32>(to, first ? sum : load<f32>(to) + sum);
}
