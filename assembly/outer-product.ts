/**
 * The tiles of product.ts with the roles of rows and length exchanged: columns of x stay, while all rows pass by.
 *
 *      y[columns][8] = (y +) xᵀ · d      columns of x times 8 columns of d, summed over their rows
 *
 * Three rows are one turn; the taller tile has its ways out, see convolution.ts, after each column of x.
 */
import { heightOf } from "./product";
import { copyMatrix, madd } from "./vectors";

/**
 * All columns of x times `lanes` columns of d, summed over `rows` rows that are `xStep` and `dStep` bytes apart; rows of y
 * are `toStep` bytes apart. Tiles that do not fill their place in y go through `tile`, which has room for the tallest.
 */
export function outerProducts(
  x: usize, xStep: usize, columns: i32, d: usize, dStep: usize, rows: i32,
  y: usize, toStep: usize, lanes: i32, tile: usize, writes: bool,
): void {
  while (columns > 0) {
    const height = heightOf(columns);
    const filled = min(height, columns);
    const fits = filled == height && lanes == 8;
    const to = fits ? y : tile, step = fits ? toStep : 32;
    if (!fits && !writes) copyMatrix(y, toStep, tile, 32, filled, lanes);
    if (height == 6) outerTile(6, x, xStep, d, dStep, rows, to, step, writes);
    else outerTile(4, x, xStep, d, dStep, rows, to, step, writes);
    if (!fits) copyMatrix(tile, 32, y, toStep, filled, lanes);
    columns -= height;
    x += <usize>height << 2;
    y += height * toStep;
  }
}

// @ts-ignore: decorator
@inline
function outerTile(
  height: i32, x: usize, xStep: usize, d: usize, dStep: usize, rows: i32, to: usize, toStep: usize, writes: bool,
): void {
  const t1 = to + toStep, t2 = t1 + toStep, t3 = t2 + toStep, t4 = t3 + toStep, t5 = t4 + toStep;
  let a00 = f32x4.splat(0);
  let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00, a40 = a00, a41 = a00, a50 = a00, a51 = a00;
  if (!writes) {
    a00 = v128.load(to); a01 = v128.load(to, 16);
    a10 = v128.load(t1); a11 = v128.load(t1, 16);
    a20 = v128.load(t2); a21 = v128.load(t2, 16);
    a30 = v128.load(t3); a31 = v128.load(t3, 16);
    if (height == 6) {
      a40 = v128.load(t4); a41 = v128.load(t4, 16);
      a50 = v128.load(t5); a51 = v128.load(t5, 16);
    }
  }
  const last = d + (rows - 1) * dStep;
  for (;;) {
    let d0 = v128.load(d), d1 = v128.load(d, 16);
    let s = v128.load32_splat(x);
    a00 = madd(a00, s, d0);
    a01 = madd(a01, s, d1);
    if (height == 6 && x == 1) break;
    s = v128.load32_splat(x, 4);
    a10 = madd(a10, s, d0);
    a11 = madd(a11, s, d1);
    if (height == 6 && x == 2) break;
    s = v128.load32_splat(x, 8);
    a20 = madd(a20, s, d0);
    a21 = madd(a21, s, d1);
    if (height == 6 && x == 3) break;
    s = v128.load32_splat(x, 12);
    a30 = madd(a30, s, d0);
    a31 = madd(a31, s, d1);
    if (height == 6 && x == 4) break;
    if (height == 6) {
      s = v128.load32_splat(x, 16);
      a40 = madd(a40, s, d0);
      a41 = madd(a41, s, d1);
      if (x == 5) break;
      s = v128.load32_splat(x, 20);
      a50 = madd(a50, s, d0);
      a51 = madd(a51, s, d1);
    }
    if (d == last) break;
    x += xStep;
    d += dStep;
    d0 = v128.load(d); d1 = v128.load(d, 16);
    s = v128.load32_splat(x);
    a00 = madd(a00, s, d0);
    a01 = madd(a01, s, d1);
    if (height == 6 && x == 1) break;
    s = v128.load32_splat(x, 4);
    a10 = madd(a10, s, d0);
    a11 = madd(a11, s, d1);
    if (height == 6 && x == 2) break;
    s = v128.load32_splat(x, 8);
    a20 = madd(a20, s, d0);
    a21 = madd(a21, s, d1);
    if (height == 6 && x == 3) break;
    s = v128.load32_splat(x, 12);
    a30 = madd(a30, s, d0);
    a31 = madd(a31, s, d1);
    if (height == 6 && x == 4) break;
    if (height == 6) {
      s = v128.load32_splat(x, 16);
      a40 = madd(a40, s, d0);
      a41 = madd(a41, s, d1);
      if (x == 5) break;
      s = v128.load32_splat(x, 20);
      a50 = madd(a50, s, d0);
      a51 = madd(a51, s, d1);
    }
    if (d == last) break;
    x += xStep;
    d += dStep;
    d0 = v128.load(d); d1 = v128.load(d, 16);
    s = v128.load32_splat(x);
    a00 = madd(a00, s, d0);
    a01 = madd(a01, s, d1);
    if (height == 6 && x == 1) break;
    s = v128.load32_splat(x, 4);
    a10 = madd(a10, s, d0);
    a11 = madd(a11, s, d1);
    if (height == 6 && x == 2) break;
    s = v128.load32_splat(x, 8);
    a20 = madd(a20, s, d0);
    a21 = madd(a21, s, d1);
    if (height == 6 && x == 3) break;
    s = v128.load32_splat(x, 12);
    a30 = madd(a30, s, d0);
    a31 = madd(a31, s, d1);
    if (height == 6 && x == 4) break;
    if (height == 6) {
      s = v128.load32_splat(x, 16);
      a40 = madd(a40, s, d0);
      a41 = madd(a41, s, d1);
      if (x == 5) break;
      s = v128.load32_splat(x, 20);
      a50 = madd(a50, s, d0);
      a51 = madd(a51, s, d1);
    }
    if (d == last) break;
    x += xStep;
    d += dStep;
  }
  v128.store(to, a00); v128.store(to, a01, 16);
  v128.store(t1, a10); v128.store(t1, a11, 16);
  v128.store(t2, a20); v128.store(t2, a21, 16);
  v128.store(t3, a30); v128.store(t3, a31, 16);
  if (height == 6) {
    v128.store(t4, a40); v128.store(t4, a41, 16);
    v128.store(t5, a50); v128.store(t5, a51, 16);
  }
}
