import type { Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { SlidingConvolution } from "./conv2d.ts";
import type { WindowGeometry } from "./convolution.ts";
import type { Parameter } from "./layer.ts";
import { alongSteps, rowPadding, rowShape, type SequencePadding, sequenceShape } from "./sequences.ts";
import type { WeightedOptions } from "./weighted.ts";

export interface Conv1DOptions extends WeightedOptions {
  /** How many filters, which is how many channels y has. */
  filters: number;
  kernelSize: number;
  /** Default: 1. */
  strides?: number;
  /** "causal": as many zeros before the first step as y[i] needs to see no step after i·strides. Default: "valid". */
  padding?: SequencePadding | "causal";
  /** Distance between the steps that neighbouring kernel cells read. Default: 1. */
  dilationRate?: number;
  /** Filters and channels are cut into this many groups that do not see each other. Default: 1. */
  groups?: number;
}

/**
 * 1-D convolution, of sequences (cross-correlation: the kernel is not flipped).                     A5, B1 · Waibel et al. 1989
 *   x [N,S,C]   kernel w [K,C/groups,F]   bias b [F]   y [N,OS,F]   s stride; d dilation; l padding before the first step
 *   forward   z[n,j,f] = b[f] + Σ_qc x[n, j·s+q·d−l, c] · w[q,c,f]                                  y = activation(z)
 *   backward  as Conv2D, of which it is the case of one row: x [N,1,S,C], w [1,K,C/groups,F]; nothing is copied
 *
 * ```ts
 * const conv = new Conv1D({ filters: 1, kernelSize: 2, kernelInitializer: "ones", padding: "causal" });
 * conv.forward(tensor([[[1], [2], [3]]])).toNested(); // [[[1], [3], [5]]]
 * ```
 * @throws NeocogError for x that is not [N,S,C], channels that groups do not divide, a kernel larger than the padded x.
 */
export class Conv1D extends SlidingConvolution {
  declare readonly options: Conv1DOptions;
  readonly #groups: number;

  constructor(options: Conv1DOptions) {
    super("Conv1D", options, ["filters", "groups"]);
    this.#groups = this.checkFilters(options.filters, options.groups);
  }

  protected override geometryOf(options: WeightedOptions): WindowGeometry {
    const { kernelSize, strides = 1, padding = "valid", dilationRate = 1 } = options as Conv1DOptions;
    const kernel = alongSteps(this.kind, "kernelSize", kernelSize);
    const dilation = alongSteps(this.kind, "dilationRate", dilationRate);
    return {
      kernelSize: kernel,
      strides: alongSteps(this.kind, "strides", strides),
      padding: padding === "causal" ? [0, 0, dilation[1] * (kernel[1] - 1), 0] : rowPadding(this.kind, padding),
      dilationRate: dilation,
    };
  }

  protected override imagesOf(inputShape: Shape): readonly [number, number, number, number] {
    return rowShape(this.name, inputShape);
  }

  protected override givenOf(imageShape: Shape): Shape {
    return sequenceShape(imageShape);
  }

  protected override make([, , channels]: Shape, pass: Pass): Parameter[] {
    return this.weights([this.geometry.kernelSize[1], channels / this.#groups, this.options.filters], pass);
  }

  protected override filters(kernel: Tensor): Tensor {
    return kernel.reshape([1, ...kernel.shape]);
  }

  protected override builtFor(): number {
    return this.kernel.shape[1] * this.#groups;
  }

  protected override filtersOf(): number {
    return this.options.filters;
  }

  protected override groupsOf(): number {
    return this.#groups;
  }
}
