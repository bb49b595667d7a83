import type { Shape } from "../tensor.ts";
import type { Connection } from "./connection.ts";

/** A value of a graph as a table or a drawing shows it. */
export interface LabelledValue {
  /** "conv2d", and "conv2d[1]" where the layer is applied for the second time. */
  readonly label: string;
  /** "Conv2D", or "Input". */
  readonly kind: string;
  /** "(None, 28, 28, 1)". */
  readonly shape: string;
  /** Parameters of the layer; those of a shared layer are at its first application. */
  readonly parameters: number;
  readonly shared: boolean;
  /** The values it is made of. */
  readonly inputs: readonly number[];
  readonly isOutput: boolean;
}

/** All values of a graph in their order: inputs, then nodes. */
export function labelledValues({ graph, inputs }: Connection): LabelledValue[] {
  const applied = new Map<unknown, number>();
  const isOutput = (value: number) => graph.outputs.includes(value);
  const begin = inputs.map(({ name, shape }, value): LabelledValue => {
    const own = { label: name, kind: "Input", shape: withBatch(shape), isOutput: isOutput(value) };
    return { ...own, parameters: 0, shared: false, inputs: [] };
  });
  const rest = graph.nodes.map(({ layer, shape, inputs: taken }, index): LabelledValue => {
    const times = applied.get(layer) ?? 0;
    applied.set(layer, times + 1);
    return {
      label: times === 0 ? layer.name : `${layer.name}[${times}]`,
      kind: layer.kind,
      shape: withBatch(shape),
      parameters: layer.parameters.reduce((total, { size }) => total + size, 0),
      shared: times > 0,
      inputs: taken,
      isOutput: isOutput(graph.valueOf(index)),
    };
  });
  return [...begin, ...rest];
}

function withBatch(shape: Shape): string {
  return `(${["None", ...shape].join(", ")})`;
}
