import type { Tensor } from "../../tensor.ts";
import type { Kernels } from "../kernels.ts";
import { kindOf } from "./activation-kinds.ts";
import { LEAST_ROWS, sumRowsInSlices } from "./elementwise.ts";
import type { Engine } from "./engine.ts";
import { divide } from "./units.ts";

type Affine = Pick<Kernels, "affineForward" | "affineBackwardScale">;

/** A row of channels is repeated until it has at least so many numbers, and fills whole vectors. */
const LEAST_NUMBERS = 64;

export function affine(engine: Engine): Affine {
  return {
    affineForward(y, x, scale, shift, activation) {
      if (y.size === 0) return;
      engine.operation(() => {
        const channels = x.shape[x.shape.length - 1];
        const vectors = channels % 4 === 0 ? 1 : channels % 2 === 0 ? 2 : 4;
        const times = vectors * Math.ceil(LEAST_NUMBERS / (channels * vectors));
        const row = channels * times;
        const { units, words } = divide(Math.ceil(y.size / row), row);
        const pointers = [engine.output(y), engine.input(x)];
        // What is left out changes nothing, not even the sign of a zero: x · 1, and x + −0.
        const factors = [repeated(engine, scale, channels, times, 1), repeated(engine, shift, channels, times, -0)];
        const kind = [kindOf(activation), engine.float(activation.alpha)];
        engine.run("affine", units, [...words, ...pointers, ...factors, row, y.size, ...kind]);
      });
    },

    affineBackwardScale(dscale, dy, x) {
      if (dscale.size === 0) return;
      engine.operation(() => {
        const [to, a, b] = [engine.output(dscale), engine.input(dy), engine.input(x)];
        const columns = dscale.size;
        const { units, words } = divide(dy.size / columns, columns, LEAST_ROWS);
        const sums = units > 1 ? engine.scratch(units * columns * 4) : to;
        engine.run("sumRowsOfProducts", Math.max(1, units), [...words, sums, a, b, columns]);
        if (units > 1) sumRowsInSlices(engine, to, sums, units, columns);
      });
    },
  };
}

/** A tensor so many times one after the other, in scratch memory; `otherwise` where there is none. */
function repeated(engine: Engine, values: Tensor | undefined, length: number, times: number, otherwise: number) {
  const start = engine.scratch(length * times * 4);
  const to = new Float32Array(engine.heap.memory.buffer, start, length * times);
  if (!values) to.fill(otherwise);
  else for (let k = 0; k < times; k++) to.set(values.data, k * length);
  return start;
}
