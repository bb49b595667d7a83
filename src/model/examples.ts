import { fail, finiteNumber, NeocogError } from "../errors.ts";
import type { Loss } from "../losses/index.ts";
import { largest } from "../metrics/metric.ts";
import { type DType, type NestedNumbers, type Shape, sizeOf, Tensor, tensor } from "../tensor.ts";

type IntegerArray = Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array;
/** What a model takes for x and y: a tensor, nested arrays, or (for one number per example) a typed array. */
export type Data = Tensor | NestedNumbers | Float32Array | Float64Array | IntegerArray;

/** How much examples count: by class number, or one number for each. */
export type ClassWeight = Readonly<Record<number, number>>;

/** Weights as the user gives them. */
export interface WeightOptions {
  /** How much each class counts in the loss: `{ 0: 1, 1: 5 }`; classes left out count 1. */
  classWeight?: ClassWeight;
  /** How much each example counts in the loss: one number each. */
  sampleWeight?: Data;
}

/** Inputs and targets that belong together, checked once; batches are gathered from it by row. */
export interface Examples {
  readonly count: number;
  readonly x: Tensor;
  /** In the shape that the loss' kernel wants. */
  readonly targets: Tensor;
  /** How many rows of y an example has: 1, or its pixels where each pixel has a class. */
  readonly rows: number;
  /** One weight for each row, or nothing where all are 1. */
  readonly weights: Tensor | undefined;
}

/** @throws NeocogError where x is empty, is not finite, or has another shape than [n, ...inputShape]. */
export function checkInputs(where: string, x: Tensor, inputShape: Shape): void {
  const fits =
    x.shape.length === inputShape.length + 1 && inputShape.every((length, axis) => length === x.shape[axis + 1]);
  if (!fits) {
    const count = x.size / sizeOf(inputShape);
    const reshape = Number.isInteger(count) ? `; x.reshape([${[count, ...inputShape]}]) has it` : "";
    fail(where, "the shape of x", x.shape, `the model takes [n, ${inputShape.join(", ")}]${reshape}`);
  }
  if (x.shape[0] === 0) fail(where, "the number of examples", 0, "give at least one");
  checkFinite(where, "x", x);
}

/** @throws NeocogError where x and y do not belong together, or a label is impossible. */
export function checkExamples(
  where: string,
  x: Tensor,
  y: Data,
  loss: Loss,
  outputShape: Shape,
  options: WeightOptions = {},
): Examples {
  const labels = toTensor(where, "y", y, x.dtype);
  const count = x.shape[0];
  if (labels.shape[0] !== count) {
    fail(where, "the number of rows of y", labels.shape[0], `x has ${count}; give one for each`);
  }
  checkFinite(where, "y", labels);
  const targets = loss.prepare(labels, [count, ...outputShape]);
  const rows = sizeOf(outputShape.slice(0, -1));
  return { count, x, targets, rows, weights: weightsOf(where, targets, loss, [count, rows], options) };
}

/** The examples begin … end−1; nothing is copied. */
export function sliceExamples(examples: Examples, begin: number, end: number): Examples {
  const { x, targets, weights, rows } = examples;
  return {
    count: end - begin,
    x: sliceRows(x, begin, end),
    targets: sliceRows(targets, begin, end),
    weights: weights && sliceRows(weights, begin, end),
    rows,
  };
}

/** Copies rows order[from], order[from+1] … (without an order: from, from+1 …) of a tensor into all of another. */
export function gatherRows(into: Tensor, source: Tensor, order: Uint32Array | undefined, from: number): void {
  const [to, data] = [into.data, source.data];
  const count = into.shape[0];
  const length = into.size / count;
  if (!order) {
    to.set(data.subarray(from * length, (from + count) * length));
    return;
  }
  for (let n = 0; n < count; n++) {
    const start = order[from + n] * length;
    if (length === 1) to[n] = data[start];
    else to.set(data.subarray(start, start + length), n * length);
  }
}

/** What the user gave for an argument, as a tensor; a typed array of floats is not copied. */
export function toTensor(where: string, argument: string, data: Data, dtype: DType): Tensor {
  if (data instanceof Tensor) return data;
  if (data instanceof Float32Array || data instanceof Float64Array) return tensor(data);
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return tensor(Float32Array.from(data as IntegerArray));
  if (!Array.isArray(data)) fail(where, argument, data, "give a tensor, (nested) arrays of numbers, or a typed array");
  return tensor(data, undefined, dtype);
}

function sliceRows({ shape, size, storage }: Tensor, begin: number, end: number): Tensor {
  const length = size / shape[0];
  return new Tensor([end - begin, ...shape.slice(1)], storage.slice(begin * length, (end - begin) * length));
}

/** One look at every number before training costs less than one step and saves a NaN that shows up hours later. */
function checkFinite(where: string, argument: string, { data, shape }: Tensor): void {
  let wrong = 0;
  while (wrong < data.length && Number.isFinite(data[wrong])) wrong++;
  if (wrong === data.length) return;
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = wrong; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  fail(where, `${argument}[${index.join(", ")}]`, data[wrong], "remove or replace numbers that are not finite");
}

function weightsOf(
  where: string,
  targets: Tensor,
  loss: Loss,
  [count, rows]: readonly [number, number],
  { classWeight, sampleWeight }: WeightOptions,
): Tensor | undefined {
  if (classWeight === undefined && sampleWeight === undefined) return undefined;
  const weights = new Float64Array(count * rows).fill(1);
  if (sampleWeight !== undefined) {
    const each = toTensor(where, "sampleWeight", sampleWeight, "float64");
    if (each.size !== count) fail(where, "the number of sampleWeight", each.size, `x has ${count}; give one for each`);
    each.data.forEach((value, n) => {
      weights.fill(finiteNumber(where, `sampleWeight[${n}]`, value, 0), n * rows, (n + 1) * rows);
    });
  }
  if (classWeight !== undefined) {
    if (typeof classWeight !== "object" || classWeight === null) {
      fail(where, "classWeight", classWeight, "give an object { class: weight, … }");
    }
    const classes = targets.size / weights.length;
    if (!loss.sparse && classes === 1)
      throw new NeocogError(`${where}: classWeight needs classes; use sampleWeight instead`);
    for (const [name, value] of Object.entries(classWeight)) finiteNumber(where, `classWeight[${name}]`, value, 0);
    const { data } = targets;
    for (let r = 0; r < weights.length; r++) {
      weights[r] *= classWeight[loss.sparse ? data[r] : largest(data, r * classes, classes)] ?? 1;
    }
  }
  return tensor(weights, [count, rows]);
}
