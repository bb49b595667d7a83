/** Four rows and two filters: 6 loads for 8 products. Won: the best plain one on all Nodes, and among the best relaxed. */
import { madd } from "../../../../assembly/vectors";
import { store2 } from "../stores";

/** Filters of a block. */
export const FILTERS: i32 = 2;
/** Rows of a tile. */
export const ROWS: i32 = 4;

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
    const x0 = x + (<usize>j << 2), x1 = x0 + down, x2 = x1 + down, x3 = x2 + down;
    let a0 = f32x4.splat(0);
    let a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
    let place = places, w = weights;
    for (;;) {
      let at = load<usize>(place);
      let p0 = v128.load(x0 + at), p1 = v128.load(x1 + at), p2 = v128.load(x2 + at), p3 = v128.load(x3 + at);
      let weight = v128.load(w);
      a0 = madd(a0, p0, weight);
      b0 = madd(b0, p1, weight);
      c0 = madd(c0, p2, weight);
      d0 = madd(d0, p3, weight);
      weight = v128.load(w, 16);
      a1 = madd(a1, p0, weight);
      b1 = madd(b1, p1, weight);
      c1 = madd(c1, p2, weight);
      d1 = madd(d1, p3, weight);
      if (w == last1) break;
      at = load<usize>(place, 4);
      p0 = v128.load(x0 + at); p1 = v128.load(x1 + at); p2 = v128.load(x2 + at); p3 = v128.load(x3 + at);
      weight = v128.load(w, 32);
      a0 = madd(a0, p0, weight);
      b0 = madd(b0, p1, weight);
      c0 = madd(c0, p2, weight);
      d0 = madd(d0, p3, weight);
      weight = v128.load(w, 48);
      a1 = madd(a1, p0, weight);
      b1 = madd(b1, p1, weight);
      c1 = madd(c1, p2, weight);
      d1 = madd(d1, p3, weight);
      if (w == last2) break;
      at = load<usize>(place, 8);
      p0 = v128.load(x0 + at); p1 = v128.load(x1 + at); p2 = v128.load(x2 + at); p3 = v128.load(x3 + at);
      weight = v128.load(w, 64);
      a0 = madd(a0, p0, weight);
      b0 = madd(b0, p1, weight);
      c0 = madd(c0, p2, weight);
      d0 = madd(d0, p3, weight);
      weight = v128.load(w, 80);
      a1 = madd(a1, p0, weight);
      b1 = madd(b1, p1, weight);
      c1 = madd(c1, p2, weight);
      d1 = madd(d1, p3, weight);
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
  }
}
