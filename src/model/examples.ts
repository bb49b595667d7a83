import { fail, finiteNumber, NeocogError } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Loss } from "../losses/index.ts";
import { largest } from "../metrics/metric.ts";
import { type DType, type NestedNumbers, type Shape, sizeOf, Tensor, tensor, zeros } from "../tensor.ts";
import type { Objective } from "./objectives.ts";
import { byName, inOrder, isRecord } from "./structure.ts";

/** Numbers that are looked at together: kernels copy what is not in their memory. */
const PIECE = 65536;

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

/** What an output is to be, checked once. */
export interface Targets {
  /** In the shape that the loss' kernel wants. */
  readonly targets: Tensor;
  /** How many rows of y an example has: 1, or its pixels where each pixel has a class. */
  readonly rows: number;
  /** One weight for each row, or nothing where all are 1. */
  readonly weights: Tensor | undefined;
}

/** Inputs and targets that belong together, checked once; batches are gathered from it by row. */
export interface Examples {
  readonly count: number;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Targets[];
}

/** A place of a model that data is given for: its name, and its shape for one example. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * What the user gave for x or y, as a list in the order of the names: a list or an object by name; where there is one
 * name only, and it was not made with a list, also the data itself.
 */
export function dataOf(
  where: string,
  argument: string,
  given: unknown,
  names: readonly string[],
  listed: boolean,
): Data[] {
  if (isRecord(given)) return byName(where, argument, given as Record<string, Data>, names);
  if (Array.isArray(given) && listed) return [...(inOrder(where, argument, given, names) as Data[])];
  if (names.length === 1) return [given as Data];
  return fail(where, argument, given, `give a list, or an object by name: ${names.join(", ")}`);
}

/** @throws NeocogError where an x is empty, is not finite, or has another shape than [n, ...shape], or numbers differ. */
export function checkInputs(where: string, xs: readonly Tensor[], inputs: readonly Port[], kernels: Kernels): void {
  xs.forEach((x, index) => {
    const { name, shape } = inputs[index];
    const argument = inputs.length === 1 ? "x" : `x.${name}`;
    const fits = x.shape.length === shape.length + 1 && shape.every((length, axis) => length === x.shape[axis + 1]);
    if (!fits) {
      const count = x.size / sizeOf(shape);
      const reshape = Number.isInteger(count) ? `; x.reshape([${[count, ...shape]}]) has it` : "";
      fail(where, `the shape of ${argument}`, x.shape, `the model takes [n, ${shape.join(", ")}]${reshape}`);
    }
    if (x.shape[0] === 0) fail(where, "the number of examples", 0, "give at least one");
    if (x.shape[0] !== xs[0].shape[0]) {
      const remedy = `x.${inputs[0].name} has ${xs[0].shape[0]}; give as many`;
      fail(where, `the number of examples in ${argument}`, x.shape[0], remedy);
    }
    checkFinite(where, argument, x, kernels);
  });
}

/** @throws NeocogError where x and y do not belong together, or a label is impossible. */
export function checkExamples(
  where: string,
  inputs: readonly Tensor[],
  ys: readonly Data[],
  objectives: readonly Objective[],
  outputShapes: readonly Shape[],
  kernels: Kernels,
  options: WeightOptions = {},
): Examples {
  if (options.classWeight !== undefined && objectives.length > 1) {
    throw new NeocogError(`${where}: classWeight is for models with one output; use sampleWeight instead`);
  }
  const count = inputs[0].shape[0];
  const outputs = objectives.map(({ output, loss }, index): Targets => {
    const argument = objectives.length === 1 ? "y" : `y.${output}`;
    const labels = toTensor(where, argument, ys[index], inputs[0].dtype);
    if (labels.shape[0] !== count) {
      fail(where, `the number of rows of ${argument}`, labels.shape[0], `x has ${count}; give one for each`);
    }
    checkFinite(where, argument, labels, kernels);
    const targets = loss.prepare(labels, [count, ...outputShapes[index]]);
    const rows = sizeOf(outputShapes[index].slice(0, -1));
    return { targets, rows, weights: weightsOf(where, targets, loss, [count, rows], options) };
  });
  return { count, inputs, outputs };
}

/** The examples begin … end−1; nothing is copied. */
export function sliceExamples({ inputs, outputs }: Examples, begin: number, end: number): Examples {
  return {
    count: end - begin,
    inputs: inputs.map((x) => sliceRows(x, begin, end)),
    outputs: outputs.map(({ targets, rows, weights }) => {
      return { targets: sliceRows(targets, begin, end), rows, weights: weights && sliceRows(weights, begin, end) };
    }),
  };
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
function checkFinite(where: string, argument: string, x: Tensor, kernels: Kernels): void {
  if (hasFiniteSums(x, kernels)) return;
  const { data, shape } = x;
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  // Sums of finite numbers can be too large.
  if (wrong < 0) return;
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = wrong; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  fail(where, `${argument}[${index.join(", ")}]`, data[wrong], "remove or replace numbers that are not finite");
}

/** No sum of numbers is finite that are not; kernels form one in a fifth of the time that a loop here takes. */
function hasFiniteSums({ size, storage }: Tensor, kernels: Kernels): boolean {
  const sum = zeros([1], kernels.dtype);
  for (let start = 0; start < size; start += PIECE) {
    const length = Math.min(PIECE, size - start);
    kernels.sum(sum, new Tensor([length], storage.slice(start, length)));
    if (!Number.isFinite(sum.data[0])) return false;
  }
  return true;
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
