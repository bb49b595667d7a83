import type { Tensor } from "../../tensor.ts";
import type { Axis, Window } from "../../window.ts";
import type { Kernels } from "../kernels.ts";
import type { Engine } from "./engine.ts";
import { type Division, divide } from "./units.ts";

type Pooling = Pick<
  Kernels,
  "maxPooling2dForward" | "maxPooling2dBackward" | "averagePooling2dForward" | "averagePooling2dBackward"
>;

/** What a worker notes about the window at hand; see Place in assembly/pooling.ts. */
const PLACE_BYTES = 32;

export function pooling(engine: Engine): Pooling {
  function run(
    kernel: keyof Pooling,
    { units, words }: Division,
    pointers: number[],
    channels: number,
    window: Window,
  ) {
    const geometry = [channels, ...wordsOf(window.rows), ...wordsOf(window.columns)];
    engine.run(kernel, units, [...words, ...pointers, ...geometry], PLACE_BYTES);
  }

  return {
    maxPooling2dForward(y, switches, x, window) {
      engine.operation(() => {
        const pointers = [engine.output(y), engine.input(x), engine.output(switches)];
        run("maxPooling2dForward", outputRows(y, window), pointers, x.shape[3], window);
      });
    },

    maxPooling2dBackward(dx, dy, switches, window) {
      engine.operation(() => {
        const pointers = [engine.input(dy), engine.output(dx), engine.input(switches)];
        run("maxPooling2dBackward", images(dx), pointers, dx.shape[3], window);
      });
    },

    averagePooling2dForward(y, x, window) {
      engine.operation(() => {
        run(
          "averagePooling2dForward",
          outputRows(y, window),
          [engine.output(y), engine.input(x), 0],
          x.shape[3],
          window,
        );
      });
    },

    averagePooling2dBackward(dx, dy, window) {
      engine.operation(() => {
        run("averagePooling2dBackward", images(dx), [engine.input(dy), engine.output(dx), 0], dx.shape[3], window);
      });
    },
  };
}

function outputRows(y: Tensor, { rows, columns }: Window): Division {
  const [N, OH, OW, C] = y.shape;
  return divide(N * OH, OW * C * rows.kernel * columns.kernel);
}

function images(dx: Tensor): Division {
  const [N, H, W, C] = dx.shape;
  return divide(N, H * W * C);
}

function wordsOf({ input, output, kernel, stride, dilation, before }: Axis): number[] {
  return [input, output, kernel, stride, dilation, before];
}
