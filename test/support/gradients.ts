import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { Pass, type PassOptions } from "../../src/pass.ts";
import type { Tensor } from "../../src/tensor.ts";

/** How far an element is moved to both sides; a power of two, so that moving is exact. */
const STEP = 2 ** -13;
/** How far from a kink every argument has to be, so that no step crosses it. */
export const MARGIN = 2 ** -8;

export function float64Pass(options: Omit<PassOptions, "kernels"> = {}): Pass {
  return new Pass({ kernels: referenceKernels("float64"), ...options });
}

/** (L(e + h) − L(e − h)) / 2h at every element e of a tensor; for layers there is the law `gradients`. */
export function differences(of: Tensor, loss: () => number): Float64Array {
  const { data } = of;
  return Float64Array.from(data, (value, index) => {
    data[index] = value + STEP;
    const above = loss();
    data[index] = value - STEP;
    const below = loss();
    data[index] = value;
    return (above - below) / (2 * STEP);
  });
}
