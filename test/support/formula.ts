/** Numbers that fixtures/networks/make.py computes as well: whole networks are compared by what comes out of them. */
import { type Shape, sizeOf, type Tensor, tensor } from "../../src/tensor.ts";

/** FNV-1a of a text, 32 bits. */
function keyOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The end of MurmurHash3 (Appleby 2011). */
function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Multiples of 2⁻²³ from −1 to 1, from a name and an index alone. */
export function* numbers(name: string, count: number): Generator<number> {
  const key = keyOf(name);
  for (let e = 0; e < count; e++) yield numberAt(key, e);
}

function numberAt(key: number, index: number): number {
  return (mixed(key + Math.imul(index, 0x9e3779b1)) >>> 8) * 2 ** -23 - 1;
}

export function imagesOf(count: number, shape: Shape): Tensor {
  const whole = [count, ...shape];
  return tensor(Float32Array.from(numbers("images", sizeOf(whole))), whole);
}

/** Writes into a parameter what it is called for. */
export function fill(layer: string, parameter: string, value: Tensor): void {
  const [scale, offset] = scaleOf(parameter, value.shape);
  const key = keyOf(`${layer}/${parameter}`);
  const { data } = value;
  for (let e = 0; e < data.length; e++) data[e] = offset + scale * numberAt(key, e);
}

/** Scaled so that numbers stay of the size of 1 through a network. */
function scaleOf(parameter: string, shape: Shape): readonly [scale: number, offset: number] {
  if (parameter === "gamma") return [0.2, 0.6];
  if (parameter === "beta") return [0.3, 0];
  if (parameter === "movingVariance") return [0.25, 1];
  if (!/kernel$/i.test(parameter)) return [0.1, 0];
  const isDepthwise = parameter === "depthwiseKernel";
  const fanIn = sizeOf(shape.slice(0, isDepthwise ? 2 : -1));
  return [Math.sqrt((shape.length === 4 && !isDepthwise ? 6 : 3) / fanIn), 0];
}

/** The length of a tensor, and its product with the numbers of a name. */
export function digest(name: string, { data }: Tensor): readonly [norm: number, product: number] {
  const key = keyOf(`${name}/probe`);
  let [squares, product] = [0, 0];
  for (let e = 0; e < data.length; e++) {
    squares += data[e] ** 2;
    product += data[e] * numberAt(key, e);
  }
  return [Math.sqrt(squares), product];
}
