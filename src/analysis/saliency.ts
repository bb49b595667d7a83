import { checkOptions, fail, wholeNumber } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { checkKernels } from "../kernels/kernels.ts";
import { wasmKernels } from "../kernels/wasm/kernels.ts";
import type { Model } from "../model/model.ts";
import { sizeOf, type Tensor, zeros } from "../tensor.ts";
import { backToImage, checkModelOfImages, placeOfLargest, rowOf, scoresOf } from "./back-to-image.ts";

export interface SaliencyOptions {
  /** Which number of the output. Default: for each image the largest. */
  unit?: number;
  /** What computes. Default: the WASM SIMD kernels. */
  kernels?: Kernels;
}

/**
 * Which pixels a class hangs on: the gradient of its score with respect to the image.                                 D9
 *   dx[n,u,v,c] = ∂score[n,unit] / ∂x[n,u,v,c]      the score: the output, before the softmax or sigmoid that closes it
 *
 * A pixel that is brighter by a little raises the score by dx as much. Pictures show |dx|, of several channels the largest.
 *
 * ```ts
 * const model = new Sequential([new Flatten(), new Dense({ units: 1, useBias: false })], { inputShape: [1, 2, 1] });
 * model.setWeights([tensor([[3], [-1]])]);
 * saliency(model, tensor([[[[5], [7]]]])).toNested(); // [[[[3], [-1]]]]: of a linear model, its weights
 * ```
 * Simonyan, Vedaldi & Zisserman, "Deep inside convolutional networks", 2014, section 3.
 *
 * @param x images [n, height, width, channels]
 * @returns the gradients, in the shape of x
 * @throws NeocogError for a model that has not one input and one output, x that do not fit, a unit that is not there.
 */
export function saliency(model: Model, x: Tensor, options: SaliencyOptions = {}): Tensor {
  checkModelOfImages("saliency", model, x);
  checkOptions("saliency", options, ["unit", "kernels"]);
  const unit = checkUnit("saliency", options.unit, model);
  const kernels = options.kernels === undefined ? wasmKernels() : checkKernels("saliency", options.kernels);
  return backToImage(scoresOf(model), x, kernels, (y) => {
    const dy = zeros(y.shape, kernels.dtype);
    for (let n = 0; n < x.shape[0]; n++) rowOf(dy, n)[unit ?? placeOfLargest(rowOf(y, n))] = 1;
    return dy;
  });
}

/** A number of the model's output, or nothing. */
export function checkUnit(where: string, unit: number | undefined, model: Model): number | undefined {
  if (unit === undefined) return undefined;
  const count = sizeOf(model.outputShape);
  if (wholeNumber(where, "unit", unit, 0) >= count) fail(where, "unit", unit, `the output has ${count} numbers`);
  return unit;
}
