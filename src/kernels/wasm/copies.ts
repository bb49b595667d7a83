import type { Kernels } from "../kernels.ts";
import type { Engine } from "./engine.ts";
import { divide } from "./units.ts";

/** Numbers that move and stay what they are. */
export function copies(engine: Engine): Pick<Kernels, "copyWindow2d" | "permute"> {
  return {
    copyWindow2d(y, x, top, left) {
      if (y.size === 0) return;
      engine.operation(() => {
        const [N, OH, OW, C] = y.shape;
        const { units, words } = divide(N * OH, OW * C);
        const sizes = [C, x.shape[1], x.shape[2], OH, OW];
        engine.run("copyWindow2d", units, [...words, engine.output(y), engine.input(x), ...sizes, top, left]);
      });
    },

    permute(y, x, axes) {
      if (y.size === 0) return;
      engine.operation(() => {
        const [row, ...others] = joined(x.shape, axes).reverse();
        const { units, words } = divide(y.size / row.length, row.length);
        const pointers = [engine.output(y), engine.input(x)];
        const rest = others.flatMap(({ length, step }) => [length, step]);
        engine.run("permute", units, [...words, ...pointers, row.length, row.step, others.length, ...rest]);
      });
    },
  };
}

/** How long an axis of y is, and how many numbers apart its neighbours are in x. */
interface Run {
  readonly length: number;
  readonly step: number;
}

/** The axes of y, one at least; those that are neighbours in x too are one. */
function joined(xShape: readonly number[], axes: readonly number[]): Run[] {
  const steps = xShape.map((_, axis) => xShape.slice(axis + 1).reduce((size, length) => size * length, 1));
  const runs: Run[] = [];
  for (const axis of axes) {
    const run = { length: xShape[axis], step: steps[axis] };
    const before = runs.at(-1);
    if (before && before.step === run.length * run.step) {
      runs[runs.length - 1] = { length: before.length * run.length, step: run.step };
    } else if (run.length > 1) runs.push(run);
  }
  return runs.length > 0 ? runs : [{ length: 1, step: 1 }];
}
