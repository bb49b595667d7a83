/**
 * Four rows of w at a time, and of them 1,024 columns, so that y stays in the first-level cache: three loads and stores of y
 * in four are saved. Won where w is in a cache, and is addFourInputs of assembly/dense.ts; from memory it is five streams,
 * each of which ends after 4 KB.
 */
import { madd } from "../../../../assembly/vectors";

const LONG = 1024;

export function row(x: usize, inputs: i32, w: usize, columns: i32, y: usize): void {
  const step = <usize>columns << 2;
  for (let column = 0; column < columns; column += LONG) {
    const bytes = <usize>min(LONG, columns - column) << 2;
    const offset = <usize>column << 2;
    for (let input = 0; input < inputs; input += 4) {
      addFourInputs(x + (<usize>input << 2), w + input * step + offset, step, y + offset, bytes);
    }
  }
}

export function addFourInputs(x: usize, w: usize, step: usize, to: usize, bytes: usize): void {
  const s0 = v128.load32_splat(x), s1 = v128.load32_splat(x, 4);
  const s2 = v128.load32_splat(x, 8), s3 = v128.load32_splat(x, 12);
  let w1 = w + step, w2 = w1 + step, w3 = w2 + step;
  for (const end = to + bytes; to < end; to += 16) {
    let sum = madd(v128.load(to), s0, v128.load(w));
    sum = madd(sum, s1, v128.load(w1));
    sum = madd(sum, s2, v128.load(w2));
    v128.store(to, madd(sum, s3, v128.load(w3)));
    w += 16; w1 += 16; w2 += 16; w3 += 16;
  }
}
