import { checkOptions, fail, trueOrFalse, wholeNumber } from "../errors.ts";
import { checkKernels, type Kernels } from "../kernels/kernels.ts";
import { wasmKernels } from "../kernels/wasm/kernels.ts";
import type { Model } from "../model/model.ts";
import { truncated } from "../model/transfer.ts";
import { type Tensor, zeros } from "../tensor.ts";
import { backToImage, checkModelOfImages, placeOfLargest, rowOf, scoresOf } from "./back-to-image.ts";

export interface DeconvnetOptions {
  /** The unit's map, or number in a row. */
  channel: number;
  /** Its row and column in the map. Default: for each image where the map is largest. */
  place?: readonly [row: number, column: number];
  /** Whether ReLU lets back only what it has let through as well: guided backpropagation. Default: false. */
  guided?: boolean;
  /** What computes. Default: the WASM SIMD kernels. */
  kernels?: Kernels;
}

/**
 * What in an image has made a unit active: the network backward from that unit alone, layer by layer.              D9, C9
 *   convolution    transposed, with the same kernel and no bias
 *   max pooling    unpooling: each value goes to where the maximum was (the switches)
 *   relu           dz = max(dy, 0): relu again; guided: where z > 0, too
 *
 * It differs from the gradient in ReLU only, which there lets back what it has let through: dz = dy where z > 0. So this
 * is the backward pass with another rule there. It begins with the unit's own value, all others being 0;
 * of a layer that closes with softmax or sigmoid, with the value before.
 *
 * ```ts
 * const patterns = deconvnet(model, "conv2d_1", images, { channel: 5 }); // shown where map 5 is largest in each
 * patterns.shape; // [n, 28, 28, 1], that of the images
 * ```
 * Zeiler & Fergus, "Visualizing and understanding convolutional networks", 2014, section 2.1; the rules side by side, and
 * the guided one: Springenberg, Dosovitskiy, Brox & Riedmiller, "Striving for simplicity", 2015, figure 1.
 *
 * @param layer its name as in the summary
 * @param x images [n, height, width, channels]
 * @returns in the shape of x: negative numbers are what a darker pixel would do
 * @throws NeocogError for layers, channels and places that are not there, and for x that do not fit.
 */
export function deconvnet(model: Model, layer: string, x: Tensor, options: DeconvnetOptions): Tensor {
  const body = truncated(model, layer);
  checkModelOfImages("deconvnet", body, x);
  checkOptions("deconvnet", options, ["channel", "place", "guided", "kernels"]);
  const { channel, place, guided = false } = options;
  trueOrFalse("deconvnet", "guided", guided);
  const unitAt = unitsOf("deconvnet", body, channel, place);
  const kernels = options.kernels === undefined ? wasmKernels() : checkKernels("deconvnet", options.kernels);
  return backToImage(scoresOf(body), x, rectifying(kernels, guided), (y) => {
    const dy = zeros(y.shape, kernels.dtype);
    for (let n = 0; n < x.shape[0]; n++) {
      const values = rowOf(y, n);
      const unit = unitAt(values);
      rowOf(dy, n)[unit] = values[unit];
    }
    return dy;
  });
}

/** The number, in an output of the model, of the unit of a channel: at a place, or where its map is largest. */
export function unitsOf(
  where: string,
  { outputShape }: Model,
  channel: number,
  place?: readonly [number, number],
): (values: ArrayLike<number>) => number {
  const channels = outputShape[outputShape.length - 1];
  if (wholeNumber(where, "channel", channel, 0) >= channels) {
    fail(where, "channel", channel, `the layer gives ${channels}; use 0 to ${channels - 1}`);
  }
  if (place === undefined) return (values) => placeOfLargest(values, channel, channels);
  const [height, width] = outputShape;
  const isPlace = Array.isArray(place) && place.length === 2 && place.every((at) => Number.isInteger(at) && at >= 0);
  if (!isPlace || outputShape.length !== 3 || place[0] >= height || place[1] >= width) {
    fail(where, "place", place, `the layer gives [${outputShape}]; use a row and a column in it`);
  }
  return () => (place[0] * width + place[1]) * channels + channel;
}

/** The same kernels with the other rule for ReLU. */
function rectifying(kernels: Kernels, guided: boolean): Kernels {
  return {
    ...kernels,
    activationBackward(dz, dy, y, activation) {
      if (activation.name !== "relu") {
        kernels.activationBackward(dz, dy, y, activation);
        return;
      }
      const [DZ, DY, Y] = [dz.data, dy.data, y.data];
      for (let e = 0; e < DZ.length; e++) DZ[e] = DY[e] > 0 && (!guided || Y[e] > 0) ? DY[e] : 0;
    },
  };
}
