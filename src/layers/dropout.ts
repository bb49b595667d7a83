import { fraction } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { RandomKey } from "../random.ts";
import { checkShape, type Shape, type Tensor } from "../tensor.ts";
import { Layer, type LayerOptions } from "./layer.ts";

export interface DropoutOptions extends LayerOptions {
  /** The fraction that is dropped, from 0 to less than 1. */
  rate: number;
}

interface Note {
  readonly shape: Shape;
  /** Left out where nothing was dropped. */
  readonly key: RandomKey | undefined;
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
export class Dropout extends Layer {
  declare readonly options: DropoutOptions;

  constructor(options: DropoutOptions) {
    super("Dropout", options, ["rate"]);
    fraction("Dropout", "rate", options.rate);
  }

  override outputShape(inputShape: Shape): number[] {
    checkShape(this.name, "the shape of x", inputShape);
    return [...inputShape];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const key = pass.training && this.options.rate > 0 ? pass.nextKey() : undefined;
    pass.remember(this, { shape: x.shape, key } satisfies Note);
    return this.#drop(x, key, pass);
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape, key } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, shape);
    return this.#drop(dy, key, pass);
  }

  #drop(x: Tensor, key: RandomKey | undefined, pass: Pass): Tensor {
    if (!key) return x;
    const y = pass.allocate(x.shape);
    pass.kernels.dropout(y, x, this.options.rate, key);
    return y;
  }
}
