import { fail } from "../errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Layer, Parameter } from "../layers/layer.ts";
import { sameShape, sizeOf, zeros } from "../tensor.ts";
import { ordinaryMemory } from "./building.ts";

/** All parameters as safetensors, by "layer/parameter": "conv2d/kernel". */
export function encodeWeights(layers: readonly Layer[]): Uint8Array {
  const weights = [...namedParameters(layers)].map(([name, { value }]) => [name, value]);
  return encodeSafetensors(Object.fromEntries(weights));
}

/**
 * Puts the weights of a file into layers that are built.
 * @throws NeocogError where the file lacks a weight, has one too many, or one of another shape; then nothing is changed.
 */
export function decodeWeights(bytes: Uint8Array, where: string, layers: readonly Layer[]): void {
  const { tensors } = decodeSafetensors(bytes, where);
  const wanted = namedParameters(layers);
  const remedy = "give the weights of this model";
  for (const [name, { shape }] of wanted) {
    const found = tensors.get(name);
    if (!found) fail(where, "the names of its tensors", [...tensors.keys()], `"${name}" is missing; ${remedy}`);
    if (!sameShape(found.shape, shape)) {
      fail(where, `the shape of ${name}`, found.shape, `the model has [${shape}]; ${remedy}`);
    }
    const wrong = found.data.findIndex((number) => !Number.isFinite(number));
    if (wrong >= 0) {
      fail(where, `${name}[${wrong}]`, found.data[wrong], "weights have to be finite; save the model again");
    }
  }
  for (const name of tensors.keys()) {
    if (!wanted.has(name)) fail(where, "a tensor", name, `the model has only ${[...wanted.keys()].join(", ")}`);
  }
  for (const [name, parameter] of wanted) parameter.assign(tensors.get(name)!.data);
}

/** Numbers that a model may have whatever its file of weights: they cost nothing. */
const FREE = 2 ** 20;

/**
 * Kernels to build a model with that is being loaded. A few bytes of model.json can describe more parameters than any
 * machine can hold. Most take no memory before the file of weights has turned out to have them; those that a layer draws at
 * once are refused here, before room is made for them, where the file cannot have them.
 */
export function kernelsForLoading(bytes: Uint8Array, where: string): Kernels {
  let left = Math.max(FREE, bytes.length / 4);
  return ordinaryMemory((shape) => {
    left -= sizeOf(shape);
    if (left >= 0) return zeros(shape);
    const remedy = "the model has more weights than can be in so few; give the weights of this model";
    return fail(where, "the length in bytes", bytes.length, remedy);
  });
}

function namedParameters(layers: readonly Layer[]): Map<string, Parameter> {
  const parameters = layers.flatMap((layer) => {
    return layer.parameters.map((parameter): [string, Parameter] => [`${layer.name}/${parameter.name}`, parameter]);
  });
  return new Map(parameters);
}
