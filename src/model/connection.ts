import type { Kernels } from "../kernels/kernels.ts";
import { type SymbolicTensor, symbolicList } from "../layers/symbolic.ts";
import { Pass } from "../pass.ts";
import type { Tensor } from "../tensor.ts";
import { ordinaryMemory } from "./building.ts";
import type { Port } from "./examples.ts";
import { type Graph, graphBetween } from "./graph.ts";
import { nameLayers, namePorts } from "./names.ts";

/** One symbolic tensor, or a list: predictions, and x and y, have the same form. */
export type Symbols = SymbolicTensor | readonly SymbolicTensor[];

/** A tensor for each symbolic one. */
export type Numbers<Form extends Symbols> = Form extends SymbolicTensor ? Tensor : Tensor[];

/** A symbolic tensor for each. */
export type Applied<Form extends Symbols> = Form extends SymbolicTensor ? SymbolicTensor : SymbolicTensor[];

/** A graph with the names of its ends. */
export interface Connection {
  readonly graph: Graph;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Whether the user gave a list, even of one. */
  readonly listed: { readonly inputs: boolean; readonly outputs: boolean };
}

/**
 * Reads the graph between inputs and outputs, names its layers and makes their parameters.
 * @param kernels where the parameters are made
 */
export function connect(
  owner: string,
  seed: number,
  inputs: Symbols,
  outputs: Symbols,
  kernels: Kernels = ordinaryMemory(),
): Connection {
  const [begin, end] = [symbolicList(owner, "inputs", inputs), symbolicList(owner, "outputs", outputs)];
  const graph = graphBetween(owner, begin, end);
  nameLayers(owner, graph.layers);
  const pass = new Pass({ kernels, seed });
  for (const node of graph.nodes) {
    const shapes = node.inputs.map((value) => [1, ...graph.shapeOf(value)]);
    node.layer.buildAll(shapes, pass);
  }
  return {
    graph,
    inputs: ports(owner, begin),
    outputs: ports(owner, end),
    listed: { inputs: Array.isArray(inputs), outputs: Array.isArray(outputs) },
  };
}

function ports(owner: string, tensors: readonly SymbolicTensor[]): Port[] {
  const names = namePorts(owner, tensors);
  return tensors.map(({ shape }, index) => ({ name: names[index], shape }));
}
