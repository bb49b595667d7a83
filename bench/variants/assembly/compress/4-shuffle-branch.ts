/**
 * 3, passed over where all four are zero. Lost where zeros come as they like: a mispredicted branch costs more than
 * the four instructions that it saves. (With the same 16,384 numbers in every call it seemed to win: the branch
 * predictor knew them by heart.)
 */

/**
 * Lists those of `count` numbers that are not zero from `to` on, and `distance` bytes behind each its offset, which is
 * 128 bytes more from number to number.
 * @returns where the list ends
 */
export function compress(from: usize, count: i32, to: usize, distance: usize, table: usize): usize {
  const end = from + (<usize>count << 2);
  let offsets = i32x4(0, 128, 256, 384);
  for (; from < end; from += 16) {
    const values = v128.load(from);
    const mask = i32x4.bitmask(f32x4.ne(values, f32x4.splat(0)));
    if (mask) {
      const order = v128.load(table + (<usize>mask << 4));
      v128.store(to, v128.swizzle(values, order));
      v128.store(to + distance, v128.swizzle(offsets, order));
      to += <usize>popcnt(mask) << 2;
    }
    offsets = i32x4.add(offsets, i32x4.splat(512));
  }
  return to;
}
