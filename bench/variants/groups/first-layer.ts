/** A first layer: one channel, six filters of 5 × 5 numbers, an image of 28 × 28 with its two zeros around it. */
import { randomIntegers } from "../place.ts";
import { type Case, FLOPS } from "./group.ts";

const SIDE = 28;
const KERNEL = 5;
const FILTERS = 6;
const PADDED = SIDE + KERNEL - 1;
const TAPS = KERNEL * KERNEL;

export const firstLayer: readonly Case[] = [
  {
    ...FLOPS,
    name: "28 × 28, 5 × 5, 6 filters",
    work: 2 * SIDE * SIDE * TAPS * FILTERS,
    ready(place) {
      const x = place.floats(randomIntegers(PADDED * PADDED, 1));
      const kernel = randomIntegers(TAPS * FILTERS, 1);
      const expected = new Float32Array(SIDE * SIDE * FILTERS);
      for (let i = 0; i < SIDE; i++)
        for (let j = 0; j < SIDE; j++)
          for (let tap = 0; tap < TAPS; tap++)
            for (let f = 0; f < FILTERS; f++) {
              const [u, v] = [i + Math.floor(tap / KERNEL), j + (tap % KERNEL)];
              expected[(i * SIDE + j) * FILTERS + f] += x.data[u * PADDED + v] * kernel[tap * FILTERS + f];
            }
      const places = place.floats(new Float32Array(TAPS));
      const bytes = new Int32Array(places.data.buffer, places.at, TAPS);
      for (let tap = 0; tap < TAPS; tap++) bytes[tap] = 4 * (Math.floor(tap / KERNEL) * PADDED + (tap % KERNEL));
      return {
        expected,
        attach({ convolve, FILTERS: held }) {
          // Every number four times, block by block of the filters that a variant holds.
          const block = held.value as number;
          const spread = new Float32Array(TAPS * FILTERS * 4);
          for (let f = 0; f < FILTERS; f++)
            for (let tap = 0; tap < TAPS; tap++) {
              const first = ((f - (f % block)) * TAPS + tap * block + (f % block)) * 4;
              spread.fill(kernel[tap * FILTERS + f], first, first + 4);
            }
          const w = place.floats(spread);
          const y = place.floats(new Float32Array(expected.length));
          const call = () => convolve(x.at, 4 * PADDED, places.at, TAPS, w.at, y.at, SIDE, SIDE, FILTERS);
          return { call, result: y.data };
        },
      };
    },
  },
];
