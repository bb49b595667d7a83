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

  protected constructor(kind: string, options: WeightedOptions, known: readonly string[]) {
    super(kind, options, [...known, "activation", "useBias", "kernelInitializer", "biasInitializer"]);
    const { activation, useBias = true, kernelInitializer, biasInitializer } = options;
    this.activation = new LayerActivation(kind, activation);
    trueOrFalse(kind, "useBias", useBias);
    checkInitializer(kind, "kernelInitializer", kernelInitializer);
    checkInitializer(kind, "biasInitializer", biasInitializer);
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
    const { useBias = true, kernelInitializer = "glorotUniform", biasInitializer = "zeros" } = this.options;
    const kernel = this.parameter("kernel", shape, kernelInitializer, pass);
    return useBias ? [kernel, this.parameter("bias", [biases], biasInitializer, pass)] : [kernel];
  }

  /** The gradient of the bias, where there is one. */
  protected biasGradient(dz: Tensor, pass: Pass): void {
    if (this.bias) this.gradient(this.bias, pass, (db) => pass.kernels.backwardBias(db, dz));
  }
}
