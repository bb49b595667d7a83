import { finiteNumber, trueOrFalse } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Parameter } from "../layers/parameter.ts";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";

export interface SGDOptions extends OptimizerOptions {
  /** How much of the last step is done again, from 0 to 1. Default: 0. */
  momentum?: number;
  /** Looks ahead along the velocity (Sutskever et al. 2013). Default: false. */
  nesterov?: boolean;
  /** L2: weightDecay · value is added to the gradient. Default: 0. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum.                                                           Polyak 1964
 *   g = gradient + weightDecay·value      v = momentum·v + g
 *   value −= learningRate · v             nesterov: value −= learningRate · (g + momentum·v)
 *
 * The velocity does not contain the learning rate (PyTorch's form): the same as Keras' while the rate is constant.
 * A velocity below the smallest normal number becomes 0 (src/kernels/reference/optimizers.ts says why).
 * Default: learningRate 0.01.
 */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;

  constructor(options: SGDOptions = {}) {
    super("SGD", options, ["momentum", "nesterov", "weightDecay"], 0.01);
    this.momentum = finiteNumber("SGD", "momentum", options.momentum ?? 0, 0, 1);
    this.weightDecay = finiteNumber("SGD", "weightDecay", options.weightDecay ?? 0, 0);
    this.nesterov = trueOrFalse("SGD", "nesterov", options.nesterov ?? false);
  }

  protected override update(parameter: Parameter, kernels: Kernels): void {
    const velocity = this.momentum > 0 ? this.state(parameter, kernels, 1)[0] : undefined;
    kernels.sgd(parameter.value, velocity, parameter.gradient, this);
  }
}
