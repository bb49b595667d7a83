/**
 * The bits of the mask one after the other: as many turns of a loop as there are numbers that are not zero. Lost: the
 * end of that loop is mispredicted, and with many numbers it is scalar.
 */

/**
 * Lists those of `count` numbers that are not zero from `to` on, and `distance` bytes behind each its offset, which is
 * 128 bytes more from number to number.
 * @returns where the list ends
 */
export function compress(from: usize, count: i32, to: usize, distance: usize, table: usize): usize {
  const end = from + (<usize>count << 2);
  for (let offset = 0; from < end; from += 16, offset += 512) {
    let mask = i32x4.bitmask(f32x4.ne(v128.load(from), f32x4.splat(0)));
    while (mask) {
      const lane = ctz(mask);
      store<f32>(to, load<f32>(from + (<usize>lane << 2)));
      store<i32>(to + distance, offset + (lane << 7));
      to += 4;
      mask &= mask - 1;
    }
  }
  return to;
}
