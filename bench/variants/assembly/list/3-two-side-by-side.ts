/**
 * 2 with the two values' products in turns, so that both vectors of a sum are loaded before the next sum's. Lost like
 * 2: the order in the source is not the order that V8 gives it.
 */
import { madd } from "../../../../assembly/vectors";

/** Bytes from one value to the next. */
export const STEP: i32 = 4;
/** Numbers that a call sums, of 96. */
export const LANES: i32 = 32;

/** sums[l][0 … 31] = Σ value · base[offset + 0 … 31] over the l-th list, which ends where the next one starts. */
export function lists(starts: usize, count: i32, distance: usize, base: usize, sums: usize): void {
  for (; count > 0; --count) {
    addProducts(load<usize>(starts), load<usize>(starts, 4), distance, base, sums);
    starts += 4;
    sums += 384;
  }
}

function addProducts(from: usize, end: usize, distance: usize, base: usize, sums: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  for (; from + 4 < end; from += 8) {
    const first = v128.load32_splat(from), second = v128.load32_splat(from, 4);
    const place = base + load<usize>(from + distance), other = base + load<usize>(from + distance, 4);
    a0 = madd(madd(a0, first, v128.load(place)), second, v128.load(other));
    a1 = madd(madd(a1, first, v128.load(place, 16)), second, v128.load(other, 16));
    a2 = madd(madd(a2, first, v128.load(place, 32)), second, v128.load(other, 32));
    a3 = madd(madd(a3, first, v128.load(place, 48)), second, v128.load(other, 48));
    a4 = madd(madd(a4, first, v128.load(place, 64)), second, v128.load(other, 64));
    a5 = madd(madd(a5, first, v128.load(place, 80)), second, v128.load(other, 80));
    a6 = madd(madd(a6, first, v128.load(place, 96)), second, v128.load(other, 96));
    a7 = madd(madd(a7, first, v128.load(place, 112)), second, v128.load(other, 112));
  }
  if (from < end) {
    const value = v128.load32_splat(from);
    const place = base + load<usize>(from + distance);
    a0 = madd(a0, value, v128.load(place));
    a1 = madd(a1, value, v128.load(place, 16));
    a2 = madd(a2, value, v128.load(place, 32));
    a3 = madd(a3, value, v128.load(place, 48));
    a4 = madd(a4, value, v128.load(place, 64));
    a5 = madd(a5, value, v128.load(place, 80));
    a6 = madd(a6, value, v128.load(place, 96));
    a7 = madd(a7, value, v128.load(place, 112));
  }
  v128.store(sums, a0); v128.store(sums, a1, 16); v128.store(sums, a2, 32); v128.store(sums, a3, 48);
  v128.store(sums, a4, 64); v128.store(sums, a5, 80); v128.store(sums, a6, 96); v128.store(sums, a7, 112);
}
