import { trueOrFalse } from "../errors.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { Window } from "../window.ts";
import { imageWithPixels } from "./images.ts";
import { Layer, type LayerOptions } from "./layer.ts";

export interface GlobalPooling2DOptions extends LayerOptions {
  /** Whether y is an image of one pixel, [N,1,1,C], instead of a row [N,C]. Default: false. */
  keepDims?: boolean;
}

/** What both kinds of global pooling share: they are pooling with one window, as large as the image. */
export abstract class GlobalPooling2D extends Layer {
  readonly #keepDims: boolean;

  protected constructor(kind: string, options: GlobalPooling2DOptions) {
    super(kind, options, ["keepDims"]);
    this.#keepDims = trueOrFalse(kind, "keepDims", options.keepDims ?? false);
  }

  override outputShape(inputShape: Shape): number[] {
    const [batch, , , channels] = imageWithPixels(this.name, inputShape);
    return this.#keepDims ? [batch, 1, 1, channels] : [batch, channels];
  }

  /** All of the image. It does not slide, so it is no `windowOver`. */
  protected wholeImage([, height, width]: Shape): Window {
    return Window.over(this.name, height, width, { kernelSize: [height, width] });
  }

  /** y, or dy, as the image that pooling with that window gives. */
  protected onePixel(y: Tensor, [batch, , , channels]: Shape): Tensor {
    return y.reshape([batch, 1, 1, channels]);
  }
}
