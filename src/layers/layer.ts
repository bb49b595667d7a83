import { checkOptions, fail, NeocogError, trueOrFalse } from "../errors.ts";
import { type Initializer, initialize } from "../initializers.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { checkTensor, type FloatArray, type Shape, sameShape, type Tensor } from "../tensor.ts";
import type { Window } from "../window.ts";
import { Parameter, setParameters } from "./parameter.ts";
import { applyLayer, type SymbolicTensor } from "./symbolic.ts";

/** A layer without the softmax or sigmoid that closed it. */
export interface Logits {
  readonly layer: Layer;
  readonly closing: "softmax" | "sigmoid";
}

export interface LayerOptions {
  /** How the layer is called in summaries, errors and files. Default: its kind, numbered by the model. */
  name?: string;
  /** Whether an optimizer may change its parameters. Default: true. */
  trainable?: boolean;
}

/**
 * What all layers have in common: a name, parameters, and the two passes.
 *
 * A layer of one's own implements `outputShape` and the two passes, and `make` if it has parameters:
 *
 *   forward   y = f(x), and `pass.remember(this, …)` of what backward needs
 *   backward  dx from dy, and the gradients of the parameters through `this.gradient(…)`
 *
 * A layer that takes several inputs extends `Merge` instead.
 */
export abstract class Layer {
  name: string;
  /** Whether the name was chosen by the user; a model numbers only the others. */
  readonly named: boolean;
  readonly parameters: Parameter[] = [];
  #trainable: boolean;
  #built = false;
  #twinOf: Layer | undefined;

  protected constructor(
    /** The class as in files and summaries: "Conv2D". */
    readonly kind: string,
    /** The options as the user gave them: what a file keeps of a layer. */
    readonly options: LayerOptions,
    known: readonly string[],
  ) {
    checkOptions(kind, options, [...known, "name", "trainable"]);
    if (options.name !== undefined && (typeof options.name !== "string" || options.name === "")) {
      fail(kind, "name", options.name, "use a text that is not empty");
    }
    this.named = options.name !== undefined;
    this.name = options.name ?? this.defaultName;
    this.#trainable = trueOrFalse(kind, "trainable", options.trainable ?? true);
  }

  /** Its kind in lower case: "max_pooling2d". */
  get defaultName(): string {
    return this.kind.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  }

  /** The shape of y for an x of this shape (batch included), or an error that says why such an x is refused. */
  abstract outputShape(inputShape: Shape): number[];

  /**
   * The sliding window over an x of this shape, where the layer has one: by it laws, counts and receptive fields know
   * which inputs an output is made of.
   */
  windowOver(_inputShape: Shape): Window | undefined {
    return undefined;
  }

  /** The same for a transposed convolution: the window slides over y, and has an output for each pixel of x. */
  transposedWindowOver(_inputShape: Shape): Window | undefined {
    return undefined;
  }

  /**
   * The rows, or columns, of x that one of y is made of, in a layer that enlarges images: no window slides over x there, and
   * its outputs do not all see alike.
   */
  placesRead(_inputShape: Shape, _direction: "rows" | "columns", _place: number): readonly number[] | undefined {
    return undefined;
  }

  /** y = f(x). */
  abstract forward(x: Tensor, pass?: Pass): Tensor;

  /** ∂loss/∂x from dy = ∂loss/∂y, and every parameter's gradient. Call after forward, with the same pass. */
  abstract backward(dy: Tensor, pass?: Pass): Tensor;

  /** The half of backward that fills the gradients: all that a model needs of its first layer. */
  backwardParameters(dy: Tensor, pass: Pass): void {
    this.backward(dy, pass);
  }

