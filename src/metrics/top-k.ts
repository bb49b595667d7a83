import { checkOptions, wholeNumber } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { Metric, targetClass } from "./metric.ts";

export interface TopKOptions {
  /** How many guesses the model has. Default: 5. */
  k?: number;
}

/** The fraction of rows whose class is among the k largest of y; among equals the first come first. k = 1: accuracy. */
export class TopKCategoricalAccuracy extends Metric {
  readonly #k: number;

  constructor(options: TopKOptions = {}) {
    super("topKCategoricalAccuracy");
    checkOptions("TopKCategoricalAccuracy", options, ["k"]);
    this.#k = wholeNumber("TopKCategoricalAccuracy", "k", options.k ?? 5, 1);
  }

  override score(y: Tensor, t: Tensor): number {
    const [Y, T] = [y.data, t.data];
    const K = y.shape[y.shape.length - 1];
    const rows = y.size / K;
    let right = 0;
    for (let r = 0; r < rows; r++) {
      const target = targetClass(t, T, r, rows);
      let before = 0;
      for (let k = 0; k < K; k++) {
        const [other, own] = [Y[r * K + k], Y[r * K + target]];
        if (other > own || (other === own && k < target)) before++;
      }
      if (before < this.#k) right++;
    }
    return right;
  }
}
