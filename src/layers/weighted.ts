import { trueOrFalse } from "../errors.ts";
import { checkInitializer, type Initializer } from "../initializers.ts";
import type { Pass } from "../pass.ts";
import { checkRegularizer, type Regularizer } from "../regularizers.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { type ActivationOption, LayerActivation } from "./activation-option.ts";
import { Layer, type LayerOptions, type Logits, type Parameter } from "./layer.ts";

export interface WeightedOptions extends LayerOptions {
  /** Default: "linear". */
  activation?: ActivationOption;
  /** Default: true. */
  useBias?: boolean;
  /** Default: "glorotUniform". */
  kernelInitializer?: Initializer;
  /** Default: "zeros". */
  biasInitializer?: Initializer;
  /** A penalty on the kernel, such as `l2(0.001)`. Default: nothing. */
  kernelRegularizer?: Regularizer;
  biasRegularizer?: Regularizer;
}

/**
 * What convolutions and dense layers share: y = activation(z), z a sum weighted by a kernel, plus a bias.
 *   kernel w [‥,F]   bias b [F]   z and y [‥,F]
 *   backward  dz = dy · activation′;  db[f] = Σ dz[‥,f];  dw and dx are the layer's own
 */
export abstract class Weighted extends Layer {
  declare readonly options: WeightedOptions;
  protected readonly activation: LayerActivation;

  /** @param kernels what its kernels are called in options: "kernel" for `kernelInitializer` */
  protected constructor(
    kind: string,
    options: WeightedOptions,
    known: readonly string[],
    kernels: readonly string[] = ["kernel"],
  ) {
    const initializers = [...kernels, "bias"].map((name) => `${name}Initializer`);
    const regularizers = [...kernels, "bias"].map((name) => `${name}Regularizer`);
    super(kind, options, [...known, "activation", "useBias", ...initializers, ...regularizers]);
    this.activation = new LayerActivation(kind, options.activation);
    trueOrFalse(kind, "useBias", options.useBias ?? true);
    for (const name of initializers) checkInitializer(kind, name, this.#option(name));
    for (const name of regularizers) checkRegularizer(kind, name, this.#option(name));
  }

  /** An option whose name depends on that of a kernel. */
  #option<Option>(name: string): Option | undefined {
    return (this.options as Readonly<Record<string, Option | undefined>>)[name];
  }

  get kernel(): Parameter {
    return this.parameters[0];
  }

  get bias(): Parameter | undefined {
    return this.parameters[1];
  }

  override logits(): Logits | undefined {
    const { closing } = this.activation;
    if (!closing) return undefined;
    const Kind = this.constructor as new (options: WeightedOptions) => Weighted;
    return { closing, layer: this.share(new Kind({ ...this.options, activation: "linear" })) };
  }

  /** A kernel of this shape, and as many biases: by default for its last axis. */
  protected weights(shape: Shape, pass: Pass, biases = shape[shape.length - 1]): Parameter[] {
    return [this.kernelOf("kernel", "kernel", shape, pass), ...this.biasOf(biases, pass)];
  }

  /** A kernel, with the initializer and the regularizer that the options have for it. */
  protected kernelOf(
    option: string,
    name: string,
    shape: Shape,
    pass: Pass,
    initializer: Initializer = "glorotUniform",
  ): Parameter {
    const chosen = this.#option<Initializer>(`${option}Initializer`) ?? initializer;
    return this.#regularized(option, this.parameter(name, shape, chosen, pass));
  }

  /** A bias of this length, or nothing where the options want none. */
  protected biasOf(length: number, pass: Pass): Parameter[] {
    const { useBias = true, biasInitializer = "zeros" } = this.options;
    return useBias ? [this.#regularized("bias", this.parameter("bias", [length], biasInitializer, pass))] : [];
  }

  #regularized(option: string, parameter: Parameter): Parameter {
    parameter.regularizer = this.#option(`${option}Regularizer`);
    return parameter;
  }

  /** The gradient of the bias, where there is one. */
  protected biasGradient(dz: Tensor, pass: Pass): void {
    if (this.bias) this.gradient(this.bias, pass, (db) => pass.kernels.backwardBias(db, dz));
  }
}
