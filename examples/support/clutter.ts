/** Gray scenes with pieces of clothes at random places among scraps of others, and where the pieces are. */

import { resizeTo } from "../../src/data/png.ts";
import type { Random } from "../../src/random.ts";
import { type FloatArray, type Tensor, tensor } from "../../src/tensor.ts";
import { type Box, imageOf } from "./sheet.ts";

export interface Found {
  readonly box: Box;
  readonly label: number;
}

/** Pixels that are brighter belong to the piece, and its box has all of them. */
const DARKEST = 0.12;
const SCRAP = 9;

/** A ground [size, size] of grain, with scraps of random pieces: parts of clothes that are none. */
export function clutter(images: Tensor, size: number, random: Random): Float32Array {
  const [count, height, width] = images.shape;
  const level = 0.25 * random.uniform();
  const scene = Float32Array.from({ length: size * size }, () => level + 0.15 * random.uniform());
  const scraps = Math.round((size * size) / 400);
  for (let k = 0; k < scraps; k++) {
    const piece = imageOf(images, random.below(count));
    const [fromRow, fromColumn] = [random.below(height - SCRAP), random.below(width - SCRAP)];
    const [top, left] = [random.below(size - SCRAP), random.below(size - SCRAP)];
    for (let i = 0; i < SCRAP; i++) {
      for (let j = 0; j < SCRAP; j++) {
        const value = piece[(fromRow + i) * width + fromColumn + j];
        if (value > DARKEST) scene[(top + i) * size + left + j] = value;
      }
    }
  }
  return scene;
}

/** Image n in so many rows and columns. */
export function resized(images: Tensor, n: number, size: number): FloatArray {
  const [, height, width] = images.shape;
  return resizeTo(tensor(imageOf(images, n), [1, height, width, 1]), size, size).data;
}

/** Puts a piece [side, side] into a scene [size, size]. @returns the box of its pixels */
export function paste(scene: FloatArray, size: number, piece: FloatArray, [top, left]: readonly [number, number]): Box {
  const side = Math.round(Math.sqrt(piece.length));
  const box = { top: size, left: size, bottom: 0, right: 0 };
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const value = piece[i * side + j];
      if (value <= DARKEST) continue;
      scene[(top + i) * size + left + j] = value;
      box.top = Math.min(box.top, top + i);
      box.left = Math.min(box.left, left + j);
      box.bottom = Math.max(box.bottom, top + i + 1);
      box.right = Math.max(box.right, left + j + 1);
    }
  }
  return box;
}

/** Intersection over union of two boxes. */
export function overlap(a: Box, b: Box): number {
  const height = Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
  const width = Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left));
  const area = ({ top, left, bottom, right }: Box) => Math.max(0, bottom - top) * Math.max(0, right - left);
  const both = height * width;
  return both / (area(a) + area(b) - both);
}
