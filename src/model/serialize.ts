import { fail, NeocogError } from "../errors.ts";
import { nodeModule, readFileBytes } from "../formats/files.ts";
import { type LayerKinds, layerKinds } from "../layers/index.ts";
import type { Layer } from "../layers/layer.ts";
import { input, type SymbolicTensor } from "../layers/symbolic.ts";
import type { Connection, Symbols } from "./connection.ts";
import { isRecord } from "./structure.ts";

/** The files of a model: topology and options as text, weights as safetensors. */
export interface ModelFiles {
  readonly "model.json": string;
  readonly "weights.safetensors": Uint8Array;
}

/** What a file says of a Sequential, before any weights. */
export interface ChainTopology {
  readonly kind: "chain";
  readonly name: string;
  readonly inputShape: number[];
  readonly layers: Layer[];
}

/** What a file says of any other model. */
export interface GraphTopology {
  readonly kind: "graph";
  readonly name: string;
  readonly inputs: Symbols;
  readonly outputs: Symbols;
}

type Json = Readonly<Record<string, unknown>>;

const CHAIN = { format: "neocog sequential", version: 1 };
const GRAPH = { format: "neocog model", version: 2 };

/**
 * model.json of a Sequential   { "format": "neocog sequential", "version": 1, "name", "inputShape": [28, 28, 1],
 *                                "layers": [{ "kind": "Conv2D", "name": "conv2d", "options": { "filters": 6, … } }, …] }
 *
 * A layer that is used twice is there twice under the same name. Functions among the options (initializers of one's own)
 * are left out: they have done their work.
 */
export function encodeChain(name: string, inputShape: readonly number[], layers: readonly Layer[]): string {
  return written({ ...CHAIN, name, inputShape, layers: layers.map(encodeLayer) });
}

/**
 * model.json of a graph        { "format": "neocog model", "version": 2, "name",
 *                                "inputs": [{ "name": "image", "shape": [28, 28, 1] }, …],
 *                                "layers": as above, each once,
 *                                "nodes": [{ "layer": "conv2d", "inputs": [0] }, …], "outputs": [7, 9] }
 *
 * Values are numbered: first the inputs, then what each node gives. One input or output that is no list is none here.
 */
export function encodeGraph(name: string, { graph, inputs, listed }: Connection): string {
  const nodes = graph.nodes.map(({ layer, inputs: taken }) => ({ layer: layer.name, inputs: taken }));
  return written({
    ...GRAPH,
    name,
    inputs: listed.inputs ? inputs : inputs[0],
    layers: graph.layers.map(encodeLayer),
    nodes,
    outputs: listed.outputs ? graph.outputs : graph.outputs[0],
  });
}

/** The files of a model in a directory. */
export function readModelFiles(directory: string): ModelFiles {
  const { join } = nodeModule("node:path", "loadModel");
  const bytes = (file: keyof ModelFiles) => readFileBytes(join(directory, file));
  const text = new TextDecoder().decode(bytes("model.json"));
  return { "model.json": text, "weights.safetensors": bytes("weights.safetensors") };
}

/**
 * Brings the layers and their connections back.
 * @param where the file's name, for errors
 * @param own layers of one's own by kind
 * @throws NeocogError for a text that is no model's, an unknown kind of layer, or options that a layer refuses.
 */
export function decodeTopology(text: string, where: string, own: LayerKinds = {}): ChainTopology | GraphTopology {
  const json = parsed(text, where);
  const known = [CHAIN, GRAPH].find(({ format }) => format === json.format);
  if (!known) {
    const formats = `"${CHAIN.format}" or "${GRAPH.format}"`;
    fail(where, "format", json.format, `give the model.json of a saved model (${formats})`);
  }
  const { version } = known;
  if (json.version !== version) fail(where, "version", json.version, `this neocog reads version ${version}; update it`);
  const { name } = json;
  if (typeof name !== "string") fail(where, "name", name, "it has to be text");
  const layers = decodeLayers(json.layers, where, { ...layerKinds, ...own });
  if (known === GRAPH) return { kind: "graph", name, ...decodeConnections(json, where, layers) };
  return { kind: "chain", name, inputShape: shapeIn(json.inputShape, where, "inputShape"), layers };
}

