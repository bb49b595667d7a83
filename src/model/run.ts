import type { Parameter } from "../layers/parameter.ts";
import type { Tensor } from "../tensor.ts";
import type { Graph } from "./graph.ts";
import type { StepPass } from "./planned-pass.ts";

/**
 * Which nodes a backward pass has to go through: those with parameters that are trained, and all that lie behind them.
 * What only frozen layers and inputs lead to is left out, and nothing of it is remembered.
 */
export function trainedNodes(graph: Graph): boolean[] {
  const trained: boolean[] = [];
  for (const { layer, inputs } of graph.nodes) {
    const own = layer.parameters.some(({ trainable }) => trainable);
    trained.push(own || inputs.some((value) => trained[value - graph.inputShapes.length]));
  }
  return trained;
}

/**
 * The forward pass of a graph, node by node.
 * @param trained the nodes that a backward pass will go through
 * @param needed what else has to stay in memory
 * @returns all values; only the outputs' memory is still theirs.
 */
export function forward(
  graph: Graph,
  inputs: readonly Tensor[],
  pass: StepPass,
  trained: readonly boolean[],
  needed: readonly Tensor[],
): Tensor[] {
  const values = [...inputs];
  graph.nodes.forEach(({ layer, inputs: taken }, index) => {
    const xs = taken.map((value) => values[value]);
    const remembered = trained[index] || !pass.gradients;
    values.push(remembered ? layer.forwardAll(xs, pass) : pass.withoutGradients(() => layer.forwardAll(xs, pass)));
    if (pass.recording) pass.settle(...values.filter((_, value) => graph.lastUse[value] > index), ...needed);
  });
  return values;
}

/**
 * The backward pass of a graph: from the last node to the first, so that a node comes after all that take its value.
 *
 *   ∂loss/∂value = Σ over the nodes that take it, and over the loss itself where it is an output
 *
 * @param gradients by value: those of the outputs; they are used up
 * @param wants whether the gradients of the inputs are wanted, too; they are left in `gradients`
 */
export function backward(
  graph: Graph,
  gradients: (Tensor | undefined)[],
  pass: StepPass,
  trained: readonly boolean[],
  wants: { readonly inputs: boolean } = { inputs: false },
): void {
  /** Sums that were allocated here: nobody else refers to them, so that a third gradient may be added in place. */
  const own = new Set<Tensor>();
  const wanted = (value: number) => trained[value - graph.inputShapes.length] ?? wants.inputs;
  if (pass.recording) pass.settle(...gradients);
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const value = graph.valueOf(index);
    const dy = gradients[value];
    gradients[value] = undefined;
    if (!trained[index] || !dy) continue;
    // The layer may hand dy on, to several nodes even: from here on it is not to be changed.
    own.delete(dy);
    const { layer, inputs } = graph.nodes[index];
    const dxs = layer.backwardAll(dy, pass, inputs.map(wanted));
    inputs.forEach((input, place) => {
      const dx = dxs[place];
      if (dx && wanted(input)) gradients[input] = sum(gradients[input], dx, own, pass);
    });
    if (pass.recording) pass.settle(...gradients);
  }
}

/** A dx may be somebody else's dy as well (that of an Add is): the first sum needs memory of its own. */
function sum(a: Tensor | undefined, b: Tensor, own: Set<Tensor>, pass: StepPass): Tensor {
  if (!a) return b;
  const y = own.has(a) ? a : pass.allocate(a.shape);
  pass.kernels.add(y, a, b);
  own.add(y);
  return y;
}

/** The parameters of layers, each once even where a layer is there several times. */
export function parametersOf(layers: readonly { readonly parameters: readonly Parameter[] }[]): Parameter[] {
  return [...new Set(layers.flatMap((layer) => layer.parameters))];
}
