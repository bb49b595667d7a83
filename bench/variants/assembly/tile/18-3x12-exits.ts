/**
 * 3 × 12 with three numbers a turn, and in each a way out behind the second row, so that 9 sums, 5 loads and a product are all
 * there is at once: the fastest plain form on Zen 4, on all Nodes. Lost nevertheless: 8 or 16 filters do not fill it, 32 are
 * two and a half, and the library would need it beside 4 × 8 (0.7 kB of kernels and a packing of its own).
 */
import { madd } from "../../../../assembly/vectors";

export const WIDTH: i32 = 12;

/** y[rows][columns] = x · w; rows of x are `step` bytes apart and `length` bytes long, w is [columns / WIDTH][length / 4][WIDTH]. */
export function products(x: usize, step: usize, length: usize, rows: i32, columns: i32, w: usize, y: usize): void {
  const yStep = <usize>columns << 2;
  for (let c = 0; c < columns; c += WIDTH) {
    const to = y + (<usize>c << 2);
    for (let r = 0; r < rows; r += 3) tile(x + r * step, step, length, w, to + r * yStep, yStep);
    w += length * WIDTH;
  }
}

function tile(x: usize, step: usize, length: usize, w: usize, y: usize, yStep: usize): void {
  let x0 = x, x1 = x0 + step, x2 = x1 + step;
  let a00 = f32x4.splat(0);
  let a01 = a00, a02 = a00, a10 = a00, a11 = a00, a12 = a00, a20 = a00, a21 = a00, a22 = a00;
  const end = x0 + length;
  let w0: v128, w1: v128, w2: v128, s: v128;
  const last1 = end - 4, last2 = end - 8;
  for (;;) {
    w0 = v128.load(w);
    w1 = v128.load(w, 16);
    w2 = v128.load(w, 32);
    s = v128.load32_splat(x0);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    a02 = madd(a02, s, w2);
    s = v128.load32_splat(x1);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    a12 = madd(a12, s, w2);
    if (x2 == 1) break;
    s = v128.load32_splat(x2);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    a22 = madd(a22, s, w2);
    if (x0 == last1) break;
    w0 = v128.load(w, 48);
    w1 = v128.load(w, 64);
    w2 = v128.load(w, 80);
    s = v128.load32_splat(x0, 4);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    a02 = madd(a02, s, w2);
    s = v128.load32_splat(x1, 4);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    a12 = madd(a12, s, w2);
    if (x2 == 2) break;
    s = v128.load32_splat(x2, 4);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    a22 = madd(a22, s, w2);
    if (x0 == last2) break;
    w0 = v128.load(w, 96);
    w1 = v128.load(w, 112);
    w2 = v128.load(w, 128);
    s = v128.load32_splat(x0, 8);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    a02 = madd(a02, s, w2);
    s = v128.load32_splat(x1, 8);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    a12 = madd(a12, s, w2);
    if (x2 == 3) break;
    s = v128.load32_splat(x2, 8);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    a22 = madd(a22, s, w2);
    x0 += 12; x1 += 12; x2 += 12;
    w += 144;
    if (x0 == end) break;
  }
  v128.store(y, a00); v128.store(y, a01, 16); v128.store(y, a02, 32);
  y += yStep;
  v128.store(y, a10); v128.store(y, a11, 16); v128.store(y, a12, 32);
  y += yStep;
  v128.store(y, a20); v128.store(y, a21, 16); v128.store(y, a22, 32);
}
