import { fail, finiteNumber, NeocogError } from "../errors.ts";
import type { Activation, Kernels } from "../kernels/kernels.ts";
import type { Parameter } from "../layers/parameter.ts";
import type { Tensor } from "../tensor.ts";

export interface ClippingOptions {
  /** Every number of a gradient is brought into ±clipValue. */
  clipValue?: number;
  /** A parameter's gradient that is longer (√Σg²) is scaled down to this length. */
  clipNorm?: number;
  /** Where all gradients together are longer, all are scaled down by the same factor (Pascanu, Mikolov & Bengio 2013). */
  globalClipNorm?: number;
}

export const CLIPPING = ["clipValue", "clipNorm", "globalClipNorm"] as const;

const SQUARES = { l1: 0, l2: 1 };
const LINEAR: Activation = { name: "linear", alpha: 0 };

/** Keeps gradients small before a step, in place; sums are in the order of the parameters. Keras' options. */
export class Clipping {
  readonly #options: ClippingOptions;
  #number: Tensor | undefined;

  /** @throws NeocogError for limits that are not positive, and for more than one of the three. */
  constructor(kind: string, { clipValue, clipNorm, globalClipNorm }: ClippingOptions) {
    const given = Object.entries({ clipValue, clipNorm, globalClipNorm }).filter(([, limit]) => limit !== undefined);
    for (const [name, limit] of given) {
      if (finiteNumber(kind, name, limit, 0) === 0) fail(kind, name, limit, "use a number above 0");
    }
    if (given.length > 1) {
      throw new NeocogError(`${kind}: ${given.map(([name]) => name).join(" and ")} are given; give one of them`);
    }
    this.#options = { clipValue, clipNorm, globalClipNorm };
  }

  /** Clips the gradients of parameters that are trained. */
  apply(parameters: readonly Parameter[], kernels: Kernels): void {
    const { clipValue, clipNorm, globalClipNorm } = this.#options;
    const gradients = parameters.map(({ gradient }) => gradient);
    if (clipValue !== undefined) for (const gradient of gradients) kernels.clip(gradient, gradient, clipValue);
    if (clipNorm !== undefined) {
      for (const gradient of gradients) this.#scale([gradient], clipNorm / this.#length([gradient], kernels), kernels);
    }
    if (globalClipNorm !== undefined) {
      this.#scale(gradients, globalClipNorm / this.#length(gradients, kernels), kernels);
    }
  }

  /** √Σg² over all of them, their sums added in their order. */
  #length(gradients: readonly Tensor[], kernels: Kernels): number {
    this.#number ??= kernels.allocate([1]);
    let sum = 0;
    for (const gradient of gradients) {
      kernels.penalty(this.#number, gradient, SQUARES);
      sum += this.#number.data[0];
    }
    return Math.sqrt(sum);
  }

  #scale(gradients: readonly Tensor[], factor: number, kernels: Kernels): void {
    if (!(factor < 1) || !this.#number) return;
    this.#number.data[0] = factor;
    for (const gradient of gradients) {
      const numbers = gradient.reshape([gradient.size, 1]);
      kernels.affineForward(numbers, numbers, this.#number, undefined, LINEAR);
    }
  }
}
