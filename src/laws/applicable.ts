import {
  Activation,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Flatten,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  type Layer,
  LocalResponseNormalization,
  MaxPooling1D,
  MaxPooling2D,
  Permute,
  Reshape,
  SeparableConv2D,
  Softmax,
  SpatialDropout2D,
  Subsampling2D,
  TableConv2D,
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
import { OneRow } from "./sequences.ts";
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
  const { over, shape } = asImages(layer, smallShape(layer, inputShape));
  const unit = unitOf(over, shape, layer);
  const cases = seeds.map((seed) => new LayerCase(() => over, shape, seed, unit));
  const activation = activationOf(layer);
  const isExact = activation === "linear" || activation === "relu";
  const laws: Law[] = [];
  const weights = layer.parameters.reduce((sum, { value }) => sum + value.size, 0);
  if (weights + sizeOf(shape) <= WEIGHTS)
    laws.push(gradients(cases, undefined, { training: differsInTraining(layer) }));
  // Of a normalisation even the moving mean and variance are no whole numbers.
  laws.push(batchInvariance(cases, undefined, { parameters: isExact && !(layer instanceof BatchNormalization) }));
  if (over.windowOver(shape)) laws.push(outputSize(cases), translationEquivariance(cases));
  const saturates =
    activation === "sigmoid" || activation === "tanh" || activation === "scaledTanh" || activation === "softmax";
  const hasSight = over.windowOver(shape) ?? over.transposedWindowOver(shape);
  if (hasSight && !saturates) laws.push(receptiveFieldIsSeen(cases));
  if (isOneOf(layer, LINEAR) || (isOneOf(layer, LINEAR_BEFORE_ACTIVATION) && activation === "linear")) {
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
  if (isOneOf(layer, [Flatten, Reshape])) laws.push(reshapingKeepsOrder(cases));
  if (isOneOf(layer, MAXIMA)) laws.push(slicesAreIndependent(cases), maximumIsOneOfThem(cases));
  if (isOneOf(layer, MEANS)) laws.push(slicesAreIndependent(cases), meanOfWindow(cases));
  if (isOneOf(layer, [...OVER_STEPS, GlobalAveragePooling2D, GlobalMaxPooling2D])) laws.push(seesNoPlace(cases));
  const isSoftmax = layer instanceof Softmax || (layer instanceof Activation && activation === "softmax");
  if (isSoftmax) laws.push(softmaxOfShifted(() => layer));
  else if (ELEMENTWISE.includes(layer.kind)) laws.push(elementwise(() => layer));
  return laws;
}

type Kinds = readonly (new (options: never) => Layer)[];

const isOneOf = (layer: Layer, kinds: Kinds): boolean => kinds.some((kind) => layer instanceof kind);

const MAXIMA: Kinds = [MaxPooling1D, MaxPooling2D];
const MEANS: Kinds = [AveragePooling1D, AveragePooling2D];
/** Global pooling of sequences. */
const OVER_STEPS: Kinds = [GlobalAveragePooling1D, GlobalMaxPooling1D];
/** Layers that are linear whatever their options. */
const LINEAR: Kinds = [
  ...[...MEANS, GlobalAveragePooling1D, GlobalAveragePooling2D, UpSampling2D],
  ...[Cropping2D, Flatten, Permute, Reshape, ZeroPadding2D],
];
const LINEAR_BEFORE_ACTIVATION: Kinds = [
  ...[Conv1D, Conv2D, Conv2DTranspose, Dense, DepthwiseConv2D, SeparableConv2D, Subsampling2D, TableConv2D],
];
const ELEMENTWISE: readonly string[] = ["Activation", "ReLU", "LeakyReLU", "ELU", "Sigmoid", "Tanh"];

/** Layers that take images of any size: what holds for large ones can be asked of small ones. */
const ANY_SIZE: Kinds = [
  ...[GlobalAveragePooling2D, GlobalMaxPooling2D, UpSampling2D, SpatialDropout2D, LocalResponseNormalization],
];
const SMALL = 5;

/** Whether a layer does something else while it is trained, and its gradients are to be checked then. */
export function differsInTraining(layer: Layer): boolean {
  return layer instanceof WhileTraining || layer instanceof BatchNormalization;
}

/**
 * Two images of three windows a direction where there is a window, small ones where any will do, and two examples as they
 * are otherwise.
 */
export function smallShape(layer: Layer, inputShape: Shape): Shape {
  const window = layer.windowOver(inputShape);
  const transposed = layer.transposedWindowOver(inputShape);
  const [, height, width, channels] = inputShape;
  if (isOneOf(layer, ANY_SIZE)) return [2, Math.min(height, SMALL), Math.min(width, SMALL), channels];
  if (isOneOf(layer, OVER_STEPS)) return [2, Math.min(inputShape[1], SMALL), inputShape[2]];
  if (transposed) {
    // Padding cuts off of y, so something has to be left.
    const least = ({ output, before, after, stride }: Axis) =>
      Math.min(output, 3 + Math.ceil((before + after) / stride));
    return [2, least(transposed.rows), least(transposed.columns), channels];
  }
  if (!window) return [2, ...inputShape.slice(1)];
  const cut = ({ before, after }: Axis) => Math.max(0, -before) + Math.max(0, -after);
  const side = (axis: Axis) => axis.dilation * (axis.kernel - 1) + 1 + 2 * axis.stride + cut(axis);
  const rows = inputShape.length === 3 ? [] : [side(window.rows)];
  return [2, ...rows, side(window.columns), inputShape[inputShape.length - 1]];
}

/** A layer over sequences as one over images of one row, which laws about windows are about; any other as it is. */
function asImages(layer: Layer, shape: Shape): { over: Layer; shape: Shape } {
  const overSteps = layer.windowOver(shape) || isOneOf(layer, OVER_STEPS);
  if (shape.length !== 3 || !overSteps) return { over: layer, shape };
  return { over: new OneRow(layer), shape: [shape[0], 1, shape[1], shape[2]] };
}

/** The name of the function that closes a layer; "linear" where there is none. */
function activationOf({ options }: Layer): string {
  const { activation = "linear" } = options as { activation?: string | { name: string } };
  return typeof activation === "string" ? activation : activation.name;
}

/** What the numbers of a case have to be multiples of, so that nothing is rounded. @param over the layer, over images */
function unitOf(over: Layer, shape: Shape, layer: Layer): number {
  if (isOneOf(layer, MEANS)) return cellCounts(over, shape);
  if (layer instanceof Subsampling2D) return cells(over, shape);
  if (isOneOf(layer, [GlobalAveragePooling1D, GlobalAveragePooling2D])) return shape[1] * shape[2];
  if (layer instanceof UpSampling2D) return (4 * sizeOf(layer.outputShape(shape))) / sizeOf(shape);
  return 1;
}

/** The cells of a window, none of which is outside of the image. */
function cells(layer: Layer, shape: Shape): number {
  const { rows, columns } = layer.windowOver(shape)!;
  return rows.kernel * columns.kernel;
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
