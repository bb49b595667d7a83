import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import type { LayerOptions } from "./layer.ts";
import { Merge } from "./merge.ts";

interface Note {
  readonly xs: readonly Tensor[];
}

/**
 * The product of its inputs, element by element: one branch opens and closes what comes through the other.
 *   x₁ x₂ … and y of the same shape, any
 *   forward   y = x₁ · x₂ · …
 *   backward  dxₖ = dy · Π x of all others
 *
 * ```ts
 * new Multiply().forwardAll([tensor([1, 2]), tensor([10, 20])]).toNested(); // [10, 40]
 * ```
 * @throws NeocogError for fewer than two inputs, and for inputs of different shapes.
 */
export class Multiply extends Merge {
  constructor(options: LayerOptions = {}) {
    super("Multiply", options, []);
  }

  override outputShapeAll(inputShapes: readonly Shape[]): number[] {
    return this.sameShapeOf(inputShapes);
  }

  override forwardAll(xs: readonly Tensor[], pass: Pass = defaultPass()): Tensor {
    this.outputShapeAll(xs.map((x) => x.shape));
    pass.remember(this, { xs } satisfies Note);
    return product(xs[0], xs.slice(1), pass);
  }

  override backwardAll(dy: Tensor, pass: Pass = defaultPass(), wanted?: readonly boolean[]): (Tensor | undefined)[] {
    const { xs } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, xs[0].shape);
    return xs.map((_, k) => {
      if (wanted && !wanted[k]) return undefined;
      return product(dy, [...xs.slice(0, k), ...xs.slice(k + 1)], pass);
    });
  }
}

function product(first: Tensor, others: readonly Tensor[], pass: Pass): Tensor {
  const y = pass.allocate(first.shape);
  pass.kernels.multiply(y, first, others[0]);
  for (const other of others.slice(1)) pass.kernels.multiply(y, y, other);
  return y;
}
