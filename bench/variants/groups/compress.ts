/** The numbers that are not zero, and their offsets. 4 bytes a number are read, 8 a listed one written, which counts twice. */
import { randomIntegers } from "../place.ts";
import type { Case } from "./group.ts";

/** So many that no branch predictor learns them; read and list fit into any second-level cache. */
const NUMBERS = 16384;

function density(share: number): Case {
  const values = randomIntegers(NUMBERS, share);
  const listed = values.filter((value) => value !== 0).length;
  return {
    name: `density ${share}`,
    unit: "GB/s",
    work: 4 * NUMBERS + 16 * listed,
    limits: ["copyL2"],
    ready(place) {
      const from = place.floats(values);
      const distance = NUMBERS + 16;
      const to = place.floats(new Float32Array(2 * NUMBERS + 32));
      const offsets = new Int32Array(to.data.buffer, to.at, to.data.length);
      const table = place.bytes(256);
      layTable(new Uint8Array(to.data.buffer, table, 256));
      const expected: number[] = [listed];
      values.forEach((value, index) => {
        if (value !== 0) expected.push(value, 128 * index);
      });
      return {
        expected,
        attach({ compress }) {
          const result = new Float32Array(expected.length);
          // Gathered only where it is asked for: the measured call is the variant and nothing else.
          return {
            call: () => compress(from.at, NUMBERS, to.at, 4 * distance, table),
            get result() {
              to.data.fill(Number.NaN);
              const end = compress(from.at, NUMBERS, to.at, 4 * distance, table);
              result[0] = (end - to.at) / 4;
              for (let k = 0; k < listed; k++) result.set([to.data[k], offsets[distance + k]], 1 + 2 * k);
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
