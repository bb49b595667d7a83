import type { Shape, Tensor } from "../tensor.ts";
import { type CrossentropyOptions, Loss } from "./loss.ts";

/**
 * How surprised the model is by the class, for targets that give every class its probability (one-hot).               C6
 *   y [R,K] probabilities, or logits with fromLogits   t [R,K]
 *   forward   L = −Σ_rk t[r,k] · log y[r,k] / R;   of logits: log y = logSoftmax
 *   backward  dy = −t / (y · R);                   of logits: dz[r,k] = (softmax(z)[r,k] · Σ_k t[r,k] − t[r,k]) / R
 *
 * Where the model ends in a softmax, it is left out and the loss taken from its logits: stable for logits of ±300.
 */
export class CategoricalCrossentropy extends Loss {
  constructor(options: CrossentropyOptions = {}) {
    const kinds = { probabilities: "categoricalCrossEntropy", logits: "softmaxCrossEntropy" } as const;
    super("categoricalCrossentropy", kinds, "softmax", options);
  }

  protected override checkValues(targets: Tensor): void {
    this.checkEach(targets, (value) => value >= 0 && value <= 1, "give each class a probability from 0 to 1 (one-hot)");
  }

  protected override remedy(shape: Shape, targets: Tensor): string {
    const classes = targets.size === targets.shape[0];
    return classes ? 'for class numbers use loss: "sparseCategoricalCrossentropy"' : `give one-hot rows [${shape}]`;
  }
}

/**
 * The same for targets that are class numbers.                                                                        C6
 *   y [R,K] probabilities, or logits with fromLogits   t [R], whole numbers from 0 to K−1
 *   forward   L = −Σ_r log y[r,t[r]] / R
 *   backward  as above with t one-hot
 */
export class SparseCategoricalCrossentropy extends Loss {
  constructor(options: CrossentropyOptions = {}) {
    const kinds = { probabilities: "categoricalCrossEntropy", logits: "softmaxCrossEntropy" } as const;
    super("sparseCategoricalCrossentropy", kinds, "softmax", options);
  }

  override get sparse(): boolean {
    return true;
  }

  protected override checkValues(targets: Tensor, outputShape: Shape): void {
    const classes = outputShape[outputShape.length - 1];
    const allowed = (value: number) => Number.isInteger(value) && value >= 0 && value < classes;
    this.checkEach(
      targets,
      allowed,
      `give class numbers: whole, from 0 to ${classes - 1}, as the output has ${classes} units`,
    );
  }

  protected override remedy(shape: Shape, targets: Tensor): string {
    const oneHot = targets.shape.length === shape.length + 1;
    return oneHot ? 'for one-hot rows use loss: "categoricalCrossentropy"' : `give class numbers [${shape}]`;
  }
}
