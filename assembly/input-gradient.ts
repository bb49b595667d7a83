/**
 * The gradient of a convolution's input the other way round: every dy[pixel, f] is sent to all taps, and what arrives at
 * the same place of dx is added.
 *
 *    dy [pixels][F] · wᵀ [F][taps]  =  columns [pixels][taps]        in tiles of 4 × 8, some pixels at a time
 *    dx[window of the pixel]       +=  columns[pixel]                 one run a kernel row: kernelWidth · C numbers
 *
 * It multiplies only what there is. The convolution of the padded dy with the turned kernel also multiplies the padding,
 * which for a 5 × 5 kernel on 14 × 14 pixels without padding is half of all. src/kernels/wasm/conv2d.ts compares the two.
 */
import { Convolution } from "./band";
import { products4x8 } from "./product";
import { addNumbers, clearNumbers } from "./vectors";

/** The forward pass' record with source: dy, destination: dx, weights: packed, taps as filters; and more. */
@unmanaged
class InputGradient extends Convolution {
  inputHeight: i32;
  inputWidth: i32;
  /** Pixels whose columns are held at a time, a multiple of 4. */
  chunkPixels: i32;
}

/** Units: images. */
export function inputGradient(record: usize, begin: i32, end: i32, scratch: usize): void {
  const g = changetype<InputGradient>(record);
  const F = g.sourceChannels;
  const size = g.inputHeight * g.inputWidth * g.channels;
  const pixels = g.sourceHeight * g.sourceWidth;
  // A tile has four pixels: where fewer are left it reaches back, so columns may begin three before their place.
  const columns = scratch + 3 * columnBytes(g);
  for (let image = begin; image < end; image++) {
    const dx = g.destination + (<usize>(image * size) << 2);
    const dy = g.source + (<usize>(image * pixels) * F << 2);
    clearNumbers(dx, size);
    for (let first = 0; first < pixels; first += g.chunkPixels) {
      const count = min(g.chunkPixels, pixels - first);
      columnsOf(g, dy + (<usize>(first * F) << 2), count, columns);
      for (let k = 0; k < count; k++) addWindow(g, first + k, columns + <usize>k * columnBytes(g), dx);
    }
  }
}

// @ts-ignore: decorator
@inline
function columnBytes(g: InputGradient): usize {
  return <usize>((g.filters + 7) & ~7) << 2;
}

function columnsOf(g: InputGradient, dy: usize, pixels: i32, columns: usize): void {
  const row = <usize>g.sourceChannels << 2;
  const step = columnBytes(g);
  let weights = g.weights;
  for (let tap = 0; tap < g.filters; tap += 8) {
    weights += 32; // the row of biases, which there are none
    const to = columns + (<usize>tap << 2);
    products4x8(dy, row, row, pixels >> 2, weights, to, step, false);
    if (pixels & 3) products4x8(dy + (pixels - 4) * row, row, row, 1, weights, to + (pixels - 4) * step, step, false);
    weights += row << 3;
  }
}

/** Adds one pixel's column to the part of its window that lies inside the image. */
function addWindow(g: InputGradient, pixel: i32, column: usize, dx: usize): void {
  const i = pixel / g.sourceWidth;
  const j = pixel - i * g.sourceWidth;
  const C = g.channels;
  const left = j * g.strideWidth - g.left;
  const whole = g.dilationWidth == 1;
  for (let p = 0; p < g.kernelHeight; p++) {
    const u = i * g.strideHeight - g.top + p * g.dilationHeight;
    if (u < 0 || u >= g.inputHeight) continue;
    const run = column + (<usize>(p * g.kernelWidth * C) << 2);
    const row = dx + (<usize>(u * g.inputWidth * C) << 2);
    if (whole) {
      const first = max(0, -left);
      const count = min(g.kernelWidth, g.inputWidth - left) - first;
      if (count > 0) addNumbers(row + (<usize>((left + first) * C) << 2), run + (<usize>(first * C) << 2), count * C);
    } else {
      for (let q = 0; q < g.kernelWidth; q++) {
        const v = left + q * g.dilationWidth;
        if (v >= 0 && v < g.inputWidth) addNumbers(row + (<usize>(v * C) << 2), run + (<usize>(q * C) << 2), C);
      }
    }
  }
}
