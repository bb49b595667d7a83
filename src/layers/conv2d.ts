import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { pair, Window } from "../window.ts";
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
export class Conv2D extends Convolution {
  declare readonly options: Conv2DOptions;
  readonly #groups: number;

  constructor(options: Conv2DOptions) {
    super("Conv2D", options, ["filters", "groups"]);
    this.#groups = this.checkFilters(options.filters, options.groups ?? 1);
  }

  override outputShape(inputShape: Shape): number[] {
    return this.windowOver(inputShape).outputShape(inputShape[0], this.options.filters);
  }

  override windowOver(inputShape: Shape): Window {
    const [, height, width] = imageShape(this.name, inputShape);
    this.checkChannels(inputShape, this.#groups, () => this.kernel.value.shape[2] * this.#groups);
    return Window.over(this.name, height, width, this.geometry);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    this.build(x.shape, pass);
    const window = this.windowOver(x.shape);
    const z = pass.allocate(window.outputShape(x.shape[0], this.options.filters));
    pass.kernels.conv2dForward(z, x, this.kernel.value, this.bias?.value, window, this.activation.fused);
    const y = this.activation.finish(z, pass);
    pass.remember(this, { x, y: this.activation.needed(y), shape: y.shape, window } satisfies ConvolutionNote<Window>);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { dz, x, window } = this.#gradients(dy, pass);
    const dx = pass.allocate(x.shape);
    pass.kernels.conv2dBackwardInput(dx, dz, this.kernel.value, window);
    return dx;
  }

  override backwardParameters(dy: Tensor, pass: Pass): void {
    this.#gradients(dy, pass);
  }

  protected override make([, , , channels]: Shape, pass: Pass): Parameter[] {
    const { filters, kernelSize } = this.options;
    return this.weights([...pair(this.name, "kernelSize", kernelSize), channels / this.#groups, filters], pass);
  }

  #gradients(dy: Tensor, pass: Pass): { dz: Tensor; x: Tensor; window: Window } {
    const { x, y, shape, window } = pass.recall<ConvolutionNote<Window>>(this);
    this.checkShapeOfGradient(dy, shape);
    const dz = this.activation.backward(dy, y, pass);
    this.gradient(this.kernel, pass, (dw) => pass.kernels.conv2dBackwardKernel(dw, x, dz, window));
    this.biasGradient(dz, pass);
    return { dz, x, window };
  }
}
