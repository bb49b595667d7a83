import { fail } from "../errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Layer } from "../layers/layer.ts";
import { sameShape, sizeOf, type Tensor, zeros } from "../tensor.ts";
import { ordinaryMemory } from "./building.ts";

/** All parameters as safetensors, by "layer/parameter": "conv2d/kernel". */
export function encodeWeights(layers: readonly Layer[]): Uint8Array {
  return encodeSafetensors(Object.fromEntries(namedWeights(layers)));
}

/**
 * Puts the weights of a file into layers that are built.
 * @throws NeocogError where the file lacks a weight, has one too many, or one of another shape; then nothing is changed.
 */
export function decodeWeights(bytes: Uint8Array, where: string, layers: readonly Layer[]): void {
  const { tensors } = decodeSafetensors(bytes, where);
  const wanted = namedWeights(layers);
  const remedy = "give the weights of this model";
  for (const [name, value] of wanted) {
    const found = tensors.get(name);
    if (!found) fail(where, "the names of its tensors", [...tensors.keys()], `"${name}" is missing; ${remedy}`);
    if (!sameShape(found.shape, value.shape)) {
      fail(where, `the shape of ${name}`, found.shape, `the model has [${value.shape}]; ${remedy}`);
    }
    const wrong = found.data.findIndex((number) => !Number.isFinite(number));
    if (wrong >= 0) {
      fail(where, `${name}[${wrong}]`, found.data[wrong], "weights have to be finite; save the model again");
    }
  }
  for (const name of tensors.keys()) {
    if (!wanted.has(name)) fail(where, "a tensor", name, `the model has only ${[...wanted.keys()].join(", ")}`);
  }
  for (const [name, value] of wanted) value.data.set(tensors.get(name)!.data);
}

/** Numbers that a model may have whatever its file of weights: they cost nothing. */
const FREE = 2 ** 20;

/**
 * Kernels to build a model with that is being loaded. A few bytes of model.json can describe more parameters than any
 * machine can hold: those that the file of weights cannot have are refused before room is made for them.
 */
export function kernelsForLoading(bytes: Uint8Array, where: string): Kernels {
  // Four bytes in the file are a number and its gradient in memory.
  let left = Math.max(FREE, bytes.length / 2);
  return ordinaryMemory((shape) => {
    left -= sizeOf(shape);
    if (left >= 0) return zeros(shape);
    const remedy = "the model has more weights than can be in so few; give the weights of this model";
    return fail(where, "the length in bytes", bytes.length, remedy);
  });
}

function namedWeights(layers: readonly Layer[]): Map<string, Tensor> {
  const weights = layers.flatMap((layer) => {
    return layer.parameters.map(({ name, value }): [string, Tensor] => [`${layer.name}/${name}`, value]);
  });
  return new Map(weights);
}
