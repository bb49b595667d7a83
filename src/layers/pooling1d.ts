import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import type { Window } from "../window.ts";
import { AveragePooling2D } from "./average-pooling2d.ts";
import { Layer, type LayerOptions } from "./layer.ts";
import { MaxPooling2D } from "./max-pooling2d.ts";
import type { Pooling2D, Pooling2DOptions } from "./pooling2d.ts";
import { alongSteps, rowPadding, rowShape, type SequencePadding, sequenceShape } from "./sequences.ts";

export interface Pooling1DOptions extends LayerOptions {
  /** Default: 2. */
  poolSize?: number;
  /** Default: poolSize, so that windows do not overlap. */
  strides?: number;
  /** Default: "valid". Padding is never read, so every window must touch the sequence. */
  padding?: SequencePadding;
}

/** Pooling of sequences: that of images of one row; nothing is copied. */
abstract class Pooling1D extends Layer {
  readonly #rows: Pooling2D;

  protected constructor(kind: string, options: Pooling1DOptions, rows: new (options: Pooling2DOptions) => Pooling2D) {
    super(kind, options, ["poolSize", "strides", "padding"]);
    const { poolSize = 2, strides = poolSize, padding = "valid" } = options;
    this.#rows = new rows({
      poolSize: alongSteps(kind, "poolSize", poolSize),
      strides: alongSteps(kind, "strides", strides),
      padding: rowPadding(kind, padding),
    });
  }

  override outputShape(inputShape: Shape): number[] {
    return sequenceShape(this.#named.outputShape(rowShape(this.name, inputShape)));
  }

  override windowOver(inputShape: Shape): Window {
    return this.#named.windowOver(rowShape(this.name, inputShape));
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const y = this.#named.forward(x.reshape(rowShape(this.name, x.shape)), pass);
    return y.reshape(sequenceShape(y.shape));
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const row = dy.shape.length === 3 ? dy.reshape(rowShape(this.name, dy.shape)) : dy;
    const dx = this.#named.backward(row, pass);
    return dx.reshape(sequenceShape(dx.shape));
  }

  /** Errors have the name that this layer has now. */
  get #named(): Pooling2D {
    this.#rows.name = this.name;
    return this.#rows;
  }
}

/**
 * The largest value of each window of steps; the first one wins a tie.                                                     C2
 *   x [N,S,C]   y [N,OS,C]   y[n,j,c] = max_q x[n, j·s+q−l, c];  backward: to the step where the maximum was
 *
 * ```ts
 * new MaxPooling1D().forward(tensor([[[1], [2], [4], [3]]])).toNested(); // [[[2], [4]]]
 * ```
 * @throws NeocogError for x that is not [N,S,C], a window larger than the padded x, a window with nothing but padding.
 */
export class MaxPooling1D extends Pooling1D {
  constructor(options: Pooling1DOptions = {}) {
    super("MaxPooling1D", options, MaxPooling2D);
  }
}

/**
 * The mean of each window of steps; cells in the padding do not count.                                                     C4
 *   x [N,S,C]   y [N,OS,C]   y[n,j,c] = Σ_q x[n, j·s+q−l, c] / (cells inside);  backward: dy / (cells inside) to each
 *
 * ```ts
 * new AveragePooling1D().forward(tensor([[[1], [2], [4], [3]]])).toNested(); // [[[1.5], [3.5]]]
 * ```
 * @throws NeocogError for x that is not [N,S,C], a window larger than the padded x, a window with nothing but padding.
 */
export class AveragePooling1D extends Pooling1D {
  constructor(options: Pooling1DOptions = {}) {
    super("AveragePooling1D", options, AveragePooling2D);
  }
}
