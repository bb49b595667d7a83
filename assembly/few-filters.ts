/**
 * Convolution with few filters: the gradient of the input of a network's first layer, which has one to three channels.
 * Vectors of filters would be mostly empty there. Here the lanes are four neighbours among the kernelWidth · channels
 * numbers under one row of the window, and a tile is 4 output pixels × 2 filters:
 *
 *                             w[f0][n .. n+3]   w[f1][n .. n+3]
 *      x[pixel 0][n .. n+3]   a00               a01            a += x · w, eight times: 64 operations for 4 + 2 loads
 *      x[pixel 1][n .. n+3]   a10               a11
 *      x[pixel 2][n .. n+3]   a20               a21            y[pixel, f] = the sum of a's lanes
 *      x[pixel 3][n .. n+3]   a30               a31
 *
 * A last filter without a partner is its own, a column further to the right: both see the same window, which is a column
 * wider, and a pixel of the tile is a pair of output columns:
 *
 *      f0      w0  w1  w2   0       y[2j]
 *      f1       0  w0  w1  w2       y[2j + 1]
 *
 * The last vector of a window's row reaches back, with zeros for the weights that have had their turn, and so does the
 * last pair of a row of an odd width: nothing outside of the window and of the output is touched. (A number of x that is
 * not finite makes NaN of both columns of a pair: zero times infinity.)
 */
import { applyActivation } from "./activation";
import { Band, Convolution, layBand, notePlaces } from "./band";
import { floorOf, madd, rectified } from "./vectors";

/** `weights` is [pairs of filters][kernelHeight][vectors][2][4]. Groups, column strides and column dilations are 1. */
@unmanaged
class FewFilters extends Convolution {
  /** One number a filter; 0: none. */
  bias: usize;
  /** The kernel, and the numbers from one filter, row, column, channel to the next. */
  kernel: usize;
  filterStep: i32;
  kernelRowStep: i32;
  kernelColumnStep: i32;
  channelStep: i32;
  /** Bytes of scratch memory before the sums of a tile, the table of the vectors' places and that of the pixels'. */
  sumsOffset: usize;
  tableOffset: usize;
  placesOffset: usize;
}

/** Whether filter f (even) has no other partner than itself. */
function isSingle(c: FewFilters, f: i32): bool {
  return f + 1 == c.filters;
}

/** Numbers under one row of the window of filters f and f + 1. */
function runOf(c: FewFilters, f: i32): i32 {
  return (c.kernelWidth + <i32>isSingle(c, f)) * c.channels;
}

/** Where the weights of the filters f (even) and f + 1 begin. */
function weightsOf(c: FewFilters, f: i32): usize {
  return c.weights + (<usize>(f * c.kernelHeight * ((c.kernelWidth * c.channels + 3) >> 2)) << 4);
}

/** Fills `weights` from `kernel`. Units: pairs of filters. */
export function packPairs(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<FewFilters>(record);
  for (let f = begin << 1; f < end << 1; f += 2) {
    const single = isSingle(c, f);
    const run = runOf(c, f);
    let to = weightsOf(c, f);
    for (let p = 0; p < c.kernelHeight; p++) {
      for (let n = 0; n < run; n += 4) {
        const first = min(n, run - 4);
        for (let k = 0; k < 2; k++) {
          for (let lane = first; lane < first + 4; lane++) {
            const column = lane / c.channels;
            const q = single ? column - k : column;
            const channel = lane - column * c.channels;
            const filter = single ? f : f + k;
            const from = filter * c.filterStep + p * c.kernelRowStep + q * c.kernelColumnStep + channel * c.channelStep;
            const used = lane >= n && q >= 0 && q < c.kernelWidth;
            store<f32>(to, used ? load<f32>(c.kernel + (<usize>from << 2)) : 0);
            to += 4;
          }
        }
      }
    }
  }
}

/** Units: images, in them bands of rows. */
export function fewFilters(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<FewFilters>(record);
  for (let unit = begin; unit < end; unit++) {
    const image = unit / c.bands;
    const firstRow = (unit - image * c.bands) * c.bandRows;
    const rows = min(c.bandRows, c.outputHeight - firstRow);
    const output = c.destination + image * c.imageStep + firstRow * c.rowStep;
    layBand(c, image, firstRow, rows, scratch);
    for (let f = 0; f < c.filters; f += 2) twoFilters(c, changetype<Band>(scratch), scratch, f, output, rows);
    if (c.activation > 1) {
      for (let i = 0; i < rows; i++) {
        const row = output + i * c.rowStep;
        applyActivation(row, row, c.outputWidth * c.filters, c.activation, c.alpha);
      }
    }
  }
}

/** Two filters (or one, two columns at a time) for all pixels of a band. */
function twoFilters(c: FewFilters, band: Band, scratch: usize, f: i32, output: usize, rows: i32): void {
  const table = scratch + c.tableOffset;
  const places = scratch + c.placesOffset;
  const sums = scratch + c.sumsOffset;
  const tableEnd = noteVectors(c, band, <usize>runOf(c, f) << 2, table);
  const placesEnd = notePlaces(c, band, isSingle(c, f) ? 2 : 1, output, rows, places);
  const weights = weightsOf(c, f);
  for (let place = places; place < placesEnd; place += 32) {
    tile4x2(place, weights, table, tableEnd, sums);
    storeSums(c, f, sums, place);
  }
}

