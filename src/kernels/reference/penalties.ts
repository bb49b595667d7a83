import type { Kernels } from "../kernels.ts";
import { arithmetic } from "./math.ts";

type Penalties = Pick<Kernels, "penalty" | "regularize" | "clip">;

/**
 * What keeps weights and gradients small. C7 · Tikhonov 1943, Tibshirani 1996; Pascanu, Mikolov & Bengio 2013
 *
 *   penalty      Σ λ₁|x| + λ₂x²          its gradient   λ₁·sign x + 2λ₂·x
 *   clip         min(max(x, −limit), limit)
 */
export const penalties: Penalties = {
  penalty(y, x, { l1, l2 }) {
    let sum = 0;
    for (const value of x.data) sum += l1 * Math.abs(value) + l2 * value * value;
    y.data[0] = sum;
  },

  regularize(gradient, value, { l1, l2 }) {
    const { round } = arithmetic(gradient.dtype);
    const [G, V] = [gradient.data, value.data];
    const [λ1, twice] = [round(l1), round(2 * l2)];
    for (let e = 0; e < G.length; e++) {
      const sign = V[e] > 0 ? λ1 : V[e] < 0 ? 0 - λ1 : 0;
      G[e] = round(G[e] + round(sign + round(twice * V[e])));
    }
  },

  clip(y, x, limit) {
    const [Y, X] = [y.data, x.data];
    const most = arithmetic(y.dtype).round(limit);
    for (let e = 0; e < Y.length; e++) Y[e] = Math.max(Math.min(X[e], most), -most);
  },
};
