/**
 * Four at a time, without a branch: a table of shuffles moves those that are not zero to the front. Won, and is append
 * of assembly/nonzeros.ts: its time does not depend on the numbers.
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
    const order = v128.load(table + (<usize>mask << 4));
    v128.store(to, v128.swizzle(values, order));
    v128.store(to + distance, v128.swizzle(offsets, order));
    to += <usize>popcnt(mask) << 2;
    offsets = i32x4.add(offsets, i32x4.splat(512));
  }
  return to;
}
