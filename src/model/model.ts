import { checkOptions, fail, NeocogError, wholeNumber } from "../errors.ts";
import { writeFilesAtomically } from "../formats/files.ts";
import { checkKernels, type Kernels } from "../kernels/kernels.ts";
import { wasmKernels } from "../kernels/wasm/kernels.ts";
import type { Layer } from "../layers/layer.ts";
import { setParameters } from "../layers/parameter.ts";
import type { SymbolicTensor } from "../layers/symbolic.ts";
import { symbolicList } from "../layers/symbolic.ts";
import { type Optimizer, type OptimizerName, optimizerFrom } from "../optimizers/index.ts";
import { Random } from "../random.ts";
import { type Shape, type Tensor, zeros } from "../tensor.ts";
import { Averages, type Logs } from "./averages.ts";
import { type Applied, type Connection, connect, type Numbers, type Symbols } from "./connection.ts";
import { dotOf, svgOf } from "./drawing.ts";
import {
  checkExamples,
  checkInputs,
  type Data,
  dataOf,
  type Examples,
  toTensor,
  type WeightOptions,
} from "./examples.ts";
import { Breath, checkFitOptions, evaluate, type FitOptions, fit, type History, splitExamples } from "./fit.ts";
import { nameLayers } from "./names.ts";
import { type Objective, type ObjectiveOptions, objectivesFrom } from "./objectives.ts";
import { Plans, type StepMemory } from "./planned-pass.ts";
import { parametersOf } from "./run.ts";
import { encodeGraph, type ModelFiles } from "./serialize.ts";
import { LossSteps, logitsFor, predictStep } from "./step.ts";
import type { Each } from "./structure.ts";
import { summaryOf } from "./summary.ts";
import { encodeWeights } from "./weights-file.ts";

export interface ModelOptions<Outputs extends Symbols = Symbols> {
  /** Where the graph begins: what `input(…)` gave, or symbolic tensors inside of a larger graph. */
  inputs: Symbols;
  /** Where it ends. */
  outputs: Outputs;
  /** Default: "model". */
  name?: string;
  /** Fixes the initial weights, and orders and dropout where `fit` gets no seed of its own. Default: 0. */
  seed?: number;
}

export interface CompileOptions extends ObjectiveOptions {
  optimizer: OptimizerName | Optimizer;
  /** What computes. Default: the WASM SIMD kernels. */
  kernels?: Kernels;
}

export interface EvaluateOptions {
  /** Default: 32. */
  batchSize?: number;
  /** How much each example counts in the loss. */
  sampleWeight?: Data;
}

/** What a model begins with while its graph is not known: a Sequential without inputShape. */
export class Unconnected {
  constructor(
    readonly name: string,
    readonly seed: number,
  ) {}
}

/**
 * A graph of layers, with branches, shared layers, several inputs and several outputs.
 *
 * ```ts
 * const a = input({ shape: [28, 28, 1] });
 * const b = new Conv2D({ filters: 8, kernelSize: 3, padding: "same", activation: "relu" }).apply(a);
 * const c = new Conv2D({ filters: 8, kernelSize: 3, padding: "same" }).apply(b);
 * const d = new Flatten().apply(new ReLU().apply(new Add().apply([b, c])));
 * const model = new Model({ inputs: a, outputs: new Dense({ units: 10, activation: "softmax" }).apply(d) });
 * model.outputShape; // [10]
 * ```
 * Several inputs or outputs are lists: `{ inputs: [a, b], outputs: [c, d] }`. Then x and y are lists too, or objects by
 * name, and so are losses and metrics; an output is called as the layer that gives it.
 *
 * @throws NeocogError for inputs that are missing, unused or given twice, and where layers do not fit together.
 */
export class Model<Outputs extends Symbols = SymbolicTensor> {
  readonly name: string;
  readonly seed: number;
  readonly #random: Random;
  #connection: Connection | undefined;
  #kernels: Kernels | undefined;
  #compiled: { optimizer: Optimizer; objectives: Objective[] } | undefined;
  #plans: Plans | undefined;
  #steps: LossSteps | undefined;
  #training = false;

  constructor(options: ModelOptions<Outputs> | Unconnected) {
    const { name = "model" } = options;
    if (typeof name !== "string" || name === "") fail("Model", "name", name, "use a text that is not empty");
    this.name = name;
    this.seed = options.seed ?? 0;
    this.#random = new Random(this.seed);
    if (options instanceof Unconnected) return;
    checkOptions("Model", options, ["inputs", "outputs", "name", "seed"]);
    this.connect(options.inputs, options.outputs);
  }

  /** For whoever makes models: reads the graph. @param kernels where parameters are made. Default: ordinary memory */
  connect(inputs: Symbols, outputs: Symbols, kernels?: Kernels): void {
    this.#connection = connect(this.name, this.seed, inputs, outputs, kernels);
    this.#steps = undefined;
  }