  /**
   * The layer as a node of a graph: `b = layer.apply(a)`, or `apply([a, b])` for layers that merge. A layer that is
   * applied several times is shared: the same parameters everywhere, whose gradients add.
   */
  apply(x: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor {
    return applyLayer(this, x);
  }

  /** `outputShape` as a graph asks for it: of as many shapes as there are inputs. So are the next three. */
  outputShapeAll(inputShapes: readonly Shape[]): number[] {
    return this.outputShape(this.#only(inputShapes));
  }

  buildAll(inputShapes: readonly Shape[], pass: Pass): void {
    this.build(this.#only(inputShapes), pass);
  }

  forwardAll(xs: readonly Tensor[], pass: Pass): Tensor {
    return this.forward(this.#only(xs), pass);
  }

  /** @param wanted which dx somebody needs; where nobody does, it may be left out */
  backwardAll(dy: Tensor, pass: Pass, wanted: readonly boolean[]): readonly (Tensor | undefined)[] {
    if (wanted[0]) return [this.backward(dy, pass)];
    this.backwardParameters(dy, pass);
    return [undefined];
  }

  #only<Input>(inputs: readonly Input[]): Input {
    if (inputs.length !== 1) fail(this.name, "the number of inputs", inputs.length, "it takes one; merge them before");
    return inputs[0];
  }

  /**
   * The same layer, with the same parameters, up to its closing softmax or sigmoid: a loss that takes logits continues
   * from there, which is stable where probabilities would be rounded to 0. Nothing, where it does not close so.
   */
  logits(): Logits | undefined {
    return undefined;
  }

  /** Makes the parameters for inputs of this shape; a second call with another shape is refused if they depend on it. */
  build(inputShape: Shape, pass: Pass = defaultPass()): void {
    this.outputShape(inputShape);
    if (this.#built) return;
    this.parameters.push(...this.make(inputShape, pass));
    this.trainable = this.#trainable;
    this.#built = true;
  }

  /** The parameters for inputs of this shape, with their initial values. */
  protected make(_inputShape: Shape, _pass: Pass): Parameter[] {
    return [];
  }

  get built(): boolean {
    return this.#built;
  }

  get trainable(): boolean {
    return this.#trainable;
  }

  /** Freezes or thaws all parameters that can be trained at all. */
  set trainable(value: boolean) {
    this.#trainable = value;
    for (const parameter of this.parameters) {
      if (parameter.learns) parameter.trainable = value;
    }
  }

  /** Copies of the parameters in Keras' order. */
  getWeights(): Tensor[] {
    return this.parameters.map((parameter) => parameter.value.copy());
  }

  /** Sets the parameters in Keras' order. @throws NeocogError where count or shapes do not fit; then nothing is changed. */
  setWeights(weights: readonly Tensor[]): void {
    if (!this.built) throw new NeocogError(`${this.name}: it has no weights yet; call build(inputShape) first`);
    setParameters(this.name, this.parameters, weights);
  }

  /**
   * A parameter of a shape with its initial values, which depend on the pass' seed and on the names, not on any order;
   * `trainable` false: one that has no gradient, ever.
   */
  protected parameter(name: string, shape: Shape, initializer: Initializer, pass: Pass, trainable = true): Parameter {
    const owner = this.name;
    const random = pass.random.fork(owner).fork(name);
    const draw = (values: FloatArray) => void initialize(owner, initializer, shape, random, values);
    const parameter = new Parameter(name, pass.kernels, shape, trainable, draw);
    // Somebody's own function is called here, where one looks for its errors.
    if (typeof initializer === "function") parameter.draw();
    return parameter;
  }

  /** Has another layer own the same parameters and the same name. */
  protected share<Twin extends Layer>(twin: Twin): Twin {
    twin.name = this.name;
    twin.parameters.push(...this.parameters);
    twin.#built = this.#built;
    twin.#twinOf = this.twinOf ?? this;
    return twin;
  }

  /** Refuses an x that is no tensor. */
  protected checkInput(x: Tensor): void {
    checkTensor(this.name, "x", x);
  }

  /** The layer whose parameters these are, for the twin that `logits` gives: the two have one stack of notes. */
  get twinOf(): Layer | undefined {
    return this.#twinOf;
  }

  /** Refuses a dy that has not the shape of the y it belongs to. */
  protected checkShapeOfGradient(dy: Tensor, shape: Shape): void {
    checkTensor(this.name, "dy", dy);
    if (!sameShape(dy.shape, shape)) fail(this.name, "the shape of dy", dy.shape, `give that of y, [${shape}]`);
  }

  /**
   * Has `write` compute a parameter's gradient, and adds the results where a shared layer is called several times in one
   * step: kernels overwrite their destination, so the first call writes in place and later ones are added. A frozen
   * parameter's gradient is not computed.
   */
  protected gradient(parameter: Parameter, pass: Pass, write: (destination: Tensor) => void): void {
    if (!parameter.trainable) return;
    if (pass.recalled(this) === 1) {
      write(parameter.gradient);
      return;
    }
    const more = pass.allocate(parameter.shape);
    write(more);
    pass.kernels.add(parameter.gradient, parameter.gradient, more);
  }
}

export { Parameter };
