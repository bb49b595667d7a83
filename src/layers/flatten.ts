import { fail } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { checkShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { Layer, type LayerOptions } from "./layer.ts";

interface Note {
  readonly shape: Shape;
}

/**
 * The numbers of each image in one row, in the order of memory (height, width, channel): nothing is copied.
 *   x [N,…]   y [N,A], A the product of all other axes of x
 *   forward   y[n, (h·W + w)·C + c] = x[n,h,w,c]
 *   backward  dx[n,h,w,c] = dy[n, (h·W + w)·C + c]
 *
 * ```ts
 * new Flatten().forward(tensor([[[[1, 2], [3, 4]]]])).toNested(); // [[1, 2, 3, 4]]
 * ```
 */
export class Flatten extends Layer {
  constructor(options: LayerOptions = {}) {
    super("Flatten", options, []);
  }

  override outputShape(inputShape: Shape): number[] {
    checkShape(this.name, "the shape of x", inputShape);
    if (inputShape.length < 1) fail(this.name, "the shape of x", inputShape, "give at least [batch, …]");
    return [inputShape[0], sizeOf(inputShape.slice(1))];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    pass.remember(this, { shape: x.shape } satisfies Note);
    return x.reshape(this.outputShape(x.shape));
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, this.outputShape(shape));
    return dy.reshape(shape);
  }
}
