import { trueOrFalse } from "../errors.ts";
import { checkInitializer, type Initializer } from "../initializers.ts";
import type { Pass } from "../pass.ts";
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
    super(kind, options, [...known, "activation", "useBias", ...initializers]);
    this.activation = new LayerActivation(kind, options.activation);
    trueOrFalse(kind, "useBias", options.useBias ?? true);
    for (const name of initializers) checkInitializer(kind, name, this.#initializer(name));
  }

  #initializer(option: string): Initializer | undefined {
    return (this.options as Readonly<Record<string, Initializer | undefined>>)[option];
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

  /** A kernel, with the initializer that the options have for it. */
  protected kernelOf(
    option: string,
    name: string,
    shape: Shape,
    pass: Pass,
    initializer: Initializer = "glorotUniform",
  ): Parameter {
    return this.parameter(name, shape, this.#initializer(`${option}Initializer`) ?? initializer, pass);
  }

  /** A bias of this length, or nothing where the options want none. */
  protected biasOf(length: number, pass: Pass): Parameter[] {
    const { useBias = true, biasInitializer = "zeros" } = this.options;
    return useBias ? [this.parameter("bias", [length], biasInitializer, pass)] : [];
  }

  /** The gradient of the bias, where there is one. */
  protected biasGradient(dz: Tensor, pass: Pass): void {
    if (this.bias) this.gradient(this.bias, pass, (db) => pass.kernels.backwardBias(db, dz));
  }
}
