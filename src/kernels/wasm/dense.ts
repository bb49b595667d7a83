import type { Activation, Kernels } from "../kernels.ts";
import { kindOf } from "./activation-kinds.ts";
import type { Engine } from "./engine.ts";
import { TILE_BYTES } from "./geometry.ts";

type Dense = Pick<Kernels, "denseForward" | "denseBackwardInput" | "denseBackwardKernel">;

const LINEAR: Activation = { name: "linear", alpha: 0 };
/** Columns that assembly/dense.ts packs at a time, inputs of y and rows of dw that it packs. */
const PANEL = 32;
const DEPTH = 512;
const ROWS = 128;
/** Fewer columns than these make units of half a panel: there would be too few to share out evenly. */
const MANY = 8 * PANEL;
/** Columns of one unit of y where fewer than four rows make it a matter of reading w: long runs of its rows. */
const LONG = 1024;
/** Inputs of one unit of the kernel's gradient. */
const CHUNK = 64;

/** The dense layer on WASM: three matrix products of assembly/dense.ts. */
export function dense(engine: Engine): Dense {
  /** The words of `Dense`; N rows, A inputs, B columns. */
  const record = (pointers: number[], [N, A, B]: readonly number[], activation = LINEAR, width = 0) => [
    ...[...pointers, N, A, B, kindOf(activation), engine.float(activation.alpha), width],
  ];

  return {
    denseForward(y, x, kernel, bias, activation) {
      engine.operation(() => {
        const [A, B] = kernel.shape;
        const pointers = [engine.output(y), engine.input(x), engine.input(kernel), engine.input(bias)];
        const N = x.shape[0];
        const width = N < 4 ? LONG : B < MANY ? PANEL / 2 : PANEL;
        const scratch = N < 4 ? 0 : PANEL * Math.min(DEPTH, A) * 4 + TILE_BYTES;
        engine.run("denseForward", Math.ceil(B / width), record(pointers, [N, A, B], activation, width), scratch);
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
        engine.run(
          "denseBackwardKernel",
          N === 0 ? 0 : Math.ceil(A / CHUNK),
          words,
          Math.min(ROWS, N) * (CHUNK + PANEL) * 4 + TILE_BYTES,
        );
      });
    },
  };
}
