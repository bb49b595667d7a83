/** Every operation of the contract with shapes that fit each other: one case is one call. */
import fc from "fast-check";
import type { Activation, Kernels } from "../../src/kernels/kernels.ts";
import type { Shape, Tensor } from "../../src/tensor.ts";

export interface Call {
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  /** Tensors that are changed in place; they count as inputs and as outputs. */
  readonly states?: readonly Shape[];
  /** `tensors`: outputs, then states, then inputs. */
  readonly run: (kernels: Kernels, ...tensors: Tensor[]) => void;
  /** What the numbers of input k have to be, where it is not any: classes, cells of a window. */
  readonly whole?: Readonly<Record<number, number>>;
  /** Whether sums are made in another order than the reference's, and how many products each has at most. */
  readonly sums?: number;
  /** Which input is dy, where an implementation may leave out the terms in which it is 0; see src/kernels/kernels.ts. */
  readonly gradient?: number;
  /** Inputs that are multiplied by a sum, and therefore always finite: ∞ times a sum that is almost 0 is anything. */
  readonly finite?: readonly number[];
  /** Whether a zero may have either sign; see src/kernels/kernels.ts. */
  readonly anyZero?: boolean;
}

export interface Operation {
  readonly name: string;
  /** What a failure prints. */
  readonly settings: unknown;
  readonly call: Call;
}

export function operation<S>(
  name: string,
  settings: fc.Arbitrary<S>,
  call: (settings: S) => Call,
): fc.Arbitrary<Operation> {
  return settings.map((drawn) => {
    const printed = () => `${name} ${fc.stringify(drawn)}`;
    return { name, settings: drawn, call: call(drawn), [fc.toStringMethod]: printed };
  });
}

export const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 41, max: 300 }) },
);
export const rows = fc.integer({ min: 0, max: 5 });
export const batches = fc.integer({ min: 0, max: 3 });
export const channels = fc.integer({ min: 1, max: 10 });
const slopes = fc.constantFrom(0, 0.3, 1, 1e30, 1e-40);
export const activations: fc.Arbitrary<Activation> = fc.record({
  name: fc.constantFrom("linear", "relu", "leakyRelu", "elu", "sigmoid", "tanh", "scaledTanh"),
  alpha: slopes,
});
export const LINEAR: Activation = { name: "linear", alpha: 0 };
