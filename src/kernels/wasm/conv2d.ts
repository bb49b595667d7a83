import type { Axis, Window } from "../../window.ts";
import type { Kernels } from "../kernels.ts";
import { kindOf } from "./activation-kinds.ts";
import { convolve, kernelGradient, prefersSending } from "./convolution.ts";
import type { Engine } from "./engine.ts";
import type { Geometry } from "./geometry.ts";
import { sendToInput } from "./nonzeros.ts";

type Conv2D = Pick<Kernels, "conv2dForward" | "conv2dBackwardInput" | "conv2dBackwardKernel">;

/**
 * Convolution on WASM: three directions of assembly/convolution.ts and assembly/kernel-gradient.ts. Its objects are written
 * out: Node 20 takes 7 µs instead of 1.4 for a call in which they are spread from others.
 */
export function conv2d(engine: Engine): Conv2D {
  return {
    conv2dForward(y, x, kernel, bias, window, activation) {
      engine.operation(() => {
        const g = forwardGeometry(x.shape, kernel.shape, window);
        const [, KW, channels, F] = kernel.shape;
        const [, OH, OW] = y.shape;
        const layout = {
          kernel: engine.input(kernel),
          bias: engine.input(bias),
          groupStep: g.filters,
          filterStep: 1,
          rowStep: KW * channels * F,
          columnStep: channels * F,
          channelStep: F,
        };
        const to = { pointer: engine.output(y), imageStep: OH * OW * F, rowStep: OW * F, pixelStep: F };
        convolve(engine, g, engine.input(x), layout, to, [kindOf(activation), engine.float(activation.alpha)]);
      });
    },

    /**
     * The inputs that have the same remainder modulo the stride see the same taps: each such phase is a convolution of
     * dy, with stride 1, with these taps in reverse order and with channels and filters exchanged.
     */
    conv2dBackwardInput(dx, dy, kernel, window) {
      engine.operation(() => {
        const [N, H, W, C] = dx.shape;
        const [, KW, channels, F] = kernel.shape;
        const groups = C / channels;
        const [to, from, weights] = [engine.output(dx), engine.input(dy), engine.input(kernel)];
        const forward = forwardGeometry(dx.shape, kernel.shape, window);
        if (prefersSending(engine, forward, from)) {
          sendToInput(engine, forward, from, weights, to);
          return;
        }
        for (const rows of phases(window.rows)) {
          for (const columns of phases(window.columns)) {
            const g: Geometry = {
              images: N,
              sourceHeight: window.rows.output,
              sourceWidth: window.columns.output,
              groups,
              channels: F / groups,
              filters: channels,
              rows,
              columns,
            };
            const [rowStep, columnStep] = [KW * channels * F, channels * F];
            const layout = {
              kernel: weights + 4 * (rows.lastTap * rowStep + columns.lastTap * columnStep),
              bias: 0,
              groupStep: F / groups,
              filterStep: F,
              rowStep: -rows.tapStep * rowStep,
              columnStep: -columns.tapStep * columnStep,
              channelStep: 1,
            };
            convolve(engine, g, from, layout, {
              pointer: to + 4 * (rows.first * W + columns.first) * C,
              imageStep: H * W * C,
              rowStep: window.rows.stride * W * C,
              pixelStep: window.columns.stride * C,
            });
          }
        }
      });
    },

    conv2dBackwardKernel(dkernel, x, dy, window) {
      engine.operation(() => {
        const g = forwardGeometry(x.shape, dkernel.shape, window);
        kernelGradient(engine, g, engine.input(x), engine.input(dy), engine.output(dkernel));
      });
    },
  };
}

export function forwardGeometry(xShape: readonly number[], kernelShape: readonly number[], window: Window): Geometry {
  const [images, sourceHeight, sourceWidth, C] = xShape;
  const [, , channels, F] = kernelShape;
  const groups = C / channels;
  const { rows, columns } = window;
  return { images, sourceHeight, sourceWidth, groups, channels, filters: F / groups, rows, columns };
}

/** One phase of the gradient along one direction: the inputs first, first + stride, … and the taps that reach them. */
interface Phase {
  readonly first: number;
  readonly lastTap: number;
  readonly tapStep: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly output: number;
}

/**
 * Input u takes part in output i through tap p when i·stride + p·dilation = u + before. All u of one phase (u + before)
 * mod stride share their taps p = p₀, p₀ + tapStep, …; one tap further is dilation′ outputs earlier, so taken in reverse
 * they are a window with dilation dilation′ = dilation / gcd over dy.
 */
export function phases(axis: Axis): Phase[] {
  const { stride, dilation, kernel, before, input } = axis;
  const common = gcd(stride, dilation);
  const tapStep = stride / common;
  const found: Phase[] = [];
  for (let first = 0; first < Math.min(stride, input); first++) {
    const output = Math.floor((input - 1 - first) / stride) + 1;
    let tap = 0;
    while (tap < Math.min(kernel, tapStep) && (first + before - tap * dilation) % stride !== 0) tap++;
    const reached = tap < Math.min(kernel, tapStep);
    // Inputs that no window reaches get a window far outside of dy: a sum of zeros.
    const taps = reached ? Math.floor((kernel - 1 - tap) / tapStep) + 1 : 1;
    const lastTap = reached ? tap + (taps - 1) * tapStep : 0;
    const start = reached ? (first + before - lastTap * dilation) / stride : axis.output;
    found.push({
      first,
      lastTap,
      tapStep,
      kernel: taps,
      stride: 1,
      dilation: dilation / common,
      before: -start,
      output,
    });
  }
  return found;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
