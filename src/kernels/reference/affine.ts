import type { Kernels } from "../kernels.ts";
import { activation } from "./activation.ts";
import { arithmetic } from "./math.ts";

type Affine = Pick<Kernels, "affineForward" | "affineBackwardScale">;

/** Every channel scaled and shifted by numbers of its own; each operation is rounded, as on WASM. */
export const affine: Affine = {
  affineForward(y, x, scale, shift, kind) {
    const [Y, X, S, T] = [y.data, x.data, scale?.data, shift?.data];
    const math = arithmetic(y.dtype);
    const { round } = math;
    const f = activation(kind, math);
    const C = x.shape[x.shape.length - 1];
    for (let e = 0; e < Y.length; e++) {
      const scaled = S ? round(X[e] * S[e % C]) : X[e];
      Y[e] = f(T ? round(scaled + T[e % C]) : scaled);
    }
  },

  affineBackwardScale(dscale, dy, x) {
    const [dS, dY, X] = [dscale.data, dy.data, x.data];
    dS.fill(0);
    for (let e = 0; e < dY.length; e++) dS[e % dS.length] += dY[e] * X[e];
  },
};
