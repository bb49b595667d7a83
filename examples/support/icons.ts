/** Icons with their transparency, and photographs to put them on, from folders of PNG files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { readPng, resizeTo } from "../../src/data/png.ts";
import type { Random } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import type { CutOut } from "./scenes.ts";

function pngs(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".png"));
  if (names.length === 0) throw new Error(`${folder}: there are no PNG files in it`);
  return names.sort().map((name) => join(folder, name));
}

/**
 * [1, height, width, 4]: colour and opacity, of all icons in 8 bits with an alpha channel. Themes have the same picture
 * under many names; it is taken once, or else the held-out images would not be held out.
 */
export function readIcons(folder: string): Tensor[] {
  const known = new Set<string>();
  return pngs(folder).flatMap((path) => {
    const { height, width, channels, depth, data } = decode(readFileSync(path));
    const pixels = data.join();
    if (channels !== 4 || depth !== 8 || known.has(pixels)) return [];
    known.add(pixels);
    return tensor(Float32Array.from(data, (value) => value / 255), [1, height, width, 4]); // biome-ignore format: short
  });
}

/** An icon, its longer side so many pixels; what is more than half opaque belongs to it. */
export function cutOut(icon: Tensor, longer: number): CutOut {
  const [, rows, columns] = icon.shape;
  const scale = longer / Math.max(rows, columns);
  const [height, width] = [rows, columns].map((length) => Math.max(1, Math.round(length * scale)));
  const { data } = resizeTo(icon, height, width);
  const pixels = Array.from({ length: height * width }, (_, pixel) => 4 * pixel);
  return {
    height,
    width,
    colours: pixels.flatMap((start) => [data[start], data[start + 1], data[start + 2]]),
    inside: pixels.map((start) => data[start + 3] > 0.5),
  };
}

/** Photographs in colour, [1, height, width, 3], those that are not smaller than a scene. */
export function readPhotographs(folder: string, size: number): Tensor[] {
  const images = pngs(folder).map((path) => readPng(readFileSync(path), path));
  const large = images.filter(({ shape: [, height, width] }) => height >= size && width >= size);
  if (large.length === 0) throw new Error(`${folder}: no PNG there has ${size} × ${size} pixels`);
  return large;
}

/** A part of a photograph, at a random place and in a random size, as a ground of size × size. */
export function partOf(photograph: Tensor, size: number, random: Random): Float32Array {
  const [, height, width, channels] = photograph.shape;
  const side = size + random.below(Math.min(height, width) - size + 1);
  const [top, left] = [random.below(height - side + 1), random.below(width - side + 1)];
  const part = new Float32Array(side * side * 3);
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const pixel = ((top + i) * width + left + j) * channels;
      for (let c = 0; c < 3; c++) part[(i * side + j) * 3 + c] = photograph.data[pixel + (channels === 1 ? 0 : c)];
    }
  }
  return resizeTo(tensor(part, [1, side, side, 3]), size, size).data as Float32Array;
}
