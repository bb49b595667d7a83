import type { Kernels } from "../kernels.ts";
import { sumInSlices } from "./elementwise.ts";
import type { Engine } from "./engine.ts";
import { divide } from "./units.ts";

type Penalties = Pick<Kernels, "penalty" | "regularize" | "clip">;

/** What keeps weights and gradients small. */
export function penalties(engine: Engine): Penalties {
  return {
    penalty(y, x, { l1, l2 }) {
      engine.operation(() => {
        const { units, words } = divide(x.size);
        const [to, from] = [engine.output(y), engine.input(x)];
        const sums = units > 1 ? engine.scratch(units * 4) : to;
        engine.run("penalty", Math.max(1, units), [...words, sums, from, engine.float(l1), engine.float(l2)]);
        if (units > 1) sumInSlices(engine, to, sums, units);
      });
    },

    regularize(gradient, value, { l1, l2 }) {
      engine.operation(() => {
        const { units, words } = divide(value.size);
        const pointers = [engine.update(gradient), engine.input(value)];
        engine.run("regularize", units, [...words, ...pointers, engine.float(l1), engine.float(2 * l2)]);
      });
    },

    clip(y, x, limit) {
      engine.operation(() => {
        const { units, words } = divide(y.size);
        engine.run("clip", units, [...words, engine.output(y), engine.input(x), engine.float(limit)]);
      });
    },
  };
}
