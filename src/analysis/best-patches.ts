import { checkOptions, fail, wholeNumber } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { truncated } from "../model/transfer.ts";
import { type Tensor, zeros } from "../tensor.ts";
import { analyze } from "./analyze.ts";
import { checkModelOfImages, rowOf } from "./back-to-image.ts";
import { unitsOf } from "./deconvnet.ts";

export interface BestPatchesOptions {
  /** The units' map. */
  channel: number;
  /** How many patches, of different images. Default: 9. */
  count?: number;
}

export interface Patch {
  /** Which of the images. */
  readonly image: number;
  /** The unit's place in its map. */
  readonly place: readonly [row: number, column: number];
  /** The unit's value. */
  readonly activation: number;
  /** Where its receptive field begins in the image; negative, where it begins in padding. */
  readonly top: number;
  readonly left: number;
  /** What it sees: [size, size, channels] of its receptive field, 0 outside of the image. */
  readonly pixels: Tensor;
}

/**
 * The parts of images that excite the units of a map most: what the unit looks for, in the data's own words.          D9
 *
 * All units of a map have the same weights, so an image stands for its place with the largest value (the first wins a tie).
 * A patch is what that unit sees, its receptive field: nothing outside of it has changed its value.
 *
 * ```ts
 * const [best] = await bestPatches(model, "conv2d_1", images, { channel: 5 });
 * best.activation;   // the largest value of map 5 over all images
 * best.pixels.shape; // [14, 14, 1]: LeNet-5's second convolution sees so much
 * ```
 * Girshick, Donahue, Darrell & Malik, "Rich feature hierarchies", 2014, section 3.1; Zeiler & Fergus 2014, figure 2.
 *
 * @param layer its name as in the summary
 * @param images [n, height, width, channels]
 * @returns the patches by their activation, the largest first; of equal ones the first image's
 * @throws NeocogError for layers and channels that are not there, and layers that give no maps.
 */
export async function bestPatches(
  model: Model,
  layer: string,
  images: Tensor,
  options: BestPatchesOptions,
): Promise<Patch[]> {
  const body = truncated(model, layer);
  checkModelOfImages("bestPatches", body, images);
  checkOptions("bestPatches", options, ["channel", "count"]);
  const count = wholeNumber("bestPatches", "count", options.count ?? 9, 1);
  const { outputShape } = body;
  if (outputShape.length !== 3) fail("bestPatches", "layer", layer, `it gives [${outputShape}]; choose one with maps`);
  const unitAt = unitsOf("bestPatches", body, options.channel);
  const { rows, columns } = analyze(body).rows[body.connection.graph.nodes.length - 1].receptiveField!;
  const [, width, channels] = outputShape;
  const maps = await body.predict(images);
  const found = Array.from({ length: images.shape[0] }, (_, image) => {
    const values = rowOf(maps, image);
    const unit = unitAt(values);
    return { image, activation: values[unit], pixel: Math.floor(unit / channels) };
  });
  found.sort((a, b) => b.activation - a.activation || a.image - b.image);
  return found.slice(0, count).map(({ image, activation, pixel }) => {
    const place = [Math.floor(pixel / width), pixel % width] as const;
    const [top, left] = [place[0] * rows.stride + rows.first, place[1] * columns.stride + columns.first];
    return { image, place, activation, top, left, pixels: part(images, image, [top, left, rows.size, columns.size]) };
  });
}

/** A part of an image, 0 where it is outside. */
function part(images: Tensor, n: number, [top, left, rows, columns]: readonly number[]): Tensor {
  const [, height, width, channels] = images.shape;
  const image = rowOf(images, n);
  const pixels = zeros([rows, columns, channels], images.dtype);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const [u, v] = [top + i, left + j];
      if (u < 0 || v < 0 || u >= height || v >= width) continue;
      const start = (u * width + v) * channels;
      pixels.data.set(image.subarray(start, start + channels), (i * columns + j) * channels);
    }
  }
  return pixels;
}
