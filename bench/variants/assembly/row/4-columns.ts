/** All inputs for eight columns, whose sums stay in registers: y is never loaded, but every row of w is another page. */
import { madd } from "../../../../assembly/vectors";

export function row(x: usize, inputs: i32, w: usize, columns: i32, y: usize): void {
  const step = <usize>columns << 2;
  const end = x + (<usize>inputs << 2);
  for (; columns > 0; columns -= 8) {
    let a0 = f32x4.splat(0), a1 = a0;
    let from = w;
    for (let at = x; at < end; at += 4) {
      const s = v128.load32_splat(at);
      a0 = madd(a0, s, v128.load(from));
      a1 = madd(a1, s, v128.load(from, 16));
      from += step;
    }
    v128.store(y, a0);
    v128.store(y, a1, 16);
    y += 32;
    w += 32;
  }
}
