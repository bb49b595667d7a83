import type { Shape, Tensor } from "../../tensor.ts";
import type { Axis, Window } from "../../window.ts";
import type { Kernels } from "../kernels.ts";
import type { Engine } from "./engine.ts";
import { type Division, divide } from "./units.ts";

type Pooling = Pick<
  Kernels,
  | "maxPooling2dForward"
  | "maxPooling2dBackward"
  | "maxUnpooling2dBackward"
  | "averagePooling2dForward"
  | "averagePooling2dBackward"
>;

/** Directions of assembly/pooling-cells.ts: kinds forward, and unpooling's; the kinds' backward come behind them. */
const KINDS = { max: 0, average: 1 };
const UNPOOLING = 2;
const BACKWARD = 3;
/** What a worker notes about the window at hand, see Place in assembly/pooling-cells.ts. */
const PLACE_BYTES = 64;

export function pooling(engine: Engine): Pooling {
  function run(direction: number, { units, words }: Division, pointers: number[], channels: number, window: Window) {
    const geometry = [channels, ...wordsOf(window.rows), ...wordsOf(window.columns)];
    const record = [...words, direction, ...pointers, ...geometry];
    engine.run("pooling", units, record, PLACE_BYTES);
  }

  function pool(
    kind: "max" | "average",
    direction: "Forward" | "Backward",
    division: Division,
    pointers: number[],
    [x, y]: readonly [Shape, Shape],
    window: Window,
  ) {
    const [, H, W, C] = x;
    if (!halves(window, C)) run(KINDS[kind] + (direction === "Backward" ? BACKWARD : 0), division, pointers, C, window);
    else {
      const record = [...division.words, ...pointers, C, H, W, y[1], y[2]];
      engine.run(`${kind}Halving${direction}`, division.units, record);
    }
  }

  return {
    maxPooling2dForward(y, switches, x, window) {
      engine.operation(() => {
        const pointers = [engine.output(y), engine.input(x), engine.output(switches)];
        pool("max", "Forward", outputRows(y, window), pointers, [x.shape, y.shape], window);
      });
    },

    maxPooling2dBackward(dx, dy, switches, window) {
      engine.operation(() => {
        const pointers = [engine.input(dy), engine.output(dx), engine.input(switches)];
        pool("max", "Backward", images(dx), pointers, [dx.shape, dy.shape], window);
      });
    },

    maxUnpooling2dBackward(dx, dy, switches, window) {
      engine.operation(() => {
        const pointers = [engine.output(dx), engine.input(dy), engine.input(switches)];
        run(UNPOOLING, outputRows(dx, window), pointers, dy.shape[3], window);
      });
    },

    averagePooling2dForward(y, x, window) {
      engine.operation(() => {
        const pointers = [engine.output(y), engine.input(x), 0];
        pool("average", "Forward", outputRows(y, window), pointers, [x.shape, y.shape], window);
      });
    },

    averagePooling2dBackward(dx, dy, window) {
      engine.operation(() => {
        const pointers = [engine.input(dy), engine.output(dx), 0];
        pool("average", "Backward", images(dx), pointers, [dx.shape, dy.shape], window);
      });
    },
  };
}

/** Whether assembly/pooling-halves.ts does this window: 2 × 2 with stride 2 and no padding, over four channels or more. */
function halves({ rows, columns }: Window, channels: number): boolean {
  const half = (axis: Axis) => axis.kernel === 2 && axis.stride === 2 && axis.dilation === 1 && axis.before === 0;
  const inside = (axis: Axis) => axis.output === Math.floor(axis.input / 2);
  return channels >= 4 && [rows, columns].every((axis) => half(axis) && inside(axis));
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
