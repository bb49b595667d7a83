/** As 5, with ways out that all ask for something else: V8 takes out what it has asked before. */
import { madd } from "../../../../assembly/vectors";
import { store6 } from "../stores";

/** Filters of a block. */
export const FILTERS: i32 = 6;
/** Rows of a tile. */
export const ROWS: i32 = 2;

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
    const x0 = x + (<usize>j << 2), x1 = x0 + down;
    let a0 = f32x4.splat(0);
    let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
    let place = places, w = weights;
    for (;;) {
      let at = load<usize>(place);
      let p0 = v128.load(x0 + at), p1 = v128.load(x1 + at);
      let weight = v128.load(w);
      a0 = madd(a0, p0, weight);
      b0 = madd(b0, p1, weight);
      if (place == 1) break;
      weight = v128.load(w, 16);
      a1 = madd(a1, p0, weight);
      b1 = madd(b1, p1, weight);
      if (place == 2) break;
      weight = v128.load(w, 32);
      a2 = madd(a2, p0, weight);
      b2 = madd(b2, p1, weight);
      if (place == 3) break;
      weight = v128.load(w, 48);
      a3 = madd(a3, p0, weight);
      b3 = madd(b3, p1, weight);
      if (place == 4) break;
      weight = v128.load(w, 64);
      a4 = madd(a4, p0, weight);
      b4 = madd(b4, p1, weight);
      if (place == 5) break;
      weight = v128.load(w, 80);
      a5 = madd(a5, p0, weight);
      b5 = madd(b5, p1, weight);
      if (w == last1) break;
      at = load<usize>(place, 4);
      p0 = v128.load(x0 + at); p1 = v128.load(x1 + at);
      weight = v128.load(w, 96);
      a0 = madd(a0, p0, weight);
      b0 = madd(b0, p1, weight);
      if (place == 6) break;
      weight = v128.load(w, 112);
      a1 = madd(a1, p0, weight);
      b1 = madd(b1, p1, weight);
      if (place == 7) break;
      weight = v128.load(w, 128);
      a2 = madd(a2, p0, weight);
      b2 = madd(b2, p1, weight);
      if (place == 8) break;
      weight = v128.load(w, 144);
      a3 = madd(a3, p0, weight);
      b3 = madd(b3, p1, weight);
      if (place == 9) break;
      weight = v128.load(w, 160);
      a4 = madd(a4, p0, weight);
      b4 = madd(b4, p1, weight);
      if (place == 10) break;
      weight = v128.load(w, 176);
      a5 = madd(a5, p0, weight);
      b5 = madd(b5, p1, weight);
      if (w == last2) break;
      at = load<usize>(place, 8);
      p0 = v128.load(x0 + at); p1 = v128.load(x1 + at);
      weight = v128.load(w, 192);
      a0 = madd(a0, p0, weight);
      b0 = madd(b0, p1, weight);
      if (place == 11) break;
      weight = v128.load(w, 208);
      a1 = madd(a1, p0, weight);
      b1 = madd(b1, p1, weight);
      if (place == 12) break;
      weight = v128.load(w, 224);
      a2 = madd(a2, p0, weight);
      b2 = madd(b2, p1, weight);
      if (place == 13) break;
      weight = v128.load(w, 240);
      a3 = madd(a3, p0, weight);
      b3 = madd(b3, p1, weight);
      if (place == 14) break;
      weight = v128.load(w, 256);
      a4 = madd(a4, p0, weight);
      b4 = madd(b4, p1, weight);
      if (place == 15) break;
      weight = v128.load(w, 272);
      a5 = madd(a5, p0, weight);
      b5 = madd(b5, p1, weight);
      if (w == last3) break;
      place += 12;
      w += 288;
    }
    let to = y + <usize>j * pixel;
    store6(a0, a1, a2, a3, a4, a5, to, pixel);
    to += yRow;
    store6(b0, b1, b2, b3, b4, b5, to, pixel);
  }
}
