import { finiteNumber, fraction } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Parameter } from "../layers/parameter.ts";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";

export interface RMSpropOptions extends OptimizerOptions {
  /** How slowly the mean square forgets, from 0 to 1. Default: 0.9. */
  rho?: number;
  /** Default: 1e-7. */
  epsilon?: number;
}

/**
 * Divides by a running root mean square of the gradient.                                     Tieleman & Hinton 2012
 *   s = ρ·s + (1−ρ)·g²      value −= learningRate · g / (√s + ε)
 * Default: learningRate 0.001.
 */
export class RMSprop extends Optimizer {
  readonly rho: number;
  readonly epsilon: number;

  constructor(options: RMSpropOptions = {}) {
    super("RMSprop", options, ["rho", "epsilon"], 0.001);
    this.rho = fraction("RMSprop", "rho", options.rho ?? 0.9);
    this.epsilon = finiteNumber("RMSprop", "epsilon", options.epsilon ?? 1e-7, 0);
  }

  protected override update(parameter: Parameter, kernels: Kernels): void {
    kernels.rmsprop(parameter.value, this.state(parameter, kernels, 1)[0], parameter.gradient, this);
  }
}
