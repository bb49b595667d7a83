import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import type { Window } from "../window.ts";
import { Pooling2D, type Pooling2DOptions } from "./pooling2d.ts";

interface Note {
  readonly shape: Shape;
  readonly switches: Tensor;
  readonly window: Window;
}

/**
 * The largest value of each window; the first one wins a tie.                                  C2, C9 · LeCun et al. 1998
 *   x [N,H,W,C]   y [N,OH,OW,C]   switches [N,OH,OW,C] = p·KW + q of the maximum   s stride; t, l padding at top, left
 *   forward   y[n,i,j,c] = max_pq x[n, i·s+p−t, j·s+q−l, c], padding never read
 *   backward  each dy[n,i,j,c] goes to the x that its switch names;  dx adds up what overlapping windows send
 *
 * ```ts
 * new MaxPooling2D({ poolSize: 2 }).forward(tensor([[[[1], [2]], [[4], [3]]]])).toNested(); // [[[[4]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], a window larger than the padded x, a window with nothing but padding.
 */
export class MaxPooling2D extends Pooling2D {
  constructor(options: Pooling2DOptions = {}) {
    super("MaxPooling2D", options);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const window = this.windowOver(x.shape);
    const y = pass.allocate(window.outputShape(x.shape[0], x.shape[3]));
    const switches = pass.gradients ? pass.allocate(y.shape) : undefined;
    pass.kernels.maxPooling2dForward(y, switches, x, window);
    if (switches) pass.remember(this, { shape: x.shape, switches, window } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape, switches, window } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, switches.shape);
    const dx = pass.allocate(shape);
    pass.kernels.maxPooling2dBackward(dx, dy, switches, window);
    return dx;
  }

  /**
   * Where in its window each maximum of x is: p·KW + q, by which unpooling puts a value back there.
   *
   * ```ts
   * new MaxPooling2D().switches(tensor([[[[1], [2]], [[4], [3]]]])).toNested(); // [[[[2]]]]: row 1, column 0
   * ```
   */
  switches(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const window = this.windowOver(x.shape);
    const shape = window.outputShape(x.shape[0], x.shape[3]);
    const [y, switches] = [pass.allocate(shape), pass.allocate(shape)];
    pass.kernels.maxPooling2dForward(y, switches, x, window);
    return switches;
  }
}
