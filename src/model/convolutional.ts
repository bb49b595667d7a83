import { fail } from "../errors.ts";
import { AveragePooling2D } from "../layers/average-pooling2d.ts";
import { Concatenate } from "../layers/concatenate.ts";
import { Conv2D } from "../layers/conv2d.ts";
import { Dense } from "../layers/dense.ts";
import type { Layer } from "../layers/layer.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { input, type SymbolicTensor } from "../layers/symbolic.ts";
import type { Shape } from "../tensor.ts";
import { Model } from "./model.ts";

/** What stands for a value of the model: an image, also where the value is a row of numbers. */
interface Scanned {
  readonly x: SymbolicTensor;
  /** [height, width, channels] on the model's own size: how much of `x` one window has. */
  readonly own: Shape;
}

/**
 * A trained classifier of small images as a network that scans large ones: the dense layers become convolutions with the
 * same weights, so that all windows are looked at in one pass, and share what they have in common.                    D8
 *   Dense behind Flatten of [h,w,C]   Conv2D of h × w, w[p,q,c,b] = dense[(p·w + q)·C + c, b];   other Dense: Conv2D of 1 × 1
 *   global pooling of [h,w,C]         pooling of h × w with strides of 1
 *
 * Output (i, j) is what the model gives for the part of the image that begins at row i·s and column j·s, where s is the
 * product of all strides; on the model's own size it is the model's output. That is so without padding. With padding it is
 * so but for the windows' edges, where the model sees zeros and the scan sees the image.
 *
 * The weights are copies: neither of the two networks changes with the other. Initializers and regularizers of dense
 * layers are not taken over.
 *
 * ```ts
 * const model = new Sequential(
 *   [new Conv2D({ filters: 6, kernelSize: 5 }), new MaxPooling2D(), new Flatten(), new Dense({ units: 10 })],
 *   { inputShape: [28, 28, 1] },
 * );
 * convolutional(model, [96, 96, 1]).outputShape; // [35, 35, 10]: windows at every second pixel
 * ```
 * Sermanet et al., "OverFeat", ICLR 2014, section 3.5; Long, Shelhamer & Darrell, "Fully convolutional networks", 2015.
 *
 * @param inputShape [height, width, channels] of the large images
 * @throws NeocogError for a model without one image as its input, and for layers that do not scan, such as Reshape.
 */
export function convolutional(model: Model, inputShape: Shape): Model {
  if (!(model instanceof Model)) fail("convolutional", "model", model, "give a Model or a Sequential");
  const { graph, inputs, listed } = model.connection;
  if (inputs.length !== 1 || inputs[0].shape.length !== 3) {
    const shapes = inputs.map(({ shape }) => shape);
    fail("convolutional", "the shapes of the model's inputs", shapes, "give one that takes an image");
  }
  const [port] = inputs;
  checkSize(inputShape, port.shape);
  const twins = new Map<Layer, Layer>();
  const twin = (layer: Layer, make: () => Layer): Layer => {
    if (!twins.has(layer)) twins.set(layer, make());
    return twins.get(layer)!;
  };
  const begin = input({ shape: inputShape, name: port.name });
  const values: Scanned[] = [{ x: begin, own: port.shape }];
  for (const { layer, inputs: taken, shape } of graph.nodes) {
    const given = taken.map((value) => values[value]);
    const [{ x, own }] = given;
    const isRow = shape.length === 1;
    if (layer.kind === "Flatten") {
      values.push(given[0]);
      continue;
    }
    const scan = twin(layer, () => scanning(layer, own, isRow));
    const scanned = given.length > 1 ? scan.apply(given.map((value) => value.x)) : scan.apply(x);
    const keeps = isRow && !REDUCING.includes(layer.kind) && layer.kind !== "Concatenate";
    values.push({ x: scanned, own: isRow ? (keeps ? own : [1, 1, shape[0]]) : shape });
  }
  const outputs = graph.outputs.map((value) => values[value].x);
  const scan = new Model({
    inputs: listed.inputs ? [begin] : begin,
    outputs: listed.outputs ? outputs : outputs[0],
    name: model.name,
    seed: model.seed,
  });
  for (const [layer, copy] of twins) {
    const weights = layer.parameters.map(({ value }, index) => value.copy().reshape(copy.parameters[index].shape));
    if (weights.length > 0) copy.setWeights(weights);
    copy.trainable = layer.trainable;
  }
  return scan as Model;
}

/** What makes a row of numbers of an image, or another row. */
const REDUCING: readonly string[] = ["Dense", "GlobalAveragePooling2D", "GlobalMaxPooling2D"];
/** What treats each number of a row by itself, and so may come between Flatten and Dense. */
const SINGLE: readonly string[] = ["Activation", "Add", "Dropout", "ELU", "GaussianNoise", "LeakyReLU", "Multiply", "ReLU", "Sigmoid", "Tanh"]; // biome-ignore format: a list
/** What treats a row as a whole, as a pixel's channels are treated. */
const WHOLE: readonly string[] = ["BatchNormalization", "Concatenate", "Softmax"];
/** What does not keep images where they are. */
const MOVING: readonly string[] = ["Permute", "Reshape"];

/** The layer that does at every place what this one does for one window. */
function scanning(layer: Layer, own: Shape, isRow: boolean): Layer {
  const { kind, name } = layer;
  const [height, width] = own;
  if (layer instanceof Dense) {
    const { units, activation, useBias } = layer.options;
    return new Conv2D({ filters: units, kernelSize: [height, width], activation, useBias, name });
  }
  const window = { poolSize: [height, width], strides: 1, name } as const;
  if (kind === "GlobalAveragePooling2D") return new AveragePooling2D(window);
  if (kind === "GlobalMaxPooling2D") return new MaxPooling2D(window);
  const onePixel = height === 1 && width === 1;
  const wholeRow = WHOLE.includes(kind) || closesWithSoftmax(layer);
  const refused = isRow ? !(SINGLE.includes(kind) || wholeRow) || (wholeRow && !onePixel) : MOVING.includes(kind);
  if (refused) {
    const where = isRow ? `between ${onePixel ? "dense layers" : "Flatten and Dense"}` : "on images";
    fail("convolutional", `the kind of ${name}`, kind, `it does not scan ${where}; leave it out of the model`);
  }
  if (isRow && kind === "Concatenate") return new Concatenate({ name });
  const Kind = layer.constructor as new (options: object) => Layer;
  return new Kind({ ...layer.options, name });
}

function closesWithSoftmax(layer: Layer): boolean {
  return layer.logits()?.closing === "softmax";
}

function checkSize(inputShape: Shape, own: Shape): void {
  const remedy = `give [height, width, ${own[2]}], no smaller than the model's [${own}]`;
  const isImage = Array.isArray(inputShape) && inputShape.length === 3 && inputShape.every(Number.isInteger);
  if (!isImage || inputShape[2] !== own[2] || inputShape[0] < own[0] || inputShape[1] < own[1]) {
    fail("convolutional", "inputShape", inputShape, remedy);
  }
}
