/**
 * What gradients that are mostly zeros have in common.
 *
 * Behind max pooling with windows of 2 × 2 at least three of four numbers of dy are zero, and ReLU takes half of the rest:
 * 8 to 18 % are left in LeNet and in the layers of VGG before a pooling layer. A list of the others, in their order,
 *
 *      values    v0   v1   v2   …          one number of dy each
 *      offsets   o0   o1   o2   …          how far from a base the numbers lie that it is multiplied with
 *
 * turns a convolution's gradients into Σ vₖ · base[oₖ … oₖ + 31], with eight vectors as accumulators: a zero costs nothing.
 * (It also sends nothing where it would be multiplied with an infinity or a NaN.) Where that fills runs as well, it is 48
 * numbers in twelve vectors: the lists are walked less often, and fused multiply-add, which takes four cycles, has as many
 * chains of sums as it needs.
 */
import { madd } from "./vectors";

/** Numbers that are summed at a time. */
export const LANES = 32;
/** Bytes of the table of {@link layTable}. */
export const TABLE_BYTES = 256;

/** Writes, for every set of four lanes, the shuffle that moves these lanes to the front. */
export function layTable(to: usize): void {
  for (let mask = 0; mask < 16; mask++) {
    let place = to + (<usize>mask << 4);
    for (let lane = 0; lane < 4; lane++) {
      if ((mask >> lane) & 1) {
        store<u32>(place, 0x03020100 + 0x04040404 * lane);
        place += 4;
      }
    }
  }
}

/**
 * Appends those of four values that are not zero, and their offsets `distance` bytes behind. It writes 16 bytes whatever
 * it appends.
 * @returns where the list ends now
 */
// @ts-ignore: decorator
@inline
export function append(to: usize, distance: usize, values: v128, offsets: v128, table: usize): usize {
  const mask = i32x4.bitmask(f32x4.ne(values, f32x4.splat(0)));
  const order = v128.load(table + (<usize>mask << 4));
  v128.store(to, shuffled(values, order));
  v128.store(to + distance, shuffled(offsets, order));
  return to + (<usize>popcnt(mask) << 2);
}

/** Relaxed, one instruction on x86-64 instead of two; it may differ only for places behind the sixteenth, which no order has. */
// @ts-ignore: decorator
@inline
function shuffled(bytes: v128, order: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i8x16.relaxed_swizzle(bytes, order) : v128.swizzle(bytes, order);
}

/** sums[0 … 31] += Σ value · base[offset + 0 … 31], over the list from `from` to `end`. */
export function addProducts(from: usize, end: usize, distance: usize, base: usize, sums: usize): void {
  addVectors(8, from, end, distance, base, sums);
}

/** The same of 48 numbers: a function of its own, because V8 has fewer registers for two loops in one. */
export function addManyProducts(from: usize, end: usize, distance: usize, base: usize, sums: usize): void {
  addVectors(12, from, end, distance, base, sums);
}

