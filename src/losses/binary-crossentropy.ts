import type { Tensor } from "../tensor.ts";
import { type CrossentropyOptions, Loss } from "./loss.ts";

/**
 * Cross-entropy of K independent yes-or-no questions.
 *   y [R,K] probabilities, or logits with fromLogits   t [R,K] from 0 to 1
 *   forward   L = Σ_rk −t·log y − (1−t)·log(1−y) / (R·K);   of logits z: max(z,0) − z·t + log(1 + exp(−|z|))
 *   backward  dy = ((1−t)/(1−y) − t/y) / (R·K);             of logits: dz = (sigmoid(z) − t) / (R·K)
 *
 * Where the model ends in a sigmoid, it is left out and the loss taken from its logits.
 */
export class BinaryCrossentropy extends Loss {
  constructor(options: CrossentropyOptions = {}) {
    const kinds = { probabilities: "binaryCrossEntropy", logits: "sigmoidCrossEntropy" } as const;
    super("binaryCrossentropy", kinds, "sigmoid", options);
  }

  protected override checkValues(targets: Tensor): void {
    this.checkEach(targets, (value) => value >= 0 && value <= 1, "give 0 for no and 1 for yes, or a probability");
  }
}
