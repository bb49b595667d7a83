import { gatherRows } from "../data/rows.ts";
import { NeocogError } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import type { Parameter } from "../layers/parameter.ts";
import type { Loss } from "../losses/index.ts";
import type { OutputKind } from "../metrics/index.ts";
import type { Optimizer } from "../optimizers/index.ts";
import type { Random } from "../random.ts";
import { Penalties } from "../regularizers.ts";
import type { Tensor } from "../tensor.ts";
import type { Averages } from "./averages.ts";
import type { Examples, Targets } from "./examples.ts";
import type { Graph } from "./graph.ts";
import type { Objective } from "./objectives.ts";
import type { Plans, StepPass } from "./planned-pass.ts";
import { backward, forward, parametersOf, trainedNodes } from "./run.ts";

/** Which examples a step is about: `count` rows from place `from` on in an order, or as they come. */
export interface Batch {
  readonly examples: Examples;
  readonly order?: Uint32Array;
  readonly from: number;
  readonly count: number;
  /** The inputs of these rows, where they are not those of the examples. */
  readonly inputs?: readonly Tensor[];
}

/** Writes the model's outputs for a batch into `results`, from row `from` on. */
export function predictStep(
  graph: Graph,
  plans: Plans,
  inputs: readonly Tensor[],
  from: number,
  count: number,
  results: readonly Tensor[],
) {
  const shapes = inputs.map((x) => [count, ...x.shape.slice(1)]);
  plans.run(`predict ${shapes.join(" ")}`, { gradients: false }, undefined, (pass) => {
    const staged = shapes.map((shape) => pass.allocate(shape));
    if (!pass.recording) {
      for (let index = 0; index < inputs.length; index++) gatherRows(staged[index], inputs[index], undefined, from);
    }
    const values = forward(graph, staged, pass, [], []);
    if (pass.recording) return;
    graph.outputs.forEach((value, index) => {
      const result = results[index];
      result.data.set(values[value].data, (from * result.size) / result.shape[0]);
    });
  });
}

/**
 * The layer at an output without the softmax or sigmoid that this loss includes; nothing, where it does not close so, or
 * where other layers need the probabilities.
 * @throws NeocogError where the loss is told that it gets logits, but gets probabilities.
 */
export function logitsFor(loss: Loss, last: Layer | undefined, consumers: number): Layer | undefined {
  const closed = last?.logits();
  if (!closed || closed.closing !== loss.closing) return undefined;
  if (!loss.fromLogits) return consumers === 0 ? closed.layer : undefined;
  throw new NeocogError(
    `compile: ${loss.name} has fromLogits: true, but the last layer closes with ${closed.closing}; remove one of the two`,
  );
}

/** The tensors of a step that an output's loss needs. */
interface Staged {
  readonly targets: Tensor;
  readonly weights: Tensor;
}

/** The steps of a model that has losses: forward, losses, and, to train, backward and the optimizer's step. */
export class LossSteps {
  readonly #graph: Graph;
  readonly #parameters: Parameter[];
  readonly #penalties: Penalties;
  readonly #freezable: readonly { readonly trainable: boolean }[];
  readonly #kinds: OutputKind[];

