import { wholeNumber } from "../errors.ts";
import type { Initializer } from "../initializers.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Regularizer } from "../regularizers.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { Window } from "../window.ts";
import { LINEAR } from "./activation-option.ts";
import { Convolution, type ConvolutionNote, type ConvolutionOptions } from "./convolution.ts";
import { groupedFilters } from "./depthwise-conv2d.ts";
import { imageShape } from "./images.ts";
import type { Parameter } from "./layer.ts";

export interface SeparableConv2DOptions extends Omit<ConvolutionOptions, "kernelInitializer" | "kernelRegularizer"> {
  /** How many channels y has. */
  filters: number;
  /** How many filters each channel has before the channels are mixed. Default: 1. */
  depthMultiplier?: number;
  /** Default: "glorotUniform". */
  depthwiseInitializer?: Initializer;
  /** Default: "glorotUniform". */
  pointwiseInitializer?: Initializer;
  depthwiseRegularizer?: Regularizer;
  pointwiseRegularizer?: Regularizer;
}

interface Note extends ConvolutionNote {
  /** What the depthwise half gives. */
  readonly middle: Tensor;
}

/**
 * Depthwise separable convolution: first within each channel, then across the channels.               B13 · Chollet 2017
 *   x [N,H,W,C]   depthwiseKernel d [KH,KW,C,M]   pointwiseKernel w [1,1,C·M,F]   bias b [F]   y [N,OH,OW,F]
 *   forward   z[n,i,j,f] = b[f] + Σ_cm w[0,0,c·M+m,f] · Σ_pq x[n, i·s+p·d−t, j·s+q·d−l, c] · d[p,q,c,m]   y = activation(z)
 *   backward  that of a pointwise Conv2D, then that of DepthwiseConv2D
 *
 * It is the Conv2D with the kernel Σ_m d[p,q,c,m]·w[0,0,c·M+m,f], which takes KH·KW·C·F weights instead of
 * KH·KW·C·M + C·M·F: 9·128·128 = 147,456 against 9·128 + 128·128 = 17,536.
 *
 * ```ts
 * const ones = { depthwiseInitializer: "ones", pointwiseInitializer: "ones" } as const;
 * const separable = new SeparableConv2D({ filters: 1, kernelSize: [1, 2], ...ones });
 * separable.forward(tensor([[[[1, 10], [2, 20], [3, 30]]]])).toNested(); // [[[[33], [55]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], or has other channels than it was built for, a kernel larger than the padded x.
 */
export class SeparableConv2D extends Convolution {
  declare readonly options: SeparableConv2DOptions;
  readonly #multiplier: number;

  constructor(options: SeparableConv2DOptions) {
    super("SeparableConv2D", options, ["filters", "depthMultiplier"], ["depthwise", "pointwise"]);
    this.checkFilters(options.filters);
    this.#multiplier = wholeNumber(this.kind, "depthMultiplier", options.depthMultiplier ?? 1, 1);
  }

  override get bias(): Parameter | undefined {
    return this.parameters[2];
  }

  override outputShape(inputShape: Shape): number[] {
    return this.windowOver(inputShape).outputShape(inputShape[0], this.options.filters);
  }

  override windowOver(inputShape: Shape): Window {
    const [, height, width] = imageShape(this.name, inputShape);
    this.checkChannels(inputShape, 1, () => this.kernel.shape[2]);
    return Window.over(this.name, height, width, this.geometry);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    this.build(x.shape, pass);
    const window = this.windowOver(x.shape);
    const [N, , , C] = x.shape;
    const middle = pass.allocate(window.outputShape(N, C * this.#multiplier));
    pass.kernels.conv2dForward(middle, x, groupedFilters(this.kernel.value), undefined, window, LINEAR);
    const z = pass.allocate(window.outputShape(N, this.options.filters));
    const [, pointwise] = this.parameters;
    pass.kernels.conv2dForward(z, middle, pointwise.value, this.bias?.value, pixels(middle), this.activation.fused);
    const y = this.activation.finish(z, pass);
    pass.remember(this, { x, middle, y: this.activation.needed(y), shape: y.shape, window } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { dmiddle, x, window } = this.#gradients(dy, pass);
    const dx = pass.allocate(x.shape);
    pass.kernels.conv2dBackwardInput(dx, dmiddle, groupedFilters(this.kernel.value), window);
    return dx;
  }

  override backwardParameters(dy: Tensor, pass: Pass): void {
    this.#gradients(dy, pass);
  }

  protected override make([, , , C]: Shape, pass: Pass): Parameter[] {
    const { filters } = this.options;
    return [
      this.kernelOf("depthwise", "depthwiseKernel", [...this.geometry.kernelSize, C, this.#multiplier], pass),
      this.kernelOf("pointwise", "pointwiseKernel", [1, 1, C * this.#multiplier, filters], pass),
      ...this.biasOf(filters, pass),
    ];
  }

  #gradients(dy: Tensor, pass: Pass): { dmiddle: Tensor; x: Tensor; window: Window } {
    const { x, middle, y, shape, window } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, shape);
    const { kernels } = pass;
    const [depthwise, pointwise] = this.parameters;
    const dz = this.activation.backward(dy, y, pass);
    this.biasGradient(dz, pass);
    this.gradient(pointwise, pass, (dw) => kernels.conv2dBackwardKernel(dw, middle, dz, pixels(middle)));
    const dmiddle = pass.allocate(middle.shape);
    kernels.conv2dBackwardInput(dmiddle, dz, pointwise.value, pixels(middle));
    this.gradient(depthwise, pass, (dw) => kernels.conv2dBackwardKernel(groupedFilters(dw), x, dmiddle, window));
    return { dmiddle, x, window };
  }
}

/** The window of a kernel of 1 × 1. */
function pixels({ shape: [, height, width] }: Tensor): Window {
  return Window.over("SeparableConv2D", height, width, { kernelSize: 1 });
}
