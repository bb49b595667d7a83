import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Random } from "../src/random.ts";
import type { LayerSpec, NetworkSpec } from "./protocol.ts";

/** A convolution with its relu; strides 1 and padding that keeps the size ("same") unless told otherwise. */
function conv(
  filters: number,
  kernel: number,
  { stride = 1, padding = (kernel - 1) / 2, relu = true } = {},
): LayerSpec {
  return { type: "conv", filters, kernel, stride, padding, relu };
}

function maxPool(size: number, stride = size, padding = 0): LayerSpec {
  return { type: "maxPool", size, stride, padding };
}

function dense(units: number, relu = true): LayerSpec {
  return { type: "dense", units, relu };
}

/** Two 3×3 convolutions with a way around them (He et al. 2015); batch normalisation is folded into the convolutions. */
function basicBlock(filters: number, stride: number): LayerSpec {
  const body = [conv(filters, 3, { stride }), conv(filters, 3, { relu: false })];
  return { type: "residual", body, shortcut: stride === 1 ? [] : [conv(filters, 1, { stride, relu: false })] };
}

export const leNet: NetworkSpec = {
  name: "LeNet",
  input: [28, 28, 1],
  layers: [
    conv(6, 5),
    maxPool(2),
    conv(16, 5, { padding: 0 }),
    maxPool(2),
    { type: "flatten" },
    dense(120),
    dense(84),
    dense(10, false),
  ],
};

export const vggSmall: NetworkSpec = {
  name: "VGG-small",
  input: [32, 32, 3],
  layers: [
    conv(32, 3),
    conv(32, 3),
    maxPool(2),
    conv(64, 3),
    conv(64, 3),
    maxPool(2),
    { type: "flatten" },
    dense(128),
    { type: "dropout", rate: 0.5 },
    dense(10, false),
  ],
};

/** Krizhevsky 2014 ("one weird trick"), as torchvision has it. */
export const alexNet: NetworkSpec = {
  name: "AlexNet",
  input: [224, 224, 3],
  layers: [
    conv(64, 11, { stride: 4, padding: 2 }),
    maxPool(3, 2),
    conv(192, 5),
    maxPool(3, 2),
    conv(384, 3),
    conv(256, 3),
    conv(256, 3),
    maxPool(3, 2),
    { type: "flatten" },
    dense(4096),
    dense(4096),
    dense(1000, false),
  ],
};

export const resNet18: NetworkSpec = {
  name: "ResNet-18",
  input: [224, 224, 3],
  layers: [
    conv(64, 7, { stride: 2 }),
    maxPool(3, 2, 1),
    ...[64, 128, 256, 512].flatMap((filters) => [basicBlock(filters, filters === 64 ? 1 : 2), basicBlock(filters, 1)]),
    { type: "globalAverage" },
    { type: "flatten" },
    dense(1000, false),
  ],
};

export type Shape3 = readonly [height: number, width: number, channels: number];

/** The shape after a layer. A flattened image is [1, 1, n]. */
export function shapeAfter([height, width, channels]: Shape3, layer: LayerSpec): Shape3 {
  const slide = (size: number, kernel: number, stride: number, padding: number) =>
    Math.floor((size + 2 * padding - kernel) / stride) + 1;
  switch (layer.type) {
    case "conv": {
      const { kernel, stride, padding, filters } = layer;
      return [slide(height, kernel, stride, padding), slide(width, kernel, stride, padding), filters];
    }
    case "maxPool": {
      const { size, stride, padding } = layer;
      return [slide(height, size, stride, padding), slide(width, size, stride, padding), channels];
    }
    case "globalAverage":
      return [1, 1, channels];
    case "flatten":
      return [1, 1, height * width * channels];
    case "dense":
      return [1, 1, layer.units];
    case "dropout":
      return [height, width, channels];
    case "residual":
      return layer.body.reduce(shapeAfter, [height, width, channels] as Shape3);
  }
}

/** Shapes of all weights in the order of the layers (body before shortcut): kernel [KH,KW,C,F] or [in,out], then bias. */
export function weightShapes(layers: readonly LayerSpec[], input: Shape3): number[][] {
  const shapes: number[][] = [];
  let shape = input;
  for (const layer of layers) {
    if (layer.type === "conv") shapes.push([layer.kernel, layer.kernel, shape[2], layer.filters], [layer.filters]);
    if (layer.type === "dense") shapes.push([shape[2], layer.units], [layer.units]);
    if (layer.type === "residual") {
      shapes.push(...weightShapes(layer.body, shape), ...weightShapes(layer.shortcut, shape));
    }
    shape = shapeAfter(shape, layer);
  }
  return shapes;
}

export interface NetworkData {
  readonly weights: { readonly shape: number[]; readonly data: Float32Array }[];
  /** All images, one after the other, NHWC. */
  readonly images: Float32Array;
  readonly labels: Float32Array;
}

/**
 * Writes what all contestants start from, as float32 one after the other: the weights (He, uniform; biases 0), `count`
 * images, their labels. An image is its class' pattern under noise and every tenth label is wrong, so that training goes
 * somewhere but never ends.
 */
export function writeData(file: string, network: NetworkSpec, count: number): void {
  const random = new Random(3);
  const parts: Float32Array[] = [];
  for (const shape of weightShapes(network.layers, network.input)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const bound = shape.length === 1 ? 0 : Math.sqrt((6 * shape.at(-1)!) / size);
    parts.push(Float32Array.from({ length: size }, () => bound * (2 * random.uniform() - 1)));
  }
  const pixels = network.input[0] * network.input[1] * network.input[2];
  const patterns = Float32Array.from({ length: 10 * pixels }, () => random.uniform());
  const [images, labels] = [new Float32Array(count * pixels), new Float32Array(count)];
  for (let n = 0; n < count; n++) {
    const pattern = random.below(10);
    labels[n] = random.below(10) === 0 ? random.below(10) : pattern;
    for (let e = 0; e < pixels; e++) images[n * pixels + e] = (patterns[pattern * pixels + e] + random.uniform()) / 2;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Buffer.concat([...parts, images, labels].map(({ buffer }) => new Uint8Array(buffer))));
}

export function readData(file: string, network: NetworkSpec, count: number): NetworkData {
  const { buffer, byteOffset, length } = readFileSync(file); // as large as it is, it has a buffer of its own
  const all = new Float32Array(buffer, byteOffset, length / 4);
  let at = 0;
  const take = (size: number) => all.subarray(at, (at += size));
  const weights = weightShapes(network.layers, network.input).map((shape) => {
    return { shape, data: take(shape.reduce((a, b) => a * b, 1)) };
  });
  const [height, width, channels] = network.input;
  return { weights, images: take(count * height * width * channels), labels: take(count) };
}
