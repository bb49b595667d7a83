/** A page of pictures that becomes a PNG: rows and columns of cells of one size, and boxes around what was found. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import type { FloatArray, Tensor } from "../../src/tensor.ts";

export type Colour = readonly [red: number, green: number, blue: number];

/** Top and left, bottom and right, in pixels; what is at the end is outside. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

const GAP = 4;
const PAPER = 255;

export class Sheet {
  readonly #width: number;
  readonly #height: number;
  readonly #data: Uint8Array;

  /** @param cell height and width of a picture; `enlarged` so many times */
  constructor(
    rows: number,
    columns: number,
    readonly cell: readonly [height: number, width: number],
    readonly enlarged: number,
  ) {
    this.#height = rows * (cell[0] * enlarged + GAP) + GAP;
    this.#width = columns * (cell[1] * enlarged + GAP) + GAP;
    this.#data = new Uint8Array(this.#height * this.#width * 3).fill(PAPER);
  }

  /** A picture, of 0 to 1, gray or in colour, in its cell. */
  picture(row: number, column: number, pixels: FloatArray): void {
    const [height, width] = this.cell;
    const channels = pixels.length / (height * width);
    for (let i = 0; i < height * this.enlarged; i++) {
      for (let j = 0; j < width * this.enlarged; j++) {
        const pixel = Math.floor(i / this.enlarged) * width + Math.floor(j / this.enlarged);
        const at = (c: number) => pixels[pixel * channels + (channels === 1 ? 0 : c)];
        this.#set(row, column, i, j, [at(0), at(1), at(2)]);
      }
    }
  }

  /** The frame of a box in a cell. */
  frame(row: number, column: number, { top, left, bottom, right }: Box, colour: Colour): void {
    const [first, last] = [Math.round(top * this.enlarged), Math.round(bottom * this.enlarged) - 1];
    const [begin, end] = [Math.round(left * this.enlarged), Math.round(right * this.enlarged) - 1];
    for (let i = first; i <= last; i++) for (const j of [begin, end]) this.#set(row, column, i, j, colour);
    for (let j = begin; j <= end; j++) for (const i of [first, last]) this.#set(row, column, i, j, colour);
  }

  /** Writes it, and makes the folder. @returns the file's path */
  save(folder: string, name: string): string {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    writeFileSync(path, encode({ width: this.#width, height: this.#height, data: this.#data, channels: 3, depth: 8 }));
    return path;
  }

  #set(row: number, column: number, i: number, j: number, colour: Colour): void {
    const [height, width] = this.cell.map((length) => length * this.enlarged);
    if (i < 0 || j < 0 || i >= height || j >= width) return;
    const place = (GAP + row * (height + GAP) + i) * this.#width + GAP + column * (width + GAP) + j;
    colour.forEach((value, c) => {
      this.#data[3 * place + c] = Math.round(255 * Math.min(Math.max(value, 0), 1));
    });
  }
}

/** Image n of a batch. */
export function imageOf(images: Tensor, n: number): FloatArray {
  const size = images.size / images.shape[0];
  return images.data.slice(n * size, (n + 1) * size);
}

/** So that the smallest is black and the largest white; where all are equal, all gray. */
export function stretched(values: FloatArray): FloatArray {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return values.map((value) => (most > least ? (value - least) / (most - least) : 0.5));
}

/** Black 0, red what speaks for it, blue what speaks against it; the largest of both is full. */
export function signed(values: FloatArray): FloatArray {
  let most = 1e-30;
  for (const value of values) most = Math.max(most, Math.abs(value));
  const colours = new Float32Array(3 * values.length);
  values.forEach((value, e) => {
    const part = value / most;
    colours.set(part > 0 ? [part, part * part * 0.7, 0] : [0, part * part * 0.7, -part], 3 * e);
  });
  return colours;
}

export const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
