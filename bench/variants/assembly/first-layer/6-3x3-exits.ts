/** 3 with a way out after each filter, never taken: see tile 16. */
import { madd } from "../../../../assembly/vectors";
import { store3 } from "../stores";

/** Filters of a block. */
export const FILTERS: i32 = 3;
/** Rows of a tile. */
export const ROWS: i32 = 3;

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
  const last1 = weights + block - 48, last2 = last1 - 48, last3 = last2 - 48;
  const pixel = <usize>filters << 2;
  for (let j = 0; j < columns; j += 4) {
    const x0 = x + (<usize>j << 2), x1 = x0 + down, x2 = x1 + down;
    let a0 = f32x4.splat(0);
    let a1 = a0, a2 = a0, b0 = a0, b1 = a0, b2 = a0, c0 = a0, c1 = a0, c2 = a0;
    let place = places, w = weights;
    for (;;) {
      let at = load<usize>(place);
      let p0 = v128.load(x0 + at), p1 = v128.load(x1 + at), p2 = v128.load(x2 + at);
      let weight = v128.load(w);
      a0 = madd(a0, p0, weight);
      b0 = madd(b0, p1, weight);
      c0 = madd(c0, p2, weight);
      if (place == 1) break;
      weight = v128.load(w, 16);
      a1 = madd(a1, p0, weight);
      b1 = madd(b1, p1, weight);
      c1 = madd(c1, p2, weight);
      if (place == 1) break;
      weight = v128.load(w, 32);
      a2 = madd(a2, p0, weight);
      b2 = madd(b2, p1, weight);
      c2 = madd(c2, p2, weight);
      if (w == last1) break;
      at = load<usize>(place, 4);
      p0 = v128.load(x0 + at); p1 = v128.load(x1 + at); p2 = v128.load(x2 + at);
      weight = v128.load(w, 48);
      a0 = madd(a0, p0, weight);
      b0 = madd(b0, p1, weight);
      c0 = madd(c0, p2, weight);
      if (place == 1) break;
      weight = v128.load(w, 64);
      a1 = madd(a1, p0, weight);
      b1 = madd(b1, p1, weight);
      c1 = madd(c1, p2, weight);
      if (place == 1) break;
      weight = v128.load(w, 80);
      a2 = madd(a2, p0, weight);
      b2 = madd(b2, p1, weight);
      c2 = madd(c2, p2, weight);
      if (w == last2) break;
      at = load<usize>(place, 8);
      p0 = v128.load(x0 + at); p1 = v128.load(x1 + at); p2 = v128.load(x2 + at);
      weight = v128.load(w, 96);
      a0 = madd(a0, p0, weight);
      b0 = madd(b0, p1, weight);
      c0 = madd(c0, p2, weight);
      if (place == 1) break;
      weight = v128.load(w, 112);
      a1 = madd(a1, p0, weight);
      b1 = madd(b1, p1, weight);
      c1 = madd(c1, p2, weight);
      if (place == 1) break;
      weight = v128.load(w, 128);
      a2 = madd(a2, p0, weight);
      b2 = madd(b2, p1, weight);
      c2 = madd(c2, p2, weight);
      if (w == last3) break;
      place += 12;
      w += 144;
    }
    let to = y + <usize>j * pixel;
    store3(a0, a1, a2, to, pixel);
    to += yRow;
    store3(b0, b1, b2, to, pixel);
    to += yRow;
    store3(c0, c1, c2, to, pixel);
  }
}
