/**
 * Six rows and two filters, a way out after each row, never taken (tile 16): twelve sums, two weights and one vector of pixels
 * fill V8's registers. Lost, on Intel even to 4 in the relaxed build: six addresses of rows, each added to a tap's place, are
 * more instructions than the other form has for a product, and two of thirty rows are computed again.
 */
import { madd } from "../../../../assembly/vectors";
import { store2 } from "../stores";

/** Filters of a block. */
export const FILTERS: i32 = 2;
/** Rows of a tile. */
export const ROWS: i32 = 6;

/** y[rows][columns][filters] of an image with one channel; w is [filters / FILTERS][taps][FILTERS][4], `places` the taps' bytes. */
export function convolve(
  x: usize, rowBytes: usize, places: usize, taps: i32, w: usize, y: usize, rows: i32, columns: i32, filters: i32,
): void {
  const yRow = <usize>(columns * filters) << 2;
  const block = <usize>(taps * FILTERS) << 4;
  for (let i = 0; i < rows; i += ROWS) {
    const first = min(i, rows - ROWS);
    for (let f = 0; f < filters; f += FILTERS) {
      const weights = w + (f / FILTERS) * block;
      tile(x + first * rowBytes, rowBytes, places, weights, block, y + first * yRow + (f << 2), yRow, columns, filters);
    }
  }
}

function tile(
  x: usize, down: usize, places: usize, weights: usize, block: usize, y: usize, yRow: usize, columns: i32, filters: i32,
): void {
  const last1 = weights + block - 32, last2 = last1 - 32, last3 = last2 - 32;
  const pixel = <usize>filters << 2;
  for (let j = 0; j < columns; j += 4) {
    const x0 = x + (<usize>j << 2), x1 = x0 + down, x2 = x1 + down, x3 = x2 + down, x4 = x3 + down, x5 = x4 + down;
    let a0 = f32x4.splat(0);
    let a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0, f0 = a0, f1 = a0;
    let place = places, w = weights;
    for (;;) {
      let at = load<usize>(place);
      let w0 = v128.load(w), w1 = v128.load(w, 16);
      let p = v128.load(x0 + at);
      a0 = madd(a0, p, w0);
      a1 = madd(a1, p, w1);
      if (x1 == 1) break;
      p = v128.load(x1 + at);
      b0 = madd(b0, p, w0);
      b1 = madd(b1, p, w1);
      if (x2 == 1) break;
      p = v128.load(x2 + at);
      c0 = madd(c0, p, w0);
      c1 = madd(c1, p, w1);
      if (x3 == 1) break;
      p = v128.load(x3 + at);
      d0 = madd(d0, p, w0);
      d1 = madd(d1, p, w1);
      if (x4 == 1) break;
      p = v128.load(x4 + at);
      e0 = madd(e0, p, w0);
      e1 = madd(e1, p, w1);
      if (x5 == 1) break;
      p = v128.load(x5 + at);
      f0 = madd(f0, p, w0);
      f1 = madd(f1, p, w1);
      if (w == last1) break;
      at = load<usize>(place, 4);
      w0 = v128.load(w, 32); w1 = v128.load(w, 48);
      p = v128.load(x0 + at);
      a0 = madd(a0, p, w0);
      a1 = madd(a1, p, w1);
      if (x1 == 2) break;
      p = v128.load(x1 + at);
      b0 = madd(b0, p, w0);
      b1 = madd(b1, p, w1);
      if (x2 == 2) break;
      p = v128.load(x2 + at);
      c0 = madd(c0, p, w0);
      c1 = madd(c1, p, w1);
      if (x3 == 2) break;
      p = v128.load(x3 + at);
      d0 = madd(d0, p, w0);
      d1 = madd(d1, p, w1);
      if (x4 == 2) break;
      p = v128.load(x4 + at);
      e0 = madd(e0, p, w0);
      e1 = madd(e1, p, w1);
      if (x5 == 2) break;
      p = v128.load(x5 + at);
      f0 = madd(f0, p, w0);
      f1 = madd(f1, p, w1);
      if (w == last2) break;
      at = load<usize>(place, 8);
      w0 = v128.load(w, 64); w1 = v128.load(w, 80);
      p = v128.load(x0 + at);
      a0 = madd(a0, p, w0);
      a1 = madd(a1, p, w1);
      if (x1 == 3) break;
      p = v128.load(x1 + at);
      b0 = madd(b0, p, w0);
      b1 = madd(b1, p, w1);
      if (x2 == 3) break;
      p = v128.load(x2 + at);
      c0 = madd(c0, p, w0);
      c1 = madd(c1, p, w1);
      if (x3 == 3) break;
      p = v128.load(x3 + at);
      d0 = madd(d0, p, w0);
      d1 = madd(d1, p, w1);
      if (x4 == 3) break;
      p = v128.load(x4 + at);
      e0 = madd(e0, p, w0);
      e1 = madd(e1, p, w1);
      if (x5 == 3) break;
      p = v128.load(x5 + at);
      f0 = madd(f0, p, w0);
      f1 = madd(f1, p, w1);
      if (w == last3) break;
      place += 12;
      w += 96;
    }
    let to = y + <usize>j * pixel;
    store2(a0, a1, to, pixel);
    to += yRow;
    store2(b0, b1, to, pixel);
    to += yRow;
    store2(c0, c1, to, pixel);
    to += yRow;
    store2(d0, d1, to, pixel);
    to += yRow;
    store2(e0, e1, to, pixel);
    to += yRow;
    store2(f0, f1, to, pixel);
  }
}
