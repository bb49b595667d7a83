/**
 * 4 rows × 8 columns, a pointer a row, and a loop that ends where the first pointer does. Its 8 sums and the 6 loads of a
 * turn fit into the 15 registers that V8 has, in whatever order V8 puts them. Lost to 12, which has fewer instructions.
 */
import { madd } from "../../../../assembly/vectors";

export const WIDTH: i32 = 8;

/** y[rows][columns] = x · w; rows of x are `step` bytes apart and `length` bytes long, w is [columns / WIDTH][length / 4][WIDTH]. */
export function products(x: usize, step: usize, length: usize, rows: i32, columns: i32, w: usize, y: usize): void {
  const yStep = <usize>columns << 2;
  for (let c = 0; c < columns; c += WIDTH) {
    const to = y + (<usize>c << 2);
    for (let r = 0; r < rows; r += 4) tile(x + r * step, step, length, w, to + r * yStep, yStep);
    w += length * WIDTH;
  }
}

function tile(x: usize, step: usize, length: usize, w: usize, y: usize, yStep: usize): void {
  let x0 = x, x1 = x0 + step, x2 = x1 + step, x3 = x2 + step;
  let a00 = f32x4.splat(0);
  let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00;
  const end = x0 + length;
  do {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    let s = v128.load32_splat(x0);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    s = v128.load32_splat(x1);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    s = v128.load32_splat(x2);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    s = v128.load32_splat(x3);
    a30 = madd(a30, s, w0);
    a31 = madd(a31, s, w1);
    x0 += 4; x1 += 4; x2 += 4; x3 += 4;
    w += 32;
  } while (x0 < end);
  v128.store(y, a00); v128.store(y, a01, 16);
  y += yStep;
  v128.store(y, a10); v128.store(y, a11, 16);
  y += yStep;
  v128.store(y, a20); v128.store(y, a21, 16);
  y += yStep;
  v128.store(y, a30); v128.store(y, a31, 16);
}
