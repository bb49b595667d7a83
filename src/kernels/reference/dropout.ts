import { philox } from "../../random.ts";
import type { Kernels } from "../kernels.ts";
import { arithmetic } from "./math.ts";

/**
 * Inverted dropout (Srivastava et al. 2014): y = x / (1 − rate) where an element is kept, 0 where it is dropped. C7
 *
 * Every element e has 32 random bits of its own, a pure function of the key and of e: a Philox block of four words
 * serves the elements e, e + 4, e + 8, e + 12, so that four blocks side by side fill four vectors.
 */
export const dropout: Pick<Kernels, "dropout"> = {
  dropout(y, x, rate, key) {
    const [Y, X, { round }] = [y.data, x.data, arithmetic(y.dtype)];
    const kept = round(1 - rate);
    const words = new Uint32Array(4);
    for (let e = 0; e < y.size; e++) {
      philox(words, [4 * Math.floor(e / 16) + (e % 4), 0, 0, 0], key);
      const bits = words[Math.floor(e / 4) % 4];
      Y[e] = bits >= rate * 2 ** 32 ? X[e] / kept : 0;
    }
  },
};
