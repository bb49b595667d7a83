/**
 * A value and its offset side by side, one pointer for both. No faster, and appending four of them at a time would
 * cost two more shuffles.
 */
import { madd } from "../../../../assembly/vectors";

/** Bytes from one value to the next: its place lies between. */
export const STEP: i32 = 8;
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
  for (; from < end; from += 8) {
    const value = v128.load32_splat(from);
    const place = base + load<usize>(from, 4);
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
