/**
 * Writes ONNX models: protobuf by hand, as much as a chain of layers needs. Numbers of fields are those of onnx.proto3.
 *
 *   a field is a key, number · 8 + wire type, and a value: a varint (type 0), or a length and so many bytes (type 2)
 */
import { type NetworkData, type Shape3, shapeAfter } from "../networks.ts";
import type { LayerSpec, NetworkSpec } from "../protocol.ts";

type Bytes = Uint8Array<ArrayBuffer>;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

function integer(field: number, value: number): Bytes {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

function bytes(field: number, content: Bytes): Bytes {
  const head = Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]);
  return message(head, content);
}

function text(field: number, content: string): Bytes {
  return bytes(field, new Uint8Array(new TextEncoder().encode(content)));
}

function message(...fields: Bytes[]): Bytes {
  const result = new Uint8Array(fields.reduce((length, field) => length + field.length, 0));
  let at = 0;
  for (const field of fields) {
    result.set(field, at);
    at += field.length;
  }
  return result;
}

const FLOAT = 1;
const [INT_ATTRIBUTE, INTS_ATTRIBUTE] = [2, 7];

function attribute(name: string, value: number | readonly number[]): Bytes {
  const list = typeof value === "number" ? [integer(3, value)] : value.map((each) => integer(8, each));
  return message(text(1, name), ...list, integer(20, typeof value === "number" ? INT_ATTRIBUTE : INTS_ATTRIBUTE));
}

function valueInfo(name: string, shape: readonly number[]): Bytes {
  const dimensions = shape.map((length) => bytes(1, integer(1, length)));
  const tensorType = message(integer(1, FLOAT), bytes(2, message(...dimensions)));
  return message(text(1, name), bytes(2, bytes(1, tensorType)));
}

/** A graph in the making; every method returns the name of its result. */
export class Graph {
  readonly #nodes: Bytes[] = [];
  readonly #initializers: Bytes[] = [];

  node(type: string, inputs: readonly string[], attributes: Record<string, number | readonly number[]> = {}): string {
    const name = `${type}${this.#nodes.length}`;
    const list = Object.entries(attributes).map(([key, value]) => bytes(5, attribute(key, value)));
    this.#nodes.push(
      message(...inputs.map((input) => text(1, input)), text(2, name), text(3, name), text(4, type), ...list),
    );
    return name;
  }

  initializer(shape: readonly number[], data: Float32Array): string {
    const name = `weight${this.#initializers.length}`;
    const raw = new Uint8Array(data.slice().buffer);
    const dimensions = shape.map((length) => integer(1, length));
    this.#initializers.push(message(...dimensions, integer(2, FLOAT), text(8, name), bytes(9, raw)));
    return name;
  }

  /** The file of a model with the input "x". */
  model(inputShape: readonly number[], output: string, outputShape: readonly number[]): Bytes {
    const graph = message(
      ...this.#nodes.map((node) => bytes(1, node)),
      text(2, "bench"),
      ...this.#initializers.map((initializer) => bytes(5, initializer)),
      bytes(11, valueInfo("x", inputShape)),
      bytes(12, valueInfo(output, outputShape)),
    );
    return message(integer(1, 8), text(2, "neocog bench"), bytes(7, graph), bytes(8, integer(2, 13)));
  }
}

/** The network with its weights, for images [batch, channels, height, width]. */
export function onnxModel(network: NetworkSpec, { weights }: NetworkData, batch: number): Bytes {
  const graph = new Graph();
  const remaining = [...weights];
  const [height, width, channels] = network.input;
  const output = chain(graph, network.layers, "x", network.input, remaining);
  return graph.model([batch, channels, height, width], output, [batch, weights.at(-1)!.shape[0]]);
}

function chain(
  graph: Graph,
  layers: readonly LayerSpec[],
  input: string,
  inputShape: Shape3,
  weights: NetworkData["weights"],
): string {
  let [x, shape] = [input, inputShape];
  let flattened: Shape3 | undefined;
  const bias = () => {
    const { shape, data } = weights.shift()!;
    return graph.initializer(shape, data);
  };
  for (const layer of layers) {
    if (layer.type === "conv") {
      const { kernel, stride, padding } = layer;
      const w = permuted(weights.shift()!, [3, 2, 0, 1]);
      const geometry = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: Array(4).fill(padding) };
      x = graph.node("Conv", [x, graph.initializer(w.shape, w.data), bias()], geometry);
    } else if (layer.type === "dense") {
      const {
        shape: [rows, units],
        data,
      } = weights.shift()!;
      // ONNX flattens [channels, height, width], our rows are [height, width, channels].
      const ordered = flattened ? permuted({ shape: [...flattened, units], data }, [2, 0, 1, 3]).data : data;
      flattened = undefined;
      x = graph.node("Gemm", [x, graph.initializer([rows, units], ordered), bias()]);
    } else if (layer.type === "maxPool") {
      const { size, stride, padding } = layer;
      const geometry = { kernel_shape: [size, size], strides: [stride, stride], pads: Array(4).fill(padding) };
      x = graph.node("MaxPool", [x], geometry);
    } else if (layer.type === "globalAverage") x = graph.node("GlobalAveragePool", [x]);
    else if (layer.type === "flatten") {
      flattened = shape;
      x = graph.node("Flatten", [x], { axis: 1 });
    } else if (layer.type === "residual") {
      const body = chain(graph, layer.body, x, shape, weights);
      x = graph.node("Add", [body, chain(graph, layer.shortcut, x, shape, weights)]);
    }
    if (layer.type === "residual" || ("relu" in layer && layer.relu)) x = graph.node("Relu", [x]);
    shape = shapeAfter(shape, layer);
  }
  return x;
}

/** The axes of a four-dimensional tensor in another order: axis i of the result is axis order[i] of the source. */
export function permuted(
  { shape, data }: { shape: readonly number[]; data: Float32Array },
  order: readonly [number, number, number, number],
): { shape: number[]; data: Float32Array } {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const [a, b, c, d] = order.map((axis) => shape[axis]);
  const [sa, sb, sc, sd] = order.map((axis) => strides[axis]);
  const result = new Float32Array(data.length);
  let at = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) for (let l = 0; l < d; l++) result[at++] = data[i * sa + j * sb + k * sc + l * sd];
  return { shape: [a, b, c, d], data: result };
}