  /** Leaves the closing softmax or sigmoid out where a loss takes logits. */
  constructor(
    graph: Graph,
    readonly objectives: readonly Objective[],
    readonly plans: Plans,
  ) {
    /** One twin for a layer, wherever it closes: the two outputs of a shared layer stay shared. */
    const twins = new Map<Layer, Layer>();
    const replaced = new Map<number, Layer>();
    this.#kinds = objectives.map(({ loss }, index) => {
      const value = graph.outputs[index];
      const last = graph.nodeOf(value)?.layer;
      const logits = logitsFor(loss, last, graph.consumers(value));
      if (logits && last) {
        if (!twins.has(last)) twins.set(last, logits);
        replaced.set(value - graph.inputShapes.length, twins.get(last)!);
      }
      return { logits: logits !== undefined || loss.fromLogits, binary: loss.closing === "sigmoid" };
    });
    this.#graph = graph.with(replaced);
    this.#parameters = parametersOf(graph.layers);
    this.#penalties = new Penalties(this.#parameters);
    this.#freezable = [...graph.layers, ...this.#parameters];
  }

  /**
   * One step of training.
   * @param random where dropout's keys come from, others in each step
   * @returns the batch's mean loss before the step.
   */
  train(batch: Batch, averages: Averages, optimizer: Optimizer, random: Random): number {
    const keys = random.fork("step").fork(optimizer.iterations);
    const loss = this.#run("train", batch, averages, trainedNodes(this.#graph), keys);
    this.#penalties.addGradients(this.plans.kernels);
    optimizer.step(this.#parameters, this.plans.kernels);
    return loss;
  }

  /** Loss and metrics without training. @returns the batch's mean loss. */
  test(batch: Batch, averages: Averages): number {
    return this.#run("test", batch, averages, [], undefined);
  }

  #run(
    mode: "train" | "test",
    batch: Batch,
    averages: Averages,
    trained: readonly boolean[],
    keySource: Random | undefined,
  ): number {
    const training = mode === "train";
    const { inputs, outputs } = batch.examples;
    const shapes = inputs.map((x) => [batch.count, ...x.shape.slice(1)]);
    const key = `${mode} ${shapes.join(" ")} ${trained.map(Number).join("")} ${training ? this.#frozen() : ""}`;
    let loss = 0;
    this.plans.run(key, { training, gradients: training }, keySource, (pass) => {
      const staged = shapes.map((shape) => pass.allocate(shape));
      const wanted = outputs.map(({ targets, rows }): Staged => {
        return {
          targets: pass.allocate([batch.count, ...targets.shape.slice(1)]),
          weights: pass.allocate([batch.count, rows]),
        };
      });
      if (!pass.recording) stage(batch, staged, wanted);
      const needed = wanted.flatMap(({ targets, weights }) => [targets, weights]);
      const values = forward(this.#graph, staged, pass, trained, needed);
      const gradients: (Tensor | undefined)[] = [];
      this.#graph.outputs.forEach((value, output) => {
        const y = values[value];
        if (training) gradients[value] = pass.allocate(y.shape);
        loss += this.#loss(output, y, gradients[value], wanted[output], averages, pass);
      });
      if (training) backward(this.#graph, gradients, pass, trained);
    });
    const penalty = this.#penalties.total(this.plans.kernels);
    averages.addPenalty(penalty, batch.count);
    return loss + penalty;
  }

  /** Which layers and parameters are frozen: layers allocate other tensors then. */
  #frozen(): string {
    let flags = "";
    for (const { trainable } of this.#freezable) flags += trainable ? "1" : "0";
    return flags;
  }

  /** The loss of an output, and its gradient where `dy` is given. @returns what it adds to the loss of the model. */
  #loss(output: number, y: Tensor, dy: Tensor | undefined, staged: Staged, averages: Averages, pass: StepPass): number {
    const { loss, weight } = this.objectives[output];
    const { targets, weights } = staged;
    const kind = this.#kinds[output];
    const losses = pass.allocate([weights.size]);
    pass.kernels.loss(loss.kind(kind.logits), losses, dy, y, targets, weights);
    let mean = 0;
    if (!pass.recording) {
      mean = sum(losses);
      averages.add(output, mean, y, targets, kind);
    }
    if (dy && weight !== 1) {
      // Reported is the loss as it is; the gradient is that of weight · loss.
      if (!pass.recording) for (let r = 0, { data } = weights; r < data.length; r++) data[r] *= weight;
      pass.kernels.loss(loss.kind(kind.logits), losses, dy, y, targets, weights);
    }
    return weight * mean;
  }
}

function stage(batch: Batch, inputs: readonly Tensor[], wanted: readonly Staged[]): void {
  const { examples, order, from, count } = batch;
  for (let index = 0; index < inputs.length; index++) {
    if (batch.inputs) gatherRows(inputs[index], batch.inputs[index], undefined, 0);
    else gatherRows(inputs[index], examples.inputs[index], order, from);
  }
  for (let output = 0; output < wanted.length; output++) {
    const { targets, weights } = wanted[output];
    gatherRows(targets, examples.outputs[output].targets, order, from);
    stageWeights(weights, examples.outputs[output], order, from, count);
  }
}

function stageWeights(
  to: Tensor,
  { weights, rows }: Targets,
  order: Uint32Array | undefined,
  from: number,
  count: number,
) {
  const { data } = to;
  const mean = 1 / (count * rows);
  if (!weights) {
    data.fill(mean);
    return;
  }
  gatherRows(to, weights, order, from);
  for (let r = 0; r < data.length; r++) data[r] *= mean;
}

/** In double and in one order, so that it depends on nothing but the numbers. */
function sum({ data }: Tensor): number {
  let total = 0;
  for (let r = 0; r < data.length; r++) total += data[r];
  return total;
}
