import { type Shape, sameShape, type Tensor } from "../tensor.ts";
import { Refutation } from "./law.ts";

/** What the two sides of an equation are, for whoever reads the counterexample. */
export type Sides = readonly [left: string, right: string];

/**
 * Refutes a law unless both tensors hold the same numbers (0 is −0, NaN is NaN), or are no further apart than `bound`.
 *
 * ```ts
 * equal(tensor([1, 2]), tensor([1, 3]), ["of the layer", "of the formula"]);
 * // Refutation: at [1] of [2]: 2 of the layer, 3 of the formula
 * ```
 */
export function equal(
  left: Tensor,
  right: Tensor,
  [ofLeft, ofRight]: Sides,
  bound: number | ((index: number) => number) = 0,
): void {
  if (!sameShape(left.shape, right.shape)) {
    throw new Refutation(`shape [${left.shape}] ${ofLeft}, [${right.shape}] ${ofRight}`);
  }
  const [L, R] = [left.data, right.data];
  for (let index = 0; index < L.length; index++) {
    const allowed = typeof bound === "number" ? bound : bound(index);
    if (alike(L[index], R[index], allowed)) continue;
    const place = `at [${coordinates(index, left.shape)}] of [${left.shape}]`;
    const excess = allowed > 0 ? ` (they may differ by ${allowed.toPrecision(3)})` : "";
    throw new Refutation(`${place}: ${L[index]} ${ofLeft}, ${R[index]} ${ofRight}${excess}`);
  }
}

/** The same for two numbers. */
export function equalNumbers(left: number, right: number, [ofLeft, ofRight]: Sides, bound = 0): void {
  if (!alike(left, right, bound)) throw new Refutation(`${left} ${ofLeft}, ${right} ${ofRight}`);
}

/** Refutes a law unless the condition holds; `why` says what is the case instead. */
export function holds(condition: boolean, why: () => string): void {
  if (!condition) throw new Refutation(why());
}

/** ⟨a, b⟩ = Σ a·b in float64. */
export function innerProduct(a: Tensor, b: Tensor): number {
  const [A, B] = [a.data, b.data];
  let sum = 0;
  for (let index = 0; index < A.length; index++) sum += A[index] * B[index];
  return sum;
}

/** Where element `index` of a tensor is: `coordinates(5, [2, 3])` is `[1, 2]`. */
export function coordinates(index: number, shape: Shape): number[] {
  const place: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return place;
}

function alike(left: number, right: number, bound: number): boolean {
  return left === right || (Number.isNaN(left) && Number.isNaN(right)) || Math.abs(left - right) <= bound;
}
