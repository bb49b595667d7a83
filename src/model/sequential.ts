import { checkOptions, fail, NeocogError, wholeNumber } from "../errors.ts";
import { nodeModule, readFileBytes, writeFilesAtomically } from "../formats/files.ts";
import { checkKernels, type Kernels } from "../kernels/kernels.ts";
import { referenceKernels } from "../kernels/reference/kernels.ts";
import { wasmKernels } from "../kernels/wasm/kernels.ts";
import type { LayerKinds } from "../layers/index.ts";
import { Layer } from "../layers/layer.ts";
import { setParameters } from "../layers/parameter.ts";
import { type Loss, type LossName, lossFrom } from "../losses/index.ts";
import { type Metric, type MetricName, metricsFrom } from "../metrics/index.ts";
import { type Optimizer, type OptimizerName, optimizerFrom } from "../optimizers/index.ts";
import { Pass } from "../pass.ts";
import { Random } from "../random.ts";
import { type Shape, type Tensor, zeros } from "../tensor.ts";
import { Averages, type Logs } from "./averages.ts";
import { checkExamples, checkInputs, type Data, type Examples, toTensor, type WeightOptions } from "./examples.ts";
import {
  Breath,
  checkFitOptions,
  evaluate,
  type FitOptions,
  fit,
  type History,
  splitExamples,
  type Trainee,
} from "./fit.ts";
import { nameLayers } from "./names.ts";
import { Plans, type StepMemory } from "./planned-pass.ts";
import { decodeTopology, decodeWeights, encodeModel, kernelsForLoading, type ModelFiles } from "./serialize.ts";
import { LossSteps, logitsFor, parametersOf, predictStep } from "./step.ts";
import { summaryOf } from "./summary.ts";

export interface SequentialOptions {
  /** Of one example, without the batch: [height, width, channels]. Default: that of the first x. */
  inputShape?: Shape;
  /** Default: "sequential". */
  name?: string;
  /** Fixes the initial weights, and orders and dropout where `fit` gets no seed of its own. Default: 0. */
  seed?: number;
}

export interface CompileOptions {
  optimizer: OptimizerName | Optimizer;
  loss: LossName | Loss;
  /** What is reported beside the loss. Default: nothing. */
  metrics?: readonly (MetricName | Metric)[];
  /** What computes. Default: the WASM SIMD kernels. */
  kernels?: Kernels;
}

export interface EvaluateOptions {
  /** Default: 32. */
  batchSize?: number;
  /** How much each example counts in the loss. */
  sampleWeight?: Data;
}

