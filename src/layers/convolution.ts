import { fail, wholeNumber } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { checkPadding, type Padding, type Pair, pair, type WindowOptions } from "../window.ts";
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

/** What backward needs of a convolution's forward pass. */
export interface ConvolutionNote<Windows> {
  readonly x: Tensor;
  readonly shape: readonly number[];
  readonly y: Tensor | undefined;
  readonly window: Windows;
}

/** What all convolutions share: the options of their window, and how many channels they were built for. */
export abstract class Convolution extends Weighted {
  declare readonly options: ConvolutionOptions;
  protected readonly geometry: WindowOptions & { readonly padding: Padding };

  protected constructor(kind: string, options: ConvolutionOptions, known: readonly string[]) {
    super(kind, options, [...known, "kernelSize", "strides", "padding", "dilationRate"]);
    const { kernelSize, strides = 1, padding = "valid", dilationRate = 1 } = options;
    pair(kind, "kernelSize", kernelSize);
    pair(kind, "strides", strides);
    pair(kind, "dilationRate", dilationRate);
    this.geometry = { kernelSize, strides, padding: checkPadding(kind, padding), dilationRate };
  }

  /** Filters and groups that fit each other, as the number of groups. */
  protected checkFilters(filters: unknown, groups: unknown): number {
    wholeNumber(this.kind, "filters", filters, 1);
    const count = wholeNumber(this.kind, "groups", groups, 1);
    if ((filters as number) % count !== 0) {
      fail(this.kind, "filters", filters, `use a multiple of groups, which is ${count}`);
    }
    return count;
  }

  /** Refuses a number of channels that groups do not divide, or that is not the one of the kernel. */
  protected checkChannels(inputShape: readonly number[], groups: number, built: () => number): number {
    const channels = inputShape[inputShape.length - 1];
    if (channels % groups !== 0 || channels === 0) {
      fail(this.name, "the number of channels of x", channels, `give a multiple of groups, which is ${groups}`);
    }
    const expected = this.built ? built() : channels;
    if (channels !== expected) {
      const remedy = `it was built for ${expected} channels; give those, or make a new layer`;
      fail(this.name, "the shape of x", inputShape, remedy);
    }
    return channels;
  }
}
