/**
 * The gradient of a convolution's input the other way round: every dy[i, j, f] that is not zero is sent to all taps, and
 * what arrives at the same place of dx is added.
 *
 * In NHWC the taps of one kernel row are one run of kernelWidth · C numbers of dx. For a row u of dx and a column j of
 * dy, first what the rows of dy above send there is summed, 32 numbers at a time,
 *
 *      run[0 … 31]  =  Σ  dy[i, j, f]  ×  w[u − i·stride, f, 0 … 31]      all i that reach u, all f: one list
 *
 * and added to a padded row, in which the runs of neighbouring columns overlap: that of column j begins with pixel
 * j·stride. What is not padding of it is row u of dx. (What fills up the last 32 numbers of a run is multiplied with zeros:
 * a dy that is not finite makes NaN of the numbers behind its run.)
 *
 * It multiplies only what there is: a convolution of the padded dy with the turned kernel also multiplies the padding,
 * which for a 5 × 5 kernel on 14 × 14 pixels is half of all, and all the zeros. src/kernels/wasm/convolution.ts chooses.
 */
import { Convolution } from "./band";
import { LANES, addProducts, append, layTable } from "./nonzeros";
import { clearNumbers, copyNumbers, loadLanes } from "./vectors";

/**
 * The record of the forward pass with source: dy, destination: dx; and more. `weights` are [blocks of a run][KH][F][32].
 * Groups and dilations are 1.
 */
@unmanaged
class InputGradient extends Convolution {
  /** The kernel as it lies, [KH,KW,C,F]. */
  kernel: usize;
  /** Numbers of a run, filled up to whole blocks. */
  run: i32;
  /** Bytes of scratch memory before the lists' starts, before the padded row, and before the lists; numbers of the row. */
  startsOffset: usize;
  rowOffset: usize;
  rowLength: i32;
  listOffset: usize;
  /** Bytes from a list's values to its offsets. */
  distance: usize;
}

/** Fills `weights` from `kernel`. Units: kernel rows. */
export function packRuns(record: usize, begin: i32, end: i32, scratch: usize): void {
  const g = changetype<InputGradient>(record);
  const length = g.kernelWidth * g.channels;
  const tap = <usize>g.filters << 2;
  for (let p = begin; p < end; p++) {
    for (let r = 0; r < g.run; r += LANES) {
      let to = g.weights + (<usize>((r * g.kernelHeight + p * LANES) * g.filters) << 2);
      for (let f = 0; f < g.filters; f++) {
        const from = g.kernel + <usize>(p * length + r) * tap + (<usize>f << 2);
        for (let lane = 0; lane < LANES; lane++) {
          store<f32>(to, r + lane < length ? load<f32>(from + lane * tap) : 0);
          to += 4;
        }
      }
    }
  }
}

/** Units: images. `sourceHeight` and `sourceWidth` are dx's. */
export function inputGradient(record: usize, begin: i32, end: i32, scratch: usize): void {
  const g = changetype<InputGradient>(record);
  const size = g.sourceHeight * g.sourceWidth * g.channels;
  const pixels = g.outputHeight * g.outputWidth * g.filters;
  layTable(scratch);
  for (let image = begin; image < end; image++) {
    listColumns(g, g.source + (<usize>(image * pixels) << 2), scratch);
    let dx = g.destination + (<usize>(image * size) << 2);
    for (let u = 0; u < g.sourceHeight; u++) {
      const row = scratch + g.rowOffset;
      clearNumbers(row, g.rowLength);
      sumRuns(g, u, row, scratch);
      copyNumbers(dx, row + (<usize>(g.left * g.channels) << 2), g.sourceWidth * g.channels);
      dx += <usize>(g.sourceWidth * g.channels) << 2;
    }
  }
}

/** Lists dy column by column, in each from the top to the bottom; notes where each pixel's part starts. */
function listColumns(g: InputGradient, dy: usize, scratch: usize): void {
  const F = g.filters;
  let starts = scratch + g.startsOffset;
  let to = scratch + g.listOffset;
  for (let j = 0; j < g.outputWidth; j++) {
    let from = dy + (<usize>(j * F) << 2);
    for (let i = 0; i < g.outputHeight; i++) {
      store<usize>(starts, to);
      starts += 4;
      // Bytes from the first filter's weights for row u + top to the f-th filter's for the row that i reaches there.
      let offset = -i * g.strideHeight * F * LANES * 4;
      let offsets = i32x4.add(i32x4.splat(offset), i32x4(0, LANES * 4, 2 * LANES * 4, 3 * LANES * 4));
      let f = 0;
      for (; f + 4 <= F; f += 4) {
        to = append(to, g.distance, v128.load(from + (<usize>f << 2)), offsets, scratch);
        offsets = i32x4.add(offsets, i32x4.splat(4 * LANES * 4));
      }
      if (f < F) to = append(to, g.distance, loadLanes(from + (<usize>f << 2), F - f), offsets, scratch);
      from += <usize>(g.outputWidth * F) << 2;
    }
    store<usize>(starts, to);
    starts += 4;
  }
}

/** Adds what every column of dy sends to row u. */
function sumRuns(g: InputGradient, u: i32, row: usize, scratch: usize): void {
  const reach = u + g.top;
  const above = reach - g.kernelHeight + 1;
  const first = above <= 0 ? 0 : min((above + g.strideHeight - 1) / g.strideHeight, g.outputHeight);
  const end = reach < 0 ? first : max(first, min(reach / g.strideHeight + 1, g.outputHeight));
  const column = <usize>(g.outputHeight + 1) << 2;
  const sending = first << 2, ending = end << 2;
  const left = row + (<usize>(g.left * g.channels) << 2), right = left + (<usize>(g.sourceWidth * g.channels) << 2);
  for (let r = 0; r < g.run; r += LANES) {
    const weights = g.weights + (<usize>((r * g.kernelHeight + reach * LANES) * g.filters) << 2);
    let list = scratch + g.startsOffset;
    let to = row + (<usize>r << 2);
    for (let j = 0; j < g.outputWidth; j++) {
      const from = load<usize>(list + sending), until = load<usize>(list + ending);
      // Blocks that lie in the padding are nobody's.
      if (from < until && to + LANES * 4 > left && to < right) addProducts(from, until, g.distance, weights, to);
      list += column;
      to += <usize>(g.strideWidth * g.channels) << 2;
    }
  }
}
