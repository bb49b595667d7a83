import {
  Activation,
  AveragePooling2D,
  Conv2D,
  Cropping2D,
  Dense,
  Flatten,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  type Layer,
  LocalResponseNormalization,
  MaxPooling2D,
  Permute,
  Reshape,
  Softmax,
  SpatialDropout2D,
  UpSampling2D,
  ZeroPadding2D,
} from "../layers/index.ts";
import { WhileTraining } from "../layers/while-training.ts";
import { type Shape, sizeOf } from "../tensor.ts";
import type { Axis } from "../window.ts";
import { elementwise, softmaxOfShifted } from "./activations.ts";
import { seeds } from "./arbitraries.ts";
import { batchInvariance } from "./batch.ts";
import { flattening, permutationInvariance } from "./dense.ts";
import { gradients } from "./gradient-check.ts";
import type { Law } from "./law.ts";
import { adjointness, linearity } from "./linear.ts";
import { toeplitz } from "./matrix.ts";
import { maximumIsOneOfThem, meanOfWindow, seesNoPlace, slicesAreIndependent } from "./pooling.ts";
import { receptiveFieldIsSeen } from "./receptive-field.ts";
import { reshapingKeepsOrder } from "./resizing.ts";
import { outputSize } from "./shapes.ts";
import { LayerCase } from "./subject.ts";
import { translationEquivariance } from "./translation.ts";

/** A matrix of more entries than this takes too long to build again and again. */
const MATRIX = 2 ** 20;
/** Of dense layers the law of the gradients moves every weight by itself; of larger ones `gradientCheck` takes some. */
const WEIGHTS = 500;

/**
 * The laws that a layer of the library has to obey, and any layer: with the layer's own options, on drawn weights; it has
 * its own again afterwards.
 *
 * ```ts
 * for (const law of lawsFor(new MaxPooling2D(), [1, 28, 28, 6])) check(law, { numRuns: 20 });
 * ```
 * @param inputShape of its x, with the batch; for layers with a window a smaller image will do
 */
export function lawsFor(layer: Layer, inputShape: Shape): Law[] {
  layer.build(inputShape);
  const shape = smallShape(layer, inputShape);
  const unit = unitOf(layer, shape);
  const cases = seeds.map((seed) => new LayerCase(() => layer, shape, seed, unit));
  const activation = activationOf(layer);
  const isExact = activation === "linear" || activation === "relu";
  const laws: Law[] = [];
  const weights = layer.parameters.reduce((sum, { value }) => sum + value.size, 0);
  if (weights + sizeOf(shape) <= WEIGHTS)
    laws.push(gradients(cases, undefined, { training: layer instanceof WhileTraining }));
  laws.push(batchInvariance(cases, undefined, { parameters: isExact }));
  if (layer.windowOver(shape)) {
    laws.push(outputSize(cases), translationEquivariance(cases));
    if (activation !== "sigmoid" && activation !== "tanh" && activation !== "softmax")
      laws.push(receptiveFieldIsSeen(cases));
  }
  const isLinear = layer instanceof Conv2D || layer instanceof Dense;
  if (LINEAR.some((kind) => layer instanceof kind) || (isLinear && activation === "linear")) {
    laws.push(linearity(cases), adjointness(cases));
  }
  if (layer instanceof Conv2D && activation === "linear") {
    const entries = sizeOf(shape.slice(1)) * sizeOf(layer.outputShape(shape).slice(1));
    if (entries <= MATRIX) laws.push(toeplitz(cases));
  }
  if (layer instanceof UpSampling2D) laws.push(receptiveFieldIsSeen(cases));
  if (layer instanceof LocalResponseNormalization) laws.push(translationEquivariance(cases));
  if (layer instanceof Dense) laws.push(permutationInvariance(cases));
  if (layer instanceof Flatten) laws.push(flattening(() => layer));
  if (layer instanceof Flatten || layer instanceof Reshape) laws.push(reshapingKeepsOrder(cases));
  if (layer instanceof MaxPooling2D) laws.push(slicesAreIndependent(cases), maximumIsOneOfThem(cases));
  if (layer instanceof AveragePooling2D) laws.push(slicesAreIndependent(cases), meanOfWindow(cases));
  if (layer instanceof GlobalAveragePooling2D || layer instanceof GlobalMaxPooling2D) laws.push(seesNoPlace(cases));
  const isSoftmax = layer instanceof Softmax || (layer instanceof Activation && activation === "softmax");
  if (isSoftmax) laws.push(softmaxOfShifted(() => layer));
  else if (ELEMENTWISE.includes(layer.kind)) laws.push(elementwise(() => layer));
  return laws;
}

/** Layers that are linear whatever their options. */
const LINEAR: readonly (new (options: never) => Layer)[] = [
  ...[AveragePooling2D, GlobalAveragePooling2D, UpSampling2D],
  ...[Cropping2D, Flatten, Permute, Reshape, ZeroPadding2D],
];

const ELEMENTWISE: readonly string[] = ["Activation", "ReLU", "LeakyReLU", "ELU", "Sigmoid", "Tanh"];

/** Layers that take images of any size: what holds for large ones can be asked of small ones. */
const ANY_SIZE: readonly (new (options: never) => Layer)[] = [
  ...[GlobalAveragePooling2D, GlobalMaxPooling2D, UpSampling2D, SpatialDropout2D, LocalResponseNormalization],
];
const SMALL = 5;

/**
 * Two images of three windows a direction where there is a window, small ones where any will do, and two examples as they
 * are otherwise.
 */
export function smallShape(layer: Layer, inputShape: Shape): Shape {
  const window = layer.windowOver(inputShape);
  const [, height, width, channels] = inputShape;
  if (ANY_SIZE.some((kind) => layer instanceof kind)) {
    return [2, Math.min(height, SMALL), Math.min(width, SMALL), channels];
  }
  if (!window) return [2, ...inputShape.slice(1)];
  const cut = ({ before, after }: Axis) => Math.max(0, -before) + Math.max(0, -after);
  const side = (axis: Axis) => axis.dilation * (axis.kernel - 1) + 1 + 2 * axis.stride + cut(axis);
  return [2, side(window.rows), side(window.columns), inputShape[3]];
}

/** The name of the function that closes a layer; "linear" where there is none. */
function activationOf({ options }: Layer): string {
  const { activation = "linear" } = options as { activation?: string | { name: string } };
  return typeof activation === "string" ? activation : activation.name;
}

/** What the numbers of a case have to be multiples of, so that nothing is rounded. */
function unitOf(layer: Layer, shape: Shape): number {
  if (layer instanceof AveragePooling2D) return cellCounts(layer, shape);
  if (layer instanceof GlobalAveragePooling2D) return shape[1] * shape[2];
  if (layer instanceof UpSampling2D) return (4 * sizeOf(layer.outputShape(shape))) / sizeOf(shape);
  return 1;
}

/** Divisible by every number of cells that a window of this pooling can have inside of an image. */
function cellCounts(layer: Layer, shape: Shape): number {
  const { rows, columns } = layer.windowOver(shape)!;
  return leastCommonMultiple(rows.kernel) * leastCommonMultiple(columns.kernel);
}

/** Of 1 … n. */
function leastCommonMultiple(n: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let result = 1;
  for (let k = 2; k <= n; k++) result = (result * k) / divisor(result, k);
  return result;
}
