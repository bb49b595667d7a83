/**
 * The tile of convolution.ts for plain matrix products: `tiles` times four rows of x, `row` bytes apart and as long, times
 * eight columns packed as [length][8], to as many rows of y that are `yRow` bytes apart.
 */
import { madd } from "./vectors";

export function products4x8(x: usize, row: usize, tiles: i32, weights: usize, y: usize, yRow: usize): void {
  for (; tiles > 0; --tiles) {
    let w = weights;
    let x0 = x;
    const end = x0 + row;
    let x1 = end, x2 = end + row, x3 = x2 + row;
    let a00 = f32x4.splat(0);
    let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00;
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
    v128.store(y, a00);
    v128.store(y, a01, 16);
    y += yRow;
    v128.store(y, a10);
    v128.store(y, a11, 16);
    y += yRow;
    v128.store(y, a20);
    v128.store(y, a21, 16);
    y += yRow;
    v128.store(y, a30);
    v128.store(y, a31, 16);
    y += yRow;
    x += 4 * row;
  }
}
