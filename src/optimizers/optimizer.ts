import { checkOptions, finiteNumber } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Parameter } from "../layers/parameter.ts";
import type { Tensor } from "../tensor.ts";
import { CLIPPING, Clipping, type ClippingOptions } from "./clipping.ts";

export interface OptimizerOptions extends ClippingOptions {
  /** How far a step goes; may be changed between steps through `optimizer.learningRate`. */
  learningRate?: number;
}

/** Changes parameters by their gradients; what it keeps between steps is allocated at a parameter's first update. */
export abstract class Optimizer {
  /** How many steps have been done. */
  iterations = 0;
  #learningRate = 0;
  readonly #clipping: Clipping;
  readonly #state = new WeakMap<Parameter, readonly Tensor[]>();

  protected constructor(
    /** The class, as in errors: "SGD". */
    readonly kind: string,
    options: OptimizerOptions,
    known: readonly string[],
    learningRate: number,
  ) {
    checkOptions(kind, options, ["learningRate", ...known, ...CLIPPING]);
    this.#clipping = new Clipping(kind, options);
    this.learningRate = options.learningRate ?? learningRate;
  }

  get learningRate(): number {
    return this.#learningRate;
  }

  /** @throws NeocogError for a number that is negative or not finite. */
  set learningRate(value: number) {
    this.#learningRate = finiteNumber(this.kind, "learningRate", value, 0);
  }

  /** One step of all trainable parameters. */
  step(parameters: Iterable<Parameter>, kernels: Kernels): void {
    this.iterations++;
    this.begin();
    const trained = [...parameters].filter(({ trainable }) => trainable);
    this.#clipping.apply(trained, kernels);
    for (const parameter of trained) this.update(parameter, kernels);
  }

  /** What a step needs once, before the first parameter. */
  protected begin(): void {}

  /** Changes one parameter in place. */
  protected abstract update(parameter: Parameter, kernels: Kernels): void;

  /** `count` tensors of the parameter's shape that stay from step to step, zeros at first. */
  protected state(parameter: Parameter, kernels: Kernels, count: number): readonly Tensor[] {
    let tensors = this.#state.get(parameter);
    if (!tensors) {
      tensors = Array.from({ length: count }, () => kernels.allocate(parameter.shape));
      this.#state.set(parameter, tensors);
    }
    return tensors;
  }
}
