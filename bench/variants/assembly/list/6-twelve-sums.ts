/**
 * 1 with twelve sums instead of eight, so that 96 numbers take two passes over the lists instead of three, and as many
 * chains as fused multiply-add needs for its latency. Won where 48 numbers fill a run as well as 32 do, and is
 * addManyProducts of assembly/nonzeros.ts. The way out in the middle keeps V8 of Node 20 and 22 from loading all first.
 */
import { madd } from "../../../../assembly/vectors";

/** Bytes from one value to the next. */
export const STEP: i32 = 4;
/** Numbers that a call sums, of 96. */
export const LANES: i32 = 48;

/** sums[l][0 … 47] = Σ value · base[offset + 0 … 47] over the l-th list, which ends where the next one starts. */
export function lists(starts: usize, count: i32, distance: usize, base: usize, sums: usize): void {
  for (; count > 0; --count) {
    addProducts(load<usize>(starts), load<usize>(starts, 4), distance, base, sums);
    starts += 4;
    sums += 384;
  }
}

function addProducts(from: usize, end: usize, distance: usize, base: usize, sums: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, a8 = a0, a9 = a0, a10 = a0, a11 = a0;
  for (; from < end; from += 4) {
    const value = v128.load32_splat(from);
    const place = base + load<usize>(from + distance);
    a0 = madd(a0, value, v128.load(place));
    a1 = madd(a1, value, v128.load(place, 16));
    a2 = madd(a2, value, v128.load(place, 32));
    a3 = madd(a3, value, v128.load(place, 48));
    a4 = madd(a4, value, v128.load(place, 64));
    a5 = madd(a5, value, v128.load(place, 80));
    if (place == 1) break;
    a6 = madd(a6, value, v128.load(place, 96));
    a7 = madd(a7, value, v128.load(place, 112));
    a8 = madd(a8, value, v128.load(place, 128));
    a9 = madd(a9, value, v128.load(place, 144));
    a10 = madd(a10, value, v128.load(place, 160));
    a11 = madd(a11, value, v128.load(place, 176));
  }
  v128.store(sums, a0); v128.store(sums, a1, 16); v128.store(sums, a2, 32); v128.store(sums, a3, 48);
  v128.store(sums, a4, 64); v128.store(sums, a5, 80); v128.store(sums, a6, 96); v128.store(sums, a7, 112);
  v128.store(sums, a8, 128); v128.store(sums, a9, 144); v128.store(sums, a10, 160); v128.store(sums, a11, 176);
}
