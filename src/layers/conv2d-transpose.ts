import { fail, wholeNumber } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { Window } from "../window.ts";
import { LINEAR } from "./activation-option.ts";
import { Convolution, type ConvolutionNote, type ConvolutionOptions } from "./convolution.ts";
import { imageShape } from "./images.ts";
import type { Parameter } from "./layer.ts";

export interface Conv2DTransposeOptions extends ConvolutionOptions {
  /** How many channels y has. */
  filters: number;
  /** Filters and channels are cut into this many groups that do not see each other. Default: 1. */
  groups?: number;
  /** Rows at the bottom and columns at the right that are added to y, fewer than strides. Default: 0. */
  outputPadding?: number | readonly [number, number];
}

/**
 * Transposed convolution, also called deconvolution: what a convolution's gradient does to dy. It enlarges an image.
 *   x [N,H,W,C]   kernel w [KH,KW,F/groups,C]   bias b [F]   y [N,OH,OW,F]          C8 · Zeiler 2010 · Dumoulin & Visin 2016
 *   forward   z[n, i·s+p·d−t, j·s+q·d−l, f] = b[f] + Σ x[n,i,j,c] · w[p,q,f,c]                      y = activation(z)
 *   backward  dz = dy · activation′;  dx is the convolution of dz with w;  dw[p,q,f,c] = Σ_nij x[n,i,j,c] · dz[n, i·s+p·d−t, …, f]
 *   OH = (H−1)·s + d·(KH−1) + 1 − t − b + outputPadding;  "same": H·s;  t, b, l, r (padding) are cut off at y's sides
 *
 * `Conv2D` with the same options takes y's size back to x's, and with the same kernel the two are adjoint. Where a kernel is
 * smaller than its stride, Keras' "valid" has strides − kernelSize more rows; outputPadding adds them here.
 *
 * ```ts
 * const enlarge = new Conv2DTranspose({ filters: 1, kernelSize: 2, strides: 2, kernelInitializer: "ones" });
 * enlarge.forward(tensor([[[[1], [2]]]])).toNested(); // [[[[1], [1], [2], [2]], [[1], [1], [2], [2]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], channels that groups do not divide, padding that leaves nothing of y.
 */
export class Conv2DTranspose extends Convolution {
  declare readonly options: Conv2DTransposeOptions;
  readonly #groups: number;
  readonly #outputPadding: readonly [number, number];

  constructor(options: Conv2DTransposeOptions) {
    super("Conv2DTranspose", options, ["filters", "groups", "outputPadding"]);
    this.#groups = this.checkFilters(options.filters, options.groups);
    this.#outputPadding = this.#checkOutputPadding(options.outputPadding ?? 0);
  }

  override outputShape(inputShape: Shape): number[] {
    return this.transposedWindowOver(inputShape).inputShape(inputShape[0], this.options.filters);
  }

  override transposedWindowOver(inputShape: Shape): Window {
    const [, height, width] = imageShape(this.name, inputShape);
    this.checkChannels(inputShape, this.#groups, () => this.kernel.shape[3]);
    return Window.over(this.name, this.#enlarged(0, height), this.#enlarged(1, width), this.geometry);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    this.build(x.shape, pass);
    const window = this.transposedWindowOver(x.shape);
    const z = pass.allocate(window.inputShape(x.shape[0], this.options.filters));
    pass.kernels.conv2dBackwardInput(z, x, this.kernel.value, window);
    const { fused } = this.activation;
    if (this.bias || fused.name !== "linear") pass.kernels.affineForward(z, z, undefined, this.bias?.value, fused);
    const y = this.activation.finish(z, pass);
    pass.remember(this, { x, y: this.activation.needed(y), shape: y.shape, window } satisfies ConvolutionNote);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { dz, x, window } = this.#gradients(dy, pass);
    const dx = pass.allocate(x.shape);
    pass.kernels.conv2dForward(dx, dz, this.kernel.value, undefined, window, LINEAR);
    return dx;
  }

  override backwardParameters(dy: Tensor, pass: Pass): void {
    this.#gradients(dy, pass);
  }

  protected override make([, , , channels]: Shape, pass: Pass): Parameter[] {
    const { filters } = this.options;
    const shape = [...this.geometry.kernelSize, filters / this.#groups, channels];
    return this.weights(shape, pass, filters);
  }

  #gradients(dy: Tensor, pass: Pass): { dz: Tensor; x: Tensor; window: Window } {
    const { x, y, shape, window } = pass.recall<ConvolutionNote>(this);
    this.checkShapeOfGradient(dy, shape);
    const dz = this.activation.backward(dy, y, pass);
    // The image that the window slides over is z, and what the convolution would give is x.
    this.gradient(this.kernel, pass, (dw) => pass.kernels.conv2dBackwardKernel(dw, dz, x, window));
    this.biasGradient(dz, pass);
    return { dz, x, window };
  }

  /** The height (0) or width (1) of y. */
  #enlarged(axis: 0 | 1, size: number): number {
    const { kernelSize, strides, padding, dilationRate } = this.geometry;
    const [kernel, stride, dilation] = [kernelSize[axis], strides[axis], dilationRate[axis]];
    if (size === 0) fail(this.name, "the size of x", size, "give images with at least one pixel");
    if (padding === "same") return size * stride;
    const sides =
      typeof padding === "number" ? [padding, padding] : padding === "valid" ? [0, 0] : padding.slice(2 * axis);
    const full = (size - 1) * stride + dilation * (kernel - 1) + 1 + this.#outputPadding[axis];
    const enlarged = full - sides[0] - sides[1];
    if (enlarged < 1) fail(this.name, "padding", padding, `it cuts all ${full} rows or columns of y off; use less`);
    return enlarged;
  }

  #checkOutputPadding(given: unknown): readonly [number, number] {
    const { strides, padding } = this.geometry;
    const sides: readonly unknown[] = Array.isArray(given) ? given : [given, given];
    if (sides.length !== 2) fail(this.kind, "outputPadding", given, "give one number or [height, width]");
    const numbers = sides.map((side, axis) => {
      const rows = wholeNumber(this.kind, "outputPadding", side, 0);
      if (rows > 0 && padding === "same") {
        const why = 'it does not go with padding "same", whose y is strides times x; leave it out or use "valid"';
        fail(this.kind, "outputPadding", given, why);
      }
      const stride = strides[axis];
      if (rows >= stride) fail(this.kind, "outputPadding", given, `use less than strides, which is ${stride}`);
      return rows;
    });
    return [numbers[0], numbers[1]];
  }
}
