/** Scenes that are put together from real parts, so that it is known exactly what is where. */

import { resizeTo } from "../../src/data/png.ts";
import type { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { imageOf } from "./sheet.ts";

/** Something to put in front: its pixels, and which of them belong to it. */
export interface CutOut {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3] */
  readonly colours: ArrayLike<number>;
  /** [height, width]: whether the pixel belongs to it. */
  readonly inside: ArrayLike<boolean>;
}

/** How bright a pixel of clothes is at least; the ground of those pictures is 0. */
const DARKEST = 0.12;

const between = (random: Random, least: number, most: number) => least + (most - least) * random.uniform();
const colour = (random: Random) => [0, 1, 2].map(() => between(random, 0.1, 1));

/** A piece of clothes in a colour, its longer side so many pixels. */
export function clothes(images: Tensor, n: number, size: number, random: Random): CutOut {
  const [, height, width] = images.shape;
  const piece = resizeTo(tensor(imageOf(images, n), [1, height, width, 1]), size, size);
  const dye = colour(random);
  const colours = new Float32Array(3 * piece.size);
  piece.data.forEach((value, e) => {
    for (let c = 0; c < 3; c++) colours[3 * e + c] = dye[c] * (0.25 + 0.75 * value);
  });
  return { height: size, width: size, colours, inside: Array.from(piece.data, (value) => value > DARKEST) };
}

/** A ground [size, size, 3]: from one colour to another, with a much enlarged piece of clothes as its pattern, and grain. */
export function ground(images: Tensor, size: number, random: Random): Float32Array {
  const [count, height, width] = images.shape;
  const [from, to] = [colour(random), colour(random)];
  const [down, across] = [between(random, -1, 1), between(random, -1, 1)];
  const large = Math.round(between(random, 1.5, 4) * size);
  const cloth = resizeTo(tensor(imageOf(images, random.below(count)), [1, height, width, 1]), large, large).data;
  const [top, left] = [random.below(large - size + 1), random.below(large - size + 1)];
  const strength = between(random, 0, 0.8);
  const pixels = new Float32Array(size * size * 3);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const way = Math.min(Math.max(0.5 + (down * (i - size / 2) + across * (j - size / 2)) / size, 0), 1);
      const pattern = 1 - strength * cloth[(top + i) * large + left + j];
      const grain = between(random, -0.05, 0.05);
      for (let c = 0; c < 3; c++) {
        const value = (from[c] + way * (to[c] - from[c])) * pattern + grain;
        pixels[(i * size + j) * 3 + c] = Math.min(Math.max(value, 0), 1);
      }
    }
  }
  return pixels;
}

/** Puts a cut-out in front of a scene [size, size, 3]; its pixels get `label` in the mask. */
export function place(
  scene: Float32Array,
  mask: Float32Array,
  size: number,
  { height, width, colours, inside }: CutOut,
  [top, left]: readonly [number, number],
  label: number,
): void {
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const [u, v] = [top + i, left + j];
      if (!inside[i * width + j] || u < 0 || v < 0 || u >= size || v >= size) continue;
      for (let c = 0; c < 3; c++) scene[(u * size + v) * 3 + c] = colours[(i * width + j) * 3 + c];
      mask[u * size + v] = label;
    }
  }
}
