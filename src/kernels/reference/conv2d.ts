import type { Tensor } from "../../tensor.ts";
import type { Window } from "../../window.ts";
import type { Activation, Kernels } from "../kernels.ts";
import { activate } from "./activation.ts";

type Conv2D = Pick<Kernels, "conv2dForward" | "conv2dBackwardInput" | "conv2dBackwardKernel">;

/**
 * Calls `visit` with the places of y, x and w in each product of a convolution (padding is skipped). All three directions
 * of the operation run over this one loop nest, so they cannot disagree about geometry.
 *   x [N,H,W,C]   w [KH,KW,C/groups,F]   y [N,OH,OW,F]
 */
function eachProduct(
  xShape: readonly number[],
  wShape: readonly number[],
  { rows, columns }: Window,
  visit: (y: number, x: number, w: number) => void,
): void {
  const [N, H, W, C] = xShape;
  const [KH, KW, channels, F] = wShape;
  const filtersPerGroup = F / (C / channels);
  for (let n = 0; n < N; n++)
    for (let i = 0; i < rows.output; i++)
      for (let j = 0; j < columns.output; j++)
        for (let p = 0; p < KH; p++) {
          const u = i * rows.stride + p * rows.dilation - rows.before;
          if (u < 0 || u >= H) continue;
          for (let q = 0; q < KW; q++) {
            const v = j * columns.stride + q * columns.dilation - columns.before;
            if (v < 0 || v >= W) continue;
            for (let f = 0; f < F; f++) {
              const firstChannel = Math.floor(f / filtersPerGroup) * channels;
              const y = ((n * rows.output + i) * columns.output + j) * F + f;
              const x = ((n * H + u) * W + v) * C + firstChannel;
              const w = (p * KW + q) * channels * F + f;
              for (let c = 0; c < channels; c++) visit(y, x + c, w + c * F);
            }
          }
        }
}

export const conv2d: Conv2D = {
  conv2dForward(
    y: Tensor,
    x: Tensor,
    kernel: Tensor,
    bias: Tensor | undefined,
    window: Window,
    activation: Activation,
  ) {
    const [Y, X, K, B] = [y.data, x.data, kernel.data, bias?.data];
    const F = kernel.shape[3];
    for (let e = 0; e < y.size; e++) Y[e] = B ? B[e % F] : 0;
    eachProduct(x.shape, kernel.shape, window, (y, x, w) => {
      Y[y] += X[x] * K[w];
    });
    activate(y, activation);
  },

  conv2dBackwardInput(dx: Tensor, dy: Tensor, kernel: Tensor, window: Window) {
    const [dX, dY, K] = [dx.data, dy.data, kernel.data];
    dX.fill(0);
    eachProduct(dx.shape, kernel.shape, window, (y, x, w) => {
      dX[x] += dY[y] * K[w];
    });
  },

  conv2dBackwardKernel(dkernel: Tensor, x: Tensor, dy: Tensor, window: Window) {
    const [dK, X, dY] = [dkernel.data, x.data, dy.data];
    dK.fill(0);
    eachProduct(x.shape, dkernel.shape, window, (y, x, w) => {
      dK[w] += dY[y] * X[x];
    });
  },
};
