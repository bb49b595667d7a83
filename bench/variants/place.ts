import { readFileSync } from "node:fs";
import type { Attached, Exports } from "./groups/group.ts";

const POISON = 12345;

/** A place in the memory that all variants share: the numbers there, and its address. */
export interface Floats {
  readonly at: number;
  readonly data: Float32Array;
}

/** The memory of the variants. Places begin with a cache line of their own and have one more behind them. */
export class Place {
  readonly memory = new WebAssembly.Memory({ initial: 4096, maximum: 65536, shared: true });
  #end = 1024;

  floats(values: ArrayLike<number>): Floats {
    const data = new Float32Array(this.memory.buffer, this.#end, values.length);
    data.set(values);
    return { at: this.bytes(data.byteLength), data };
  }

  bytes(count: number): number {
    const at = this.#end;
    this.#end = (at + count + 127) & ~63;
    if (this.#end > this.memory.buffer.byteLength) throw new Error(`variants: ${this.#end} bytes do not fit`);
    return at;
  }

  /** Readies the variant in a file for a case that is laid out here. */
  attach(file: string, attach: (variant: Exports) => Attached): Attached {
    const module = new WebAssembly.Module(readFileSync(file));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    return attach(exports as Exports);
  }
}

/** The first number that a variant computes wrong, in words; nothing, where all are right. */
export function errorOf(variant: Attached, expected: ArrayLike<number>): string | undefined {
  variant.result.fill(POISON);
  variant.call();
  // Where a call has no result of a fixed size, it is made when it is asked for.
  const { result } = variant;
  const index = Array.from(expected).findIndex((value, k) => value !== result[k]);
  return index < 0 ? undefined : `number ${index} is ${result[index]} instead of ${expected[index]}`;
}

/** Whole numbers from −4 to 4, which float32 sums in any order without error; `density` says how many are not zero. */
export function randomIntegers(count: number, density: number): Float32Array {
  const random = generator(count);
  return Float32Array.from({ length: count }, () => {
    const value = 1 + Math.floor(random() * 4);
    const sign = random() < 0.5 ? -1 : 1;
    return random() < density ? sign * value : 0;
  });
}

/** Mulberry32: the same numbers in every process. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
