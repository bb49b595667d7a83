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
    super(kind, options, ["poolSize", "strides", "padding"]);
    const { poolSize = 2, strides = poolSize, padding = "valid" } = options;
    pair(kind, "poolSize", poolSize);
    pair(kind, "strides", strides);
    this.#window = { kernelSize: poolSize, strides, padding: checkPadding(kind, padding) };
  }

  override outputShape(inputShape: Shape): number[] {
    return this.windowOver(inputShape).outputShape(inputShape[0], inputShape[3]);
  }

  override windowOver(inputShape: Shape): Window {
    const [, height, width, channels] = imageShape(this.name, inputShape);
    if (channels === 0) fail(this.name, "the number of channels of x", channels, "give images with channels");
    const window = Window.over(this.name, height, width, this.#window, "poolSize");
    if (readsOnlyPadding(window.rows) || readsOnlyPadding(window.columns)) {
      fail(
        this.name,
        "padding",
        this.#window.padding,
        "some window would read nothing but padding; pad less than poolSize",
      );
    }
    return window;
  }
}

/** Whether the first window ends before the image begins, or the last one begins after its end. */
function readsOnlyPadding({ input, kernel, stride, before, output }: Axis): boolean {
  return before >= kernel || (output - 1) * stride - before >= input;
}
