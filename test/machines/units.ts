import { CONTROL, NEXT, UNITS } from "../../src/kernels/wasm/pool.ts";

/**
 * Watches how the calling thread takes units of work, to show that workers take part: equal bits alone would also come
 * from workers that never start. @returns what stops it and tells which part of the shared work was not the caller's
 */
export function countUnits(): { stop(): number } {
  const original = Atomics.add;
  let own = 0;
  let all = 0;
  Atomics.add = ((words: Int32Array, index: number, value: number) => {
    const before = original(words, index, value);
    if (words.byteOffset === CONTROL && index === NEXT) {
      const units = words[UNITS];
      if (before < units) own++;
      else all += units; // the caller asks once too often: then the job has no units left
    }
    return before;
  }) as typeof Atomics.add;
  return {
    stop() {
      Atomics.add = original;
      return all === 0 ? 0 : 1 - own / all;
    },
  };
}
