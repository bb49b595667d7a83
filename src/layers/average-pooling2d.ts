import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import type { Window } from "../window.ts";
import { Pooling2D, type Pooling2DOptions } from "./pooling2d.ts";

interface Note {
  readonly shape: Shape;
  readonly window: Window;
}

/**
 * The mean of each window; cells in the padding do not count.                                            C4 · LeCun 1989
 *   x [N,H,W,C]   y [N,OH,OW,C]   m(i,j) how many cells of the window are inside the image   s stride; t, l padding
 *   forward   y[n,i,j,c] = Σ_pq x[n, i·s+p−t, j·s+q−l, c] / m(i,j)
 *   backward  each dy[n,i,j,c] sends dy / m(i,j) to every x of its window;  dx adds up what overlapping windows send
 *
 * ```ts
 * new AveragePooling2D({ poolSize: 2 }).forward(tensor([[[[1], [2]], [[4], [3]]]])).toNested(); // [[[[2.5]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], a window larger than the padded x, a window with nothing but padding.
 */
export class AveragePooling2D extends Pooling2D {
  constructor(options: Pooling2DOptions = {}) {
    super("AveragePooling2D", options);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const window = this.windowOver(x.shape);
    const y = pass.allocate(window.outputShape(x.shape[0], x.shape[3]));
    pass.kernels.averagePooling2dForward(y, x, window);
    pass.remember(this, { shape: x.shape, window } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape, window } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, window.outputShape(shape[0], shape[3]));
    const dx = pass.allocate(shape);
    pass.kernels.averagePooling2dBackward(dx, dy, window);
    return dx;
  }
}
