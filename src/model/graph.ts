import { NeocogError } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import type { SymbolicTensor } from "../layers/symbolic.ts";
import type { Shape } from "../tensor.ts";

/** A layer at one place of a graph. */
export interface Node {
  readonly layer: Layer;
  /** The values it takes. */
  readonly inputs: readonly number[];
  /** Of its value for one example, without the batch. */
  readonly shape: Shape;
}

/** What a graph is made of: shapes of its inputs, nodes in topological order, and which values are its outputs. */
export interface GraphParts {
  readonly inputShapes: readonly Shape[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly number[];
}

/**
 * A directed acyclic graph of layers, in an order in which every node comes after those whose values it takes.
 *
 * A value is known by a number: 0 … I−1 are the inputs, I + k is what node k gives. The order is a depth-first search
 * from the outputs, so it depends on the connections alone and not on the order in which they were made; initial
 * weights, dropout's keys and sums of gradients follow it.
 *
 * ```ts
 * // d = add(conv(a), a)
 * graph.nodes.map(({ layer, inputs }) => [layer.name, inputs]); // [["conv2d", [0]], ["add", [1, 0]]]
 * graph.outputs; // [2]
 * ```
 */
export class Graph implements GraphParts {
  readonly inputShapes: readonly Shape[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly number[];
  /** For each value the last node that takes it; −1 where none does, and no end for an output. */
  readonly lastUse: readonly number[];

  constructor({ inputShapes, nodes, outputs }: GraphParts) {
    this.inputShapes = inputShapes;
    this.nodes = nodes;
    this.outputs = outputs;
    const lastUse = new Array<number>(inputShapes.length + nodes.length).fill(-1);
    nodes.forEach(({ inputs }, index) => {
      for (const value of inputs) lastUse[value] = index;
    });
    for (const value of outputs) lastUse[value] = Number.POSITIVE_INFINITY;
    this.lastUse = lastUse;
  }

  /** The number of the value that a node gives. */
  valueOf(node: number): number {
    return this.inputShapes.length + node;
  }

  /** The node that gives a value; nothing for an input. */
  nodeOf(value: number): Node | undefined {
    return this.nodes[value - this.inputShapes.length];
  }

  /** Of one example, without the batch. */
  shapeOf(value: number): Shape {
    return this.nodeOf(value)?.shape ?? this.inputShapes[value];
  }

  /** How many nodes take a value. */
  consumers(value: number): number {
    return this.nodes.filter(({ inputs }) => inputs.includes(value)).length;
  }

  /** Every layer once, in the order of the nodes. */
  get layers(): Layer[] {
    return [...new Set(this.nodes.map(({ layer }) => layer))];
  }

  /** Whether it is a chain: each node takes the value before it, and the last value is the only output. */
  get isChain(): boolean {
    const chained = this.nodes.every(({ inputs }, index) => inputs.length === 1 && inputs[0] === index);
    return (
      chained && this.inputShapes.length === 1 && this.outputs.length === 1 && this.outputs[0] === this.nodes.length
    );
  }

  /** The same connections with another layer at some nodes. */
  with(replaced: ReadonlyMap<number, Layer>): Graph {
    const nodes = this.nodes.map((node, index) => ({ ...node, layer: replaced.get(index) ?? node.layer }));
    return new Graph({ ...this, nodes });
  }

  /** Applies the layers, with the parameters they have, to new inputs. */
  applyTo(inputs: readonly SymbolicTensor[]): SymbolicTensor[] {
    const values = [...inputs];
    for (const { layer, inputs: taken } of this.nodes) values.push(layer.apply(taken.map((value) => values[value])));
    return this.outputs.map((value) => values[value]);
  }
}

/**
 * The graph between symbolic tensors.
 * @param where who is built, for errors
 * @throws NeocogError for an input or output that is given twice, an output that depends on an input that is not given,
 *   and an input that no output depends on.
 */
export function graphBetween(
  where: string,
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): Graph {
  refuseTwice(where, "inputs", inputs);
  refuseTwice(where, "outputs", outputs);
  const numbers = new Map(inputs.map((tensor, index) => [tensor, index]));
  const nodes: Node[] = [];
  // A search with a stack of its own: a deep network must not overflow that of the engine.
  const open = [...outputs].reverse();
  while (open.length > 0) {
    const tensor = open[open.length - 1];
    const { source } = tensor;
    const missing = source?.inputs.filter((each) => !numbers.has(each)) ?? [];
    if (numbers.has(tensor)) open.pop();
    else if (!source) fromNowhere(where, tensor, outputs);
    else if (missing.length > 0) open.push(...missing.reverse());
    else {
      open.pop();
      numbers.set(tensor, inputs.length + nodes.length);
      nodes.push({
        layer: source.layer,
        inputs: source.inputs.map((each) => numbers.get(each)!),
        shape: tensor.shape,
      });
    }
  }
  const graph = new Graph({
    inputShapes: inputs.map(({ shape }) => shape),
    nodes,
    outputs: outputs.map((tensor) => numbers.get(tensor)!),
  });
  const unused = inputs.findIndex((_, index) => graph.lastUse[index] < 0);
  if (unused >= 0) {
    throw new NeocogError(
      `${where}: no output depends on ${describe(inputs[unused], `inputs[${unused}]`)}; leave it out, or connect it`,
    );
  }
  return graph;
}

function refuseTwice(where: string, argument: string, tensors: readonly SymbolicTensor[]): void {
  const twice = tensors.findIndex((tensor, index) => tensors.indexOf(tensor) !== index);
  if (twice < 0) return;
  const first = tensors.indexOf(tensors[twice]);
  throw new NeocogError(`${where}: ${argument}[${twice}] is ${argument}[${first}] again; give each once`);
}

function fromNowhere(where: string, tensor: SymbolicTensor, outputs: readonly SymbolicTensor[]): never {
  const reaching = outputs.findIndex((output) => reaches(output, tensor));
  const output = describe(outputs[reaching], `outputs[${reaching}]`);
  throw new NeocogError(
    `${where}: ${output} depends on ${describe(tensor, "an input")}, which is not among the inputs; add it to them`,
  );
}

function reaches(from: SymbolicTensor, to: SymbolicTensor): boolean {
  const seen = new Set([from]);
  for (const tensor of seen) for (const each of tensor.source?.inputs ?? []) seen.add(each);
  return seen.has(to);
}

function describe({ name, shape, source }: SymbolicTensor, place: string): string {
  const called = name ?? source?.layer.name;
  return `${place}${called === undefined ? "" : ` "${called}"`} of shape [${shape}]`;
}
