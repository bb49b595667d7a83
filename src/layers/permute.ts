import { fail } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { checkShape, type Shape, type Tensor } from "../tensor.ts";
import { Layer, type LayerOptions } from "./layer.ts";

export interface PermuteOptions extends LayerOptions {
  /** For each axis of y the axis of x it is, counted from 1; the batch, 0, stays. [3, 1, 2]: channels first. */
  dims: readonly number[];
}

interface Note {
  readonly shape: Shape;
}

/**
 * Axes in another order: rows for columns, or channels first.
 *   x [N,A₁,…,Aₖ]   y [N,A_dims[1],…,A_dims[k]]
 *   forward   y[n, a_dims[1], …, a_dims[k]] = x[n, a₁, …, aₖ]
 *   backward  the same with the inverse of dims
 *
 * ```ts
 * new Permute({ dims: [2, 1] }).forward(tensor([[[1, 2, 3], [4, 5, 6]]])).toNested(); // [[[1, 4], [2, 5], [3, 6]]]
 * ```
 * @throws NeocogError for dims that do not name each of 1 … k once, and x that has not k axes besides its batch.
 */
export class Permute extends Layer {
  /** With the batch: axis k of y is axis #axes[k] of x. */
  readonly #axes: readonly number[];

  constructor(options: PermuteOptions) {
    super("Permute", options, ["dims"]);
    const { dims } = options;
    const isPermutation = Array.isArray(dims) && dims.length > 0 && dims.every((_, axis) => dims.includes(axis + 1));
    if (!isPermutation)
      fail("Permute", "dims", dims, "name each axis once, counted from 1 without the batch: [2, 1, 3]");
    this.#axes = [0, ...dims];
  }

  override outputShape(inputShape: Shape): number[] {
    checkShape(this.name, "the shape of x", inputShape);
    const axes = this.#axes;
    if (inputShape.length !== axes.length) {
      fail(this.name, "the shape of x", inputShape, `give ${axes.length} axes: the batch, and those that dims names`);
    }
    return axes.map((axis) => inputShape[axis]);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const y = pass.allocate(this.outputShape(x.shape));
    pass.kernels.permute(y, x, this.#axes);
    pass.remember(this, { shape: x.shape } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, this.outputShape(shape));
    const dx = pass.allocate(shape);
    pass.kernels.permute(
      dx,
      dy,
      this.#axes.map((_, axis) => this.#axes.indexOf(axis)),
    );
    return dx;
  }
}