/**
 * A chain of layers: each takes what the one before it gives.
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
export class Sequential {
  readonly layers: readonly Layer[];
  readonly name: string;
  readonly seed: number;
  readonly #random: Random;
  #inputShape: Shape | undefined;
  #kernels: Kernels | undefined;
  #compiled: { optimizer: Optimizer; loss: Loss; metrics: Metric[] } | undefined;
  #plans: Plans | undefined;
  #steps: LossSteps | undefined;
  #training = false;

  constructor(layers: readonly Layer[], options: SequentialOptions = {}) {
    checkOptions("Sequential", options, ["inputShape", "name", "seed"]);
    if (!Array.isArray(layers) || layers.length === 0) {
      fail("Sequential", "layers", layers, "give a list with one layer at least");
    }
    const foreign = layers.findIndex((layer) => !(layer instanceof Layer));
    if (foreign >= 0) fail("Sequential", `layers[${foreign}]`, layers[foreign], "give a layer");
    this.layers = [...layers];
    const { name = "sequential" } = options;
    if (typeof name !== "string" || name === "") fail("Sequential", "name", name, "use a text that is not empty");
    this.name = name;
    this.seed = options.seed ?? 0;
    this.#random = new Random(this.seed);
    nameLayers(this.layers);
    if (options.inputShape !== undefined) this.build(options.inputShape);
  }

  /** Brings a saved model back. @param options layers of one's own by kind: `{ layers: { Blur } }` */
  static load(directory: string, options: { layers?: LayerKinds } = {}): Sequential {
    const { join } = nodeModule("node:path", "Sequential.load");
    const path = (file: keyof ModelFiles) => join(directory, file);
    const text = new TextDecoder().decode(readFileBytes(path("model.json")));
    const files = { "model.json": text, "weights.safetensors": readFileBytes(path("weights.safetensors")) };
    return Sequential.fromFiles(files, { ...options, directory });
  }

  /** Brings a model back from what `toFiles` gave. @param options directory: what errors call the place of the files */
  static fromFiles(files: ModelFiles, options: { layers?: LayerKinds; directory?: string } = {}): Sequential {
    checkOptions("Sequential.fromFiles", options, ["layers", "directory"]);
    const place = options.directory === undefined ? "" : `${options.directory}/`;
    const { name, inputShape, layers } = decodeTopology(files["model.json"], `${place}model.json`, options.layers);
    const model = new Sequential(layers, { name });
    const [weights, where] = [files["weights.safetensors"], `${place}weights.safetensors`];
    model.#build(inputShape, kernelsForLoading(weights, where));
    decodeWeights(weights, where, layers);
    return model;
  }

  /** Of one example, without the batch. */
  get inputShape(): Shape {
    return this.#inputShape ?? this.#refuse("it has no shape yet; give inputShape or call build(inputShape)");
  }

  /** Of one example, without the batch. */
  get outputShape(): number[] {
    return this.layers.reduce<Shape>((shape, layer) => layer.outputShape(shape), [1, ...this.inputShape]).slice(1);
  }

  /** What a step's tensors need in the arena, and what they would need one by one; zeros before the first step. */
  get memory(): StepMemory {
    return this.#plans?.memory ?? { plannedBytes: 0, tensorBytes: 0 };
  }

  /** Makes all parameters, for examples of this shape. */
  build(inputShape: Shape): void {
    // Ordinary memory and float32, whatever kernels will be chosen: they all start from the same weights.
    this.#build(inputShape, referenceKernels("float32"));
  }

  #build(inputShape: Shape, kernels: Kernels): void {
    if (!Array.isArray(inputShape)) fail(this.name, "inputShape", inputShape, "give a list, such as [28, 28, 1]");
    for (const length of inputShape) wholeNumber(this.name, "each length of inputShape", length, 1);
    const pass = new Pass({ kernels, seed: this.seed });
    let shape: Shape = [1, ...inputShape];
    for (const layer of this.layers) {
      layer.build(shape, pass);
      shape = layer.outputShape(shape);
    }
    this.#inputShape = [...inputShape];
  }

  /** Chooses how to train. @throws NeocogError for unknown names (listing the known), or a loss that does not fit. */
  compile(options: CompileOptions): void {
    checkOptions("compile", options, ["optimizer", "loss", "metrics", "kernels"]);
    const [optimizer, loss] = [optimizerFrom(options.optimizer), lossFrom(options.loss)];
    logitsFor(loss, this.layers);
    this.#compiled = { optimizer, loss, metrics: metricsFrom(options.metrics ?? []) };
    this.#kernels = options.kernels === undefined ? wasmKernels() : checkKernels("compile", options.kernels);
    this.#plans = undefined;
    this.#steps = undefined;
    if (this.#inputShape) this.#ready();
  }

  /** Trains. y: class numbers or one-hot rows, as the loss wants. @returns what became of loss and metrics. */
  async fit(x: Data, y: Data, options: FitOptions = {}): Promise<History> {
    checkFitOptions(options);
    const { validationSplit = 0, validationData } = options;
    const [examples, split] = splitExamples(this.#examples("fit", x, y, options), validationSplit);
    const tested = validationData && this.#validation(validationData);
    if (this.#training) this.#refuse("it is being trained already; wait for the other fit to end");
    this.#training = true;
    try {
      return await fit(this.#trainee("fit"), examples, tested ?? split, { seed: this.seed, ...options });
    } finally {
      this.#training = false;
    }
  }

  /** Loss and metrics over examples: `{ loss: 0.31, accuracy: 0.9 }`. */
  async evaluate(x: Data, y: Data, options: EvaluateOptions = {}): Promise<Logs> {
    checkOptions("evaluate", options, ["batchSize", "sampleWeight"]);
    const batchSize = wholeNumber("evaluate", "batchSize", options.batchSize ?? 32, 1);
    const examples = this.#examples("evaluate", x, y, options);
    return (await evaluate(this.#trainee("evaluate"), examples, batchSize)).write({});
  }

  /** The output for each example, [n, …outputShape], in ordinary memory. Needs no compile. */
  async predict(x: Data, options: { batchSize?: number } = {}): Promise<Tensor> {
    checkOptions("predict", options, ["batchSize"]);
    const batchSize = wholeNumber("predict", "batchSize", options.batchSize ?? 32, 1);
    const input = this.#inputs("predict", x);
    const plans = this.#ready();
    const result = zeros([input.shape[0], ...this.outputShape], plans.kernels.dtype);
    const breath = new Breath();
    for (let from = 0; from < input.shape[0]; from += batchSize) {
      predictStep(this.layers, plans, input, from, Math.min(batchSize, input.shape[0] - from), result);
      if (breath.due) await breath.take();
    }
    return result;
  }

  /** One step of training on one batch. @returns loss and metrics of the batch before the step. */
  async trainOnBatch(x: Data, y: Data, options: WeightOptions = {}): Promise<Logs> {
    checkOptions("trainOnBatch", options, ["classWeight", "sampleWeight"]);
    const examples = this.#examples("trainOnBatch", x, y, options);
    const { steps, optimizer, metrics } = this.#trainee("trainOnBatch");
    const averages = new Averages(metrics);
    steps.train({ examples, from: 0, count: examples.count }, averages, optimizer, this.#random);
    return averages.write({});
  }

  /** Loss and metrics of one batch, without training. */
  async testOnBatch(x: Data, y: Data, options: Pick<EvaluateOptions, "sampleWeight"> = {}): Promise<Logs> {
    checkOptions("testOnBatch", options, ["sampleWeight"]);
    return this.evaluate(x, y, { ...options, batchSize: 2 ** 31 });
  }

  /** The layers as a table; `print: console.log` prints it too. */
  summary(options: { print?: (text: string) => void } = {}): string {
    checkOptions("summary", options, ["print"]);
    const text = summaryOf(this.name, this.layers, this.inputShape);
    options.print?.(text);
    return text;
  }

  /** Copies of all parameters, layer by layer, in Keras' order. */
  getWeights(): Tensor[] {
    return parametersOf(this.layers).map(({ value }) => value.copy());
  }

  /** Sets all parameters, in the order of `getWeights`. @throws NeocogError where they do not fit; then nothing changes. */
  setWeights(weights: readonly Tensor[]): void {
    if (!this.#inputShape) this.#refuse("it has no weights yet; give inputShape or call build(inputShape)");
    setParameters(this.name, parametersOf(this.layers), weights);
  }

  /** The files of the model, for whoever has no disk. */
  toFiles(): ModelFiles {
    return encodeModel(this.name, this.inputShape, this.layers);
  }

  /** Writes model.json and weights.safetensors; an older model there is replaced only when both are complete. */
  save(directory: string): void {
    writeFilesAtomically(directory, { ...this.toFiles() });
  }

  /** x as a tensor that fits; builds the model for it where that has not happened. */
  #inputs(where: string, data: Data): Tensor {
    this.#kernels ??= wasmKernels();
    const x = toTensor(where, "x", data, this.#kernels.dtype);
    if (!this.#inputShape) this.build(x.shape.slice(1));
    checkInputs(where, x, this.inputShape);
    return x;
  }

  #examples(where: string, x: Data, y: Data, weights: WeightOptions): Examples {
    const { loss } = this.#compiled ?? this.#refuse(`${where} needs an optimizer and a loss; call compile first`);
    return checkExamples(where, this.#inputs(where, x), y, loss, this.outputShape, weights);
  }

  #validation([x, y, sampleWeight]: NonNullable<FitOptions["validationData"]>): Examples {
    return this.#examples("fit: validationData", x, y, { sampleWeight });
  }

  /** Moves the parameters to where the kernels work, the first time. */
  #ready(): Plans {
    if (!this.#plans) {
      this.#plans = new Plans(this.#kernels ?? wasmKernels());
      for (const parameter of parametersOf(this.layers)) parameter.moveTo(this.#plans.kernels);
    }
    return this.#plans;
  }

  #trainee(where: string): Trainee {
    const compiled = this.#compiled ?? this.#refuse(`${where} needs an optimizer and a loss; call compile first`);
    this.#steps ??= new LossSteps(this.layers, compiled.loss, this.#ready());
    return { model: this, steps: this.#steps, ...compiled };
  }

  #refuse(why: string): never {
    throw new NeocogError(`${this.name}: ${why}`);
  }
}

/** The same as {@link Sequential.load}. */
export const loadModel = Sequential.load;
