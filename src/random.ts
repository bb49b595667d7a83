import { fail } from "./errors.ts";

/** Two 32-bit words that name a stream of random numbers; kernels take it to draw for themselves. */
export type RandomKey = readonly [number, number];

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** What a stream draws at once: a page of memory. */
const MOST_WORDS = 1024;
const NONE = new Uint32Array(0);

/**
 * Philox4x32-10: four random words from a 128-bit counter and a 64-bit key (Salmon, Moraes, Dror & Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3", SC 2011). It has no state: the same counter and key give the same words on every
 * machine, whoever asks first.
 *
 * Where there is room for more than four words, those of the next counters follow: the first word of the counter counts.
 */
export function philox(into: Uint32Array, counter: readonly [number, number, number, number], key: RandomKey): void {
  const [first, second, third, fourth] = counter;
  const [firstKey, secondKey] = key;
  // 32-bit integers throughout: engines keep them in registers, which they do not with numbers above 2³¹.
  for (let at = 0; at < into.length; at += 4) {
    let c0 = (first + (at >>> 2)) | 0;
    let c1 = second | 0;
    let c2 = third | 0;
    let c3 = fourth | 0;
    let k0 = firstKey | 0;
    let k1 = secondKey | 0;
    for (let round = 0; round < 10; round++) {
      const high0 = multiplyHigh(MULTIPLIER_0, c0);
      const high1 = multiplyHigh(MULTIPLIER_1, c2);
      const low0 = Math.imul(MULTIPLIER_0, c0);
      const low1 = Math.imul(MULTIPLIER_1, c2);
      c0 = high1 ^ c1 ^ k0;
      c2 = high0 ^ c3 ^ k1;
      c1 = low1;
      c3 = low0;
      k0 = (k0 + WEYL_0) | 0;
      k1 = (k1 + WEYL_1) | 0;
    }
    into[at] = c0;
    into[at + 1] = c1;
    into[at + 2] = c2;
    into[at + 3] = c3;
  }
}

/** The upper 32 bits of the 64-bit product of two words, from the products of their halves. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/**
 * A stream of random numbers that is a pure function of its seed and of the names it was forked by.
 *
 * Forking does not depend on what has been drawn before: `new Random(7).fork("dense").uniform()` is the same number
 * whether or not anybody else has drawn.
 */
export class Random {
  readonly key: RandomKey;
  /** Words that are drawn already, the number of the block behind them, and which of them comes next. */
  #words = NONE;
  #blocks = 0;
  #next = 0;

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
    if (this.#next === this.#words.length) this.#draw();
    return this.#words[this.#next++];
  }

  /** The next words: ever more at once, because most streams give a few numbers and some millions. */
  #draw(): void {
    const { length } = this.#words;
    if (length < MOST_WORDS) this.#words = new Uint32Array(Math.max(4, 2 * length));
    philox(this.#words, [this.#blocks >>> 0, 0, 0, 0], this.key);
    this.#blocks += this.#words.length / 4;
    this.#next = 0;
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
