import { fail } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Regularizer } from "../regularizers.ts";
import { checkTensor, type Shape, sameShape, type Tensor } from "../tensor.ts";

/**
 * A tensor that a layer owns: trained by its gradient, or only kept, as moving statistics are.
 *
 * The gradient takes memory from when somebody first asks for it, which is the first backward pass: a model that only
 * predicts, and a layer that was frozen before it was trained, never have any.
 */
export class Parameter {
  /** A penalty that training adds to the loss. */
  regularizer?: Regularizer;
  value: Tensor;
  /** Whether it can be trained at all, frozen or not. */
  readonly learns: boolean;
  #kernels: Kernels;
  #gradient: Tensor | undefined;

  /** @param trainable false: never, so that its gradient is empty */
  constructor(
    readonly name: string,
    kernels: Kernels,
    shape: Shape,
    public trainable = true,
  ) {
    this.value = kernels.allocate(shape);
    this.learns = trainable;
    this.#kernels = kernels;
  }

  /** ∂loss/∂value, which backward fills; zeros before. */
  get gradient(): Tensor {
    this.#gradient ??= this.#kernels.allocate(this.learns ? this.value.shape : [0]);
    return this.#gradient;
  }

  set gradient(gradient: Tensor) {
    this.#gradient = gradient;
  }

  /** Moves the numbers to where these kernels work without copying. */
  moveTo(kernels: Kernels): void {
    this.value = moved(this.value, kernels);
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
    const expected = parameters.map(({ name, value }) => `${name} [${value.shape}]`).join(", ");
    fail(owner, "the number of weights", weights.length, `give ${parameters.length}: ${expected}`);
  }
  parameters.forEach(({ name, value }, index) => {
    checkTensor(owner, name, weights[index]);
    if (!sameShape(weights[index].shape, value.shape)) {
      fail(owner, `the shape of ${name}`, weights[index].shape, `give [${value.shape}]`);
    }
  });
  parameters.forEach(({ value }, index) => {
    value.data.set(weights[index].data);
  });
}
