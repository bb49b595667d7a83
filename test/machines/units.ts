import { CONTROL, QUEUE_BYTES, UNITS } from "../../src/kernels/wasm/pool.ts";

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
    if (words.byteOffset !== CONTROL) {
      // One of the queues: each thread's part of the units, which the caller goes through in their order.
      const step = QUEUE_BYTES / 4;
      const [owner, threads] = [index / step, words.length / step];
      const units = new Int32Array(words.buffer, CONTROL)[UNITS];
      if (before < Math.floor(((owner + 1) * units) / threads)) own++;
      else if (owner === threads - 1) all += units;
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
