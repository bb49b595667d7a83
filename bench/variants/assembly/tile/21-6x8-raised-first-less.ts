/** 20 with ways out that ask whether the address is less than a number. Won, and is the taller tile of assembly/product.ts. */
import { madd } from "../../../../assembly/vectors";

export const WIDTH: i32 = 8;

/** y[rows][columns] = x · w; rows of x are `step` bytes apart and `length` bytes long, w is [columns / WIDTH][length / 4][WIDTH]. */
export function products(x: usize, step: usize, length: usize, rows: i32, columns: i32, w: usize, y: usize): void {
  const yStep = <usize>columns << 2;
  for (let c = 0; c < columns; c += WIDTH) {
    const to = y + (<usize>c << 2);
    for (let r = 0; r < rows; r += 6) {
      const first = min(r, rows - 6);
      tile(x + first * step, step, length, w, to + first * yStep, yStep);
    }
    w += length * WIDTH;
  }
}

function tile(x: usize, step: usize, length: usize, w: usize, y: usize, yStep: usize): void {
  w -= 128;
  let x0 = x - 16, x1 = x0 + step, x2 = x1 + step, x3 = x2 + step, x4 = x3 + step, x5 = x4 + step;
  let a00 = f32x4.splat(0);
  let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00, a40 = a00, a41 = a00, a50 = a00, a51 = a00;
  const end = x + length;
  let w0: v128, w1: v128, s: v128;
  // Where x ends, in the turn that it ends in: addresses are those of a turn's first numbers.
  const last1 = end - 4, last2 = end - 8, last3 = end - 12, last4 = end - 16;
  for (;;) {
    x0 += 16; x1 += 16; x2 += 16; x3 += 16; x4 += 16; x5 += 16;
    w += 128;
    w0 = v128.load(w);
    w1 = v128.load(w, 16);
    s = v128.load32_splat(x0);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    if (x1 < 2) break;
    s = v128.load32_splat(x1);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    if (x2 < 2) break;
    s = v128.load32_splat(x2);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    if (x3 < 2) break;
    s = v128.load32_splat(x3);
    a30 = madd(a30, s, w0);
    a31 = madd(a31, s, w1);
    if (x4 < 2) break;
    s = v128.load32_splat(x4);
    a40 = madd(a40, s, w0);
    a41 = madd(a41, s, w1);
    if (x5 < 2) break;
    s = v128.load32_splat(x5);
    a50 = madd(a50, s, w0);
    a51 = madd(a51, s, w1);
    if (x0 == last1) break;
    w0 = v128.load(w, 32);
    w1 = v128.load(w, 48);
    s = v128.load32_splat(x0, 4);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    if (x1 < 3) break;
    s = v128.load32_splat(x1, 4);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    if (x2 < 3) break;
    s = v128.load32_splat(x2, 4);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    if (x3 < 3) break;
    s = v128.load32_splat(x3, 4);
    a30 = madd(a30, s, w0);
    a31 = madd(a31, s, w1);
    if (x4 < 3) break;
    s = v128.load32_splat(x4, 4);
    a40 = madd(a40, s, w0);
    a41 = madd(a41, s, w1);
    if (x5 < 3) break;
    s = v128.load32_splat(x5, 4);
    a50 = madd(a50, s, w0);
    a51 = madd(a51, s, w1);
    if (x0 == last2) break;
    w0 = v128.load(w, 64);
    w1 = v128.load(w, 80);
    s = v128.load32_splat(x0, 8);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    if (x1 < 4) break;
    s = v128.load32_splat(x1, 8);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    if (x2 < 4) break;
    s = v128.load32_splat(x2, 8);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    if (x3 < 4) break;
    s = v128.load32_splat(x3, 8);
    a30 = madd(a30, s, w0);
    a31 = madd(a31, s, w1);
    if (x4 < 4) break;
    s = v128.load32_splat(x4, 8);
    a40 = madd(a40, s, w0);
    a41 = madd(a41, s, w1);
    if (x5 < 4) break;
    s = v128.load32_splat(x5, 8);
    a50 = madd(a50, s, w0);
    a51 = madd(a51, s, w1);
    if (x0 == last3) break;
    w0 = v128.load(w, 96);
    w1 = v128.load(w, 112);
    s = v128.load32_splat(x0, 12);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    if (x1 < 5) break;
    s = v128.load32_splat(x1, 12);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    if (x2 < 5) break;
    s = v128.load32_splat(x2, 12);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    if (x3 < 5) break;
    s = v128.load32_splat(x3, 12);
    a30 = madd(a30, s, w0);
    a31 = madd(a31, s, w1);
    if (x4 < 5) break;
    s = v128.load32_splat(x4, 12);
    a40 = madd(a40, s, w0);
    a41 = madd(a41, s, w1);
    if (x5 < 5) break;
    s = v128.load32_splat(x5, 12);
    a50 = madd(a50, s, w0);
    a51 = madd(a51, s, w1);
    if (x0 == last4) break;
  }
  v128.store(y, a00); v128.store(y, a01, 16);
  y += yStep;
  v128.store(y, a10); v128.store(y, a11, 16);
  y += yStep;
  v128.store(y, a20); v128.store(y, a21, 16);
  y += yStep;
  v128.store(y, a30); v128.store(y, a31, 16);
  y += yStep;
  v128.store(y, a40); v128.store(y, a41, 16);
  y += yStep;
  v128.store(y, a50); v128.store(y, a51, 16);
}
