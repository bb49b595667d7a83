import type { Activation, Kernels } from "../../src/kernels/kernels.ts";
import type { Shape, Tensor } from "../../src/tensor.ts";
import type { Window } from "../../src/window.ts";
import { integers } from "./arbitraries.ts";
import { placed, runPoisoned } from "./compare.ts";

/** What a convolution or a dense layer is computed from; `dy` has the shape of its y. */
export interface Layer {
  readonly x: Tensor;
  readonly kernel: Tensor;
  readonly bias: Tensor;
  readonly dy: Tensor;
  /** Of a convolution; a dense layer has none. */
  readonly window?: Window;
}

type Draw = (shape: Shape, seed: number) => Tensor;

export function denseLayer(
  [N, A, B]: readonly [rows: number, inputs: number, columns: number],
  seed: number,
  draw: Draw = integers,
): Layer {
  const [x, kernel, bias, dy] = [[N, A], [A, B], [B], [N, B]].map((shape, index) => draw(shape, seed + index));
  return { x, kernel, bias, dy };
}

/** Channels and filters are those of one group. */
export interface Sizes {
  readonly images: number;
  readonly groups: number;
  readonly channels: number;
  readonly filters: number;
  readonly seed: number;
}

export function convolutionLayer(
  window: Window,
  { images, groups, channels, filters, seed }: Sizes,
  draw: Draw = integers,
): Layer & { window: Window } {
  return {
    window,
    x: draw(window.inputShape(images, groups * channels), seed),
    kernel: draw([window.rows.kernel, window.columns.kernel, channels, groups * filters], seed + 1),
    bias: draw([groups * filters], seed + 2),
    dy: draw(window.outputShape(images, groups * filters), seed + 3),
  };
}

export const linear = { name: "linear", alpha: 0 } as const;
export const names = ["y", "dx", "dkernel"] as const;

type Convolution = Pick<Kernels, "conv2dForward" | "conv2dBackwardInput" | "conv2dBackwardKernel">;
type Dense = Pick<Kernels, "denseForward" | "denseBackwardInput" | "denseBackwardKernel">;
/** Kernels, or as much of them as a layer needs. */
export type Operations = Pick<Kernels, "allocate"> & Partial<Convolution & Dense>;

/** All three directions, from poisoned destinations and with poison beside the inputs. */
export function directions(
  kernels: Operations,
  layer: Layer,
  activation: Activation = linear,
  hasBias = true,
): Record<(typeof names)[number], Tensor> {
  const { window } = layer;
  const [x, kernel, bias, dy] = [layer.x, layer.kernel, layer.bias, layer.dy].map((t) => placed(kernels, t));
  const [y] = runPoisoned(kernels, [x, kernel, bias], [dy.shape], (y) => {
    const added = hasBias ? bias : undefined;
    if (window) kernels.conv2dForward!(y, x, kernel, added, window, activation);
    else kernels.denseForward!(y, x, kernel, added, activation);
  });
  const [dx] = runPoisoned(kernels, [dy, kernel], [x.shape], (dx) => {
    if (window) kernels.conv2dBackwardInput!(dx, dy, kernel, window);
    else kernels.denseBackwardInput!(dx, dy, kernel);
  });
  const [dkernel] = runPoisoned(kernels, [x, dy], [kernel.shape], (dkernel) => {
    if (window) kernels.conv2dBackwardKernel!(dkernel, x, dy, window);
    else kernels.denseBackwardKernel!(dkernel, x, dy);
  });
  return { y, dx, dkernel };
}
