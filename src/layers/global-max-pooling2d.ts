import { fail } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { GlobalPooling2D, type GlobalPooling2DOptions } from "./global-pooling2d.ts";

/** Switches are float32: beyond this they could not name each pixel. */
const MOST_PIXELS = 2 ** 24;

interface Note {
  readonly shape: Shape;
  readonly switches: Tensor;
}

/**
 * The largest number of each channel over the whole image: whether something is there, not where.              C2, C4
 *   x [N,H,W,C]   y [N,C], with keepDims [N,1,1,C]   switches [N,1,1,C] = u·W + v of the maximum
 *   forward   y[n,c] = max_uv x[n,u,v,c];  the first one wins a tie, NaN wins over all numbers
 *   backward  dy[n,c] goes to the x that the switch names, 0 to all others
 *
 * ```ts
 * new GlobalMaxPooling2D().forward(tensor([[[[1], [2]], [[4], [3]]]])).toNested(); // [[4]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], has no pixels or no channels, or more than 2²⁴ pixels an image.
 */
export class GlobalMaxPooling2D extends GlobalPooling2D {
  constructor(options: GlobalPooling2DOptions = {}) {
    super("GlobalMaxPooling2D", options);
  }

  override outputShape(inputShape: Shape): number[] {
    const shape = super.outputShape(inputShape);
    const [, height, width] = inputShape;
    if (height * width > MOST_PIXELS) fail(this.name, "the shape of x", inputShape, "give images of up to 2^24 pixels");
    return shape;
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const y = pass.allocate(this.outputShape(x.shape));
    const pixel = this.onePixel(y, x.shape);
    const switches = pass.gradients ? pass.allocate(pixel.shape) : undefined;
    pass.kernels.maxPooling2dForward(pixel, switches, x, this.wholeImage(x.shape));
    if (switches) pass.remember(this, { shape: x.shape, switches } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape, switches } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, this.outputShape(shape));
    const dx = pass.allocate(shape);
    pass.kernels.maxPooling2dBackward(dx, this.onePixel(dy, shape), switches, this.wholeImage(shape));
    return dx;
  }
}
