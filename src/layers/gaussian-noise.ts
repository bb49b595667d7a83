import { finiteNumber } from "../errors.ts";
import type { Pass } from "../pass.ts";
import type { RandomKey } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import type { LayerOptions } from "./layer.ts";
import { WhileTraining } from "./while-training.ts";

export interface GaussianNoiseOptions extends LayerOptions {
  /** The standard deviation of the noise, at least 0. */
  stddev: number;
}

/**
 * Adds noise with a normal distribution while training, another one in each step: no two images are the same twice.
 *   x and y of the same shape, any   z[e] with mean 0 and standard deviation 1, from a key of the pass      C7 · Bishop 1995
 *   forward   training: y[e] = x[e] + stddev · z[e];   inference: y = x
 *   backward  dx = dy
 *
 * ```ts
 * new GaussianNoise({ stddev: 0.1 }).forward(tensor([1, 2])).toNested(); // [1, 2]: no noise without training: true
 * ```
 * @throws NeocogError for a stddev that is negative or not finite.
 */
export class GaussianNoise extends WhileTraining {
  declare readonly options: GaussianNoiseOptions;

  constructor(options: GaussianNoiseOptions) {
    super("GaussianNoise", options, ["stddev"]);
    finiteNumber("GaussianNoise", "stddev", options.stddev, 0);
  }

  protected override get isActive(): boolean {
    return this.options.stddev > 0;
  }

  protected override changed(x: Tensor, key: RandomKey, pass: Pass): Tensor {
    const y = pass.allocate(x.shape);
    pass.kernels.gaussianNoise(y, x, this.options.stddev, key);
    return y;
  }

  protected override changedBackward(dy: Tensor): Tensor {
    return dy;
  }
}
