import { fraction } from "../errors.ts";
import type { Pass } from "../pass.ts";
import type { RandomKey } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import type { LayerOptions } from "./layer.ts";
import { WhileTraining } from "./while-training.ts";

export interface DropoutOptions extends LayerOptions {
  /** The fraction that is dropped, from 0 to less than 1. */
  rate: number;
}

/**
 * Drops values at random while training, and scales the others up so that the mean stays ("inverted" dropout).
 *   x and y of the same shape, any   kept[e] with probability 1 − rate, from a key of the pass   C7 · Srivastava et al. 2014
 *   forward   training: y[e] = kept[e] · x[e] / (1 − rate);   inference: y = x
 *   backward  dx[e] = kept[e] · dy[e] / (1 − rate), drawn again from the same key: no mask is stored
 *
 * ```ts
 * new Dropout({ rate: 0.5 }).forward(tensor([1, 2])).toNested(); // [1, 2]: nothing is dropped without training: true
 * ```
 * @throws NeocogError for a rate below 0, or of 1 and more.
 */
export class Dropout extends WhileTraining {
  declare readonly options: DropoutOptions;

  constructor(options: DropoutOptions) {
    super("Dropout", options, ["rate"]);
    fraction("Dropout", "rate", options.rate);
  }

  protected override get isActive(): boolean {
    return this.options.rate > 0;
  }

  protected override changed(x: Tensor, key: RandomKey, pass: Pass): Tensor {
    const y = pass.allocate(x.shape);
    pass.kernels.dropout(y, x, this.options.rate, key);
    return y;
  }

  protected override changedBackward(dy: Tensor, key: RandomKey, pass: Pass): Tensor {
    return this.changed(dy, key, pass);
  }
}
