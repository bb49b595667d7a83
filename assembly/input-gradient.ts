/**
 * The gradient of a convolution's input the other way round: every dy[i, j, f] that is not zero is sent to all taps, and
 * what arrives at the same place of dx is added.
 *
 * In NHWC the taps of one kernel row are one run of kernelWidth · C numbers of dx. For a row u of dx and a column j of
 * dy, first what the rows of dy above send there is summed, 32 numbers at a time,
 *
 *      run[j][0 … 31]  =  Σ  dy[i, j, f]  ×  w[u − i·stride, f, 0 … 31]      all i that reach u, all f: one list
 *
 * and then the overlapping runs are added where they overlap: dx[u, v] = Σ over q of run[j][q] with j·stride + q = v.
 *
 * It multiplies only what there is: a convolution of the padded dy with the turned kernel also multiplies the padding,
 * which for a 5 × 5 kernel on 14 × 14 pixels is half of all, and all the zeros. src/kernels/wasm/convolution.ts chooses.
 */
import { Convolution } from "./band";
import { LANES, addProducts, append, layTable } from "./nonzeros";
import { clearNumbers, loadLanes, storeLanes } from "./vectors";

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
  /** Bytes of scratch memory before the lists' starts, before the runs of a row, and before the lists. */
  startsOffset: usize;
  runsOffset: usize;
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
      if (g.channels % LANES == 0) {
        clearNumbers(dx, g.sourceWidth * g.channels);
        sumRuns(g, u, dx, scratch);
      } else {
        sumRuns(g, u, 0, scratch);
        addRuns(g, dx, scratch);
      }
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

/** What every column of dy sends to row u: added to dx where blocks lie within one of its pixels, else runs to be added. */
function sumRuns(g: InputGradient, u: i32, dx: usize, scratch: usize): void {
  const reach = u + g.top;
  const above = reach - g.kernelHeight + 1;
  const first = above <= 0 ? 0 : min((above + g.strideHeight - 1) / g.strideHeight, g.outputHeight);
  const end = reach < 0 ? first : max(first, min(reach / g.strideHeight + 1, g.outputHeight));
  const column = <usize>(g.outputHeight + 1) << 2;
  const starts = scratch + g.startsOffset;
  const sending = first << 2, ending = end << 2;
  for (let r = 0; r < g.run; r += LANES) {
    const weights = g.weights + (<usize>((r * g.kernelHeight + reach * LANES) * g.filters) << 2);
    let list = starts;
    if (dx) {
      const q = r / g.channels;
      const step = g.strideWidth * g.channels;
      let to = dx + (<usize>((q - g.left) * g.channels + r - q * g.channels) << 2);
      for (let j = 0, v = q - g.left; j < g.outputWidth; j++, v += g.strideWidth) {
        if (v >= 0 && v < g.sourceWidth) {
          const from = load<usize>(list + sending), until = load<usize>(list + ending);
          if (from < until) addProducts(from, until, g.distance, weights, to, true);
        }
        list += column;
        to += <usize>step << 2;
      }
    } else {
      let to = scratch + g.runsOffset + (<usize>r << 2);
      for (let j = 0; j < g.outputWidth; j++) {
        addProducts(load<usize>(list + sending), load<usize>(list + ending), g.distance, weights, to, false);
        list += column;
        to += <usize>g.run << 2;
      }
    }
  }
}

/** A row of dx from the runs of all columns. */
function addRuns(g: InputGradient, dx: usize, scratch: usize): void {
  const C = g.channels;
  const S = g.strideWidth;
  const runs = scratch + g.runsOffset;
  // From one column that reaches v to the one before it: one run back, and a stride further to the right in it.
  const back = <usize>(S * C - g.run) << 2;
  for (let v = 0; v < g.sourceWidth; v++) {
    const reach = v + g.left;
    const last = reach < 0 ? -1 : min(reach / S, g.outputWidth - 1);
    const above = reach - g.kernelWidth + 1;
    const first = above <= 0 ? 0 : (above + S - 1) / S;
    const from = runs + (<usize>(last * g.run + (reach - last * S) * C) << 2);
    for (let c = 0; c < C; c += 4) {
      let sum = f32x4.splat(0);
      let run = from + (<usize>c << 2);
      for (let j = last; j >= first; j--) {
        sum = f32x4.add(sum, v128.load(run));
        run += back;
      }
      storeLanes(dx, sum, min(4, C - c));
      dx += <usize>min(4, C - c) << 2;
    }
  }
}
