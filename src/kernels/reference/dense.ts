import type { Tensor } from "../../tensor.ts";
import type { Kernels } from "../kernels.ts";
import { activate } from "./activation.ts";

type Dense = Pick<Kernels, "denseForward" | "denseBackwardInput" | "denseBackwardKernel">;

/**
 * The dense layer, y = x·w + b, and its gradients: again three directions of one loop nest. C5
 *   x [N,A]   w [A,B]   b [B]   y [N,B]
 */
function eachProduct([A, B]: readonly number[], N: number, visit: (y: number, x: number, w: number) => void): void {
  for (let n = 0; n < N; n++)
    for (let a = 0; a < A; a++) for (let b = 0; b < B; b++) visit(n * B + b, n * A + a, a * B + b);
}

export const dense: Dense = {
  denseForward(y, x, kernel, bias, activation) {
    const [Y, X, K, B] = [y.data, x.data, kernel.data, bias?.data];
    const units = kernel.shape[1];
    for (let e = 0; e < y.size; e++) Y[e] = B ? B[e % units] : 0;
    eachProduct(kernel.shape, x.shape[0], (y, x, w) => {
      Y[y] += X[x] * K[w];
    });
    activate(y, activation);
  },

  denseBackwardInput(dx: Tensor, dy: Tensor, kernel: Tensor) {
    const [dX, dY, K] = [dx.data, dy.data, kernel.data];
    dX.fill(0);
    eachProduct(kernel.shape, dx.shape[0], (y, x, w) => {
      dX[x] += dY[y] * K[w];
    });
  },

  denseBackwardKernel(dkernel: Tensor, x: Tensor, dy: Tensor) {
    const [dK, X, dY] = [dkernel.data, x.data, dy.data];
    dK.fill(0);
    eachProduct(dkernel.shape, x.shape[0], (y, x, w) => {
      dK[w] += dY[y] * X[x];
    });
  },
};
