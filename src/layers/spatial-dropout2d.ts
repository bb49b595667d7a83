import { fraction } from "../errors.ts";
import type { Pass } from "../pass.ts";
import type { RandomKey } from "../random.ts";
import type { Shape, Tensor } from "../tensor.ts";
import type { DropoutOptions } from "./dropout.ts";
import { imageShape } from "./images.ts";
import { WhileTraining } from "./while-training.ts";

/**
 * Dropout of whole activation maps: neighbours in a map say almost the same, so one alone is hardly missed.
 *   x and y [N,H,W,C]   kept[n,c] with probability 1 − rate, from a key of the pass               C7 · Tompson et al. 2015
 *   forward   training: y[n,u,v,c] = kept[n,c] · x[n,u,v,c] / (1 − rate);   inference: y = x
 *   backward  dx[n,u,v,c] = kept[n,c] · dy[n,u,v,c] / (1 − rate), drawn again from the same key
 *
 * ```ts
 * new SpatialDropout2D({ rate: 0.5 }).forward(tensor([[[[1, 2]]]])).toNested(); // [[[[1, 2]]]], without training: true
 * ```
 * @throws NeocogError for a rate below 0, or of 1 and more, and x that is not [N,H,W,C].
 */
export class SpatialDropout2D extends WhileTraining {
  declare readonly options: DropoutOptions;

  constructor(options: DropoutOptions) {
    super("SpatialDropout2D", options, ["rate"]);
    fraction("SpatialDropout2D", "rate", options.rate);
  }

  override outputShape(inputShape: Shape): number[] {
    return [...imageShape(this.name, inputShape)];
  }

  protected override get isActive(): boolean {
    return this.options.rate > 0;
  }

  protected override changed(x: Tensor, key: RandomKey, pass: Pass): Tensor {
    const y = pass.allocate(x.shape);
    pass.kernels.spatialDropout2d(y, x, this.options.rate, key);
    return y;
  }

  protected override changedBackward(dy: Tensor, key: RandomKey, pass: Pass): Tensor {
    return this.changed(dy, key, pass);
  }
}
