import type { FloatArray, Tensor } from "../tensor.ts";

/** What kind of output a model has while its loss is taken. */
export interface OutputKind {
  /** y are logits, since a closing softmax or sigmoid is left to the loss. */
  readonly logits: boolean;
  /** Every number of y answers a yes-or-no question of its own. */
  readonly binary: boolean;
}

/** A number that is gathered over the batches of an epoch. */
export abstract class Metric {
  protected total = 0;
  protected count = 0;

  protected constructor(
    /** The key in logs and history. */
    readonly name: string,
  ) {}

  /** Takes a batch in: y [N,…,K] as the layers gave it, t class numbers [N,…] or one value per element of y. */
  abstract update(y: Tensor, t: Tensor, kind: OutputKind): void;

  /** The mean so far; NaN before the first batch. */
  get result(): number {
    return this.total / this.count;
  }

  reset(): void {
    this.total = 0;
    this.count = 0;
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
