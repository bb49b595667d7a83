import { checkOptions, fail, finiteNumber } from "./errors.ts";
import type { Kernels } from "./kernels/kernels.ts";
import type { Parameter } from "./layers/parameter.ts";
import type { Tensor } from "./tensor.ts";

/**
 * A penalty on the weights of a parameter, which training adds to the loss: Σ l1·|w| + l2·w². Its gradient,
 * l1·sign w + 2·l2·w, is added to the parameter's; the loss that is reported contains it, as in Keras.
 */
export interface Regularizer {
  readonly l1?: number;
  readonly l2?: number;
}

/**
 * Σ strength·|w|: pulls every weight towards 0 by the same amount, and leaves some there (Tibshirani 1996).
 *
 * ```ts
 * new Dense({ units: 10, kernelRegularizer: l1(0.001) });
 * l1(0.001); // { l1: 0.001 }
 * ```
 * @throws NeocogError for a strength that is negative or not finite.
 */
export function l1(strength = 0.01): Regularizer {
  return { l1: finiteNumber("l1", "strength", strength, 0) };
}

/**
 * Σ strength·w²: pulls large weights most. With SGD it is a weightDecay of 2·strength, with Adam it is not (AdamW).
 *
 * ```ts
 * l2(0.001); // { l2: 0.001 }
 * ```
 */
export function l2(strength = 0.01): Regularizer {
  return { l2: finiteNumber("l2", "strength", strength, 0) };
}

/** Both: `l1l2({ l1: 0.001, l2: 0.01 })`; 0.01 where one is left out. */
export function l1l2(options: Regularizer = {}): Regularizer {
  checkOptions("l1l2", options, ["l1", "l2"]);
  const { l1 = 0.01, l2 = 0.01 } = options;
  return { l1: finiteNumber("l1l2", "l1", l1, 0), l2: finiteNumber("l1l2", "l2", l2, 0) };
}

/** Refuses what is no regularizer. Nothing is fine. */
export function checkRegularizer(owner: string, argument: string, given: unknown): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    fail(owner, argument, given, "give l1(0.01), l2(0.01) or l1l2({ l1: 0.01, l2: 0.01 })");
  }
  checkOptions(`${owner}: ${argument}`, given, ["l1", "l2"]);
  const { l1, l2 } = given as Regularizer;
  for (const [name, strength] of Object.entries({ l1, l2 })) {
    if (strength !== undefined) finiteNumber(owner, `${argument} ${name}`, strength, 0);
  }
}

/** The penalties of a model's parameters. Parameters that are frozen cost nothing, as in Keras. */
export class Penalties {
  readonly #parameters: readonly Parameter[];
  #sum: Tensor | undefined;

  constructor(parameters: readonly Parameter[]) {
    this.#parameters = parameters.filter(({ regularizer }) => regularizer);
  }

  /** What they add to the loss; the sum of the parameters' penalties in their order. */
  total(kernels: Kernels): number {
    let total = 0;
    for (const { value, regularizer, trainable } of this.#parameters) {
      if (!trainable) continue;
      this.#sum ??= kernels.allocate([1]);
      kernels.penalty(this.#sum, value, strengths(regularizer));
      total += this.#sum.data[0];
    }
    return total;
  }

  /** Adds their gradients to those of the parameters. */
  addGradients(kernels: Kernels): void {
    for (const parameter of this.#parameters) {
      const { value, regularizer, trainable } = parameter;
      // A frozen parameter is not asked for its gradient: it would get one.
      if (trainable) kernels.regularize(parameter.gradient, value, strengths(regularizer));
    }
  }
}

function strengths({ l1 = 0, l2 = 0 }: Regularizer = {}): Required<Regularizer> {
  return { l1, l2 };
}
