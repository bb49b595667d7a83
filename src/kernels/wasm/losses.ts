import type { Kernels, LossKind } from "../kernels.ts";
import type { Engine } from "./engine.ts";
import { divide } from "./units.ts";

/** The numbers by which assembly/losses.ts knows the losses. */
const KINDS: Record<LossKind, number> = {
  softmaxCrossEntropy: 0,
  categoricalCrossEntropy: 1,
  sigmoidCrossEntropy: 2,
  binaryCrossEntropy: 3,
  squaredError: 4,
};

/** What a worker notes about the row at hand; see Row in assembly/losses.ts. */
const ROW_BYTES = 16;

export function losses(engine: Engine): Pick<Kernels, "loss"> {
  return {
    loss(kind, losses, dx, x, targets, weights) {
      engine.operation(() => {
        const columns = x.shape[x.shape.length - 1];
        const isIndex = targets.shape.length < x.shape.length ? 1 : 0;
        const { units, words } = divide(losses.size, columns);
        const results = [engine.output(losses), engine.output(dx)];
        const inputs = [engine.input(x), engine.input(targets), engine.input(weights)];
        engine.run("loss", units, [...words, ...results, ...inputs, columns, KINDS[kind], isIndex], ROW_BYTES);
      });
    },
  };
}
