import type { Tensor } from "../../tensor.ts";
import type { Kernels } from "../kernels.ts";
import { type Arithmetic, arithmetic } from "./math.ts";

type Softmax = Pick<Kernels, "softmaxForward" | "softmaxBackward" | "logSoftmaxForward" | "logSoftmaxBackward">;

/**
 * Softmax and its logarithm along the last axis; [k] is one row, shifted by its maximum so that exp cannot overflow. C6
 *
 *   y[k] = exp(x[k] − max) / Σ exp(x[·] − max)       dx[k] = y[k] · (dy[k] − Σ dy[·]·y[·])
 *   y[k] = x[k] − max − log Σ exp(x[·] − max)        dx[k] = dy[k] − exp(y[k]) · Σ dy[·]
 */
export const softmax: Softmax = {
  softmaxForward(y, x) {
    const [Y, X, math] = [y.data, x.data, arithmetic(y.dtype)];
    eachRow(x, (first, end) => {
      const { maximum, sum } = normalizer(X, first, end, math);
      for (let k = first; k < end; k++) Y[k] = math.exp(math.round(X[k] - maximum)) / sum;
    });
  },

  softmaxBackward(dx, dy, y) {
    const [dX, dY, Y, { round }] = [dx.data, dy.data, y.data, arithmetic(dx.dtype)];
    eachRow(y, (first, end) => {
      let dot = 0;
      for (let k = first; k < end; k++) dot = round(dot + round(dY[k] * Y[k]));
      for (let k = first; k < end; k++) dX[k] = Y[k] * round(dY[k] - dot);
    });
  },

  logSoftmaxForward(y, x) {
    const [Y, X, math] = [y.data, x.data, arithmetic(y.dtype)];
    eachRow(x, (first, end) => {
      const { maximum, sum } = normalizer(X, first, end, math);
      const logSum = math.log(sum);
      for (let k = first; k < end; k++) Y[k] = math.round(X[k] - maximum) - logSum;
    });
  },

  logSoftmaxBackward(dx, dy, y) {
    const [dX, dY, Y, { round, exp }] = [dx.data, dy.data, y.data, arithmetic(dx.dtype)];
    eachRow(y, (first, end) => {
      let sum = 0;
      for (let k = first; k < end; k++) sum = round(sum + dY[k]);
      for (let k = first; k < end; k++) dX[k] = dY[k] - round(exp(Y[k]) * sum);
    });
  },
};

/** max x and Σ exp(x − max) over the elements first … end − 1. */
export function normalizer(
  X: ArrayLike<number>,
  first: number,
  end: number,
  { round, exp }: Arithmetic,
): { maximum: number; sum: number } {
  let maximum = -Infinity;
  for (let k = first; k < end; k++) maximum = Math.max(maximum, X[k]);
  let sum = 0;
  for (let k = first; k < end; k++) sum = round(sum + exp(round(X[k] - maximum)));
  return { maximum, sum };
}

function eachRow(x: Tensor, visit: (first: number, end: number) => void): void {
  const columns = x.shape[x.shape.length - 1];
  for (let first = 0; first < x.size; first += columns) visit(first, first + columns);
}
