import type { FloatArray, Tensor } from "../tensor.ts";

/** What kind of output a model has while its loss is taken. */
export interface OutputKind {
  /** y are logits, since a closing softmax or sigmoid is left to the loss. */
  readonly logits: boolean;
  /** Every number of y answers a yes-or-no question of its own. */
  readonly binary: boolean;
}

/**
 * How right a model is. A metric has no state: who asks adds up what it counts in each batch, and asks for the value of
 * the sums. Most metrics are means of a score over rows, and need no more than `score`.
 *
 * A metric of one's own extends this class:
 * ```ts
 * class Confident extends Metric {
 *   constructor() { super("confident"); }
 *   score(y) { return y.data.filter((p) => p > 0.9).length; } // rows in which one class has more than 0.9
 * }
 * ```
 */
export abstract class Metric {
  protected constructor(
    /** The key in logs and history. */
    readonly name: string,
  ) {}

  /**
   * The sum, over the rows of y (all axes but the last), of each row's score from 0 to 1.
   * @param y [N,…,K] as the layers gave it
   * @param t class numbers [N,…], or one value per element of y
   */
  abstract score(y: Tensor, t: Tensor, kind: OutputKind): number;

  /** What of a batch is added up over batches: the score, and the number of rows. */
  count(y: Tensor, t: Tensor, kind: OutputKind): number[] {
    return [this.score(y, t, kind), y.size / y.shape[y.shape.length - 1]];
  }

  /** The metric from such sums: the mean score. */
  value([score, rows]: readonly number[]): number {
    return score / rows;
  }
}

/** The place of the first maximum among `count` numbers from `start` on, counted from there. */
export function largest(data: FloatArray, start: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if (data[start + k] > data[start + best]) best = k;
  return best;
}

/** The class of row r: the target itself, or the largest of a one-hot row of K. */
export function targetClass(t: Tensor, data: FloatArray, r: number, rows: number): number {
  const K = t.size / rows;
  return K === 1 ? data[r] : largest(data, r * K, K);
}
