/**
 * The gradient of a convolution's kernel where most of dy is zero: for every filter f a list of the pixels whose dy is
 * not, and for every kernel row p and every 32 or 48 numbers of its run
 *
 *      sums[f, p, 0 … 31]  +=  dy[pixel, f]  ×  x[pixel's window, row p, 0 … 31]      all pixels of the list
 *
 * Where a run has no more than eight numbers, as in the first layer of LeNet, it is eight numbers of five rows at a time.
 *
 * A band of the image, or the bands of some small images, stay in the first-level cache while all filters pass: the longer
 * a list, the less its end costs, which no processor foresees. Slices of images are summed on their own, as in
 * kernel-gradient.ts; `turnSums` writes their sum as dw[p, q, c, f].
 */
import { Band, Convolution, layBand } from "./band";
import { LANES, ROWS, addManyProducts, addProducts, addRows, append, layTable } from "./nonzeros";
import { clearNumbers, loadLanes } from "./vectors";

/** The record of the forward pass (source: x; destination: dw), and more. Groups and dilations are 1. */
@unmanaged
class SparseKernelGradient extends Convolution {
  dy: usize;
  images: i32;
  slices: i32;
  /** Filters of one unit: a multiple of 4, or all. */
  chunkFilters: i32;
  filterChunks: i32;
  /** Numbers of a block: 48, 32, or 8 where a run is narrow; of a run, filled up to whole blocks; and rows, likewise. */
  lanes: i32;
  run: i32;
  rows: i32;
  /** The slices' sums: [slices][F][rows][run]. */
  sums: usize;
  /** How many bands are listed together, and bytes from one in scratch memory to the next. */
  together: i32;
  bandBytes: i32;
  /** Bytes of scratch memory before the shuffles, before the lists' ends and before the lists; bytes of a list. */
  tableOffset: usize;
  endsOffset: usize;
  listOffset: usize;
  listBytes: usize;
  /** Bytes from the lists' values to their offsets. */
  distance: usize;
}

/** Units: slices of images, in them chunks of filters. Scratch: bands, table, ends of the lists, lists. */
export function sparseKernelGradient(record: usize, begin: i32, end: i32, scratch: usize): void {
  const k = changetype<SparseKernelGradient>(record);
  layTable(scratch + k.tableOffset);
  const filter = k.rows * k.run;
  for (let unit = begin; unit < end; unit++) {
    const slice = unit / k.filterChunks;
    const first = (unit - slice * k.filterChunks) * k.chunkFilters;
    const filters = min(k.chunkFilters, k.filters - first);
    const sums = k.sums + (<usize>((slice * k.filters + first) * filter) << 2);
    clearNumbers(sums, filters * filter);
    const last = ((k.images * (slice + 1)) / k.slices) * k.bands;
    for (let from = ((k.images * slice) / k.slices) * k.bands; from < last; from += k.together) {
      for (let f = 0; f < ((filters + 3) & ~3); f++) store<usize>(scratch + k.endsOffset + (<usize>f << 2), listOf(k, f, scratch));
      for (let n = 0; n < min(k.together, last - from); n++) {
        const image = (from + n) / k.bands;
        const row = (from + n - image * k.bands) * k.bandRows;
        const rows = min(k.bandRows, k.outputHeight - row);
        const band = scratch + n * k.bandBytes;
        layBand(k, image, row, rows, band);
        const dy = k.dy + (<usize>((image * k.outputHeight + row) * k.outputWidth * k.filters + first) << 2);
        for (let f = 0; f < filters; f += 4) listPixels(k, changetype<Band>(band), dy, filters, f, rows, scratch);
      }
      addBands(k, changetype<Band>(scratch), filters, sums, scratch);
    }
  }
}

// @ts-ignore: decorator
@inline
function listOf(k: SparseKernelGradient, filter: i32, scratch: usize): usize {
  return scratch + k.listOffset + filter * k.listBytes;
}

/**
 * Appends to the lists of four filters, from `filter` on, the pixels of some rows; places are told from where the first band
 * lies. Where fewer are left, it reads the last four, and leaves the lists alone that are written already.
 */
