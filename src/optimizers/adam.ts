import { finiteNumber, fraction } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Parameter } from "../layers/parameter.ts";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";

export interface AdamOptions extends OptimizerOptions {
  /** Default: 0.9. */
  beta1?: number;
  /** Default: 0.999. */
  beta2?: number;
  /** Default: 1e-7. */
  epsilon?: number;
  /** Adam: added to the gradient as weightDecay · value, default 0. AdamW: shrinks the value, default 0.004. */
  weightDecay?: number;
}

/**
 * Steps of a size that the gradient's own mean and spread set.                                    Kingma & Ba 2015
 *   m = β₁·m + (1−β₁)·g      s = β₂·s + (1−β₂)·g²
 *   value −= learningRate · m/(1−β₁ᵗ) / (√(s/(1−β₂ᵗ)) + ε)
 * Default: learningRate 0.001.
 */
export class Adam extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  // Products, not Math.pow, whose last bit is left to the engine.
  #power1 = 1;
  #power2 = 1;

  constructor(options: AdamOptions = {}, kind = "Adam") {
    super(kind, options, ["beta1", "beta2", "epsilon", "weightDecay"], 0.001);
    this.beta1 = fraction(this.kind, "beta1", options.beta1 ?? 0.9);
    this.beta2 = fraction(this.kind, "beta2", options.beta2 ?? 0.999);
    this.epsilon = finiteNumber(this.kind, "epsilon", options.epsilon ?? 1e-7, 0);
    this.weightDecay = finiteNumber(this.kind, "weightDecay", options.weightDecay ?? 0, 0);
  }

  /** Whether the decay goes past the moments, straight to the value. */
  get decoupled(): boolean {
    return false;
  }

  /** 1 − β₁ᵗ at the running step. */
  get correction1(): number {
    return 1 - this.#power1;
  }

  get correction2(): number {
    return 1 - this.#power2;
  }

  protected override begin(): void {
    this.#power1 *= this.beta1;
    this.#power2 *= this.beta2;
  }

  protected override update(parameter: Parameter, kernels: Kernels): void {
    const [mean, square] = this.state(parameter, kernels, 2);
    kernels.adam(parameter.value, mean, square, parameter.gradient, this);
  }
}

/**
 * Adam whose decay is not divided by the gradient's spread.                                 Loshchilov & Hutter 2019
 *   value −= learningRate · weightDecay · value, then as Adam
 * Default: learningRate 0.001, weightDecay 0.004.
 */
export class AdamW extends Adam {
  constructor(options: AdamOptions = {}) {
    super(withDecay(options), "AdamW");
  }

  override get decoupled(): boolean {
    return true;
  }
}

/** Nothing is spread that is no object, so that it is refused. */
function withDecay(options: AdamOptions): AdamOptions {
  return typeof options === "object" && options && !Array.isArray(options)
    ? { weightDecay: 0.004, ...options }
    : options;
}