/** The way out in the middle of twelve, which nobody takes, keeps V8 from loading them all first, see {@link addRows}. */
// @ts-ignore: decorator
@inline
function addVectors(vectors: i32, from: usize, end: usize, distance: usize, base: usize, sums: usize): void {
  let a0 = v128.load(sums), a1 = v128.load(sums, 16), a2 = v128.load(sums, 32), a3 = v128.load(sums, 48);
  let a4 = v128.load(sums, 64), a5 = v128.load(sums, 80), a6 = v128.load(sums, 96), a7 = v128.load(sums, 112);
  let a8 = a0, a9 = a0, a10 = a0, a11 = a0;
  if (vectors == 12) {
    a8 = v128.load(sums, 128); a9 = v128.load(sums, 144); a10 = v128.load(sums, 160); a11 = v128.load(sums, 176);
  }
  for (; from < end; from += 4) {
    const value = v128.load32_splat(from);
    const place = base + load<usize>(from + distance);
    a0 = madd(a0, value, v128.load(place));
    a1 = madd(a1, value, v128.load(place, 16));
    a2 = madd(a2, value, v128.load(place, 32));
    a3 = madd(a3, value, v128.load(place, 48));
    a4 = madd(a4, value, v128.load(place, 64));
    a5 = madd(a5, value, v128.load(place, 80));
    if (vectors == 12 && place == 1) break;
    a6 = madd(a6, value, v128.load(place, 96));
    a7 = madd(a7, value, v128.load(place, 112));
    if (vectors == 12) {
      a8 = madd(a8, value, v128.load(place, 128));
      a9 = madd(a9, value, v128.load(place, 144));
      a10 = madd(a10, value, v128.load(place, 160));
      a11 = madd(a11, value, v128.load(place, 176));
    }
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(sums, a4, 64);
  v128.store(sums, a5, 80);
  v128.store(sums, a6, 96);
  v128.store(sums, a7, 112);
  if (vectors == 12) {
    v128.store(sums, a8, 128);
    v128.store(sums, a9, 144);
    v128.store(sums, a10, 160);
    v128.store(sums, a11, 176);
  }
}

/** Rows of eight numbers that {@link addRows} sums at a time. */
export const ROWS = 5;

/**
 * sums[0 … 4, 0 … 7] += Σ value · base[offset + p · rowStep + 0 … 7], p = 0 … 4: for runs of no more than eight numbers. The
 * ways out, which nobody takes, keep V8 from loading all rows first, for which there are too few registers.
 */
export function addRows(from: usize, end: usize, distance: usize, base: usize, rowStep: usize, sums: usize): void {
  let a0 = v128.load(sums), a1 = v128.load(sums, 16);
  let a2 = v128.load(sums, 32), a3 = v128.load(sums, 48);
  let a4 = v128.load(sums, 64), a5 = v128.load(sums, 80);
  let a6 = v128.load(sums, 96), a7 = v128.load(sums, 112);
  let a8 = v128.load(sums, 128), a9 = v128.load(sums, 144);
  for (; from < end; from += 4) {
    const value = v128.load32_splat(from);
    let x = base + load<usize>(from + distance);
    a0 = madd(a0, value, v128.load(x)); a1 = madd(a1, value, v128.load(x, 16));
    if (x == 1) break;
    x += rowStep;
    a2 = madd(a2, value, v128.load(x)); a3 = madd(a3, value, v128.load(x, 16));
    if (x == 2) break;
    x += rowStep;
    a4 = madd(a4, value, v128.load(x)); a5 = madd(a5, value, v128.load(x, 16));
    if (x == 3) break;
    x += rowStep;
    a6 = madd(a6, value, v128.load(x)); a7 = madd(a7, value, v128.load(x, 16));
    if (x == 4) break;
    x += rowStep;
    a8 = madd(a8, value, v128.load(x)); a9 = madd(a9, value, v128.load(x, 16));
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(sums, a4, 64);
  v128.store(sums, a5, 80);
  v128.store(sums, a6, 96);
  v128.store(sums, a7, 112);
  v128.store(sums, a8, 128);
  v128.store(sums, a9, 144);
}

@unmanaged
class Count {
  /** One 32-bit number a unit. */
  destination: usize;
  source: usize;
  size: i32;
  /** A unit looks at the first `piece` numbers of every `step`, in a block of them. */
  block: i32;
  step: i32;
  piece: i32;
}

/** How many numbers are not zero, of those that it looks at. Units: blocks, each with its own count. */
export function countNonzeros(record: usize, begin: i32, end: i32, scratch: usize): void {
  const c = changetype<Count>(record);
  for (let unit = begin; unit < end; unit++) {
    const last = min((unit + 1) * c.block, c.size);
    let count = 0;
    for (let first = unit * c.block; first < last; first += c.step) {
      count += nonzerosOf(c.source + (<usize>first << 2), min(c.piece, last - first));
    }
    store<i32>(c.destination + (<usize>unit << 2), count);
  }
}

function nonzerosOf(from: usize, size: i32): i32 {
  const whole = from + (<usize>(size & ~3) << 2);
  const all = from + (<usize>size << 2);
  let counts = i32x4.splat(0);
  for (; from < whole; from += 16) counts = i32x4.sub(counts, f32x4.ne(v128.load(from), f32x4.splat(0)));
  let count = i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) + i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3);
  for (; from < all; from += 4) count += <i32>(load<f32>(from) != 0);
  return count;
}
