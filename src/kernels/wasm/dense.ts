import type { Activation, Kernels } from "../kernels.ts";
import { kindOf } from "./activation-kinds.ts";
import type { Engine } from "./engine.ts";

type Dense = Pick<Kernels, "denseForward" | "denseBackwardInput" | "denseBackwardKernel">;

const LINEAR: Activation = { name: "linear", alpha: 0 };
/** Columns of one unit of y. */
const WIDTH = 32;
/** What assembly/dense.ts packs at a time, and one tile. */
const PACKED_BYTES = 512 * 8 * 4;
const TILE_BYTES = 128;
/** Inputs of one unit of the kernel's gradient. */
const CHUNK = 64;

/** The dense layer on WASM: three matrix products of assembly/dense.ts. */
export function dense(engine: Engine): Dense {
  /** The words of `Dense`; N rows, A inputs, B columns. */
  const record = (pointers: number[], [N, A, B]: readonly number[], activation = LINEAR) => [
    ...[...pointers, N, A, B, kindOf(activation), engine.float(activation.alpha)],
  ];

  return {
    denseForward(y, x, kernel, bias, activation) {
      engine.operation(() => {
        const [A, B] = kernel.shape;
        const pointers = [engine.output(y), engine.input(x), engine.input(kernel), engine.input(bias)];
        const words = record(pointers, [x.shape[0], A, B], activation);
        engine.run("denseForward", Math.ceil(B / WIDTH), words, PACKED_BYTES + TILE_BYTES);
      });
    },

    denseBackwardInput(dx, dy, kernel) {
      engine.operation(() => {
        const [A, B] = kernel.shape;
        const words = record([engine.output(dx), engine.input(dy), engine.input(kernel), 0], [dy.shape[0], A, B]);
        engine.run("denseBackwardInput", Math.ceil(A / 8), words, 12 * B * 4 + TILE_BYTES);
      });
    },

    denseBackwardKernel(dkernel, x, dy) {
      engine.operation(() => {
        const [A, B] = dkernel.shape;
        const N = x.shape[0];
        if (N === 0) engine.clear(engine.output(dkernel), A * B);
        const words = record([engine.output(dkernel), engine.input(x), engine.input(dy), 0], [N, A, B]);
        engine.run("denseBackwardKernel", N === 0 ? 0 : Math.ceil(A / CHUNK), words, N * CHUNK * 4 + TILE_BYTES);
      });
    },
  };
}
