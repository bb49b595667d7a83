import { checkOptions } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { checkShape, type Shape, type Tensor } from "../tensor.ts";
import { type ActivationOption, LayerActivation } from "./activation-option.ts";
import { Layer, type LayerOptions, type Logits } from "./layer.ts";

interface Note {
  readonly shape: Shape;
  readonly y: Tensor | undefined;
}

/**
 * A nonlinearity as a layer of its own; the formulas are in activation-option.ts.                              C1, C6
 *   x and y of the same shape, any
 *   forward   y = f(x)
 *   backward  dx = dy · f′(x), with f′ expressed through y;  softmax: dx[k] = y[k] · (dy[k] − Σ dy·y)
 */
abstract class Nonlinearity extends Layer {
  readonly #activation: LayerActivation;

  protected constructor(kind: string, options: LayerOptions, known: readonly string[], activation: ActivationOption) {
    super(kind, options, known);
    this.#activation = new LayerActivation(kind, activation);
  }

  override outputShape(inputShape: Shape): number[] {
    checkShape(this.name, "the shape of x", inputShape);
    return [...inputShape];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const y = this.#activation.forward(x, pass);
    pass.remember(this, { shape: x.shape, y: this.#activation.needed(y) } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape, y } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, shape);
    return this.#activation.backward(dy, y, pass);
  }

  override logits(): Logits | undefined {
    const { closing } = this.#activation;
    return closing && { closing, layer: this.share(new Activation("linear")) };
  }
}

export interface ActivationOptions extends LayerOptions {
  activation: ActivationOption;
}

/** Any activation by its name: `new Activation("relu")` or `new Activation({ activation: "relu", name: "first" })`. */
export class Activation extends Nonlinearity {
  constructor(options: ActivationOptions | Extract<ActivationOption, string>) {
    const named = typeof options === "string" ? { activation: options } : options;
    checkOptions("Activation", named, ["activation", "name", "trainable"]);
    super("Activation", named, ["activation"], named.activation);
  }
}

/** y = max(x, 0): `new ReLU().forward(tensor([-1, 2])).toNested()` is `[0, 2]`. The derivative at 0 is 0. */
export class ReLU extends Nonlinearity {
  constructor(options: LayerOptions = {}) {
    super("ReLU", options, [], "relu");
  }
}

export interface LeakyReLUOptions extends LayerOptions {
  /** Default: 0.3. */
  negativeSlope?: number;
}

/** y = x for x > 0, negativeSlope · x below: `new LeakyReLU().forward(tensor([-10, 2])).toNested()` is `[-3, 2]`. */
export class LeakyReLU extends Nonlinearity {
  constructor(options: LeakyReLUOptions = {}) {
    checkOptions("LeakyReLU", options, ["negativeSlope", "name", "trainable"]);
    super("LeakyReLU", options, ["negativeSlope"], { name: "leakyRelu", negativeSlope: options.negativeSlope });
  }
}

export interface ELUOptions extends LayerOptions {
  /** Default: 1. */
  alpha?: number;
}

/** y = x for x > 0, alpha · (exp x − 1) below (Clevert et al. 2016). */
export class ELU extends Nonlinearity {
  constructor(options: ELUOptions = {}) {
    checkOptions("ELU", options, ["alpha", "name", "trainable"]);
    super("ELU", options, ["alpha"], { name: "elu", alpha: options.alpha });
  }
}

/** y = 1 / (1 + exp(−x)): `new Sigmoid().forward(tensor([0])).toNested()` is `[0.5]`. */
export class Sigmoid extends Nonlinearity {
  constructor(options: LayerOptions = {}) {
    super("Sigmoid", options, [], "sigmoid");
  }
}

/** y = tanh x: `new Tanh().forward(tensor([0])).toNested()` is `[0]`. */
export class Tanh extends Nonlinearity {
  constructor(options: LayerOptions = {}) {
    super("Tanh", options, [], "tanh");
  }
}

/** y[…,k] = exp(x[…,k]) / Σ exp(x[…,·]) along the last axis: `[0, 0]` becomes `[0.5, 0.5]`. */
export class Softmax extends Nonlinearity {
  constructor(options: LayerOptions = {}) {
    super("Softmax", options, [], "softmax");
  }
}
