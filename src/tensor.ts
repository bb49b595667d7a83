import { fail, NeocogError } from "./errors.ts";

/** The numbers of a tensor: float32 everywhere, float64 where the reference is asked for it. */
export type FloatArray = Float32Array | Float64Array;
export type DType = "float32" | "float64";
export type Shape = readonly number[];
/** What a reader types in: numbers, or rows of numbers, or rows of rows … */
export type NestedNumbers = number | readonly NestedNumbers[];

/** Where numbers live: an ordinary array, or a piece of WebAssembly memory that may have to be looked up afresh. */
export interface Storage {
  readonly data: FloatArray;
  /** The same memory, from element `start` on. */
  slice(start: number, length: number): Storage;
}

class ArrayStorage implements Storage {
  constructor(readonly data: FloatArray) {}

  slice(start: number, length: number): Storage {
    return new ArrayStorage(this.data.subarray(start, start + length));
  }
}

/**
 * A shape and its numbers in row-major order. Images are `[batch, height, width, channels]`.
 *
 * `data` is a view that is fetched from the storage at every access, because a view of WebAssembly memory does not
 * survive a growth of that memory: take it when it is needed, do not keep it.
 */
export class Tensor {
  readonly shape: number[];
  readonly size: number;

  constructor(
    shape: Shape,
    readonly storage: Storage,
  ) {
    this.size = sizeOf(shape);
    this.shape = [...shape];
  }

  get data(): FloatArray {
    return this.storage.data;
  }

  get dtype(): DType {
    return this.data instanceof Float64Array ? "float64" : "float32";
  }

  /** The same numbers under another shape of the same size; nothing is copied. */
  reshape(shape: Shape): Tensor {
    if (sizeOf(shape) !== this.size) {
      fail("reshape", "shape", shape, `give one with ${this.size} elements, as in [${this.shape}]`);
    }
    return new Tensor(shape, this.storage);
  }

  /** A copy in ordinary memory: what is in it stays when the step that made this tensor is over. */
  copy(): Tensor {
    return new Tensor(this.shape, new ArrayStorage(this.data.slice()));
  }

  /** The numbers as nested arrays: `tensor([[1, 2], [3, 4]]).toNested()` is `[[1, 2], [3, 4]]`. */
  toNested(): NestedNumbers {
    const data = this.data;
    const level = (axis: number, start: number, count: number): NestedNumbers => {
      if (axis === this.shape.length) return data[start];
      const length = this.shape[axis];
      const step = length === 0 ? 0 : count / length;
      return Array.from({ length }, (_, index) => level(axis + 1, start + index * step, step));
    };
    return level(0, 0, this.size);
  }
}

/**
 * Makes a tensor from typed or nested arrays.
 *
 * A typed array is used as it is (not copied) and keeps its precision; nested arrays become `dtype`. The shape may be
 * left out for nested arrays.
 *
 * ```ts
 * tensor([[1, 2, 3], [4, 5, 6]]).shape;                   // [2, 3]
 * tensor(new Float32Array(28 * 28), [1, 28, 28, 1]).size; // 784
 * ```
 * @throws NeocogError where rows have different lengths, a value is not a number, or shape and count disagree.
 */
export function tensor(values: NestedNumbers | FloatArray, shape?: Shape, dtype: DType = "float32"): Tensor {
  if (dtype !== "float32" && dtype !== "float64") fail("tensor", "dtype", dtype, 'use "float32" or "float64"');
  if (values instanceof Float32Array || values instanceof Float64Array) {
    return matching(shape ?? [values.length], values);
  }
  const found: number[] = [];
  for (let level: NestedNumbers = values; Array.isArray(level); level = level[0]) {
    found.push(level.length);
    if (found.length > MOST_AXES)
      fail("tensor", "the depth of the rows", found.length, `use at most ${MOST_AXES} axes`);
    if (level.length === 0) break;
  }
  const flat: number[] = [];
  flatten(values, found, 0, flat);
  return matching(shape ?? found, dtype === "float64" ? Float64Array.from(flat) : Float32Array.from(flat));
}

/** More than anybody has, and few enough that rows which contain themselves are found. */
const MOST_AXES = 32;

/** A tensor of zeros in ordinary memory. @throws NeocogError where the machine has not so much. */
export function zeros(shape: Shape, dtype: DType = "float32"): Tensor {
  const size = sizeOf(shape);
  try {
    return new Tensor(shape, new ArrayStorage(dtype === "float64" ? new Float64Array(size) : new Float32Array(size)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fail("tensor", "shape", shape, `there is no memory for its ${size} elements; use a smaller one`);
  }
}

/** The number of elements of a shape; the empty shape is a single number and has one. */
export function sizeOf(shape: Shape): number {
  checkShape("tensor", "shape", shape);
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Refuses what is no list of lengths. */
export function checkShape(where: string, argument: string, shape: unknown): void {
  if (!Array.isArray(shape)) fail(where, argument, shape, "give a list of whole numbers, such as [2, 3]");
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0) {
      fail(where, argument, shape, "give whole numbers that are not negative");
    }
  }
}

/** Refuses what is no tensor: nested arrays, most often. */
export function checkTensor(where: string, argument: string, value: unknown): void {
  if (!(value instanceof Tensor)) fail(where, argument, value, "give a tensor, as tensor([[1, 2], [3, 4]]) makes one");
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

function matching(shape: Shape, data: FloatArray): Tensor {
  if (sizeOf(shape) !== data.length) {
    fail("tensor", "shape", shape, `it has ${sizeOf(shape)} elements, but ${data.length} values were given`);
  }
  return new Tensor(shape, new ArrayStorage(data));
}

function flatten(values: NestedNumbers, shape: Shape, axis: number, into: number[]): void {
  if (typeof values === "number") {
    if (axis !== shape.length) raggedError(shape, axis);
    into.push(values);
    return;
  }
  if (!Array.isArray(values)) fail("tensor", "a value", values, "give numbers, or (nested) arrays of numbers");
  if (axis >= shape.length || values.length !== shape[axis]) raggedError(shape, axis);
  for (const value of values) flatten(value, shape, axis + 1, into);
}

function raggedError(shape: Shape, axis: number): never {
  throw new NeocogError(
    `tensor: rows at depth ${axis} have different lengths; the first ones say the shape is [${shape}]; make all rows of one depth equally long`,
  );
}
