import { fail, finiteNumber, wholeNumber } from "../errors.ts";
import type { ResponseNormalization } from "../kernels/kernels.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { imageShape } from "./images.ts";
import { Layer, type LayerOptions } from "./layer.ts";

export interface LocalResponseNormalizationOptions extends LayerOptions {
  /** How many neighbouring channels, its own included, a channel is normalised by. Default: 5. */
  size?: number;
  /** Divided by `size`, as in PyTorch. Default: 0.0001. */
  alpha?: number;
  /** Default: 0.75. */
  beta?: number;
  /** More than 0. Default: 1; AlexNet has 2. */
  k?: number;
}

interface Note {
  readonly x: Tensor;
}

/**
 * Channels of a pixel compete with their neighbours: the more active these are, the weaker it becomes.
 *   x and y [N,H,W,C]   s [N,H,W,C]                                                C10 · Krizhevsky, Sutskever & Hinton 2012
 *   forward   s[c] = k + α/size · Σ_d x[d]²  over the channels d from c − ⌊size/2⌋ to c + ⌊(size−1)/2⌋ of the same pixel
 *             y[c] = x[c] · s[c]^−β
 *   backward  dx[c] = dy[c] · s[c]^−β − 2·β·α/size · x[c] · Σ_d dy[d] · x[d] · s[d]^−β−1  over the d that have c among theirs
 *
 * ```ts
 * const layer = new LocalResponseNormalization({ size: 3, alpha: 3, beta: 0.5, k: 1 });
 * layer.forward(tensor([[[[0, 3, 0, 0]]]])).toNested(); // [[[[0, 0.9486832618713379, 0, 0]]]]: 3 / √10
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], a size below 1, and a k that is not above 0.
 */
export class LocalResponseNormalization extends Layer {
  readonly #settings: ResponseNormalization;

  constructor(options: LocalResponseNormalizationOptions = {}) {
    const kind = "LocalResponseNormalization";
    super(kind, options, ["size", "alpha", "beta", "k"]);
    const { size = 5, alpha = 1e-4, beta = 0.75, k = 1 } = options;
    wholeNumber(kind, "size", size, 1);
    finiteNumber(kind, "alpha", alpha, 0);
    finiteNumber(kind, "beta", beta);
    if (!(finiteNumber(kind, "k", k, 0) > 0)) fail(kind, "k", k, "use a finite number above 0");
    this.#settings = { size, alpha, beta, k };
  }

  override outputShape(inputShape: Shape): number[] {
    return [...imageShape(this.name, inputShape)];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const y = pass.allocate(this.outputShape(x.shape));
    pass.kernels.localResponseNormalizationForward(y, x, this.#settings);
    pass.remember(this, { x } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { x } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, x.shape);
    const dx = pass.allocate(x.shape);
    pass.kernels.localResponseNormalizationBackward(dx, dy, x, this.#settings);
    return dx;
  }
}
