import { philox, type RandomKey } from "../../random.ts";
import type { Kernels } from "../kernels.ts";
import { arithmetic } from "./math.ts";

/**
 * Inverted dropout (Srivastava et al. 2014): y = x / (1 − rate) where an element is kept, 0 where it is dropped. C7
 *
 * Every element e has 32 random bits of its own, a pure function of the key and of e: a Philox block of four words
 * serves the elements e, e + 4, e + 8, e + 12, so that four blocks side by side fill four vectors. Whole channels are
 * dropped (Tompson et al. 2015) as the elements of [N,C] would be.
 */
export const dropout: Pick<Kernels, "dropout" | "spatialDropout2d"> = {
  dropout(y, x, rate, key) {
    const [Y, X, { round }] = [y.data, x.data, arithmetic(y.dtype)];
    const kept = round(1 - rate);
    const isKept = drawing(rate, key);
    for (let e = 0; e < y.size; e++) Y[e] = isKept(e) ? X[e] / kept : 0;
  },

  spatialDropout2d(y, x, rate, key) {
    const [Y, X, { round }] = [y.data, x.data, arithmetic(y.dtype)];
    const kept = round(1 - rate);
    const isKept = drawing(rate, key);
    const [N, H, W, C] = x.shape;
    if (y.size === 0) return;
    for (let n = 0; n < N; n++)
      for (let c = 0; c < C; c++) {
        const stays = isKept(n * C + c);
        for (let pixel = 0; pixel < H * W; pixel++) {
          const e = (n * H * W + pixel) * C + c;
          Y[e] = stays ? X[e] / kept : 0;
        }
      }
  },
};

/** Whether an element is kept. */
function drawing(rate: number, key: RandomKey): (element: number) => boolean {
  const words = new Uint32Array(4);
  return (e) => {
    philox(words, [4 * Math.floor(e / 16) + (e % 4), 0, 0, 0], key);
    return words[Math.floor(e / 4) % 4] >= rate * 2 ** 32;
  };
}
