import { fail } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Regularizer } from "../regularizers.ts";
import { checkTensor, type Shape, sameShape, type Tensor } from "../tensor.ts";

/** A tensor that a layer owns: trained by its gradient, or (trainable false) only kept, as moving statistics are. */
export class Parameter {
  /** A penalty that training adds to the loss. */
  regularizer?: Regularizer;
  value: Tensor;
  gradient: Tensor;

  constructor(
    readonly name: string,
    kernels: Kernels,
    shape: Shape,
    public trainable = true,
  ) {
    this.value = kernels.allocate(shape);
    this.gradient = kernels.allocate(trainable ? shape : [0]);
  }

  /** Moves the numbers to where these kernels work without copying. */
  moveTo(kernels: Kernels): void {
    const { value, gradient } = this;
    this.value = kernels.allocate(value.shape);
    this.value.data.set(value.data);
    this.gradient = kernels.allocate(gradient.shape);
    this.gradient.data.set(gradient.data);
  }
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
