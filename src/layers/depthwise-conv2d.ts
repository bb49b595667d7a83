import { wholeNumber } from "../errors.ts";
import type { Initializer } from "../initializers.ts";
import type { Pass } from "../pass.ts";
import type { Regularizer } from "../regularizers.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { SlidingConvolution } from "./conv2d.ts";
import type { ConvolutionOptions } from "./convolution.ts";
import type { Parameter } from "./layer.ts";

export interface DepthwiseConv2DOptions extends Omit<ConvolutionOptions, "kernelInitializer" | "kernelRegularizer"> {
  /** How many filters each channel has. Default: 1. */
  depthMultiplier?: number;
  /** Default: "glorotUniform". */
  depthwiseInitializer?: Initializer;
  depthwiseRegularizer?: Regularizer;
}

/**
 * Depthwise convolution: every channel has filters of its own and sees no other.             B13 · Sifre 2014, Chollet 2017
 *   x [N,H,W,C]   kernel w [KH,KW,C,M]   bias b [C·M]   y [N,OH,OW,C·M]   M depthMultiplier; s, d, t, l as in Conv2D
 *   forward   z[n,i,j, c·M+m] = b[c·M+m] + Σ_pq x[n, i·s+p·d−t, j·s+q·d−l, c] · w[p,q,c,m]          y = activation(z)
 *   backward  as Conv2D, of which it is the case groups = C: w is its kernel [KH,KW,1,C·M] by another name
 *
 * ```ts
 * const sums = new DepthwiseConv2D({ kernelSize: [1, 2], depthwiseInitializer: "ones" });
 * sums.forward(tensor([[[[1, 10], [2, 20], [3, 30]]]])).toNested(); // [[[[3, 30], [5, 50]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], or has other channels than it was built for, a kernel larger than the padded x.
 */
export class DepthwiseConv2D extends SlidingConvolution {
  declare readonly options: DepthwiseConv2DOptions;
  readonly #multiplier: number;

  constructor(options: DepthwiseConv2DOptions) {
    super("DepthwiseConv2D", options, ["depthMultiplier"], ["depthwise"]);
    this.#multiplier = wholeNumber(this.kind, "depthMultiplier", options.depthMultiplier ?? 1, 1);
  }

  protected override make(inputShape: Shape, pass: Pass): Parameter[] {
    const channels = inputShape[3];
    const shape = [...this.geometry.kernelSize, channels, this.#multiplier];
    return [this.kernelOf("depthwise", "kernel", shape, pass), ...this.biasOf(this.filtersOf(channels), pass)];
  }

  protected override filtersOf(channels: number): number {
    return channels * this.#multiplier;
  }

  protected override groupsOf(channels: number): number {
    return Math.max(1, channels);
  }

  protected override builtFor(): number {
    return this.kernel.shape[2];
  }

  protected override filters(kernel: Tensor): Tensor {
    return groupedFilters(kernel);
  }
}

/** The kernel [KH,KW,C,M] as that of a convolution with C groups, [KH,KW,1,C·M]. */
export function groupedFilters(kernel: Tensor): Tensor {
  const [height, width, channels, multiplier] = kernel.shape;
  return kernel.reshape([height, width, 1, channels * multiplier]);
}
