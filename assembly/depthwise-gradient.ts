/**
 * The gradient of a depthwise convolution's kernel: dw[p,q,c] = Σ over pixels of x[pixel + tap p,q, c] · dy[pixel, c].
 *
 * The tile of depthwise.ts with the roles of pixels and taps exchanged: 3 taps × 8 channels stay in six vectors while the
 * pixels of a rectangle pass by, all of which have the same taps inside the image.
 */
import { Convolution } from "./band";
import { ENTRY, LIST, Rectangle, beginBand, nextRectangle } from "./depthwise-rectangles";
import { clearNumbers, loadLanes, madd, readAhead, storeLanes } from "./vectors";

/** The record of the forward pass with dy in the place of y, and the slices' sums one after the other in that of the weights. */
@unmanaged
class DepthwiseGradient extends Convolution {
  images: i32;
  slices: i32;
}

/** Units: slices of images, each with a sum of its own. */
export function depthwiseGradient(record: usize, begin: i32, end: i32, scratch: usize): void {
  const k = changetype<DepthwiseGradient>(record);
  const size = k.kernelHeight * k.kernelWidth * k.groups;
  for (let slice = begin; slice < end; slice++) {
    const sums = k.weights + (<usize>(slice * size) << 2);
    const endImage = (k.images * (slice + 1)) / k.slices;
    clearNumbers(sums, size);
    for (let image = (k.images * slice) / k.slices; image < endImage; image++) {
      for (let row = 0; row < k.outputHeight; row += k.bandRows) {
        const endRow = min(row + k.bandRows, k.outputHeight);
        const r = beginBand(k, image, row, endRow, scratch);
        readAhead(k.destination + image * k.imageStep + row * k.rowStep, (endRow - row) * k.rowStep, scratch);
        while (nextRectangle(k, r)) eachTap(k, r, sums);
      }
    }
  }
}

/**
 * All taps of a rectangle, three at a time, for all channels. Where fewer are left, one is done twice or three times: from
 * the same sum the same numbers are stored.
 */
function eachTap(k: Convolution, r: Rectangle, sums: usize): void {
  const pixel = <usize>k.groups << 2;
  for (let at: usize = 0; at < pixel; at += 32) {
    for (let entry = changetype<usize>(r) + LIST; entry < r.end; entry += 3 * ENTRY) {
      const s0 = sums + at + load<usize>(entry, 4) * pixel;
      const s1 = sums + at + load<usize>(entry, 4 + ENTRY) * pixel;
      const s2 = sums + at + load<usize>(entry, 4 + 2 * ENTRY) * pixel;
      if (at + 32 <= pixel) {
        taps3x8(k, r, entry, at, s0, s1, s2);
      } else {
        const rest = k.groups & 7;
        taps3x4(k, r, entry, at, s0, s1, s2, min(4, rest));
        if (rest > 4) taps3x4(k, r, entry, at + 16, s0 + 16, s1 + 16, s2 + 16, rest - 4);
      }
    }
  }
}

function taps3x8(k: Convolution, r: Rectangle, entry: usize, at: usize, s0: usize, s1: usize, s2: usize): void {
  let a00 = v128.load(s0), a01 = v128.load(s0, 16);
  let a10 = v128.load(s1), a11 = v128.load(s1, 16);
  let a20 = v128.load(s2), a21 = v128.load(s2, 16);
  const x = r.x + at;
  let x0 = x + load<usize>(entry), x1 = x + load<usize>(entry, ENTRY), x2 = x + load<usize>(entry, 2 * ENTRY);
  const xStep = <usize>(k.strideWidth * k.groups) << 2;
  const xRow = (<usize>(k.strideHeight * k.sourceWidth * k.groups) << 2) - r.columns * xStep;
  const dyStep = k.pixelStep;
  const dyRow = k.rowStep - r.columns * dyStep;
  let dy = r.y + at;
  for (let i = r.rows; i > 0; --i) {
    const end = dy + r.columns * dyStep;
    do {
      const d0 = v128.load(dy);
      const d1 = v128.load(dy, 16);
      a00 = madd(a00, v128.load(x0), d0);
      a01 = madd(a01, v128.load(x0, 16), d1);
      a10 = madd(a10, v128.load(x1), d0);
      a11 = madd(a11, v128.load(x1, 16), d1);
      a20 = madd(a20, v128.load(x2), d0);
      a21 = madd(a21, v128.load(x2, 16), d1);
      x0 += xStep; x1 += xStep; x2 += xStep;
      dy += dyStep;
    } while (dy < end);
    x0 += xRow; x1 += xRow; x2 += xRow;
    dy += dyRow;
  }
  v128.store(s0, a00);
  v128.store(s0, a01, 16);
  v128.store(s1, a10);
  v128.store(s1, a11, 16);
  v128.store(s2, a20);
  v128.store(s2, a21, 16);
}

/** The channels behind the last eight, at most four at a time. */
function taps3x4(
  k: Convolution, r: Rectangle, entry: usize, at: usize, s0: usize, s1: usize, s2: usize, lanes: i32,
): void {
  let a0 = loadLanes(s0, lanes), a1 = loadLanes(s1, lanes), a2 = loadLanes(s2, lanes);
  const p0 = load<usize>(entry), p1 = load<usize>(entry, ENTRY), p2 = load<usize>(entry, 2 * ENTRY);
  const xStep = <usize>(k.strideWidth * k.groups) << 2;
  for (let i = 0; i < r.rows; i++) {
    let x = r.x + at + (<usize>(i * k.strideHeight * k.sourceWidth * k.groups) << 2);
    let dy = r.y + at + i * k.rowStep;
    for (let j = r.columns; j > 0; --j) {
      const d = loadLanes(dy, lanes);
      a0 = madd(a0, loadLanes(x + p0, lanes), d);
      a1 = madd(a1, loadLanes(x + p1, lanes), d);
      a2 = madd(a2, loadLanes(x + p2, lanes), d);
      x += xStep;
      dy += k.pixelStep;
    }
  }
  storeLanes(s0, a0, lanes);
  storeLanes(s1, a1, lanes);
  storeLanes(s2, a2, lanes);
}
