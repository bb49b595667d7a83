/** The list of what is not zero, with offsets: 4 bytes a number read, 8 a listed one written, which count twice. */
import { randomIntegers } from "../place.ts";
import type { Case } from "./group.ts";

/** Of one call; what is read and written fits into any second-level cache. */
const NUMBERS = 16384;
/** Other numbers in every call: branch predictors learn 16,384 numbers by heart. */
const CALLS = 64;

function density(share: number): Case {
  return {
    name: `density ${share}`,
    unit: "GB/s",
    work: (4 + 16 * share) * NUMBERS,
    limits: ["copyL2"],
    ready(place) {
      const from = place.floats(randomIntegers(CALLS * NUMBERS, share));
      const distance = NUMBERS + 16;
      const to = place.floats(new Float32Array(2 * NUMBERS + 32));
      const offsets = new Int32Array(to.data.buffer, to.at, to.data.length);
      const table = place.bytes(256);
      layTable(new Uint8Array(to.data.buffer, table, 256));
      const listed: number[] = [];
      from.data.subarray(0, NUMBERS).forEach((value, index) => {
        if (value !== 0) listed.push(value, 128 * index);
      });
      const expected = [listed.length / 2, ...listed];
      return {
        expected,
        attach({ compress }) {
          const result = new Float32Array(expected.length);
          const run = (call: number): number =>
            compress(from.at + 4 * NUMBERS * call, NUMBERS, to.at, 4 * distance, table);
          let turn = 0;
          return {
            call: () => run(turn++ % CALLS),
            // Gathered only where it is asked for: the measured call is the variant and nothing else.
            get result() {
              to.data.fill(Number.NaN);
              const count = (run(0) - to.at) / 4;
              result[0] = count;
              for (let k = 0; k < count; k++) result.set([to.data[k], offsets[distance + k]], 1 + 2 * k);
              return result;
            },
          };
        },
      };
    },
  };
}

/** For every set of four lanes the shuffle that moves these lanes to the front, as in assembly/nonzeros.ts. */
function layTable(table: Uint8Array): void {
  for (let mask = 0; mask < 16; mask++) {
    const lanes = [0, 1, 2, 3].filter((lane) => (mask >> lane) & 1);
    table.set(
      lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
      16 * mask,
    );
  }
}

export const compress: readonly Case[] = [density(0.1), density(0.5), density(1)];
