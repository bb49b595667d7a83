import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { Window } from "../window.ts";
import { Convolution, type ConvolutionNote, type ConvolutionOptions } from "./convolution.ts";
import { imageShape } from "./images.ts";
import type { Parameter } from "./layer.ts";

export interface Conv2DOptions extends ConvolutionOptions {
  /** How many filters, which is how many channels y has. */
  filters: number;
  /** Filters and channels are cut into this many groups that do not see each other. Default: 1. */
  groups?: number;
}

/**
 * A window that slides over an image: both passes of Conv2D, of DepthwiseConv2D, where every channel is a group, and of
 * Conv1D, whose sequences are images of one row. Those show their x, y and kernel as Conv2D has them: views, no copies.
 */
export abstract class SlidingConvolution extends Convolution {
  /** How many channels y has, and how many groups, for so many channels of x. */
  protected abstract filtersOf(channels: number): number;
  protected abstract groupsOf(channels: number): number;

  /** The shape of x as images, and the shape of y or dx as this layer gives it. */
  protected imagesOf(inputShape: Shape): readonly [number, number, number, number] {
    return imageShape(this.name, inputShape);
  }

  protected givenOf(imageShape: Shape): Shape {
    return imageShape;
  }

  /** The kernel as [KH,KW,C/groups,F]. */
  protected filters(kernel: Tensor, _pass: Pass): Tensor {
    return kernel;
  }

  /** Has the gradient of that kernel written, and puts it where the parameter has it. */
  protected kernelGradient(dw: Tensor, pass: Pass, write: (filters: Tensor) => void): void {
    write(this.filters(dw, pass));
  }

  /** For how many channels it was built. */
  protected builtFor(): number {
    return this.kernel.shape[2] * this.groupsOf(0);
  }

  override outputShape(inputShape: Shape): number[] {
    const [N, , , C] = this.imagesOf(inputShape);
    return [...this.givenOf(this.windowOver(inputShape).outputShape(N, this.filtersOf(C)))];
  }

  override windowOver(inputShape: Shape): Window {
    const [, height, width, channels] = this.imagesOf(inputShape);
    this.checkChannels(inputShape, this.groupsOf(channels), () => this.builtFor());
    return Window.over(this.name, height, width, this.geometry);
  }

  override forward(given: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(given);
    this.build(given.shape, pass);
    const window = this.windowOver(given.shape);
    const x = given.reshape(this.imagesOf(given.shape));
    const z = pass.allocate(window.outputShape(x.shape[0], this.filtersOf(x.shape[3])));
    const kernel = this.filters(this.kernel.value, pass);
    pass.kernels.conv2dForward(z, x, kernel, this.bias?.value, window, this.activation.fused);
    const y = this.activation.finish(z, pass);
    pass.remember(this, { x, y: this.activation.needed(y), shape: y.shape, window } satisfies ConvolutionNote);
    return y.reshape(this.givenOf(y.shape));
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { dz, x, window } = this.#gradients(dy, pass);
    const dx = pass.allocate(x.shape);
    pass.kernels.conv2dBackwardInput(dx, dz, this.filters(this.kernel.value, pass), window);
    return dx.reshape(this.givenOf(dx.shape));
  }

  override backwardParameters(dy: Tensor, pass: Pass): void {
    this.#gradients(dy, pass);
  }

  #gradients(given: Tensor, pass: Pass): { dz: Tensor; x: Tensor; window: Window } {
    const { x, y, shape, window } = pass.recall<ConvolutionNote>(this);
    this.checkShapeOfGradient(given, this.givenOf(shape));
    const dz = this.activation.backward(given.reshape(shape), y, pass);
    this.gradient(this.kernel, pass, (dw) => {
      this.kernelGradient(dw, pass, (filters) => pass.kernels.conv2dBackwardKernel(filters, x, dz, window));
    });
    this.biasGradient(dz, pass);
    return { dz, x, window };
  }
}

/**
 * 2-D convolution (cross-correlation: the kernel is not flipped).                          B2 · Dumoulin & Visin 2016
 *   x [N,H,W,C]   kernel w [KH,KW,C/groups,F]   bias b [F]   y [N,OH,OW,F]   s stride; d dilation; t, l padding top, left
 *   forward   z[n,i,j,f] = b[f] + Σ_pqc x[n, i·s+p·d−t, j·s+q·d−l, c] · w[p,q,c,f]                  y = activation(z)
 *   backward  dz = dy · activation′;  each product above sends dz·w to its x and dz·x to its w;  db[f] = Σ_nij dz[n,i,j,f]
 *   c runs over the C/groups channels of f's group
 *
 * ```ts
 * const conv = new Conv2D({ filters: 1, kernelSize: 2, kernelInitializer: "ones" });
 * conv.forward(tensor([[[[1], [2], [3]], [[4], [5], [6]]]])).toNested(); // [[[[12], [16]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], channels that groups do not divide, a kernel larger than the padded x.
 */
export class Conv2D extends SlidingConvolution {
  declare readonly options: Conv2DOptions;
  readonly #groups: number;

  constructor(options: Conv2DOptions) {
    super("Conv2D", options, ["filters", "groups"]);
    this.#groups = this.checkFilters(options.filters, options.groups);
  }

  protected override make([, , , channels]: Shape, pass: Pass): Parameter[] {
    return this.weights([...this.geometry.kernelSize, channels / this.#groups, this.options.filters], pass);
  }

  protected override filtersOf(): number {
    return this.options.filters;
  }

  protected override groupsOf(): number {
    return this.#groups;
  }
}
