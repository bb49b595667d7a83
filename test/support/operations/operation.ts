import type { Kernels } from "../../../src/kernels/kernels.ts";
import type { Shape, Tensor } from "../../../src/tensor.ts";
import { floats } from "../arbitraries.ts";

/** One operation of the contract at a size: that of the axis along which its kernel uses vectors. */
export interface Operation {
  readonly name: string;
  inputs(size: number, seed: number): Tensor[];
  outputs(size: number): Shape[];
  run(kernels: Kernels, outputs: Tensor[], inputs: Tensor[]): void;
  /** Sums in another order than the reference: the bits may differ. */
  readonly rounds?: boolean;
}

/** From 0 to 1. */
export function probabilities(shape: Shape, seed: number): Tensor {
  const result = floats(shape, seed, 0.5);
  for (let e = 0; e < result.size; e++) result.data[e] += 0.5;
  return result;
}

/** A step in place counts as an operation from the state before, the last tensor never negative, to the state after. */
export function steps(
  name: string,
  states: number,
  step: (kernels: Kernels, state: Tensor[], g: Tensor) => void,
): Operation {
  return {
    name,
    inputs: (size, seed) => [
      floats([size], seed),
      ...Array.from({ length: states }, (_, index) => probabilities([size], seed + 1 + index)),
    ],
    outputs: (size) => Array.from({ length: states }, () => [size]),
    run(kernels, outputs, [gradient, ...state]) {
      for (const [index, tensor] of outputs.entries()) tensor.data.set(state[index].data);
      step(kernels, outputs, gradient);
    },
  };
}
