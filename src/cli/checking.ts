/** What `neocog check` does with one layer after the other. */

import { smallShape } from "../laws/applicable.ts";
import { counterexample, floats, gradientCheck, lawsFor, Refutation } from "../laws/index.ts";
import type { Layer } from "../layers/index.ts";
import { WhileTraining } from "../layers/while-training.ts";
import type { Model } from "../model/model.ts";
import type { Shape } from "../tensor.ts";

export interface CheckSettings {
  readonly runs: number;
  readonly elements: number;
  readonly seed: number;
}

export interface Result {
  readonly law: string;
  /** What was compared, where that is a number. */
  readonly detail?: string;
  /** The counterexample in words; nothing where the law holds. */
  readonly refutation?: string;
}

export interface LayerReport {
  readonly name: string;
  readonly kind: string;
  /** Of the x that the laws were tried on. */
  readonly shape: Shape;
  readonly results: readonly Result[];
}

/** Each layer of a model once, with the shape of its input; layers that merge several inputs have no law here. */
export function layersOf(model: Model): Map<Layer, Shape> {
  const shapes = new Map<Layer, Shape>();
  const { graph } = model.connection;
  for (const { layer, inputs } of graph.nodes) {
    if (inputs.length === 1 && !shapes.has(layer)) shapes.set(layer, [1, ...graph.shapeOf(inputs[0])]);
  }
  return shapes;
}

/** The gradient check with the layer's own weights, and every law that applies to it. */
export function checkLayer(layer: Layer, inputShape: Shape, { runs, elements, seed }: CheckSettings): LayerReport {
  layer.build(inputShape);
  const shape = smallShape(layer, inputShape);
  const results = [gradientsOf(layer, [1, ...shape.slice(1)], elements, seed)];
  for (const law of lawsFor(layer, inputShape)) {
    const refutation = counterexample(law, { numRuns: runs, seed })?.message;
    results.push({ law: law.title, refutation });
  }
  return { name: layer.name, kind: layer.kind, shape, results };
}

function gradientsOf(layer: Layer, shape: Shape, elements: number, seed: number): Result {
  const law = "its own weights' gradients are those of central differences";
  const options = { weights: "own", training: layer instanceof WhileTraining, elements, seed } as const;
  try {
    const { rows } = gradientCheck(layer, floats(shape, seed), options);
    const compared = rows.map(({ name, compared, size }) => `${name} ${compared}/${size}`).join(", ");
    const largest = Math.max(...rows.map(({ worst }) => worst?.error ?? 0));
    return { law, detail: `${compared}; largest error ${largest.toExponential(1)}` };
  } catch (error) {
    if (!(error instanceof Refutation)) throw error;
    return { law, refutation: error.message };
  }
}

/** For people: a line a law, a refutation in full under it. */
export function textOf({ name, kind, shape, results }: LayerReport, bold: (text: string) => string): string {
  const lines = results.flatMap(({ law, detail, refutation }) => {
    if (refutation !== undefined) {
      const said = refutation.replace(`${law}: refuted\n`, "").split("\n");
      return [`  ✖ ${law}`, ...said.map((line) => `    ${line}`)];
    }
    return [`  ✔ ${law}`, ...(detail === undefined ? [] : [`    ${detail}`])];
  });
  return `${bold(`${name} (${kind})`)} on x [${shape}]\n${lines.join("\n")}\n\n`;
}