  /** Whether the graph and its parameters are there: always, but for a Sequential without inputShape. */
  get built(): boolean {
    return this.#connection !== undefined;
  }

  /** The graph, and names and shapes of its inputs and outputs. */
  get connection(): Connection {
    return this.#connection ?? this.#refuse("it has no shape yet; give inputShape or call build(inputShape)");
  }

  /** Every layer once, in the order of the graph. */
  get layers(): readonly Layer[] {
    return this.connection.graph.layers;
  }

  /** Of one example, without the batch. */
  get inputShape(): Shape {
    const { inputs } = this.connection;
    return inputs.length === 1 ? inputs[0].shape : this.#refuse("it has several inputs; see connection.inputs");
  }

  /** Of one example, without the batch. */
  get outputShape(): number[] {
    const { outputs } = this.connection;
    return outputs.length === 1
      ? [...outputs[0].shape]
      : this.#refuse("it has several outputs; see connection.outputs");
  }

  /** What a step's tensors need in the arena, and what they would need one by one; zeros before the first step. */
  get memory(): StepMemory {
    return this.#plans?.memory ?? { plannedBytes: 0, tensorBytes: 0 };
  }

  /** The model inside of a larger one: its layers, with the parameters that they have, behind other inputs. */
  apply(x: Symbols): Applied<Outputs> {
    const { graph, inputs, listed } = this.connection;
    const given = symbolicList(this.name, "x", x);
    if (given.length !== inputs.length) fail(this.name, "the number of inputs", given.length, `give ${inputs.length}`);
    const applied = graph.applyTo(given);
    return (listed.outputs ? applied : applied[0]) as Applied<Outputs>;
  }

