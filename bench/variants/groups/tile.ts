/** y[24][48] = x · w. Rows of x overlap like neighbouring pixels' windows: what a tile reads again stays in the L1. */
import { randomIntegers } from "../place.ts";
import { type Case, FLOPS } from "./group.ts";

const ROWS = 24;
const COLUMNS = 48;

function depth(length: number): Case {
  const step = length / 3;
  return {
    ...FLOPS,
    name: `K = ${length}`,
    work: 2 * ROWS * COLUMNS * length,
    ready(place) {
      const x = place.floats(randomIntegers((ROWS - 1) * step + length, 1));
      const w = randomIntegers(length * COLUMNS, 1);
      const y = place.floats(new Float32Array(ROWS * COLUMNS));
      const expected = new Float32Array(ROWS * COLUMNS);
      for (let r = 0; r < ROWS; r++)
        for (let k = 0; k < length; k++)
          for (let c = 0; c < COLUMNS; c++) expected[r * COLUMNS + c] += x.data[r * step + k] * w[k * COLUMNS + c];
      return {
        expected,
        attach({ products, WIDTH }) {
          const { at } = place.floats(packed(w, length, WIDTH.value));
          return { call: () => products(x.at, 4 * step, 4 * length, ROWS, COLUMNS, at, y.at), result: y.data };
        },
      };
    },
  };
}

/** [COLUMNS / width][length][width] */
function packed(w: Float32Array, length: number, width: number): Float32Array {
  return w.map((_, place) => {
    const [block, k, lane] = [Math.floor(place / (length * width)), Math.floor(place / width) % length, place % width];
    return w[k * COLUMNS + block * width + lane];
  });
}

export const tile: readonly Case[] = [depth(96), depth(288)];