/**
 * Notes how far each vector under a window lies from the first one, in bytes: one loop over a table is predicted better
 * than loops in a loop.
 */
function noteVectors(c: FewFilters, band: Band, runBytes: usize, table: usize): usize {
  for (let p = 0; p < c.kernelHeight; p++) {
    const row = p * c.dilationHeight * band.rowBytes;
    for (let n: usize = 0; n < runBytes; n += 16) {
      store<usize>(table, row + min(n, runBytes - 16));
      table += 4;
    }
  }
  return table;
}

/**
 * The sums go through memory: where shuffles or calls follow in the same function, V8 of Node 20 keeps accumulators on the
 * stack within the loop, at a third of the speed. So it does from nine accumulators on (3 pixels × 3 filters), or from
 * eight pointers on (8 pixels × 1 filter).
 */
function tile4x2(places: usize, w: usize, table: usize, end: usize, sums: usize): void {
  const x0 = load<usize>(places), x1 = load<usize>(places, 8), x2 = load<usize>(places, 16), x3 = load<usize>(places, 24);
  let a00 = f32x4.splat(0);
  let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00;
  const last1 = end - 4, last2 = end - 8, last3 = end - 12;
  for (;;) {
    let place = load<usize>(table);
    let w0 = v128.load(w), w1 = v128.load(w, 16);
    let x = v128.load(x0 + place);
    a00 = madd(a00, x, w0);
    a01 = madd(a01, x, w1);
    x = v128.load(x1 + place);
    a10 = madd(a10, x, w0);
    a11 = madd(a11, x, w1);
    x = v128.load(x2 + place);
    a20 = madd(a20, x, w0);
    a21 = madd(a21, x, w1);
    x = v128.load(x3 + place);
    a30 = madd(a30, x, w0);
    a31 = madd(a31, x, w1);
    if (table == last1) break;
    place = load<usize>(table, 4);
    w0 = v128.load(w, 32); w1 = v128.load(w, 48);
    x = v128.load(x0 + place);
    a00 = madd(a00, x, w0);
    a01 = madd(a01, x, w1);
    x = v128.load(x1 + place);
    a10 = madd(a10, x, w0);
    a11 = madd(a11, x, w1);
    x = v128.load(x2 + place);
    a20 = madd(a20, x, w0);
    a21 = madd(a21, x, w1);
    x = v128.load(x3 + place);
    a30 = madd(a30, x, w0);
    a31 = madd(a31, x, w1);
    if (table == last2) break;
    place = load<usize>(table, 8);
    w0 = v128.load(w, 64); w1 = v128.load(w, 80);
    x = v128.load(x0 + place);
    a00 = madd(a00, x, w0);
    a01 = madd(a01, x, w1);
    x = v128.load(x1 + place);
    a10 = madd(a10, x, w0);
    a11 = madd(a11, x, w1);
    x = v128.load(x2 + place);
    a20 = madd(a20, x, w0);
    a21 = madd(a21, x, w1);
    x = v128.load(x3 + place);
    a30 = madd(a30, x, w0);
    a31 = madd(a31, x, w1);
    if (table == last3) break;
    table += 12;
    w += 96;
  }
  v128.store(sums, a00);
  v128.store(sums, a01, 16);
  v128.store(sums, a10, 32);
  v128.store(sums, a11, 48);
  v128.store(sums, a20, 64);
  v128.store(sums, a21, 80);
  v128.store(sums, a30, 96);
  v128.store(sums, a31, 112);
}

function storeSums(c: FewFilters, f: i32, sums: usize, places: usize): void {
  const single = isSingle(c, f);
  const partner = single ? c.pixelStep : 4;
  const offset = <usize>f << 2;
  let s0 = sumsOfLanes(sums), s1 = sumsOfLanes(sums + 16);
  if (c.bias) {
    s0 = f32x4.add(s0, v128.load32_splat(c.bias + offset));
    s1 = f32x4.add(s1, v128.load32_splat(c.bias + offset + (single ? 0 : 4)));
  }
  const floor = floorOf(c.activation == 1);
  s0 = rectified(s0, floor);
  s1 = rectified(s1, floor);
  const y0 = load<usize>(places, 4) + offset, y1 = load<usize>(places, 12) + offset;
  const y2 = load<usize>(places, 20) + offset, y3 = load<usize>(places, 28) + offset;
  v128.store_lane<f32>(y0, s0, 0);
  v128.store_lane<f32>(y1, s0, 1);
  v128.store_lane<f32>(y2, s0, 2);
  v128.store_lane<f32>(y3, s0, 3);
  v128.store_lane<f32>(y0 + partner, s1, 0);
  v128.store_lane<f32>(y1 + partner, s1, 1);
  v128.store_lane<f32>(y2 + partner, s1, 2);
  v128.store_lane<f32>(y3 + partner, s1, 3);
}

/** The sums of the lanes of four vectors, 32 bytes apart. */
// @ts-ignore: decorator
@inline
function sumsOfLanes(from: usize): v128 {
  const a = v128.load(from), b = v128.load(from, 32), c = v128.load(from, 64), d = v128.load(from, 96);
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f64>(ab, cd, 0, 2), v128.shuffle<f64>(ab, cd, 1, 3));
}
