/** Transposed convolution, C8: stated on the contract's conv2dBackwardInput, which is that operation. */
import type { Conv2DOptions } from "../layers/index.ts";
import { type Tensor, zeros } from "../tensor.ts";
import type { Window } from "../window.ts";
import { equal, equalNumbers, holds, innerProduct } from "./compare.ts";
import { flipped, imagesFrom, padded, reader } from "./images.ts";
import { type Law, law } from "./law.ts";
import { conv2D, conv2dCases } from "./layers.ts";
import { apply, float64, type LawOptions, trial } from "./subject.ts";
import { windowOf } from "./translation.ts";

/**
 * ⟨conv(x), y⟩ = ⟨x, transposed(y)⟩: the transposed convolution is the adjoint, and it enlarges: from the size of conv(x)
 * to that of x. C8
 */
export function transposedIsAdjoint({ kernels = float64 }: LawOptions = {}): Law {
  const name = "the transposed convolution is the adjoint: ⟨conv(x), y⟩ = ⟨x, transposed(y)⟩";
  return law(["C8"], name, conv2dCases({ groups: 1, useBias: false }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, draw, forward }) => {
      const convolved = forward(x);
      const y = draw(convolved.shape, 1);
      const back = transposedConvolution(y, layer.parameters[0].value, windowOf(layer, x.shape), x, kernels);
      holds(String(back.shape) === String(x.shape), () => `[${y.shape}] is enlarged to [${back.shape}]`);
      equalNumbers(innerProduct(convolved, y), innerProduct(x, back), ["= ⟨conv(x), y⟩", "= ⟨x, transposed(y)⟩"]);
    });
  });
}

/**
 * With stride s and dilation 1, it is a convolution with stride 1 of y with s − 1 zeros between its pixels and enough
 * around it, the kernel flipped, its channels and filters exchanged. C8 · Dumoulin & Visin 2016
 */
export function transposedIsConvolution({ kernels = float64 }: LawOptions = {}): Law {
  const name = "the transposed convolution is a convolution of the image with zeros between its pixels";
  return law(["C8"], name, conv2dCases({ groups: 1, dilation: 1, useBias: false }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, draw, forward }) => {
      const window = windowOf(layer, x.shape);
      const kernel = layer.parameters[0].value;
      const y = draw(forward(x).shape, 1);
      const around = [window.rows, window.columns].flatMap(({ input, kernel, stride, before, output }) => {
        const top = kernel - 1 - before;
        return [top, input + kernel - 1 - top - ((output - 1) * stride + 1)];
      });
      const spread = padded(spreadOut(y, window), around);
      const [KH, KW, C, F] = kernel.shape;
      const at = reader(flipped(kernel));
      const exchanged = imagesFrom([KH, KW, F, C], kernel, (p, q, f, c) => at(p, q, c, f));
      const options: Conv2DOptions = { filters: C, kernelSize: [KH, KW], useBias: false };
      equal(
        transposedConvolution(y, kernel, window, x, kernels),
        apply(conv2D(options), spread, [exchanged], { kernels }),
        ["of the transposed convolution", "of the convolution"],
      );
    });
  });
}

function transposedConvolution(
  y: Tensor,
  kernel: Tensor,
  window: Window,
  like: Tensor,
  kernels: NonNullable<LawOptions["kernels"]>,
): Tensor {
  const result = zeros(window.inputShape(y.shape[0], like.shape[3]), kernels.dtype);
  kernels.conv2dBackwardInput(result, y, kernel, window);
  return result;
}

/** y with stride − 1 zeros between its rows, and its columns. */
function spreadOut(y: Tensor, { rows, columns }: Window): Tensor {
  const [N, H, W, F] = y.shape;
  const [s, t] = [rows.stride, columns.stride];
  const at = reader(y);
  return imagesFrom([N, (H - 1) * s + 1, (W - 1) * t + 1, F], y, (n, u, v, f) =>
    u % s || v % t ? 0 : at(n, u / s, v / t, f),
  );
}
