import { fail } from "../errors.ts";
import { BinaryCrossentropy } from "./binary-crossentropy.ts";
import { CategoricalCrossentropy, SparseCategoricalCrossentropy } from "./categorical-crossentropy.ts";
import { Loss } from "./loss.ts";
import { MeanSquaredError } from "./mean-squared-error.ts";

const KINDS = {
  binaryCrossentropy: BinaryCrossentropy,
  categoricalCrossentropy: CategoricalCrossentropy,
  meanSquaredError: MeanSquaredError,
  sparseCategoricalCrossentropy: SparseCategoricalCrossentropy,
} as const;

export type LossName = keyof typeof KINDS;

/** A loss from its name, or as it is. @throws NeocogError that lists the names. */
export function lossFrom(loss: LossName | Loss): Loss {
  if (loss instanceof Loss) return loss;
  if (typeof loss !== "string" || !Object.hasOwn(KINDS, loss)) {
    fail("compile", "loss", loss, `use one of ${Object.keys(KINDS).join(", ")}, or a Loss`);
  }
  return new KINDS[loss]();
}

export type { CrossentropyOptions } from "./loss.ts";
export { BinaryCrossentropy, CategoricalCrossentropy, Loss, MeanSquaredError, SparseCategoricalCrossentropy };
