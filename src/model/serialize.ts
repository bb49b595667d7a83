import { fail, NeocogError } from "../errors.ts";
import { nodeModule, readFileBytes } from "../formats/files.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";
import { type LayerKinds, layerKinds } from "../layers/index.ts";
import type { Layer } from "../layers/layer.ts";
import { sameShape, type Tensor } from "../tensor.ts";
import type { Connection } from "./connection.ts";

/** The files of a model: topology and options as text, weights as safetensors. */
export interface ModelFiles {
  readonly "model.json": string;
  readonly "weights.safetensors": Uint8Array;
}

/** What a file says of a model, before any weights. */
export interface Topology {
  readonly name: string;
  readonly inputShape: number[];
  readonly layers: Layer[];
}

const FORMAT = "neocog sequential";
const VERSION = 1;

/**
 * model.json   { "format": "neocog sequential", "version": 1, "name", "inputShape": [28, 28, 1],
 *                "layers": [{ "kind": "Conv2D", "name": "conv2d", "options": { "filters": 6, … } }, …] }
 * weights      by "layer/parameter": "conv2d/kernel"
 *
 * A layer that is used twice is there twice under the same name. Functions among the options (initializers of one's own)
 * are left out: they have done their work.
 */
export function encodeModel(name: string, { graph }: Connection): ModelFiles {
  const layers = graph.nodes.map(({ layer }) => layer);
  const inputShape = graph.inputShapes[0];
  const described = layers.map(
    ({ kind, name, trainable, options: { name: _name, trainable: _trainable, ...options } }) => {
      return { kind, name, options: trainable ? options : { ...options, trainable } };
    },
  );
  const json = { format: FORMAT, version: VERSION, name, inputShape, layers: described };
  const weights: Record<string, Tensor> = {};
  for (const layer of layers) {
    for (const parameter of layer.parameters) weights[`${layer.name}/${parameter.name}`] = parameter.value;
  }
  return { "model.json": `${JSON.stringify(json, null, 2)}\n`, "weights.safetensors": encodeSafetensors(weights) };
}

/** The files of a model in a directory. */
export function readModelFiles(directory: string): ModelFiles {
  const { join } = nodeModule("node:path", "loadModel");
  const bytes = (file: keyof ModelFiles) => readFileBytes(join(directory, file));
  return {
    "model.json": new TextDecoder().decode(bytes("model.json")),
    "weights.safetensors": bytes("weights.safetensors"),
  };
}

/**
 * Brings the layers back.
 * @param where the file's name, for errors
 * @param own layers of one's own by kind
 * @throws NeocogError for a text that is no model's, an unknown kind of layer, or options that a layer refuses.
 */
export function decodeTopology(text: string, where: string, own: LayerKinds = {}): Topology {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new NeocogError(
      `${where}: it is no JSON (${(error as Error).message}); give the model.json of a saved model`,
    );
  }
  if (!isObject(json) || json.format !== FORMAT) {
    fail(where, "format", isObject(json) ? json.format : json, `give the model.json of a saved model ("${FORMAT}")`);
  }
  if (json.version !== VERSION) fail(where, "version", json.version, `this neocog reads version ${VERSION}; update it`);
  const { name, inputShape, layers } = json;
  if (typeof name !== "string") fail(where, "name", name, "it has to be text");
  if (!Array.isArray(inputShape) || !inputShape.every((length) => Number.isSafeInteger(length) && length > 0)) {
    fail(where, "inputShape", inputShape, "it has to be a list of positive whole numbers");
  }
  if (!Array.isArray(layers) || layers.length === 0)
    fail(where, "layers", layers, "it has to be a list with one layer at least");
  const known = new Map<string, Layer>();
  const kinds = { ...layerKinds, ...own };
  return {
    name,
    inputShape,
    layers: layers.map((layer, index) => decodeLayer(layer, `${where}: layers[${index}]`, kinds, known)),
  };
}

/**
 * Puts the weights of a file into layers that are built.
 * @throws NeocogError where the file lacks a weight, has one too many, or one of another shape; then nothing is changed.
 */
export function decodeWeights(bytes: Uint8Array, where: string, layers: readonly Layer[]): void {
  const { tensors } = decodeSafetensors(bytes, where);
  const wanted = new Map<string, Tensor>();
  for (const layer of layers) {
    for (const parameter of layer.parameters) wanted.set(`${layer.name}/${parameter.name}`, parameter.value);
  }
  for (const [name, value] of wanted) {
    const found = tensors.get(name);
    if (!found)
      fail(
        where,
        "the names of its tensors",
        [...tensors.keys()],
        `"${name}" is missing; give the weights of this model`,
      );
    if (!sameShape(found.shape, value.shape)) {
      fail(
        where,
        `the shape of ${name}`,
        found.shape,
        `the model has [${value.shape}]; give the weights of this model`,
      );
    }
    const wrong = found.data.findIndex((number) => !Number.isFinite(number));
    if (wrong >= 0)
      fail(where, `${name}[${wrong}]`, found.data[wrong], "weights have to be finite; save the model again");
  }
  for (const name of tensors.keys()) {
    if (!wanted.has(name)) fail(where, "a tensor", name, `the model has only ${[...wanted.keys()].join(", ")}`);
  }
  for (const [name, value] of wanted) value.data.set(tensors.get(name)!.data);
}

function decodeLayer(json: unknown, where: string, kinds: LayerKinds, known: Map<string, Layer>): Layer {
  if (!isObject(json)) fail(where, "it", json, "it has to be an object with kind, name and options");
  const { kind, name, options } = json;
  if (typeof kind !== "string" || !Object.hasOwn(kinds, kind)) {
    fail(where, "kind", kind, `known are ${Object.keys(kinds).join(", ")}; give others as { layers: { kind: Class } }`);
  }
  if (typeof name !== "string" || name === "") fail(where, "name", name, "it has to be text that is not empty");
  if (!isObject(options)) fail(where, "options", options, "it has to be an object");
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
