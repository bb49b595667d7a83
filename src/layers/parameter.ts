import type { Kernels } from "../kernels/kernels.ts";
import type { Shape, Tensor } from "../tensor.ts";

/** A tensor that a layer owns: trained by its gradient, or (trainable false) only kept, as moving statistics are. */
export class Parameter {
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
