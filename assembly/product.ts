/**
 * The tile of convolution.ts for plain matrix products: 4 × 8 numbers, 6 × 8 where multiplication and addition are fused.
 *
 *      y[rows][8] = (y +) x · w          rows of x times 8 columns packed as [length][8]
 *
 * Four numbers of a row are one turn with a way out after each, in the taller tile with one after each row of y too, see
 * convolution.ts. (They ask whether an address is less than a number: of equality V8 asks the address before it was raised,
 * and keeps both in registers: bench/variants, tiles 20 and 21.) Both form sums in the same order.
 */
import { madd } from "./vectors";

/** Rows of the tallest tile. */
export const TALLEST: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** How tall the next tile is where `rows` are left. Of a multiple of 4, sixes and at most two fours leave nothing. */
// @ts-ignore: decorator
@inline
export function heightOf(rows: i32): i32 {
  return TALLEST == 6 && rows >= 6 && rows != 8 ? 6 : 4;
}

/** Rows of x are `row` bytes apart and `length` bytes long, rows of y `yRow` bytes apart; `rows` is a multiple of 4. */
export function products(
  x: usize, row: usize, length: usize, rows: i32, weights: usize, y: usize, yRow: usize, adds: bool,
): void {
  while (rows > 0) {
    const height = heightOf(rows);
    if (height == 6) productTile(6, x, row, length, weights, y, yRow, adds);
    else productTile(4, x, row, length, weights, y, yRow, adds);
    rows -= height;
    x += height * row;
    y += height * yRow;
  }
}

// @ts-ignore: decorator
@inline
function productTile(
  height: i32, x: usize, row: usize, length: usize, weights: usize, y: usize, yRow: usize, adds: bool,
): void {
  // Raised before they are used, they are sums to V8, which it need not extend to 64 bits as it would parameters.
  let w = weights - 128;
  let x0 = x - 16;
  const last1 = x + length - 4, last2 = last1 - 4, last3 = last2 - 4, last4 = last3 - 4;
  let x1 = x0 + row, x2 = x1 + row, x3 = x2 + row, x4 = x3 + row, x5 = x4 + row;
  let a00 = f32x4.splat(0);
  let a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00, a40 = a00, a41 = a00, a50 = a00, a51 = a00;
  if (adds) {
    let from = y;
    a00 = v128.load(from); a01 = v128.load(from, 16);
    from += yRow;
    a10 = v128.load(from); a11 = v128.load(from, 16);
    from += yRow;
    a20 = v128.load(from); a21 = v128.load(from, 16);
    from += yRow;
    a30 = v128.load(from); a31 = v128.load(from, 16);
    if (height == 6) {
      from += yRow;
      a40 = v128.load(from); a41 = v128.load(from, 16);
      from += yRow;
      a50 = v128.load(from); a51 = v128.load(from, 16);
    }
  }
  for (;;) {
    x0 += 16; x1 += 16; x2 += 16; x3 += 16; x4 += 16; x5 += 16;
    w += 128;
    let w0 = v128.load(w), w1 = v128.load(w, 16);
    let s = v128.load32_splat(x0);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    if (height == 6 && x1 < 2) break;
    s = v128.load32_splat(x1);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    if (height == 6 && x2 < 2) break;
    s = v128.load32_splat(x2);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    if (height == 6 && x3 < 2) break;
    s = v128.load32_splat(x3);
    a30 = madd(a30, s, w0);
    a31 = madd(a31, s, w1);
    if (height == 6 && x4 < 2) break;
    if (height == 6) {
      s = v128.load32_splat(x4);
      a40 = madd(a40, s, w0);
      a41 = madd(a41, s, w1);
      if (x5 < 2) break;
      s = v128.load32_splat(x5);
      a50 = madd(a50, s, w0);
      a51 = madd(a51, s, w1);
    }
    if (x0 == last1) break;
    w0 = v128.load(w, 32); w1 = v128.load(w, 48);
    s = v128.load32_splat(x0, 4);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    if (height == 6 && x1 < 3) break;
    s = v128.load32_splat(x1, 4);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    if (height == 6 && x2 < 3) break;
    s = v128.load32_splat(x2, 4);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    if (height == 6 && x3 < 3) break;
    s = v128.load32_splat(x3, 4);
    a30 = madd(a30, s, w0);
    a31 = madd(a31, s, w1);
    if (height == 6 && x4 < 3) break;
    if (height == 6) {
      s = v128.load32_splat(x4, 4);
      a40 = madd(a40, s, w0);
      a41 = madd(a41, s, w1);
      if (x5 < 3) break;
      s = v128.load32_splat(x5, 4);
      a50 = madd(a50, s, w0);
      a51 = madd(a51, s, w1);
    }
    if (x0 == last2) break;
    w0 = v128.load(w, 64); w1 = v128.load(w, 80);
    s = v128.load32_splat(x0, 8);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    if (height == 6 && x1 < 4) break;
    s = v128.load32_splat(x1, 8);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    if (height == 6 && x2 < 4) break;
    s = v128.load32_splat(x2, 8);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    if (height == 6 && x3 < 4) break;
    s = v128.load32_splat(x3, 8);
    a30 = madd(a30, s, w0);
    a31 = madd(a31, s, w1);
    if (height == 6 && x4 < 4) break;
    if (height == 6) {
      s = v128.load32_splat(x4, 8);
      a40 = madd(a40, s, w0);
      a41 = madd(a41, s, w1);
      if (x5 < 4) break;
      s = v128.load32_splat(x5, 8);
      a50 = madd(a50, s, w0);
      a51 = madd(a51, s, w1);
    }
    if (x0 == last3) break;
    w0 = v128.load(w, 96); w1 = v128.load(w, 112);
    s = v128.load32_splat(x0, 12);
    a00 = madd(a00, s, w0);
    a01 = madd(a01, s, w1);
    if (height == 6 && x1 < 5) break;
    s = v128.load32_splat(x1, 12);
    a10 = madd(a10, s, w0);
    a11 = madd(a11, s, w1);
    if (height == 6 && x2 < 5) break;
    s = v128.load32_splat(x2, 12);
    a20 = madd(a20, s, w0);
    a21 = madd(a21, s, w1);
    if (height == 6 && x3 < 5) break;
    s = v128.load32_splat(x3, 12);
    a30 = madd(a30, s, w0);
    a31 = madd(a31, s, w1);
    if (height == 6 && x4 < 5) break;
    if (height == 6) {
      s = v128.load32_splat(x4, 12);
      a40 = madd(a40, s, w0);
      a41 = madd(a41, s, w1);
      if (x5 < 5) break;
      s = v128.load32_splat(x5, 12);
      a50 = madd(a50, s, w0);
      a51 = madd(a51, s, w1);
    }
    if (x0 == last4) break;
  }
  v128.store(y, a00); v128.store(y, a01, 16);
  y += yRow;
  v128.store(y, a10); v128.store(y, a11, 16);
  y += yRow;
  v128.store(y, a20); v128.store(y, a21, 16);
  y += yRow;
  v128.store(y, a30); v128.store(y, a31, 16);
  if (height == 6) {
    y += yRow;
    v128.store(y, a40); v128.store(y, a41, 16);
    y += yRow;
    v128.store(y, a50); v128.store(y, a51, 16);
  }
}
