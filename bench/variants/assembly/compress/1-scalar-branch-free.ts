/**
 * Scalar, without a branch: everything is stored, and only what is not zero moves the end of the list. Lost: one
 * number at a time, and the next store's address waits for this comparison.
 */

/**
 * Lists those of `count` numbers that are not zero from `to` on, and `distance` bytes behind each its offset, which is
 * 128 bytes more from number to number.
 * @returns where the list ends
 */
export function compress(from: usize, count: i32, to: usize, distance: usize, table: usize): usize {
  const end = from + (<usize>count << 2);
  for (let offset = 0; from < end; from += 4, offset += 128) {
    const value = load<f32>(from);
    store<f32>(to, value);
    store<i32>(to + distance, offset);
    to += <usize>(value != 0) << 2;
  }
  return to;
}
