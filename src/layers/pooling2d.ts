import { fail } from "../errors.ts";
import type { Shape } from "../tensor.ts";
import { type Axis, checkPadding, type Padding, type Pair, pair, Window, type WindowOptions } from "../window.ts";
import { imageShape } from "./images.ts";
import { Layer, type LayerOptions } from "./layer.ts";

export interface Pooling2DOptions extends LayerOptions {
  /** Default: 2. */
  poolSize?: Pair;
  /** Default: poolSize, so that windows do not overlap. */
  strides?: Pair;
  /** Default: "valid". Padding is never read, so every window must touch the image. */
  padding?: Padding;
}

/** What both kinds of pooling share: a window that looks at each channel by itself. */
export abstract class Pooling2D extends Layer {
  readonly #window: WindowOptions;

  protected constructor(kind: string, options: Pooling2DOptions) {
    super(kind, options, POOLING_OPTIONS);
    this.#window = poolingOptions(kind, options);
  }

  override outputShape(inputShape: Shape): number[] {
    return this.windowOver(inputShape).outputShape(inputShape[0], inputShape[3]);
  }

  override windowOver(inputShape: Shape): Window {
    return poolingWindow(this.name, inputShape, this.#window);
  }
}

export const POOLING_OPTIONS: readonly string[] = ["poolSize", "strides", "padding"];

/** The options of a pooling layer as those of its window, checked. */
export function poolingOptions(kind: string, options: Pooling2DOptions): WindowOptions {
  const { poolSize = 2, strides = poolSize, padding = "valid" } = options;
  pair(kind, "poolSize", poolSize);
  pair(kind, "strides", strides);
  return { kernelSize: poolSize, strides, padding: checkPadding(kind, padding) };
}

/** The window of a layer that pools, or undoes it, over images of this shape. */
export function poolingWindow(layer: string, inputShape: Shape, options: WindowOptions): Window {
  const [, height, width, channels] = imageShape(layer, inputShape);
  if (channels === 0) fail(layer, "the number of channels of x", channels, "give images with channels");
  const window = Window.over(layer, height, width, options, "poolSize");
  if (readsOnlyPadding(window.rows) || readsOnlyPadding(window.columns)) {
    fail(layer, "padding", options.padding, "some window would read nothing but padding; pad less than poolSize");
  }
  return window;
}

/** Whether the first window ends before the image begins, or the last one begins after its end. */
function readsOnlyPadding({ input, kernel, stride, before, output }: Axis): boolean {
  return before >= kernel || (output - 1) * stride - before >= input;
}
