import { checkOptions, fail, wholeNumber } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { Layer } from "../layers/layer.ts";
import { input, type SymbolicTensor } from "../layers/symbolic.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { Model, Unconnected } from "./model.ts";
import { nameLayers } from "./names.ts";
import { encodeChain } from "./serialize.ts";

export interface SequentialOptions {
  /** Of one example, without the batch: [height, width, channels]. Default: that of the first x. */
  inputShape?: Shape;
  /** Default: "sequential". */
  name?: string;
  /** Fixes the initial weights, and orders and dropout where `fit` gets no seed of its own. Default: 0. */
  seed?: number;
}

/**
 * A chain of layers: each takes what the one before it gives. A model with one input and one output may stand for a layer.
 *
 * ```ts
 * const model = new Sequential([new Flatten(), new Dense({ units: 10, activation: "softmax" })], { inputShape: [28, 28, 1] });
 * model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
 * const { history } = await model.fit(images, labels, { epochs: 5, validationSplit: 0.1 });
 * history.valAccuracy; // five numbers
 * (await model.predict(images)).shape; // [n, 10]
 * ```
 * @throws NeocogError where layers do not fit together, naming the layer that refuses.
 */
export class Sequential extends Model {
  readonly #links: readonly (Layer | Model)[];

  constructor(layers: readonly (Layer | Model)[], options: SequentialOptions = {}) {
    checkOptions("Sequential", options, ["inputShape", "name", "seed"]);
    if (!Array.isArray(layers) || layers.length === 0) {
      fail("Sequential", "layers", layers, "give a list with one layer at least");
    }
    layers.forEach((layer, index) => {
      const fits = layer instanceof Layer || (layer instanceof Model && hasOneEachWay(layer));
      if (!fits)
        fail("Sequential", `layers[${index}]`, layer, "give a layer, or a model with one input and one output");
    });
    const { name = "sequential" } = options;
    if (typeof name !== "string" || name === "") fail("Sequential", "name", name, "use a text that is not empty");
    super(new Unconnected(name, options.seed ?? 0));
    this.#links = [...layers];
    nameLayers("Sequential", this.layers);
    if (options.inputShape !== undefined) this.build(options.inputShape);
  }

  /** The layers of the chain, one that is there twice twice. */
  override get layers(): readonly Layer[] {
    return this.#links.flatMap((link) => (link instanceof Layer ? link : link.layers));
  }

  /** Makes all parameters, for examples of this shape. @param kernels where. Default: ordinary memory */
  build(inputShape: Shape, kernels?: Kernels): void {
    if (!Array.isArray(inputShape)) fail(this.name, "inputShape", inputShape, "give a list, such as [28, 28, 1]");
    for (const length of inputShape) wholeNumber(this.name, "each length of inputShape", length, 1);
    const begin = input({ shape: inputShape });
    this.connect(begin, this.#chain(begin), kernels);
  }

  /** The chain inside of a larger model; it need not have a shape yet. */
  override apply(x: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor {
    const begin = Array.isArray(x) && x.length === 1 ? x[0] : x;
    return this.#chain(begin as SymbolicTensor);
  }

  /** A chain as such; one with a model in it that branches as the graph that it is. */
  protected override topology(): string {
    const { graph } = this.connection;
    return graph.isChain ? encodeChain(this.name, this.inputShape, this.layers) : super.topology();
  }

  #chain(begin: SymbolicTensor): SymbolicTensor {
    return this.#links.reduce((x, link) => link.apply(x), begin);
  }

  protected override ends() {
    const { layers } = this;
    const layer = layers[layers.length - 1];
    return this.built ? super.ends() : [{ name: layer.name, layer, consumers: 0 }];
  }

  protected override buildFor(x: Tensor): void {
    this.build(x.shape.slice(1));
  }
}

function hasOneEachWay(model: Model): boolean {
  if (model instanceof Sequential) return true;
  const { inputs, listed } = model.connection;
  return inputs.length === 1 && !listed.outputs;
}
