import { fail, wholeNumber } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { checkPadding, type Padding, type Pair, pair, type Window } from "../window.ts";
import { Weighted, type WeightedOptions } from "./weighted.ts";

export interface ConvolutionOptions extends WeightedOptions {
  kernelSize: Pair;
  /** Default: 1. */
  strides?: Pair;
  /** Default: "valid". */
  padding?: Padding;
  /** Distance between the inputs that neighbouring kernel cells read. Default: 1. */
  dilationRate?: Pair;
}

/** The options of a window, checked, with their defaults. */
export interface WindowGeometry {
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
  readonly dilationRate: readonly [number, number];
}

/** What backward needs of a convolution's forward pass. */
export interface ConvolutionNote {
  readonly x: Tensor;
  readonly shape: readonly number[];
  readonly y: Tensor | undefined;
  readonly window: Window;
}

/** What all convolutions share: their window, and how many channels they were built for. */
export abstract class Convolution extends Weighted {
  protected readonly geometry: WindowGeometry;

  protected constructor(kind: string, options: WeightedOptions, known: readonly string[], kernels?: readonly string[]) {
    super(kind, options, [...known, "kernelSize", "strides", "padding", "dilationRate"], kernels);
    this.geometry = this.geometryOf(options as ConvolutionOptions);
  }

  /** Called by the constructor. @throws NeocogError for sizes that are no positive whole numbers, and an unknown padding. */
  protected geometryOf({
    kernelSize,
    strides = 1,
    padding = "valid",
    dilationRate = 1,
  }: ConvolutionOptions): WindowGeometry {
    return {
      kernelSize: pair(this.kind, "kernelSize", kernelSize),
      strides: pair(this.kind, "strides", strides),
      padding: checkPadding(this.kind, padding),
      dilationRate: pair(this.kind, "dilationRate", dilationRate),
    };
  }

  /** Filters and groups that fit each other, as the number of groups. */
  protected checkFilters(filters: unknown, groups: unknown = 1): number {
    wholeNumber(this.kind, "filters", filters, 1);
    const count = wholeNumber(this.kind, "groups", groups, 1);
    if ((filters as number) % count !== 0) {
      fail(this.kind, "filters", filters, `use a multiple of groups, which is ${count}`);
    }
    return count;
  }

  /** Refuses a number of channels that groups do not divide, or that is not the one of the kernel. */
  protected checkChannels(inputShape: readonly number[], groups: number, built: () => number): void {
    const channels = inputShape[inputShape.length - 1];
    if (channels % groups !== 0 || channels === 0) {
      fail(this.name, "the number of channels of x", channels, `give a multiple of groups, which is ${groups}`);
    }
    const expected = this.built ? built() : channels;
    if (channels !== expected) {
      const remedy = `it was built for ${expected} channels; give those, or make a new layer`;
      fail(this.name, "the shape of x", inputShape, remedy);
    }
  }
}