function listPixels(
  k: SparseKernelGradient, band: Band, dy: usize, filters: i32, filter: i32, rows: i32, scratch: usize,
): void {
  const table = scratch + k.tableOffset;
  const lanes = min(4, filters);
  const first = max(0, min(filter, filters - 4)), listed = filter - first;
  const ends = scratch + k.endsOffset + (<usize>first << 2);
  let to0 = load<usize>(ends), to1 = load<usize>(ends, 4), to2 = load<usize>(ends, 8), to3 = load<usize>(ends, 12);
  const distance = k.distance;
  const step = <usize>k.filters << 2;
  const xStep = k.strideWidth * k.sourceChannels * 4;
  const steps = i32x4(0, xStep, 2 * xStep, 3 * xStep);
  const zero = f32x4.splat(0);
  const whole = lanes == 4 ? k.outputWidth - 3 : 0;
  let row = band.origin - changetype<Band>(scratch).origin;
  dy += <usize>first << 2;
  for (let i = 0; i < rows; i++) {
    let offsets = i32x4.add(i32x4.splat(<i32>row), steps);
    let at = dy;
    for (let j = 0; j < k.outputWidth; j += 4) {
      let r0: v128, r1 = zero, r2 = zero, r3 = zero;
      if (j < whole) {
        r0 = v128.load(at);
        r1 = v128.load(at + step);
        r2 = v128.load(at + 2 * step);
        r3 = v128.load(at + 3 * step);
      } else {
        const pixels = k.outputWidth - j;
        r0 = loadLanes(at, lanes);
        if (pixels > 1) r1 = loadLanes(at + step, lanes);
        if (pixels > 2) r2 = loadLanes(at + 2 * step, lanes);
        if (pixels > 3) r3 = loadLanes(at + 3 * step, lanes);
      }
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      if (listed == 0) to0 = append(to0, distance, v128.shuffle<f64>(low01, low23, 0, 2), offsets, table);
      if (listed < 2) to1 = append(to1, distance, v128.shuffle<f64>(low01, low23, 1, 3), offsets, table);
      if (listed < 3) to2 = append(to2, distance, v128.shuffle<f64>(high01, high23, 0, 2), offsets, table);
      to3 = append(to3, distance, v128.shuffle<f64>(high01, high23, 1, 3), offsets, table);
      offsets = i32x4.add(offsets, i32x4.splat(4 * xStep));
      at += 4 * step;
    }
    row += k.strideHeight * band.rowBytes;
    dy += k.outputWidth * step;
  }
  store<usize>(ends, to0);
  store<usize>(ends, to1, 4);
  store<usize>(ends, to2, 8);
  store<usize>(ends, to3, 12);
}

/** Adds to the sums of all filters what their lists say. */
function addBands(k: SparseKernelGradient, band: Band, filters: i32, sums: usize, scratch: usize): void {
  const filter = <usize>(k.rows * k.run) << 2;
  const narrow = k.lanes < LANES;
  for (let p = 0; p < k.kernelHeight; p += narrow ? ROWS : 1) {
    const row = band.origin + p * band.rowBytes;
    for (let r = 0; r < k.run; r += k.lanes) {
      let to = sums + (<usize>(p * k.run + r) << 2);
      let list = scratch + k.listOffset;
      let ends = scratch + k.endsOffset;
      for (let f = 0; f < filters; f++) {
        const end = load<usize>(ends);
        if (narrow) addRows(list, end, k.distance, row, band.rowBytes, to);
        else if (list < end) {
          const x = row + (<usize>r << 2);
          if (k.lanes == LANES) addProducts(list, end, k.distance, x, to);
          else addManyProducts(list, end, k.distance, x, to);
        }
        list += k.listBytes;
        ends += 4;
        to += filter;
      }
    }
  }
}

/** dw[p, q, c, f] = sums[f, p, q·C + c], of the first slice. Units: kernel rows. */
export function turnSums(record: usize, begin: i32, end: i32, scratch: usize): void {
  const k = changetype<SparseKernelGradient>(record);
  const length = k.kernelWidth * k.channels;
  const filter = <usize>(k.rows * k.run) << 2;
  for (let p = begin; p < end; p++) {
    let to = k.destination + (<usize>(p * length * k.filters) << 2);
    for (let lane = 0; lane < length; lane++) {
      let from = k.sums + (<usize>(p * k.run + lane) << 2);
      for (let f = 0; f < k.filters; f++) {
        store<f32>(to, load<f32>(from));
        to += 4;
        from += filter;
      }
    }
  }
}
