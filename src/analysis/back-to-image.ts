import { fail } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Layer } from "../layers/layer.ts";
import type { Graph } from "../model/graph.ts";
import { Model } from "../model/model.ts";
import { StepPass } from "../model/planned-pass.ts";
import { backward, forward, parametersOf } from "../model/run.ts";
import { checkTensor, type Shape, sameShape, type Tensor } from "../tensor.ts";

/** A step in ordinary memory, which nobody plans. */
class FreePass extends StepPass {
  override readonly recording = false;

  override settle(): void {}
}

/**
 * Goes through a graph to its output and, from a dy there, back to the images. The gradients of the parameters are neither
 * computed nor touched.
 * @param dyOf from y, both [n,…outputShape]
 * @returns dx, [n,…inputShape]
 */
export function backToImage(graph: Graph, x: Tensor, kernels: Kernels, dyOf: (y: Tensor) => Tensor): Tensor {
  const pass = new FreePass({ kernels });
  const all = graph.nodes.map(() => true);
  const parameters = parametersOf(graph.layers);
  const trained = parameters.map(({ trainable }) => trainable);
  try {
    for (const parameter of parameters) parameter.trainable = false;
    const values = forward(graph, [x], pass, all, []);
    const gradients: (Tensor | undefined)[] = [];
    const [output] = graph.outputs;
    gradients[output] = dyOf(values[output]);
    backward(graph, gradients, pass, all, { inputs: true });
    return gradients[0]!.copy();
  } finally {
    parameters.forEach((parameter, index) => {
      parameter.trainable = trained[index];
    });
  }
}

/** The graph of a model, up to the softmax or sigmoid that closes it. */
export function scoresOf({ connection: { graph } }: Model): Graph {
  const [output] = graph.outputs;
  const last: Layer | undefined = graph.nodeOf(output)?.layer;
  const closed = graph.consumers(output) === 0 ? last?.logits() : undefined;
  return closed ? graph.with(new Map([[output - graph.inputShapes.length, closed.layer]])) : graph;
}

/** Refuses what is no model from one image to one output, and an x that is no batch of its images. */
export function checkModelOfImages(where: string, model: Model, x: Tensor): void {
  if (!(model instanceof Model)) fail(where, "model", model, "give a Model or a Sequential");
  const { inputs, outputs } = model.connection;
  if (inputs.length !== 1) fail(where, "the number of the model's inputs", inputs.length, "give a model with one");
  if (outputs.length !== 1) fail(where, "the number of the model's outputs", outputs.length, "give a model with one");
  const [{ shape }] = inputs;
  if (shape.length !== 3) fail(where, "the shape of the model's input", shape, "give a model of images");
  checkTensor(where, "x", x);
  if (!sameShape(x.shape.slice(1), shape)) fail(where, "the shape of x", x.shape, `give [n, ${shape}]`);
}

/** The place of the first of the largest numbers, of all or of every `step`-th from `first` on. */
export function placeOfLargest(values: ArrayLike<number>, first = 0, step = 1): number {
  let best = first;
  for (let place = first; place < values.length; place += step) if (values[place] > values[best]) best = place;
  return best;
}

/** The numbers of one example of a batch. */
export function rowOf({ data, size, shape }: { data: Tensor["data"]; size: number; shape: Shape }, n: number) {
  const length = size / shape[0];
  return data.subarray(n * length, (n + 1) * length);
}
