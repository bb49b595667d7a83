import { fail } from "../errors.ts";
import { input, type SymbolicTensor } from "../layers/symbolic.ts";
import { labelledValues } from "./labels.ts";
import { Model } from "./model.ts";

/**
 * A model up to one of its layers, with the parameters that it has: the body of a trained network, for another head. D6
 *
 * The layers are the model's own, not copies: what is trained in the one is trained in the other.
 *
 * ```ts
 * const body = truncated(leNet5(), "dense_1"); // up to its second dense layer
 * body.outputShape;                            // [84]
 * const model = new Sequential([body, new Dense({ units: 5, activation: "softmax" })], { inputShape: [28, 28, 1] });
 * ```
 * @param last the layer's name as in the summary; "dense[1]" for what a shared layer gives at its second application
 * @throws NeocogError for a name that the model has not.
 */
export function truncated(model: Model, last: string): Model {
  if (!(model instanceof Model)) fail("truncated", "model", model, "give a Model or a Sequential");
  const { connection } = model;
  const { graph, inputs, listed } = connection;
  const labels = labelledValues(connection).map(({ label }) => label);
  const end = labels.indexOf(last, inputs.length);
  if (end < 0) fail("truncated", "last", last, `the layers of ${model.name} are ${labels.slice(inputs.length)}`);
  const needed = new Set([end]);
  // A set is gone through as it grows: all values that the last one is made of.
  for (const value of needed) for (const taken of graph.nodeOf(value)?.inputs ?? []) needed.add(taken);
  const begin = inputs.map((port) => input(port));
  const values: SymbolicTensor[] = [...begin];
  graph.nodes.forEach(({ layer, inputs: taken }, index) => {
    const value = graph.valueOf(index);
    if (needed.has(value)) values[value] = layer.apply(taken.map((each) => values[each]));
  });
  const used = begin.filter((_, value) => needed.has(value));
  return new Model({
    inputs: listed.inputs ? used : used[0],
    outputs: values[end],
    name: model.name,
    seed: model.seed,
  });
}

/**
 * Freezes the layers that stand before one in the summary, and thaws it and those after it. The three regimes of transfer
 * learning: with little data train from the head on, with more from a layer further below, with a lot all of it. D6
 *
 * What is below the lowest trained layer costs no backward pass. What an optimizer knows of a parameter (momentum, means)
 * stays as it is while the parameter is frozen, and also when the model is compiled again with that optimizer.
 *
 * ```ts
 * const model = leNet5();
 * trainFrom(model, "dense_2");
 * model.summary(); // Trainable params: 850
 * ```
 * @param first the layer's name. Default: the first layer's, so that all are trained
 * @throws NeocogError for a name that the model has not.
 */
export function trainFrom(model: Model, first?: string): void {
  if (!(model instanceof Model)) fail("trainFrom", "model", model, "give a Model or a Sequential");
  const { layers } = model;
  const begin = first === undefined ? 0 : layers.findIndex(({ name }) => name === first);
  if (begin < 0) {
    fail("trainFrom", "first", first, `the layers of ${model.name} are ${layers.map(({ name }) => name)}`);
  }
  layers.forEach((layer, index) => {
    layer.trainable = index >= begin;
  });
}
