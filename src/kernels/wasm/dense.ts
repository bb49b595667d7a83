import type { Kernels } from "../kernels.ts";
import { kindOf } from "./activation-kinds.ts";
import { convolve, kernelGradient } from "./convolution.ts";
import type { Engine } from "./engine.ts";
import type { Geometry } from "./geometry.ts";

type Dense = Pick<Kernels, "denseForward" | "denseBackwardInput" | "denseBackwardKernel">;

/** The dense layer on WASM: a convolution with a kernel of 1 × 1 over an image whose pixels are the rows of the batch. */
export function dense(engine: Engine): Dense {
  return {
    denseForward(y, x, kernel, bias, activation) {
      engine.operation(() => {
        const [inputs, units] = kernel.shape;
        const layout = {
          ...{ kernel: engine.input(kernel), bias: engine.input(bias), groupStep: 0, filterStep: 1 },
          ...{ rowStep: 0, columnStep: 0, channelStep: units },
        };
        const kind = [kindOf(activation), engine.float(activation.alpha)] as const;
        const to = rowsOf(engine.output(y), units);
        convolve(engine, pixelsOf(x.shape[0], inputs, units), engine.input(x), layout, to, kind, true);
      });
    },

    denseBackwardInput(dx, dy, kernel) {
      engine.operation(() => {
        const [inputs, units] = kernel.shape;
        const layout = {
          ...{ kernel: engine.input(kernel), bias: 0, groupStep: 0, filterStep: units },
          ...{ rowStep: 0, columnStep: 0, channelStep: 1 },
        };
        const to = rowsOf(engine.output(dx), inputs);
        convolve(engine, pixelsOf(dy.shape[0], units, inputs), engine.input(dy), layout, to, [0, 0], true);
      });
    },

    denseBackwardKernel(dkernel, x, dy) {
      engine.operation(() => {
        const [inputs, units] = dkernel.shape;
        const g = pixelsOf(x.shape[0], inputs, units);
        kernelGradient(engine, g, engine.input(x), engine.input(dy), engine.output(dkernel));
      });
    },
  };
}

function pixelsOf(batch: number, channels: number, filters: number): Geometry {
  const point = { kernel: 1, stride: 1, dilation: 1, before: 0 };
  return {
    ...{ images: batch === 0 ? 0 : 1, sourceHeight: 1, sourceWidth: batch, groups: 1, channels, filters },
    ...{ rows: { ...point, output: 1 }, columns: { ...point, output: batch } },
  };
}

function rowsOf(pointer: number, length: number) {
  return { pointer, imageStep: 0, rowStep: 0, pixelStep: length };
}
