import { NeocogError } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import type { Parameter } from "../layers/parameter.ts";
import type { Loss } from "../losses/index.ts";
import type { OutputKind } from "../metrics/index.ts";
import type { Optimizer } from "../optimizers/index.ts";
import type { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import type { Averages } from "./averages.ts";
import { type Examples, gatherRows } from "./examples.ts";
import type { Plans, StepPass } from "./planned-pass.ts";

/** Which examples a step is about: `count` rows from place `from` on in an order, or as they come. */
export interface Batch {
  readonly examples: Examples;
  readonly order?: Uint32Array;
  readonly from: number;
  readonly count: number;
}

/** The parameters of layers, each once even where a layer is there several times. */
export function parametersOf(layers: readonly Layer[]): Parameter[] {
  return [...new Set(layers.flatMap((layer) => layer.parameters))];
}

/** Writes the model's output for a batch into `result`, from element `at` on. */
export function predictStep(
  layers: readonly Layer[],
  plans: Plans,
  x: Tensor,
  from: number,
  count: number,
  result: Tensor,
) {
  const shape = [count, ...x.shape.slice(1)];
  plans.run(`predict ${shape}`, { gradients: false }, undefined, (pass) => {
    const staged = pass.allocate(shape);
    if (!pass.recording) gatherRows(staged, x, undefined, from);
    const y = forward(layers, staged, pass);
    if (!pass.recording) result.data.set(y.data, (from * result.size) / result.shape[0]);
  });
}

/**
 * The last layer without the softmax or sigmoid that this loss includes; nothing, where it does not close so.
 * @throws NeocogError where the loss is told that it gets logits, but gets probabilities.
 */
export function logitsFor(loss: Loss, layers: readonly Layer[]): Layer | undefined {
  const closed = layers[layers.length - 1].logits();
  if (!closed || closed.closing !== loss.closing) return undefined;
  if (!loss.fromLogits) return closed.layer;
  throw new NeocogError(
    `compile: ${loss.name} has fromLogits: true, but the last layer closes with ${closed.closing}; remove one of the two`,
  );
}

/** The steps of a model that has a loss: forward, loss, and, to train, backward and the optimizer's step. */
export class LossSteps {
  readonly #layers: readonly Layer[];
  readonly #parameters: Parameter[];
  readonly #kind: OutputKind;

  /** Leaves the closing softmax or sigmoid out where the loss takes logits. */
  constructor(
    layers: readonly Layer[],
    readonly loss: Loss,
    readonly plans: Plans,
  ) {
    const last = logitsFor(loss, layers);
    this.#layers = last ? [...layers.slice(0, -1), last] : layers;
    this.#kind = { logits: last !== undefined || loss.fromLogits, binary: loss.closing === "sigmoid" };
    this.#parameters = parametersOf(layers);
  }

  /**
   * One step of training.
   * @param random where dropout's keys come from, others in each step
   * @returns the batch's mean loss before the step.
   */
  train(batch: Batch, averages: Averages, optimizer: Optimizer, random: Random): number {
    const keys = random.fork("step").fork(optimizer.iterations);
    const lowest = this.#layers.findIndex((layer) => layer.parameters.some(({ trainable }) => trainable));
    const loss = this.#run("train", batch, averages, lowest < 0 ? this.#layers.length : lowest, keys);
    optimizer.step(this.#parameters, this.plans.kernels);
    return loss;
  }

  /** Loss and metrics without training. @returns the batch's mean loss. */
  test(batch: Batch, averages: Averages): number {
    return this.#run("test", batch, averages, this.#layers.length, undefined);
  }

  /** @param lowest the first layer that is trained: backward ends with its parameters */
  #run(
    mode: "train" | "test",
    batch: Batch,
    averages: Averages,
    lowest: number,
    keySource: Random | undefined,
  ): number {
    const training = mode === "train";
    const { x, rows } = batch.examples;
    const shape = [batch.count, ...x.shape.slice(1)];
    let loss = 0;
    this.plans.run(`${mode} ${shape} ${lowest}`, { training, gradients: training }, keySource, (pass) => {
      const staged = pass.allocate(shape);
      const targets = pass.allocate([batch.count, ...batch.examples.targets.shape.slice(1)]);
      const weights = pass.allocate([batch.count, rows]);
      if (!pass.recording) stage(batch, staged, targets, weights);
      const y = forward(this.#layers, staged, pass, targets, weights);
      const losses = pass.allocate([batch.count * rows]);
      const dy = training ? pass.allocate(y.shape) : undefined;
      pass.kernels.loss(this.loss.kind(this.#kind.logits), losses, dy, y, targets, weights);
      if (!pass.recording) {
        loss = sum(losses);
        averages.add(loss, y, targets, this.#kind);
      }
      if (dy) backward(this.#layers, dy, pass, lowest);
    });
    return loss;
  }
}

function forward(layers: readonly Layer[], x: Tensor, pass: StepPass, ...needed: Tensor[]): Tensor {
  let y = x;
  for (const layer of layers) {
    y = layer.forward(y, pass);
    pass.settle(y, ...needed);
  }
  return y;
}

function backward(layers: readonly Layer[], dy: Tensor, pass: StepPass, lowest: number): void {
  pass.settle(dy);
  let gradient = dy;
  for (let index = layers.length - 1; index > lowest; index--) {
    gradient = layers[index].backward(gradient, pass);
    pass.settle(gradient);
  }
  if (lowest < layers.length) layers[lowest].backwardParameters(gradient, pass);
}

function stage({ examples, order, from, count }: Batch, x: Tensor, targets: Tensor, weights: Tensor): void {
  gatherRows(x, examples.x, order, from);
  gatherRows(targets, examples.targets, order, from);
  const { data } = weights;
  const mean = 1 / (count * examples.rows);
  if (!examples.weights) {
    data.fill(mean);
    return;
  }
  gatherRows(weights, examples.weights, order, from);
  for (let r = 0; r < data.length; r++) data[r] *= mean;
}

/** In double and in one order, so that it depends on nothing but the numbers. */
function sum({ data }: Tensor): number {
  let total = 0;
  for (let r = 0; r < data.length; r++) total += data[r];
  return total;
}
