/**
 * 3 rows × 12 columns: 9 multiplications for 6 loads. As good as the best of the relaxed builds, and of the plain one
 * of Node 24 and 26. Lost in the plain build of 20 and 22, where 9 sums, 6 loads and a product are one register too
 * many; and many layers have 8 or 16 filters.
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
  do {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    let s = v128.load32_splat(x0);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    a02 = madd(a02, s, w2);
    s = v128.load32_splat(x1);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    a12 = madd(a12, s, w2);
    s = v128.load32_splat(x2);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    a22 = madd(a22, s, w2);
    x0 += 4; x1 += 4; x2 += 4;
    w += 48;
  } while (x0 < end);
  v128.store(y, a00); v128.store(y, a01, 16); v128.store(y, a02, 32);
  y += yStep;
  v128.store(y, a10); v128.store(y, a11, 16); v128.store(y, a12, 32);
  y += yStep;
  v128.store(y, a20); v128.store(y, a21, 16); v128.store(y, a22, 32);
}
