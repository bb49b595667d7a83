/**
 * Convolution of images with one channel (the first layer of LeNet) where filters do not fill vectors of eight: here
 * the lanes are four neighbouring pixels, and six filters are held at a time, so no lane is wasted.
 *
 *      x[j .. j+3]  ×  w[tap, f] in all lanes   +=   a_f,   f = 0 … 5
 *
 * Pixels lie side by side in x because there is one channel, and in dy after a copy by filters. A row that is no multiple
 * of four ends with a vector that reaches back: forward it computes the same outputs again, in the gradient those lanes
 * of dy are zero.
 */
import { applyActivation } from "./activation";
import { Band, Convolution, layBand, noteTaps } from "./band";
import { floorOf, madd, rectified } from "./vectors";

const FILTERS = 6;

/** `weights` is [F/6][KH·KW][6][4]: every number four times, so that multiplying can take it straight from memory. */
@unmanaged
class SingleChannel extends Convolution {
  /** One number a filter; 0: none. */
  bias: usize;
  /** The kernel as it lies, [KH,KW,1,F]. */
  kernel: usize;
  /** Bytes of scratch memory before the table of the taps' places. */
  tableOffset: usize;
}

/** Fills `weights` from `kernel`. Units: blocks of six filters. */
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
    for (let i = 0; i < rows; i++) {
      const x = band.origin + i * c.strideHeight * band.rowBytes;
      const y = c.destination + image * c.imageStep + (firstRow + i) * c.rowStep;
      for (let f: usize = 0; f < <usize>c.filters << 2; f += FILTERS << 2) {
        row6(c, places, x, c.weights + (f >> 2) * block, bias ? bias + f : 0, y + f);
      }
      if (c.activation > 1) applyActivation(y, y, c.outputWidth * c.filters, c.activation, c.alpha);
    }
  }
}

/**
 * One output row of six filters, four pixels at a time. The taps' places come from a table because one loop over all taps
 * is predicted, while a loop over five columns in a loop over five rows loses a third of the time at its ends.
 */
function row6(c: Convolution, places: usize, row: usize, weights: usize, bias: usize, output: usize): void {
  let b0 = f32x4.splat(0);
  let b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
  if (bias) {
    b0 = v128.load32_splat(bias);
    b1 = v128.load32_splat(bias, 4);
    b2 = v128.load32_splat(bias, 8);
    b3 = v128.load32_splat(bias, 12);
    b4 = v128.load32_splat(bias, 16);
    b5 = v128.load32_splat(bias, 20);
  }
  const last1 = weights + (<usize>((c.kernelHeight * c.kernelWidth - 1) * FILTERS) << 4);
  const last2 = last1 - (FILTERS << 4), last3 = last2 - (FILTERS << 4);
  const width = <usize>c.outputWidth;
  const pixelStep = c.pixelStep;
  const floor = floorOf(c.activation == 1);
  for (let j: usize = 0; j < width; j += 4) {
    const first = min(j, width - 4);
    const x = row + (first << 2);
    let a0 = b0, a1 = b1, a2 = b2, a3 = b3, a4 = b4, a5 = b5;
    let w = weights;
    let place = places;
    for (;;) {
      let pixels = v128.load(x + load<usize>(place));
      a0 = madd(a0, pixels, v128.load(w));
      a1 = madd(a1, pixels, v128.load(w, 16));
      a2 = madd(a2, pixels, v128.load(w, 32));
      a3 = madd(a3, pixels, v128.load(w, 48));
      a4 = madd(a4, pixels, v128.load(w, 64));
      a5 = madd(a5, pixels, v128.load(w, 80));
      if (w == last1) break;
      pixels = v128.load(x + load<usize>(place, 8));
      a0 = madd(a0, pixels, v128.load(w, 96));
      a1 = madd(a1, pixels, v128.load(w, 112));
      a2 = madd(a2, pixels, v128.load(w, 128));
      a3 = madd(a3, pixels, v128.load(w, 144));
      a4 = madd(a4, pixels, v128.load(w, 160));
      a5 = madd(a5, pixels, v128.load(w, 176));
      if (w == last2) break;
      pixels = v128.load(x + load<usize>(place, 16));
      a0 = madd(a0, pixels, v128.load(w, 192));
      a1 = madd(a1, pixels, v128.load(w, 208));
      a2 = madd(a2, pixels, v128.load(w, 224));
      a3 = madd(a3, pixels, v128.load(w, 240));
      a4 = madd(a4, pixels, v128.load(w, 256));
      a5 = madd(a5, pixels, v128.load(w, 272));
      if (w == last3) break;
      place += 24;
      w += 288;
    }
    a0 = rectified(a0, floor); a1 = rectified(a1, floor); a2 = rectified(a2, floor);
    a3 = rectified(a3, floor); a4 = rectified(a4, floor); a5 = rectified(a5, floor);
    // From vectors of pixels to vectors of filters.
    const low01 = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(a2, a3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(a2, a3, 2, 6, 3, 7);
    const low45 = v128.shuffle<f32>(a4, a5, 0, 4, 1, 5), high45 = v128.shuffle<f32>(a4, a5, 2, 6, 3, 7);
    let y = output + first * pixelStep;
    v128.store(y, v128.shuffle<f64>(low01, low23, 0, 2));
    v128.store_lane<f64>(y, low45, 0, 16);
    y += pixelStep;
    v128.store(y, v128.shuffle<f64>(low01, low23, 1, 3));
    v128.store_lane<f64>(y, low45, 1, 16);
    y += pixelStep;
    v128.store(y, v128.shuffle<f64>(high01, high23, 0, 2));
    v128.store_lane<f64>(y, high45, 0, 16);
    y += pixelStep;
    v128.store(y, v128.shuffle<f64>(high01, high23, 1, 3));
    v128.store_lane<f64>(y, high45, 1, 16);
  }
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
        for (let f = 0; f < k.filters; f += FILTERS) {
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
