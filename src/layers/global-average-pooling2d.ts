import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { GlobalPooling2D, type GlobalPooling2DOptions } from "./global-pooling2d.ts";

interface Note {
  readonly shape: Shape;
}

/**
 * The mean of each channel over the whole image: as many numbers as channels, whatever the size.  C4 · Lin, Chen & Yan 2014
 *   x [N,H,W,C]   y [N,C], with keepDims [N,1,1,C]
 *   forward   y[n,c] = Σ_uv x[n,u,v,c] / (H·W)
 *   backward  dx[n,u,v,c] = dy[n,c] / (H·W)
 *
 * ```ts
 * new GlobalAveragePooling2D().forward(tensor([[[[1], [2]], [[4], [3]]]])).toNested(); // [[2.5]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], or has no pixels or no channels.
 */
export class GlobalAveragePooling2D extends GlobalPooling2D {
  constructor(options: GlobalPooling2DOptions = {}) {
    super("GlobalAveragePooling2D", options);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const y = pass.allocate(this.outputShape(x.shape));
    pass.kernels.averagePooling2dForward(this.onePixel(y, x.shape), x, this.wholeImage(x.shape));
    pass.remember(this, { shape: x.shape } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, this.outputShape(shape));
    const dx = pass.allocate(shape);
    pass.kernels.averagePooling2dBackward(dx, this.onePixel(dy, shape), this.wholeImage(shape));
    return dx;
  }
}
