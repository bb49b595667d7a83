import type { Kernels } from "../kernels.ts";
import { activation, derivative } from "./activation.ts";
import { arithmetic } from "./math.ts";

type Elementwise = Pick<
  Kernels,
  "activationForward" | "activationBackward" | "add" | "multiply" | "concatenate" | "slice" | "sum" | "backwardBias"
>;

/** Operations on one element after the other, and the two plain sums: of everything, and over all axes but the last. */
export const elementwise: Elementwise = {
  activationForward(y, x, kind) {
    const [Y, X] = [y.data, x.data];
    const f = activation(kind, arithmetic(y.dtype));
    for (let e = 0; e < Y.length; e++) Y[e] = f(X[e]);
  },

  activationBackward(dx, dy, y, kind) {
    const [dX, dY, Y] = [dx.data, dy.data, y.data];
    const slope = derivative(kind, arithmetic(dx.dtype));
    for (let e = 0; e < dX.length; e++) dX[e] = dY[e] * slope(Y[e]);
  },

  add(y, a, b) {
    const [Y, A, B] = [y.data, a.data, b.data];
    for (let e = 0; e < Y.length; e++) Y[e] = A[e] + B[e];
  },

  multiply(y, a, b) {
    const [Y, A, B] = [y.data, a.data, b.data];
    for (let e = 0; e < Y.length; e++) Y[e] = A[e] * B[e];
  },

  concatenate(y, xs, rows) {
    const Y = y.data;
    const length = Y.length / rows;
    let at = 0;
    for (const { data: X } of xs) {
      const own = X.length / rows;
      for (let r = 0; r < rows; r++) for (let c = 0; c < own; c++) Y[r * length + at + c] = X[r * own + c];
      at += own;
    }
  },

  slice(y, x, rows, from) {
    const [Y, X] = [y.data, x.data];
    const [own, length] = [Y.length / rows, X.length / rows];
    for (let r = 0; r < rows; r++) for (let c = 0; c < own; c++) Y[r * own + c] = X[r * length + from + c];
  },

  sum(y, x) {
    let sum = 0;
    for (const value of x.data) sum += value;
    y.data[0] = sum;
  },

  backwardBias(dbias, dy) {
    const [dB, dY] = [dbias.data, dy.data];
    dB.fill(0);
    for (let e = 0; e < dY.length; e++) dB[e % dB.length] += dY[e];
  },
};
