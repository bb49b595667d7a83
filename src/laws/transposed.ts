/** Transposed convolution, C8: stated on the contract's conv2dBackwardInput, which is that operation, and on the layer. */
import fc from "fast-check";
import type { Conv2DOptions } from "../layers/index.ts";
import { type Shape, sameShape, type Tensor, zeros } from "../tensor.ts";
import type { Window } from "../window.ts";
import { equal, equalNumbers, holds, innerProduct } from "./compare.ts";
import { flipped, imagesFrom, padded, reader } from "./images.ts";
import { type Law, law } from "./law.ts";
import { conv2D, conv2DTranspose, conv2dCases, type MakeConv2D, type MakeConv2DTranspose } from "./layers.ts";
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

/**
 * The layers are adjoint: ⟨Conv2D(x), y⟩ = ⟨x, Conv2DTranspose(y)⟩ with the same options and the same kernel, which is
 * [KH,KW,C,F] for the one and [KH,KW,filters,channels] for the other; and it takes the size of Conv2D(x) back to that of x.
 * Exact on whole numbers. C8
 */
export function layersAreAdjoint(
  make: MakeConv2D = conv2D,
  makeTransposed: MakeConv2DTranspose = conv2DTranspose,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a convolution and a transposed convolution with the same kernel are adjoint";
  return law(["C8"], name, conv2dCases({ make, useBias: false }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, draw, forward }) => {
      const convolved = forward(x);
      const { rows, columns } = windowOf(layer, x.shape);
      const outputPadding = [rows, columns].map(
        ({ input, before, after, output, kernel, stride, dilation }) =>
          input + before + after - ((output - 1) * stride + dilation * (kernel - 1) + 1),
      );
      const transposed = makeTransposed({
        ...(layer.options as Conv2DOptions),
        filters: x.shape[3],
        outputPadding: [outputPadding[0], outputPadding[1]],
      });
      const y = draw(convolved.shape, 1);
      const back = apply(transposed, y, [layer.parameters[0].value], { kernels });
      holds(sameShape(back.shape, x.shape), () => `[${y.shape}] is enlarged to [${back.shape}], not to [${x.shape}]`);
      equalNumbers(innerProduct(convolved, y), innerProduct(x, back), [
        "= ⟨Conv2D(x), y⟩",
        "= ⟨x, Conv2DTranspose(y)⟩",
      ]);
    });
  });
}

/** The size of y: (size − 1)·stride + dilation·(kernel − 1) + 1, and size·stride with padding "same". C8 */
export function transposedSizes(make: MakeConv2DTranspose = conv2DTranspose): Law {
  const some = fc.integer({ min: 1, max: 5 });
  const cases = fc.record({ size: some, kernelSize: some, strides: some, dilationRate: some });
  const name = "it enlarges: to (size − 1)·stride + dilation·(kernel − 1) + 1, or to size·stride";
  return law(["C8"], name, cases, ({ size, ...options }) => {
    const shape: Shape = [1, size, size, 1];
    const { kernelSize: k, strides: s, dilationRate: d } = options;
    const is = (padding: "valid" | "same", expected: number) => {
      const found = make({ filters: 1, padding, ...options }).outputShape(shape);
      holds(sameShape(found, [1, expected, expected, 1]), () => `"${padding}" gives [${found}], expected ${expected}`);
    };
    is("valid", (size - 1) * s + d * (k - 1) + 1);
    is("same", size * s);
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
