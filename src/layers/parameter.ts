import { fail } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Regularizer } from "../regularizers.ts";
import { checkTensor, type DType, type FloatArray, type Shape, sameShape, sizeOf, type Tensor } from "../tensor.ts";

/**
 * A tensor that a layer owns: trained by its gradient, or only kept, as moving statistics are.
 *
 * Both take memory from when somebody first asks for them, and then where the model computes: a network can be looked at
 * without any, weights from a file take the place of initial ones that were never drawn, and what only predicts, or was
 * frozen before it was trained, has no gradient.
 */
export class Parameter {
  /** A penalty that training adds to the loss. */
  regularizer?: Regularizer;
  readonly shape: Shape;
  /** Whether it can be trained at all, frozen or not. */
  readonly learns: boolean;
  readonly #initial: (values: FloatArray) => void;
  readonly #initialDType: DType;
  #kernels: Kernels;
  #value: Tensor | undefined;
  #gradient: Tensor | undefined;

  /**
   * @param kernels where it is made
   * @param trainable false: never, so that its gradient is empty
   * @param initial writes the initial values over zeros, whenever that is; they are those that fit into these kernels
   */
  constructor(
    readonly name: string,
    kernels: Kernels,
    shape: Shape,
    public trainable = true,
    initial: (values: FloatArray) => void = () => {},
  ) {
    this.shape = [...shape];
    this.learns = trainable;
    this.#initial = initial;
    this.#initialDType = kernels.dtype;
    this.#kernels = kernels;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get value(): Tensor {
    return this.#value ?? this.draw();
  }

  set value(value: Tensor) {
    this.#value = value;
  }

  /** ∂loss/∂value, which backward fills; zeros before. */
  get gradient(): Tensor {
    this.#gradient ??= this.#kernels.allocate(this.learns ? this.shape : [0]);
    return this.#gradient;
  }

  set gradient(gradient: Tensor) {
    this.#gradient = gradient;
  }

  /** Makes the value what it is at the beginning. */
  draw(): Tensor {
    const value = this.#kernels.allocate(this.shape);
    const { data } = value;
    if (this.#initialDType === "float32" && data instanceof Float64Array) {
      // The same numbers wherever the model moved meanwhile.
      const rounded = new Float32Array(data.length);
      this.#initial(rounded);
      data.set(rounded);
    } else this.#initial(data);
    this.#value = value;
    return value;
  }

  /** Takes other numbers, in the order of the shape. */
  assign(numbers: FloatArray): void {
    this.#value ??= this.#kernels.allocate(this.shape);
    this.#value.data.set(numbers);
  }

  /** Moves the numbers to where these kernels work without copying. */
  moveTo(kernels: Kernels): void {
    if (this.#value) this.#value = moved(this.#value, kernels);
    if (this.#gradient) this.#gradient = moved(this.#gradient, kernels);
    this.#kernels = kernels;
  }
}

function moved({ shape, data }: Tensor, kernels: Kernels): Tensor {
  const there = kernels.allocate(shape);
  there.data.set(data);
  return there;
}

/** Sets parameters in their order. @throws NeocogError where count or shapes do not fit; then nothing is changed. */
export function setParameters(owner: string, parameters: readonly Parameter[], weights: readonly Tensor[]): void {
  if (!Array.isArray(weights)) fail(owner, "weights", weights, "give a list of tensors");
  if (weights.length !== parameters.length) {
    const expected = parameters.map(({ name, shape }) => `${name} [${shape}]`).join(", ");
    fail(owner, "the number of weights", weights.length, `give ${parameters.length}: ${expected}`);
  }
  parameters.forEach(({ name, shape }, index) => {
    checkTensor(owner, name, weights[index]);
    if (!sameShape(weights[index].shape, shape)) {
      fail(owner, `the shape of ${name}`, weights[index].shape, `give [${shape}]`);
    }
  });
  parameters.forEach((parameter, index) => {
    parameter.assign(weights[index].data);
  });
}
