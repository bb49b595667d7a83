import { fail } from "./errors.ts";

/** Two 32-bit words that name a stream of random numbers; kernels take it to draw for themselves. */
export type RandomKey = readonly [number, number];

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/**
 * Philox4x32-10: four random words from a 128-bit counter and a 64-bit key (Salmon, Moraes, Dror & Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3", SC 2011). It has no state: the same counter and key give the same words on every
 * machine, whoever asks first.
 */
export function philox(into: Uint32Array, counter: readonly [number, number, number, number], key: RandomKey): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c1 = low1;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  into[0] = c0;
  into[1] = c1;
  into[2] = c2;
  into[3] = c3;
}

/** The upper 32 bits of a 64-bit product; every intermediate value is a whole number below 2⁵³, so exact. */
function multiplyHigh(a: number, b: number): number {
  const low = Math.floor((a * (b & 0xffff)) / 65536);
  return Math.floor((a * (b >>> 16) + low) / 65536);
}

/**
 * A stream of random numbers that is a pure function of its seed and of the names it was forked by.
 *
 * Forking does not depend on what has been drawn before: `new Random(7).fork("dense").uniform()` is the same number
 * whether or not anybody else has drawn.
 */
export class Random {
  readonly key: RandomKey;
  #drawn = 0;
  readonly #words = new Uint32Array(4);

  constructor(seed: number | RandomKey) {
    if (
      Array.isArray(seed) &&
      seed.length === 2 &&
      seed.every((word) => Number.isInteger(word) && word === word >>> 0)
    ) {
      this.key = [seed[0], seed[1]];
    } else {
      if (typeof seed !== "number" || !Number.isSafeInteger(seed) || seed < 0)
        fail("Random", "seed", seed, "use a whole number from 0 to 2^53 − 1");
      this.key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
    }
  }

  /** An independent stream with a name of its own. */
  fork(name: string | number): Random {
    const text = typeof name === "number" ? `#${name}` : name;
    let hash = 0x811c9dc5; // FNV-1a, 32 bits
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
    const words = new Uint32Array(4);
    philox(words, [hash, text.length, 0x666f726b, 1], this.key); // 0x666f726b: "fork", apart from every draw
    return new Random([words[0], words[1]]);
  }

  /** 32 random bits. */
  bits(): number {
    const word = this.#drawn & 3;
    if (word === 0) philox(this.#words, [(this.#drawn / 4) >>> 0, 0, 0, 0], this.key);
    this.#drawn++;
    return this.#words[word];
  }

  /** A number in [0, 1), a multiple of 2⁻³². */
  uniform(): number {
    return this.bits() / 2 ** 32;
  }

  /** A whole number in [0, count), each equally likely (Lemire's rejection would be exact; 2⁻³² of bias is not seen). */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** The numbers 0 … count−1 in random order (Fisher and Yates). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const kept = order[last];
      order[last] = order[other];
      order[other] = kept;
    }
    return order;
  }
}
