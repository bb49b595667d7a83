/**
 * Inverted dropout: y = x / kept where the element's random bits reach the threshold, else 0.
 *
 * The bits are those of Philox4x32-10 (see src/random.ts), four counters side by side: word w of the counters c … c + 3
 * serves the elements 4c + 4w … 4c + 4w + 3, so every four words are used as they lie.
 */
import { Divided, endOf, firstOf } from "./units";
import { loadLanes, storeLanes } from "./vectors";

@unmanaged
class Dropout extends Divided {
  y: usize;
  x: usize;
  threshold: i32;
  kept: f32;
  key0: i32;
  key1: i32;
}

/** Units: numbers, a multiple of 16 in each. */
export function dropout(record: usize, begin: i32, end: i32, scratch: usize): void {
  const d = changetype<Dropout>(record);
  const last = endOf(d, end);
  for (let e = firstOf(d, begin); e < last; e += 16) dropSixteen(d, e, last);
}

function dropSixteen(d: Dropout, e: i32, last: i32): void {
  let word0 = i32x4.add(i32x4.splat(e >> 2), i32x4(0, 1, 2, 3));
  let word1 = i32x4.splat(0);
  let word2 = word1;
  let word3 = word1;
  let key0 = d.key0;
  let key1 = d.key1;
  for (let round = 0; round < 10; round++) {
    const even0 = i64x2.extmul_low_i32x4_u(word0, i32x4.splat(0xd2511f53));
    const odd0 = i64x2.extmul_high_i32x4_u(word0, i32x4.splat(0xd2511f53));
    const even1 = i64x2.extmul_low_i32x4_u(word2, i32x4.splat(0xcd9e8d57));
    const odd1 = i64x2.extmul_high_i32x4_u(word2, i32x4.splat(0xcd9e8d57));
    word0 = v128.xor(v128.xor(highHalves(even1, odd1), word1), i32x4.splat(key0));
    word2 = v128.xor(v128.xor(highHalves(even0, odd0), word3), i32x4.splat(key1));
    word1 = lowHalves(even1, odd1);
    word3 = lowHalves(even0, odd0);
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  dropLanes(d, e, last, word0);
  dropLanes(d, e + 4, last, word1);
  dropLanes(d, e + 8, last, word2);
  dropLanes(d, e + 12, last, word3);
}

// @ts-ignore: decorator
@inline
function dropLanes(d: Dropout, e: i32, last: i32, bits: v128): void {
  if (e >= last) return;
  const lanes = min(4, last - e);
  const offset = <usize>e << 2;
  const isKept = i32x4.ge_u(bits, i32x4.splat(d.threshold));
  const scaled = f32x4.div(loadLanes(d.x + offset, lanes), f32x4.splat(d.kept));
  storeLanes(d.y + offset, v128.and(scaled, isKept), lanes);
}

/** The upper 32 bits of four 64-bit products. */
// @ts-ignore: decorator
@inline
function highHalves(first: v128, second: v128): v128 {
  return v128.shuffle<i32>(first, second, 1, 3, 5, 7);
}

/** The lower 32 bits of four 64-bit products. */
// @ts-ignore: decorator
@inline
function lowHalves(first: v128, second: v128): v128 {
  return v128.shuffle<i32>(first, second, 0, 2, 4, 6);
}
