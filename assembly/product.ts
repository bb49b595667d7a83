/**
 * The tile of convolution.ts for plain matrix products.
 *
 *   products4x8   4 rows of x times 8 columns packed as [length][8]: y[4][8] = (y +) x · w, for a number of tiles
 *   outer4x8      4 columns of x times 8 columns of d, summed over their rows: y[4][8] = (y +) xᵀ · d
 *
 * Three numbers of a row, or three rows, are one turn with a way out after each, see convolution.ts.
 */
import { copyNumbers, madd } from "./vectors";

/** Rows of x are `row` bytes apart and `length` bytes long, rows of y `yRow` bytes apart. */
export function products4x8(
  x: usize, row: usize, length: usize, tiles: i32, weights: usize, y: usize, yRow: usize, adds: bool,
): void {
  for (; tiles > 0; --tiles) {
    // Raised before they are used, they are sums to V8, which it need not extend to 64 bits as it would parameters.
    let w = weights - 96;
    let x0 = x - 12;
    const last1 = x + length - 4, last2 = last1 - 4, last3 = last2 - 4;
    let x1 = x0 + row, x2 = x1 + row, x3 = x2 + row;
    let a00 = f32x4.splat(0);
    let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00;
    if (adds) {
      let from = y;
      a00 = v128.load(from); a01 = v128.load(from, 16);
      from += yRow;
      a10 = v128.load(from); a11 = v128.load(from, 16);
      from += yRow;
      a20 = v128.load(from); a21 = v128.load(from, 16);
      from += yRow;
      a30 = v128.load(from); a31 = v128.load(from, 16);
    }
    for (;;) {
      x0 += 12; x1 += 12; x2 += 12; x3 += 12;
      w += 96;
      let w0 = v128.load(w), w1 = v128.load(w, 16);
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
      if (x0 == last1) break;
      w0 = v128.load(w, 32); w1 = v128.load(w, 48);
      s = v128.load32_splat(x0, 4);
      a00 = madd(a00, s, w0);
      a01 = madd(a01, s, w1);
      s = v128.load32_splat(x1, 4);
      a10 = madd(a10, s, w0);
      a11 = madd(a11, s, w1);
      s = v128.load32_splat(x2, 4);
      a20 = madd(a20, s, w0);
      a21 = madd(a21, s, w1);
      s = v128.load32_splat(x3, 4);
      a30 = madd(a30, s, w0);
      a31 = madd(a31, s, w1);
      if (x0 == last2) break;
      w0 = v128.load(w, 64); w1 = v128.load(w, 80);
      s = v128.load32_splat(x0, 8);
      a00 = madd(a00, s, w0);
      a01 = madd(a01, s, w1);
      s = v128.load32_splat(x1, 8);
      a10 = madd(a10, s, w0);
      a11 = madd(a11, s, w1);
      s = v128.load32_splat(x2, 8);
      a20 = madd(a20, s, w0);
      a21 = madd(a21, s, w1);
      s = v128.load32_splat(x3, 8);
      a30 = madd(a30, s, w0);
      a31 = madd(a31, s, w1);
      if (x0 == last3) break;
    }
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

/** `rows` rows of x and d, `xStep` and `dStep` bytes apart; rows of y `toStep` bytes apart. */
export function outer4x8(
  x: usize, xStep: usize, d: usize, dStep: usize, rows: i32, to: usize, toStep: usize, writes: bool,
): void {
  const t1 = to + toStep, t2 = t1 + toStep, t3 = t2 + toStep;
  let a00 = f32x4.splat(0);
  let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00;
  if (!writes) {
    a00 = v128.load(to); a01 = v128.load(to, 16);
    a10 = v128.load(t1); a11 = v128.load(t1, 16);
    a20 = v128.load(t2); a21 = v128.load(t2, 16);
    a30 = v128.load(t3); a31 = v128.load(t3, 16);
  }
  const last = d + (rows - 1) * dStep;
  for (;;) {
    let d0 = v128.load(d), d1 = v128.load(d, 16);
    let s = v128.load32_splat(x);
    a00 = madd(a00, s, d0);
    a01 = madd(a01, s, d1);
    s = v128.load32_splat(x, 4);
    a10 = madd(a10, s, d0);
    a11 = madd(a11, s, d1);
    s = v128.load32_splat(x, 8);
    a20 = madd(a20, s, d0);
    a21 = madd(a21, s, d1);
    s = v128.load32_splat(x, 12);
    a30 = madd(a30, s, d0);
    a31 = madd(a31, s, d1);
    if (d == last) break;
    x += xStep;
    d += dStep;
    d0 = v128.load(d); d1 = v128.load(d, 16);
    s = v128.load32_splat(x);
    a00 = madd(a00, s, d0);
    a01 = madd(a01, s, d1);
    s = v128.load32_splat(x, 4);
    a10 = madd(a10, s, d0);
    a11 = madd(a11, s, d1);
    s = v128.load32_splat(x, 8);
    a20 = madd(a20, s, d0);
    a21 = madd(a21, s, d1);
    s = v128.load32_splat(x, 12);
    a30 = madd(a30, s, d0);
    a31 = madd(a31, s, d1);
    if (d == last) break;
    x += xStep;
    d += dStep;
    d0 = v128.load(d); d1 = v128.load(d, 16);
    s = v128.load32_splat(x);
    a00 = madd(a00, s, d0);
    a01 = madd(a01, s, d1);
    s = v128.load32_splat(x, 4);
    a10 = madd(a10, s, d0);
    a11 = madd(a11, s, d1);
    s = v128.load32_splat(x, 8);
    a20 = madd(a20, s, d0);
    a21 = madd(a21, s, d1);
    s = v128.load32_splat(x, 12);
    a30 = madd(a30, s, d0);
    a31 = madd(a31, s, d1);
    if (d == last) break;
    x += xStep;
    d += dStep;
  }
  v128.store(to, a00);
  v128.store(to, a01, 16);
  v128.store(t1, a10);
  v128.store(t1, a11, 16);
  v128.store(t2, a20);
  v128.store(t2, a21, 16);
  v128.store(t3, a30);
  v128.store(t3, a31, 16);
}

/** Copies `rows` rows of `lanes` numbers: between a result and the tile that stands for its ragged end. */
export function copyTile(from: usize, fromStep: usize, to: usize, toStep: usize, rows: i32, lanes: i32): void {
  for (; rows > 0; --rows) {
    copyNumbers(to, from, lanes);
    from += fromStep;
    to += toStep;
  }
}
