/**
 * 07 with one index added to the addresses, to have eight additions fewer. Lost as 07 did: what Node 20 and 22 are
 * short of are registers for vectors, not for addresses.
 */
import { madd } from "../../../../assembly/vectors";

export const WIDTH: i32 = 4;

/** y[rows][columns] = x · w; rows of x are `step` bytes apart and `length` bytes long, w is [columns / WIDTH][length / 4][WIDTH]. */
export function products(x: usize, step: usize, length: usize, rows: i32, columns: i32, w: usize, y: usize): void {
  const yStep = <usize>columns << 2;
  for (let c = 0; c < columns; c += WIDTH) {
    const to = y + (<usize>c << 2);
    for (let r = 0; r < rows; r += 8) tile(x + r * step, step, length, w, to + r * yStep, yStep);
    w += length * WIDTH;
  }
}

function tile(x: usize, step: usize, length: usize, w: usize, y: usize, yStep: usize): void {
  const x0 = x, x1 = x0 + step, x2 = x1 + step, x3 = x2 + step, x4 = x3 + step, x5 = x4 + step, x6 = x5 + step, x7 = x6 + step;
  let a00 = f32x4.splat(0);
  let a10 = a00, a20 = a00, a30 = a00, a40 = a00, a50 = a00, a60 = a00, a70 = a00;
  let k: usize = 0;
  do {
    const w0 = v128.load(w);
    let s = v128.load32_splat(x0 + k);
    a00 = madd(a00, s, w0);
    s = v128.load32_splat(x1 + k);
    a10 = madd(a10, s, w0);
    s = v128.load32_splat(x2 + k);
    a20 = madd(a20, s, w0);
    s = v128.load32_splat(x3 + k);
    a30 = madd(a30, s, w0);
    s = v128.load32_splat(x4 + k);
    a40 = madd(a40, s, w0);
    s = v128.load32_splat(x5 + k);
    a50 = madd(a50, s, w0);
    s = v128.load32_splat(x6 + k);
    a60 = madd(a60, s, w0);
    s = v128.load32_splat(x7 + k);
    a70 = madd(a70, s, w0);
    k += 4;
    w += 16;
  } while (k < length);
  v128.store(y, a00);
  y += yStep;
  v128.store(y, a10);
  y += yStep;
  v128.store(y, a20);
  y += yStep;
  v128.store(y, a30);
  y += yStep;
  v128.store(y, a40);
  y += yStep;
  v128.store(y, a50);
  y += yStep;
  v128.store(y, a60);
  y += yStep;
  v128.store(y, a70);
}
