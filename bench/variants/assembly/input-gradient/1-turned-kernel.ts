/**
 * The forward pass' tile of 4 × 8 over a padded copy of dy, with the kernel turned. The best where dy has no zeros and
 * the padding is small. Lost for 14×14×6 → 16: it multiplies the padding, which is half of all, and 6 channels fill 8
 * lanes.
 */
import { clearNumbers, copyNumbers, madd, storeLanes } from "../../../../assembly/vectors";
import { Shape, gradientBytes, imageBytes } from "../shape";

/** [C/8][KH][KW·F][8], turned. */
export function pack(s: Shape, kernel: usize, to: usize): void {
  for (let c = 0; c < s.channels; c += 8) {
    for (let tap = s.kernelHeight * s.kernelWidth - 1; tap >= 0; tap--) {
      for (let f = 0; f < s.filters; f++) {
        for (let lane = c; lane < c + 8; lane++) {
          const from = kernel + (<usize>((tap * s.channels + lane) * s.filters + f) << 2);
          store<f32>(to, lane < s.channels ? load<f32>(from) : 0);
          to += 4;
        }
      }
    }
  }
}

export function gradient(s: Shape, dy: usize, weights: usize, dx: usize, scratch: usize): void {
  const pixel = <usize>s.filters << 2;
  const row = (s.width + s.kernelWidth - 1) * pixel;
  for (let image = 0; image < s.images; image++) {
    pad(s, dy, scratch, row);
    let w = weights;
    for (let c = 0; c < s.channels; c += 8) {
      const lanes = min(8, s.channels - c);
      for (let u = 0; u < s.height; u++) {
        for (let v = 0; v < s.width; v += 4) {
          // A ragged last tile reaches back.
          const first = min(v, s.width - 4);
          const to = dx + (<usize>((u * s.width + first) * s.channels + c) << 2);
          tile(s, scratch + u * row + first * pixel, pixel, row, w, to, lanes);
        }
      }
      w += <usize>(s.kernelHeight * s.kernelWidth * s.filters) << 5;
    }
    dy += gradientBytes(s);
    dx += imageBytes(s);
  }
}

/** Copies dy with the zeros that its windows reach. */
function pad(s: Shape, dy: usize, to: usize, row: usize): void {
  const above = s.kernelHeight - 1 - s.top;
  const left = (s.kernelWidth - 1 - s.left) * s.filters;
  const inside = s.outputWidth * s.filters;
  clearNumbers(to, ((s.height + s.kernelHeight - 1) * row) >> 2);
  for (let i = 0; i < s.outputHeight; i++) {
    copyNumbers(to + (above + i) * row + (<usize>left << 2), dy, inside);
    dy += <usize>inside << 2;
  }
}

function tile(s: Shape, x: usize, pixel: usize, row: usize, w: usize, y: usize, lanes: i32): void {
  let x0 = x, x1 = x0 + pixel, x2 = x1 + pixel, x3 = x2 + pixel;
  let a00 = f32x4.splat(0);
  let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00;
  const bytes = s.kernelWidth * pixel;
  for (let p = s.kernelHeight; p > 0; --p) {
    const end = x0 + bytes;
    do {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      let d = v128.load32_splat(x0);
      a00 = madd(a00, d, w0);
      a01 = madd(a01, d, w1);
      d = v128.load32_splat(x1);
      a10 = madd(a10, d, w0);
      a11 = madd(a11, d, w1);
      d = v128.load32_splat(x2);
      a20 = madd(a20, d, w0);
      a21 = madd(a21, d, w1);
      d = v128.load32_splat(x3);
      a30 = madd(a30, d, w0);
      a31 = madd(a31, d, w1);
      x0 += 4; x1 += 4; x2 += 4; x3 += 4;
      w += 32;
    } while (x0 < end);
    x0 += row - bytes; x1 += row - bytes; x2 += row - bytes; x3 += row - bytes;
  }
  const step = <usize>s.channels << 2;
  v128.store(y, a00); storeLanes(y + 16, a01, lanes - 4);
  y += step;
  v128.store(y, a10); storeLanes(y + 16, a11, lanes - 4);
  y += step;
  v128.store(y, a20); storeLanes(y + 16, a21, lanes - 4);
  y += step;
  v128.store(y, a30); storeLanes(y + 16, a31, lanes - 4);
}