  /** Chooses how to train. @throws NeocogError for unknown names (listing the known), or a loss that does not fit. */
  compile(options: CompileOptions): void {
    checkOptions("compile", options, ["optimizer", "loss", "lossWeights", "metrics", "kernels"]);
    const optimizer = optimizerFrom(options.optimizer);
    const ends = this.ends();
    const objectives = objectivesFrom(options, ends.map(({ name }) => name)); // biome-ignore format: short
    objectives.forEach(({ loss }, index) => {
      logitsFor(loss, ends[index].layer, ends[index].consumers);
    });
    this.#compiled = { optimizer, objectives };
    this.#kernels = options.kernels === undefined ? wasmKernels() : checkKernels("compile", options.kernels);
    this.#plans = undefined;
    this.#steps = undefined;
    if (this.#connection) this.#ready();
  }

  /** For each output its name, the layer that gives it, and how many others take it. */
  protected ends(): { name: string; layer: Layer | undefined; consumers: number }[] {
    const { graph, outputs } = this.connection;
    return graph.outputs.map((value, index) => {
      return { name: outputs[index].name, layer: graph.nodeOf(value)?.layer, consumers: graph.consumers(value) };
    });
  }

  /** Trains. y: class numbers or one-hot rows, as the loss wants. @returns what became of losses and metrics. */
  async fit(x: Each<Data>, y: Each<Data>, options: FitOptions = {}): Promise<History> {
    checkFitOptions(options);
    const { validationSplit = 0, validationData } = options;
    const [examples, split] = splitExamples(this.#examples("fit", x, y, options), validationSplit);
    const tested = validationData && this.#validation(validationData);
    if (this.#training) this.#refuse("it is being trained already; wait for the other fit to end");
    this.#training = true;
    try {
      await this.#room();
      return await fit(this.#trainee("fit"), examples, tested ?? split, { seed: this.seed, ...options });
    } finally {
      this.#training = false;
    }
  }

  /** Losses and metrics over examples: `{ loss: 0.31, accuracy: 0.9 }`. */
  async evaluate(x: Each<Data>, y: Each<Data>, options: EvaluateOptions = {}): Promise<Logs> {
    checkOptions("evaluate", options, ["batchSize", "sampleWeight"]);
    const batchSize = wholeNumber("evaluate", "batchSize", options.batchSize ?? 32, 1);
    const examples = this.#examples("evaluate", x, y, options);
    await this.#room();
    return (await evaluate(this.#trainee("evaluate"), examples, batchSize)).write({});
  }

  /** The output for each example, [n, …outputShape], in ordinary memory; of several outputs a list. Needs no compile. */
  async predict(x: Each<Data>, options: { batchSize?: number } = {}): Promise<Numbers<Outputs>> {
    checkOptions("predict", options, ["batchSize"]);
    const batchSize = wholeNumber("predict", "batchSize", options.batchSize ?? 32, 1);
    const inputs = this.#inputs("predict", x);
    const plans = this.#ready();
    await this.#room();
    const { graph, outputs, listed } = this.connection;
    const count = inputs[0].shape[0];
    const results = outputs.map(({ shape }) => zeros([count, ...shape], plans.kernels.dtype));
    const breath = new Breath();
    for (let from = 0; from < count; from += batchSize) {
      predictStep(graph, plans, inputs, from, Math.min(batchSize, count - from), results);
      if (breath.due) await breath.take();
    }
    return (listed.outputs ? results : results[0]) as Numbers<Outputs>;
  }

  /** One step of training on one batch. @returns losses and metrics of the batch before the step. */
  async trainOnBatch(x: Each<Data>, y: Each<Data>, options: WeightOptions = {}): Promise<Logs> {
    checkOptions("trainOnBatch", options, ["classWeight", "sampleWeight"]);
    const examples = this.#examples("trainOnBatch", x, y, options);
    const { steps, optimizer, objectives } = this.#trainee("trainOnBatch");
    await this.#room();
    const averages = new Averages(objectives);
    steps.train({ examples, from: 0, count: examples.count }, averages, optimizer, this.#random);
    return averages.write({});
  }

  /** Losses and metrics of one batch, without training. */
  async testOnBatch(x: Each<Data>, y: Each<Data>, options: Pick<EvaluateOptions, "sampleWeight"> = {}): Promise<Logs> {
    checkOptions("testOnBatch", options, ["sampleWeight"]);
    return this.evaluate(x, y, { ...options, batchSize: 2 ** 31 });
  }

  /** The layers as a table, with their connections where they are no chain; `print: console.log` prints it too. */
  summary(options: { print?: (text: string) => void } = {}): string {
    checkOptions("summary", options, ["print"]);
    const text = summaryOf(this.name, this.connection);
    options.print?.(text);
    return text;
  }

  /** The graph in the language of Graphviz. */
  toDot(): string {
    return dotOf(this.name, this.connection);
  }

  /** The graph as a picture: SVG, inputs above, outputs below. */
  toSvg(): string {
    return svgOf(this.name, this.connection);
  }

  /** Copies of all parameters, layer by layer, in Keras' order. */
  getWeights(): Tensor[] {
    return parametersOf(this.layers).map(({ value }) => value.copy());
  }

  /** Sets all parameters, in the order of `getWeights`. @throws NeocogError where they do not fit; then nothing changes. */
  setWeights(weights: readonly Tensor[]): void {
    if (!this.built) this.#refuse("it has no weights yet; give inputShape or call build(inputShape)");
    setParameters(this.name, parametersOf(this.layers), weights);
  }

  /** The files of the model, for whoever has no disk. */
  toFiles(): ModelFiles {
    // Layers may have got a name that is taken here, when they became part of another model as well.
    nameLayers(this.name, this.layers);
    return { "model.json": this.topology(), "weights.safetensors": encodeWeights(this.layers) };
  }

  /** The text of model.json. */
  protected topology(): string {
    return encodeGraph(this.name, this.connection);
  }

  /** Writes model.json and weights.safetensors; an older model there is replaced only when both are complete. */
  save(directory: string): void {
    writeFilesAtomically(directory, { ...this.toFiles() });
  }

  /** x as tensors that fit. */
  #inputs(where: string, data: Each<Data>): Tensor[] {
    const kernels = (this.#kernels ??= wasmKernels());
    const { dtype } = kernels;
    if (!this.#connection) this.buildFor(toTensor(where, "x", data as Data, dtype));
    const { inputs, listed } = this.connection;
    const names = inputs.map(({ name }) => name);
    const xs = dataOf(where, "x", data, names, listed.inputs).map((each, index) => {
      return toTensor(where, names.length === 1 ? "x" : `x.${names[index]}`, each, dtype);
    });
    checkInputs(where, xs, inputs, kernels);
    return xs;
  }

  /** What a model without a graph does when the first x comes. */
  protected buildFor(_x: Tensor): void {}

  #examples(where: string, x: Each<Data>, y: Each<Data>, weights: WeightOptions): Examples {
    const { objectives } = this.#compiled ?? this.#refuse(`${where} needs an optimizer and a loss; call compile first`);
    const inputs = this.#inputs(where, x);
    const { outputs, listed } = this.connection;
    const names = outputs.map(({ name }) => name);
    const ys = dataOf(where, "y", y, names, listed.outputs);
    const shapes = outputs.map(({ shape }) => shape);
    return checkExamples(where, inputs, ys, objectives, shapes, this.#kernels!, weights);
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

  /** Before the first step: a turn of the event loop, in which the memory of models that are garbage becomes free. */
  async #room(): Promise<void> {
    if (this.memory.plannedBytes === 0) await new Breath().take();
  }

  #trainee(where: string) {
    const compiled = this.#compiled ?? this.#refuse(`${where} needs an optimizer and a loss; call compile first`);
    this.#steps ??= new LossSteps(this.connection.graph, compiled.objectives, this.#ready());
    return { model: this, steps: this.#steps, ...compiled };
  }

  #refuse(why: string): never {
    throw new NeocogError(`${this.name}: ${why}`);
  }
}
