import assert from "node:assert/strict";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { type FloatArray, type Shape, sizeOf, Tensor } from "../../src/tensor.ts";

type Numbers = Tensor | FloatArray;

/** Fails unless both hold the same float bits; a NaN equals every NaN, and −0 is not +0. */
export function equalBits(actual: Numbers, expected: Numbers, context: unknown = ""): void {
  eachPair(actual, expected, context, (a, e) => Object.is(a, e));
}

/** Fails where two numbers are further apart than `bound`, which may depend on the index. NaN equals NaN, ∞ equals ∞. */
export function within(
  actual: Numbers,
  expected: Numbers,
  bound: number | ((index: number) => number),
  context: unknown = "",
): void {
  const boundAt = typeof bound === "number" ? () => bound : bound;
  eachPair(actual, expected, context, (a, e, index) => Object.is(a, e) || Math.abs(a - e) <= boundAt(index));
}

/** Fails where |actual − expected| > tolerance · max(1, |expected|). */
export function close(actual: Numbers, expected: Numbers, tolerance: number, context: unknown = ""): void {
  const values = numbers(expected);
  within(actual, values, (index) => tolerance * Math.max(1, Math.abs(values[index])), context);
}

/** ⟨a, b⟩ = Σ a·b in float64. */
export function innerProduct(a: Numbers, b: Numbers): number {
  const [A, B] = [numbers(a), numbers(b)];
  let sum = 0;
  for (let index = 0; index < A.length; index++) sum += A[index] * B[index];
  return sum;
}

/** Σ values in float64. */
export function total(values: Numbers): number {
  let sum = 0;
  for (const value of numbers(values)) sum += value;
  return sum;
}

/** How many neighbours on each side of a placed tensor are watched; odd, so that vectors are not aligned. */
const GUARD = 5;

/** A copy in the memory of `kernels`, with NaN before and behind it: reading too much shows in the result. */
export function placed(kernels: Pick<Kernels, "allocate">, tensor: Tensor): Tensor {
  const { inside } = between(kernels, tensor.shape, Number.NaN);
  inside.data.set(tensor.data);
  return inside;
}

/**
 * Runs an operation on destinations that are poisoned, first with one value and then with another, and gives its results.
 *
 * Fails where a destination is read or not wholly written (the two runs differ), where something beside it is written,
 * or where an input has changed.
 */
export function runPoisoned(
  kernels: Pick<Kernels, "allocate">,
  inputs: readonly Tensor[],
  shapes: readonly Shape[],
  run: (...destinations: Tensor[]) => void,
): Tensor[] {
  const before = inputs.map((input) => input.copy());
  const [first, second] = [Number.NaN, -12345.5].map((poison) => {
    const places = shapes.map((shape) => between(kernels, shape, poison));
    run(...places.map(({ inside }) => inside));
    for (const { whole, inside } of places) {
      const { data } = whole;
      equalBits(data.slice(0, GUARD), data.slice(0, GUARD).fill(poison), "written before the destination");
      equalBits(data.slice(GUARD + inside.size), data.slice(0, GUARD).fill(poison), "written behind the destination");
    }
    return places.map(({ inside }) => inside.copy());
  });
  first.forEach((result, index) => {
    equalBits(result, second[index], `destination ${index}, poisoned with NaN and with −12345.5`);
  });
  inputs.forEach((input, index) => {
    equalBits(input, before[index], `input ${index} must not change`);
  });
  return first;
}

function between(kernels: Pick<Kernels, "allocate">, shape: Shape, poison: number): { whole: Tensor; inside: Tensor } {
  const size = sizeOf(shape);
  const whole = kernels.allocate([size + 2 * GUARD]);
  whole.data.fill(poison);
  return { whole, inside: new Tensor(shape, whole.storage.slice(GUARD, size)) };
}

function eachPair(
  actual: Numbers,
  expected: Numbers,
  context: unknown,
  same: (actual: number, expected: number, index: number) => boolean,
): void {
  const [A, E] = [numbers(actual), numbers(expected)];
  const where = typeof context === "string" ? context : JSON.stringify(context);
  assert.equal(A.length, E.length, `${where}: sizes differ`);
  for (let index = 0; index < A.length; index++) {
    if (same(A[index], E[index], index)) continue;
    const at = actual instanceof Tensor ? `${coordinates(index, actual.shape)} of [${actual.shape}]` : `${index}`;
    assert.fail(`${where}: at ${at} there is ${show(A[index])}, expected ${show(E[index])}`);
  }
}

function numbers(values: Numbers): FloatArray {
  return values instanceof Tensor ? values.data : values;
}

function coordinates(index: number, shape: Shape): string {
  const place: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return `[${place}]`;
}

function show(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
