/**
 * The gradient of a convolution's input the other way round: every dy[pixel, f] is sent to all taps, and what arrives at
 * the same place of dx is added.
 *
 * In NHWC the taps of one kernel row are one run of kernelWidth · C numbers of dx. For a row u of dx and a column j of dy,
 * eight vectors hold the part of that run which all dy above and below send there:
 *
 *      run[0 … 31]  +=  dy[i, j, f] in all lanes  ×  w[p, f, 0 … 31]      for all p that take i to u, for all f
 *
 * and only then is the run added to dx, where it overlaps with its neighbours. It multiplies only what there is: the
 * convolution of the padded dy with the turned kernel also multiplies the padding, which for a 5 × 5 kernel on 14 × 14
 * pixels without padding is half of all. src/kernels/wasm/convolution.ts compares the two.
 */
import { Convolution } from "./band";
import { addNumbers, clearNumbers, madd } from "./vectors";

/** Numbers of a run that are held at a time. */
const LANES = 32;

/** The record of the forward pass with source: dy, destination: dx, weights: [KH][blocks of a run][F][32]; and more. */
@unmanaged
class InputGradient extends Convolution {
  /** The kernel as it lies, [KH,KW,C,F]. */
  kernel: usize;
}

/** Fills `weights` from `kernel`. Units: kernel rows. */
export function packRuns(record: usize, begin: i32, end: i32, scratch: usize): void {
  const g = changetype<InputGradient>(record);
  const length = g.kernelWidth * g.channels;
  const blocks = (length + LANES - 1) / LANES;
  const tap = <usize>g.filters << 2;
  for (let p = begin; p < end; p++) {
    let to = g.weights + (<usize>(p * blocks * g.filters * LANES) << 2);
    for (let r = 0; r < blocks * LANES; r += LANES) {
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

/** Units: images. `sourceHeight` and `sourceWidth` are dx's. Scratch: one block of a run, and a place per kernel row. */
export function inputGradient(record: usize, begin: i32, end: i32, scratch: usize): void {
  const g = changetype<InputGradient>(record);
  const size = g.sourceHeight * g.sourceWidth * g.channels;
  const pixels = g.outputHeight * g.outputWidth * g.filters;
  for (let image = begin; image < end; image++) {
    const dx = g.destination + (<usize>(image * size) << 2);
    const dy = g.source + (<usize>(image * pixels) << 2);
    clearNumbers(dx, size);
    for (let u = 0; u < g.sourceHeight; u++) {
      const rows = rowsThatReach(g, u, dy, scratch);
      if (rows > 0) addRuns(g, rows, dx + (<usize>(u * g.sourceWidth * g.channels) << 2), scratch);
    }
  }
}

/** Notes which rows of dy reach row u of dx, and by which kernel row: pairs of addresses behind the block. */
function rowsThatReach(g: InputGradient, u: i32, dy: usize, scratch: usize): i32 {
  const blocks = (g.kernelWidth * g.channels + LANES - 1) / LANES;
  let rows = 0;
  for (let p = 0; p < g.kernelHeight; p++) {
    const above = u + g.top - p * g.dilationHeight;
    const i = above / g.strideHeight;
    if (above < 0 || i >= g.outputHeight || i * g.strideHeight != above) continue;
    const place = scratch + LANES * 4 + (<usize>rows << 3);
    store<usize>(place, dy + (<usize>(i * g.outputWidth * g.filters) << 2));
    store<usize>(place, g.weights + (<usize>(p * blocks * g.filters * LANES) << 2), 4);
    rows++;
  }
  return rows;
}

/** Adds to a row of dx the runs of all columns of dy. */
function addRuns(g: InputGradient, rows: i32, dx: usize, scratch: usize): void {
  const C = g.channels;
  const length = g.kernelWidth * C;
  for (let j = 0; j < g.outputWidth; j++) {
    const left = j * g.strideWidth - g.left;
    const inside = max(0, -left) * C;
    const outside = min(g.kernelWidth, g.sourceWidth - left) * C;
    for (let r = 0; r < length; r += LANES) {
      const first = max(inside, r);
      const count = min(outside, r + LANES) - first;
      if (count <= 0) continue;
      sumRun(g, rows, <usize>(j * g.filters) << 2, <usize>(r * g.filters) << 2, scratch);
      addNumbers(dx + (<usize>(left * C + first) << 2), scratch + (<usize>(first - r) << 2), count);
    }
  }
}

/** One block of a run, into the scratch memory. */
function sumRun(g: InputGradient, rows: i32, column: usize, block: usize, scratch: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  const depth = <usize>g.filters << 2;
  let place = scratch + LANES * 4;
  for (; rows > 0; --rows) {
    let dy = load<usize>(place) + column;
    let w = load<usize>(place, 4) + block;
    const end = dy + depth;
    do {
      const d = v128.load32_splat(dy);
      a0 = madd(a0, d, v128.load(w));
      a1 = madd(a1, d, v128.load(w, 16));
      a2 = madd(a2, d, v128.load(w, 32));
      a3 = madd(a3, d, v128.load(w, 48));
      a4 = madd(a4, d, v128.load(w, 64));
      a5 = madd(a5, d, v128.load(w, 80));
      a6 = madd(a6, d, v128.load(w, 96));
      a7 = madd(a7, d, v128.load(w, 112));
      dy += 4;
      w += 128;
    } while (dy < end);
    place += 8;
  }
  v128.store(scratch, a0);
  v128.store(scratch, a1, 16);
  v128.store(scratch, a2, 32);
  v128.store(scratch, a3, 48);
  v128.store(scratch, a4, 64);
  v128.store(scratch, a5, 80);
  v128.store(scratch, a6, 96);
  v128.store(scratch, a7, 112);
}
