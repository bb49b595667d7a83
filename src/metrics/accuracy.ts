import { checkOptions } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { largest, Metric, type OutputKind, targetClass } from "./metric.ts";

/**
 * The fraction of right answers.
 *   several classes   the first largest of y's row is the class in t (a number, or the largest of a one-hot row)
 *   yes or no         y ≥ 0.5 (a logit: ≥ 0) exactly where t ≥ 0.5, each element by itself
 */
export class Accuracy extends Metric {
  constructor(options: Record<string, never> = {}) {
    super("accuracy");
    checkOptions("Accuracy", options, []);
  }

  override score(y: Tensor, t: Tensor, { logits, binary }: OutputKind): number {
    const [Y, T] = [y.data, t.data];
    const K = y.shape[y.shape.length - 1];
    let right = 0;
    if (binary || (K === 1 && t.shape.length === y.shape.length)) {
      const threshold = logits ? 0 : 0.5;
      for (let e = 0; e < y.size; e++) if (Y[e] >= threshold === T[e] >= 0.5) right++;
      return right / K;
    }
    const rows = y.size / K;
    for (let r = 0; r < rows; r++) if (largest(Y, r * K, K) === targetClass(t, T, r, rows)) right++;
    return right;
  }
}
