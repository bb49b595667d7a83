import { trueOrFalse } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { GlobalAveragePooling2D } from "./global-average-pooling2d.ts";
import { GlobalMaxPooling2D } from "./global-max-pooling2d.ts";
import type { GlobalPooling2D, GlobalPooling2DOptions } from "./global-pooling2d.ts";
import { Layer, type LayerOptions } from "./layer.ts";
import { rowShape } from "./sequences.ts";

export interface GlobalPooling1DOptions extends LayerOptions {
  /** Whether y is a sequence of one step, [N,1,C], instead of a row [N,C]. Default: false. */
  keepDims?: boolean;
}

/** Global pooling of sequences: that of images of one row; nothing is copied. */
abstract class GlobalPooling1D extends Layer {
  readonly #rows: GlobalPooling2D;

  protected constructor(
    kind: string,
    options: GlobalPooling1DOptions,
    rows: new (options: GlobalPooling2DOptions) => GlobalPooling2D,
  ) {
    super(kind, options, ["keepDims"]);
    this.#rows = new rows({ keepDims: trueOrFalse(kind, "keepDims", options.keepDims ?? false) });
  }

  override outputShape(inputShape: Shape): number[] {
    return withoutRow(this.#named.outputShape(rowShape(this.name, inputShape)));
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const y = this.#named.forward(x.reshape(rowShape(this.name, x.shape)), pass);
    return y.reshape(withoutRow(y.shape));
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const row = dy.shape.length === 3 ? dy.reshape(rowShape(this.name, dy.shape)) : dy;
    const dx = this.#named.backward(row, pass);
    return dx.reshape(withoutRow(dx.shape));
  }

  /** Errors have the name that this layer has now. */
  get #named(): GlobalPooling2D {
    this.#rows.name = this.name;
    return this.#rows;
  }
}

/** [N,1,S,C] as [N,S,C]; [N,C] stays. */
function withoutRow(shape: Shape): number[] {
  return shape.length === 4 ? [shape[0], shape[2], shape[3]] : [...shape];
}

/**
 * The mean of each channel over all steps: as many numbers as channels, however long the sequence is.                      C4
 *   x [N,S,C]   y [N,C], with keepDims [N,1,C]
 *   forward   y[n,c] = Σ_s x[n,s,c] / S
 *   backward  dx[n,s,c] = dy[n,c] / S
 *
 * ```ts
 * new GlobalAveragePooling1D().forward(tensor([[[1], [2], [4], [3]]])).toNested(); // [[2.5]]
 * ```
 * @throws NeocogError for x that is not [N,S,C], or has no steps or no channels.
 */
export class GlobalAveragePooling1D extends GlobalPooling1D {
  constructor(options: GlobalPooling1DOptions = {}) {
    super("GlobalAveragePooling1D", options, GlobalAveragePooling2D);
  }
}

/**
 * The largest number of each channel over all steps: whether something occurs, not when.                               C2, C4
 *   x [N,S,C]   y [N,C], with keepDims [N,1,C]
 *   forward   y[n,c] = max_s x[n,s,c];  the first one wins a tie, NaN wins over all numbers
 *   backward  dy[n,c] goes to the step where the maximum was, 0 to all others
 *
 * ```ts
 * new GlobalMaxPooling1D().forward(tensor([[[1], [2], [4], [3]]])).toNested(); // [[4]]
 * ```
 * @throws NeocogError for x that is not [N,S,C], has no steps or no channels, or more than 2²⁴ steps.
 */
export class GlobalMaxPooling1D extends GlobalPooling1D {
  constructor(options: GlobalPooling1DOptions = {}) {
    super("GlobalMaxPooling1D", options, GlobalMaxPooling2D);
  }
}
