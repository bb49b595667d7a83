import { type Shape, sizeOf } from "../tensor.ts";
import type { LayerOptions } from "./layer.ts";
import { Reshaping } from "./reshaping.ts";

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
export class Flatten extends Reshaping {
  constructor(options: LayerOptions = {}) {
    super("Flatten", options, []);
  }

  protected override exampleShape(shape: Shape): readonly number[] {
    return [sizeOf(shape)];
  }
}
