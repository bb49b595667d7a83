import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import type { LayerOptions } from "./layer.ts";
import { Merge } from "./merge.ts";

interface Note {
  readonly shape: Shape;
  readonly count: number;
}

/**
 * The sum of its inputs: what brings a residual block and the way around it together.            D3 · He et al. 2015
 *   x₁ x₂ … and y of the same shape, any
 *   forward   y = x₁ + x₂ + …, added in this order
 *   backward  dx₁ = dx₂ = … = dy
 *
 * ```ts
 * new Add().forwardAll([tensor([1, 2]), tensor([10, 20])]).toNested(); // [11, 22]
 * const y = new Add().apply([a, b]); // in a model
 * ```
 * @throws NeocogError for fewer than two inputs, and for inputs of different shapes.
 */
export class Add extends Merge {
  constructor(options: LayerOptions = {}) {
    super("Add", options, []);
  }

  override outputShapeAll(inputShapes: readonly Shape[]): number[] {
    return this.sameShapeOf(inputShapes);
  }

  override forwardAll(xs: readonly Tensor[], pass: Pass = defaultPass()): Tensor {
    const shape = this.outputShapeAll(xs.map((x) => x.shape));
    const y = pass.allocate(shape);
    pass.kernels.add(y, xs[0], xs[1]);
    for (const x of xs.slice(2)) pass.kernels.add(y, y, x);
    pass.remember(this, { shape, count: xs.length } satisfies Note);
    return y;
  }

  override backwardAll(dy: Tensor, pass: Pass = defaultPass()): Tensor[] {
    const { shape, count } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, shape);
    return new Array<Tensor>(count).fill(dy);
  }
}
