import { fail } from "../errors.ts";
import type { Initializer } from "../initializers.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Regularizer } from "../regularizers.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { type Pair, pair, Window } from "../window.ts";
import { LINEAR } from "./activation-option.ts";
import { imageShape } from "./images.ts";
import type { Parameter } from "./layer.ts";
import { Weighted, type WeightedOptions } from "./weighted.ts";

export interface Subsampling2DOptions extends Omit<WeightedOptions, "kernelInitializer" | "kernelRegularizer"> {
  /** Default: 2. */
  poolSize?: Pair;
  /** Default: poolSize, so that windows do not overlap. */
  strides?: Pair;
  /** Default: 1 / (cells of a window) everywhere, so that it begins as average pooling. */
  coefficientInitializer?: Initializer;
  coefficientRegularizer?: Regularizer;
}

interface Note {
  readonly sums: Tensor;
  readonly xShape: Shape;
  readonly shape: Shape;
  readonly y: Tensor | undefined;
  readonly window: Window;
}

/**
 * LeNet-5's subsampling: the sum of each window times a coefficient that is learnt, plus a bias, one of each a channel.
 *   x [N,H,W,C]   coefficient a [C]   bias b [C]   y [N,OH,OW,C]   s stride                              C4 · LeCun et al. 1998
 *   forward   S[n,i,j,c] = Σ_pq x[n, i·s+p, j·s+q, c];   z = a[c]·S + b[c];   y = activation(z)
 *   backward  dz = dy · activation′;  da[c] = Σ_nij dz·S;  db[c] = Σ_nij dz;  each dz[n,i,j,c] sends a[c]·dz to every x of its window
 *
 * The coefficient decides how the activation is used: where it is small, sigmoid and tanh are almost linear and the layer
 * blurs; where it is large, it is a noisy OR or AND of its window, as the bias has it. No padding; Keras has no such layer.
 *
 * ```ts
 * const sub = new Subsampling2D({ coefficientInitializer: "ones" });
 * sub.forward(tensor([[[[1], [2]], [[4], [3]]]])).toNested(); // [[[[10]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], or has other channels than it was built for, a window larger than x.
 */
export class Subsampling2D extends Weighted {
  declare readonly options: Subsampling2DOptions;
  readonly #poolSize: readonly [number, number];
  readonly #strides: readonly [number, number];

  constructor(options: Subsampling2DOptions = {}) {
    super("Subsampling2D", options, ["poolSize", "strides"], ["coefficient"]);
    this.#poolSize = pair(this.kind, "poolSize", options.poolSize ?? 2);
    this.#strides = pair(this.kind, "strides", options.strides ?? this.#poolSize);
  }

  override outputShape(inputShape: Shape): number[] {
    return this.windowOver(inputShape).outputShape(inputShape[0], inputShape[3]);
  }

  override windowOver(inputShape: Shape): Window {
    const [, height, width, channels] = imageShape(this.name, inputShape);
    if (channels === 0) fail(this.name, "the number of channels of x", channels, "give images with channels");
    const expected = this.built ? this.kernel.size : channels;
    if (channels !== expected) {
      const remedy = `it was built for ${expected} channels; give those, or make a new layer`;
      fail(this.name, "the shape of x", inputShape, remedy);
    }
    const sizes = { kernelSize: this.#poolSize, strides: this.#strides };
    return Window.over(this.name, height, width, sizes, "poolSize");
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    this.build(x.shape, pass);
    const { kernels } = pass;
    const window = this.windowOver(x.shape);
    const shape = window.outputShape(x.shape[0], x.shape[3]);
    const sums = pass.allocate(shape);
    kernels.averagePooling2dForward(sums, x, window);
    kernels.affineForward(sums, sums, this.#timesCells(pass), undefined, LINEAR);
    const z = pass.allocate(shape);
    kernels.affineForward(z, sums, this.kernel.value, this.bias?.value, this.activation.fused);
    const y = this.activation.finish(z, pass);
    pass.remember(this, { sums, xShape: x.shape, shape, y: this.activation.needed(y), window } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { dz, note } = this.#gradients(dy, pass);
    const dmeans = pass.allocate(note.shape);
    pass.kernels.affineForward(dmeans, dz, this.#timesCells(pass, this.kernel.value), undefined, LINEAR);
    const dx = pass.allocate(note.xShape);
    pass.kernels.averagePooling2dBackward(dx, dmeans, note.window);
    return dx;
  }

  override backwardParameters(dy: Tensor, pass: Pass): void {
    this.#gradients(dy, pass);
  }

  protected override make([, , , channels]: Shape, pass: Pass): Parameter[] {
    const mean = (shape: Shape) => new Array<number>(shape[0]).fill(1 / this.#cells);
    return [this.kernelOf("coefficient", "coefficient", [channels], pass, mean), ...this.biasOf(channels, pass)];
  }

  #gradients(dy: Tensor, pass: Pass): { dz: Tensor; note: Note } {
    const note = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, note.shape);
    const dz = this.activation.backward(dy, note.y, pass);
    this.gradient(this.kernel, pass, (da) => pass.kernels.affineBackwardScale(da, dz, note.sums));
    this.biasGradient(dz, pass);
    return { dz, note };
  }

  get #cells(): number {
    return this.#poolSize[0] * this.#poolSize[1];
  }

  /** What makes a mean a sum, and a gradient of sums one of means: for each channel the cells of a window, times a number. */
  #timesCells(pass: Pass, factors?: Tensor): Tensor {
    const result = pass.allocate(this.kernel.shape);
    const { data } = result;
    for (let c = 0; c < data.length; c++) data[c] = this.#cells;
    if (factors) pass.kernels.multiply(result, result, factors);
    return result;
  }
}
