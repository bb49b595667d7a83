/** sums[l][96] = Σ value · base[offset …] over lists of values and offsets: the inner loop of sparse gradients. */
import { generator, randomIntegers } from "../place.ts";
import { type Case, FLOPS } from "./group.ts";

/** In all, so many that branch predictors do not learn the lists' lengths by heart; and the lists of one call. */
const ENTRIES = 200_000;
const LISTS_A_CALL = 256;
/** Numbers of a run, which variants sum in several calls. */
const NUMBERS = 96;
/** 15 KiB: they stay in the L1. */
const RUNS = 40;

/** Lists of half as many to one and a half times as many entries, so that their ends cannot be foreseen. */
function lists(mean: number): Case {
  const random = generator(mean);
  const count = LISTS_A_CALL * Math.round(ENTRIES / mean / LISTS_A_CALL);
  const lengths = Array.from({ length: count }, () => Math.round(mean * (0.5 + random())));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return {
    ...FLOPS,
    name: `lists of about ${mean}`,
    work: (2 * total * NUMBERS * LISTS_A_CALL) / count,
    ready(place) {
      const values = randomIntegers(total, 1);
      const offsets = Int32Array.from({ length: total }, () => Math.floor(random() * RUNS) * NUMBERS * 4);
      const base = place.floats(randomIntegers(RUNS * NUMBERS, 1));
      const sums = place.floats(new Float32Array(LISTS_A_CALL * NUMBERS));
      const expected = new Float32Array(LISTS_A_CALL * NUMBERS);
      let entry = 0;
      lengths.slice(0, LISTS_A_CALL).forEach((length, list) => {
        for (const end = entry + length; entry < end; entry++)
          for (let lane = 0; lane < NUMBERS; lane++)
            expected[list * NUMBERS + lane] += values[entry] * base.data[offsets[entry] / 4 + lane];
      });
      return {
        expected,
        attach({ lists, STEP, LANES }) {
          // Each value's offset lies right behind it, or all of them behind all values.
          const step: number = STEP.value / 4;
          const distance = step === 2 ? 1 : total + 16;
          const list = place.floats(new Float32Array(2 * total + 16));
          const words = new Int32Array(list.data.buffer, list.at, list.data.length);
          for (let k = 0; k < total; k++) {
            list.data[k * step] = values[k];
            words[k * step + distance] = offsets[k];
          }
          const starts = place.floats(new Float32Array(count + 1));
          const addresses = new Int32Array(starts.data.buffer, starts.at, count + 1);
          addresses[0] = list.at;
          for (let l = 0; l < count; l++) addresses[l + 1] = addresses[l] + 4 * step * lengths[l];
          let first = 0;
          const call = () => {
            for (let r = 0; r < 4 * NUMBERS; r += 4 * LANES.value)
              lists(starts.at + 4 * first, LISTS_A_CALL, 4 * distance, base.at + r, sums.at + r);
            first = (first + LISTS_A_CALL) % count;
          };
          return { call, result: sums.data };
        },
      };
    },
  };
}

export const list: readonly Case[] = [lists(10), lists(100)];