function decodeConnections(json: Json, where: string, layers: readonly Layer[]) {
  const inputs = each(json.inputs, (given, index) => {
    const place = `${where}: inputs[${index}]`;
    if (!isRecord(given)) fail(where, `inputs[${index}]`, given, "it has to be an object with name and shape");
    const { name, shape } = given;
    if (typeof name !== "string" || name === "") fail(place, "name", name, "it has to be text that is not empty");
    return input({ name, shape: shapeIn(shape, place, "shape") });
  });
  const values: SymbolicTensor[] = [inputs].flat();
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  if (byName.size < layers.length) throw new NeocogError(`${where}: layers: a name is there twice; give each its own`);
  const valueAt = (number: unknown, place: string) => {
    const last = values.length - 1;
    if (typeof number === "number" && values[number]) return values[number];
    return fail(where, place, number, `it has to be the number of a value before it, 0 to ${last}`);
  };
  if (!Array.isArray(json.nodes)) fail(where, "nodes", json.nodes, "it has to be a list");
  json.nodes.forEach((node: unknown, index) => {
    const place = `nodes[${index}]`;
    if (!isRecord(node) || !Array.isArray(node.inputs)) {
      fail(where, place, node, "it has to be an object with layer and inputs");
    }
    const layer = byName.get(node.layer as string);
    if (!layer) fail(where, `${place}.layer`, node.layer, `layers has ${[...byName.keys()].join(", ")}`);
    values.push(layer.apply(node.inputs.map((value, k) => valueAt(value, `${place}.inputs[${k}]`))));
  });
  return { inputs, outputs: each(json.outputs, (value, index) => valueAt(value, `outputs[${index}]`)) };
}

/** What is there for one or for a list. */
function each(given: unknown, decode: (one: unknown, index: number) => SymbolicTensor): Symbols {
  return Array.isArray(given) ? given.map(decode) : decode(given, 0);
}

function encodeLayer({ kind, name, trainable, options }: Layer) {
  const { name: _name, trainable: _trainable, ...others } = options;
  return { kind, name, options: trainable ? others : { ...others, trainable } };
}

function decodeLayers(json: unknown, where: string, kinds: LayerKinds): Layer[] {
  if (!Array.isArray(json) || json.length === 0) {
    fail(where, "layers", json, "it has to be a list with one layer at least");
  }
  const known = new Map<string, Layer>();
  return json.map((layer, index) => decodeLayer(layer, `${where}: layers[${index}]`, kinds, known));
}

function decodeLayer(json: unknown, where: string, kinds: LayerKinds, known: Map<string, Layer>): Layer {
  if (!isRecord(json)) fail(where, "it", json, "it has to be an object with kind, name and options");
  const { kind, name, options } = json;
  if (typeof kind !== "string" || !Object.hasOwn(kinds, kind)) {
    fail(where, "kind", kind, `known are ${Object.keys(kinds).join(", ")}; give others as { layers: { kind: Class } }`);
  }
  if (typeof name !== "string" || name === "") fail(where, "name", name, "it has to be text that is not empty");
  if (!isRecord(options)) fail(where, "options", options, "it has to be an object");
  const same = known.get(name);
  if (same) {
    if (same.kind !== kind) fail(where, "name", name, `a ${same.kind} has it already; give each layer its own`);
    return same;
  }
  try {
    const layer = new kinds[kind]({ ...options, name });
    known.set(name, layer);
    return layer;
  } catch (error) {
    throw new NeocogError(`${where}: ${(error as Error).message}`);
  }
}

function shapeIn(shape: unknown, where: string, argument: string): number[] {
  const fits = Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length > 0);
  return fits ? shape : fail(where, argument, shape, "it has to be a list of positive whole numbers");
}

function parsed(text: string, where: string): Json {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    throw new NeocogError(`${where}: it is no JSON (${message}); give the model.json of a saved model`);
  }
  return isRecord(json)
    ? json
    : fail(where, "format", json, `give the model.json of a saved model ("${CHAIN.format}")`);
}

function written(json: object): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}
