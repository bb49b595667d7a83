/** One row of four pixels and six filters: 7 loads for 6 products. What was in use before 4. */
import { madd } from "../../../../assembly/vectors";
import { store6 } from "../stores";

/** Filters of a block. */
export const FILTERS: i32 = 6;
/** Rows of a tile. */
export const ROWS: i32 = 1;

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
  const last1 = weights + block - 96, last2 = last1 - 96, last3 = last2 - 96;
  const pixel = <usize>filters << 2;
  for (let j = 0; j < columns; j += 4) {
    const x0 = x + (<usize>j << 2);
    let a0 = f32x4.splat(0);
    let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
    let place = places, w = weights;
    for (;;) {
      let at = load<usize>(place);
      let p0 = v128.load(x0 + at);
      let weight = v128.load(w);
      a0 = madd(a0, p0, weight);
      weight = v128.load(w, 16);
      a1 = madd(a1, p0, weight);
      weight = v128.load(w, 32);
      a2 = madd(a2, p0, weight);
      weight = v128.load(w, 48);
      a3 = madd(a3, p0, weight);
      weight = v128.load(w, 64);
      a4 = madd(a4, p0, weight);
      weight = v128.load(w, 80);
      a5 = madd(a5, p0, weight);
      if (w == last1) break;
      at = load<usize>(place, 4);
      p0 = v128.load(x0 + at);
      weight = v128.load(w, 96);
      a0 = madd(a0, p0, weight);
      weight = v128.load(w, 112);
      a1 = madd(a1, p0, weight);
      weight = v128.load(w, 128);
      a2 = madd(a2, p0, weight);
      weight = v128.load(w, 144);
      a3 = madd(a3, p0, weight);
      weight = v128.load(w, 160);
      a4 = madd(a4, p0, weight);
      weight = v128.load(w, 176);
      a5 = madd(a5, p0, weight);
      if (w == last2) break;
      at = load<usize>(place, 8);
      p0 = v128.load(x0 + at);
      weight = v128.load(w, 192);
      a0 = madd(a0, p0, weight);
      weight = v128.load(w, 208);
      a1 = madd(a1, p0, weight);
      weight = v128.load(w, 224);
      a2 = madd(a2, p0, weight);
      weight = v128.load(w, 240);
      a3 = madd(a3, p0, weight);
      weight = v128.load(w, 256);
      a4 = madd(a4, p0, weight);
      weight = v128.load(w, 272);
      a5 = madd(a5, p0, weight);
      if (w == last3) break;
      place += 12;
      w += 288;
    }
    let to = y + <usize>j * pixel;
    store6(a0, a1, a2, a3, a4, a5, to, pixel);
  }
}
