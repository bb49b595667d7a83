import type { Activation, Kernels } from "../kernels.ts";
import { kindOf } from "./activation-kinds.ts";
import type { Engine } from "./engine.ts";
import { TILE_BYTES } from "./geometry.ts";

type Dense = Pick<Kernels, "denseForward" | "denseBackwardInput" | "denseBackwardKernel">;

const LINEAR: Activation = { name: "linear", alpha: 0 };
/** Inputs of one unit of the kernel's gradient; rows of it, and inputs of y, that assembly/dense.ts packs. */
const CHUNK = 64;
const ROWS = 128;
const DEPTH = 512;
/** Fewer rows than these fill no tile. */
const FEW = 4;
/** A kernel of so many numbers is in no cache; writing its gradient is what takes the time with fewer rows than SOME. */
const LARGE = 2 ** 20;
const SOME = 12;
/**
 * Columns of one unit of y: with few rows long runs of the kernel, or all where nobody has to share them, else whole cache
 * lines, or enough units to share out. And columns of the kernel's gradient that are packed at a time.
 */
const LONG = 1024;
const PANEL = 32;
const MANY = 8 * PANEL;
const WIDE = 128;

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
        const few = engine.threads === 1 && A * B > LARGE ? B : LONG;
        const width = N < FEW ? few : B < MANY ? PANEL / 2 : PANEL;
        const scratch = N < FEW ? 0 : width * Math.min(DEPTH, A) * 4 + TILE_BYTES;
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
        if (N === 0) {
          engine.clear(engine.output(dkernel), A * B);
          return;
        }
        const pointers = [engine.output(dkernel), engine.input(x), engine.input(dy), 0];
        const width = N < SOME && A * B > LARGE ? WIDE : PANEL;
        const words = record(pointers, [N, A, B], LINEAR, width);
        const scratch = Math.min(ROWS, N) * (CHUNK + width) * 4 + TILE_BYTES;
        engine.run("denseBackwardKernel", Math.ceil(A / CHUNK), words, scratch);
      });
    },
  };
}
