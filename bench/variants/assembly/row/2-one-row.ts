/**
 * One row after the other, all its columns: w is read from its start to its end. Won where w is in no cache, and is addScaled
 * of assembly/dense.ts; in a cache the loads and stores of y are what takes the time.
 */
import { madd } from "../../../../assembly/vectors";

export function row(x: usize, inputs: i32, w: usize, columns: i32, y: usize): void {
  const end = y + (<usize>columns << 2);
  for (; inputs > 0; --inputs) {
    const s = v128.load32_splat(x);
    for (let to = y; to < end; to += 16) {
      v128.store(to, madd(v128.load(to), s, v128.load(w)));
      w += 16;
    }
    x += 4;
  }
}
