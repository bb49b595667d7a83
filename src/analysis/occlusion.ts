import { checkOptions, finiteNumber } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { type Tensor, tensor, zeros } from "../tensor.ts";
import { type Pair, Window } from "../window.ts";
import { checkModelOfImages, placeOfLargest, rowOf } from "./back-to-image.ts";
import { checkUnit } from "./saliency.ts";

export interface OcclusionOptions {
  /** Rows and columns of the patch. */
  size: Pair;
  /** By how much it moves. Default: 1. */
  strides?: Pair;
  /** What the patch is filled with. Default: 0.5, gray. */
  fill?: number;
  /** Which number of the output. Default: for each image the largest. */
  unit?: number;
}

/**
 * What the model misses where a patch hides a part of the image.                                                      D9
 *   map[n,i,j] = y(x[n])[unit] − y(x[n] with rows i·s … i·s+KH−1 and columns j·s … j·s+KW−1 filled)[unit]
 *
 * Large where the model looks; negative where it does better without. It needs no gradient, and sees what gradients miss
 * where an output is saturated; it costs a prediction for each place of the patch.
 *
 * ```ts
 * const model = new Sequential([new Flatten(), new Dense({ units: 1 })], { inputShape: [1, 3, 1] });
 * model.setWeights([tensor([[4], [0], [-2]]), tensor([0])]);
 * const map = await occlusion(model, tensor([[[[1], [1], [1]]]]), { size: [1, 1], fill: 0.5 });
 * map.toNested(); // [[[2, 0, -1]]]
 * ```
 * Zeiler & Fergus, "Visualizing and understanding convolutional networks", 2014, section 4.2.
 *
 * @param x images [n, height, width, channels]
 * @returns [n, places downward, places across]
 * @throws NeocogError for a patch larger than the image, x that do not fit, a unit that is not there.
 */
export async function occlusion(model: Model, x: Tensor, options: OcclusionOptions): Promise<Tensor> {
  checkModelOfImages("occlusion", model, x);
  checkOptions("occlusion", options, ["size", "strides", "fill", "unit"]);
  const { size, strides = 1, fill = 0.5 } = options;
  finiteNumber("occlusion", "fill", fill);
  const chosen = checkUnit("occlusion", options.unit, model);
  const [count, height, width, channels] = x.shape;
  const { rows, columns } = Window.over("occlusion", height, width, { kernelSize: size, strides }, "size");
  const map = zeros([count, rows.output, columns.output]);
  const whole = await model.predict(x);
  for (let n = 0; n < count; n++) {
    const image = rowOf(x, n);
    const unit = chosen ?? placeOfLargest(rowOf(whole, n));
    for (let i = 0; i < rows.output; i++) {
      const hidden = Array.from({ length: columns.output }, (_, j) => {
        const copy = Float32Array.from(image);
        for (let p = 0; p < rows.kernel; p++) {
          const start = ((i * rows.stride + p) * width + j * columns.stride) * channels;
          copy.fill(fill, start, start + columns.kernel * channels);
        }
        return copy;
      });
      const batch = new Float32Array(hidden.length * image.length);
      hidden.forEach((copy, j) => {
        batch.set(copy, j * copy.length);
      });
      const y = await model.predict(tensor(batch, [hidden.length, height, width, channels]));
      hidden.forEach((_, j) => {
        map.data[(n * rows.output + i) * columns.output + j] = rowOf(whole, n)[unit] - rowOf(y, j)[unit];
      });
    }
  }
  return map;
}
