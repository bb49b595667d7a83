import { fail } from "../errors.ts";
import { Adam, AdamW } from "./adam.ts";
import { Optimizer } from "./optimizer.ts";
import { RMSprop } from "./rmsprop.ts";
import { SGD } from "./sgd.ts";

const KINDS = { adam: Adam, adamW: AdamW, rmsprop: RMSprop, sgd: SGD } as const;

export type OptimizerName = keyof typeof KINDS;

/** An optimizer with its defaults from its name, or as it is. @throws NeocogError that lists the names. */
export function optimizerFrom(optimizer: OptimizerName | Optimizer): Optimizer {
  if (optimizer instanceof Optimizer) return optimizer;
  if (typeof optimizer !== "string" || !Object.hasOwn(KINDS, optimizer)) {
    fail("compile", "optimizer", optimizer, `use one of ${Object.keys(KINDS).join(", ")}, or an Optimizer`);
  }
  return new KINDS[optimizer]();
}

export type { AdamOptions } from "./adam.ts";
export type { ClippingOptions } from "./clipping.ts";
export type { OptimizerOptions } from "./optimizer.ts";
export type { RMSpropOptions } from "./rmsprop.ts";
export type { SGDOptions } from "./sgd.ts";
export { Adam, AdamW, Optimizer, RMSprop, SGD };
