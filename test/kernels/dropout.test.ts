import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { philox, type RandomKey } from "../../src/random.ts";
import { type Tensor, zeros } from "../../src/tensor.ts";
import { filled, floats, seeds } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { implementations, reference32, wasm } from "../support/kernels.ts";

const words = fc.integer({ min: 0, max: 0xffffffff });
const keys: fc.Arbitrary<RandomKey> = fc.tuple(words, words);
const rates = fc.double({ min: 0, max: 0.99, noNaN: true });
const sizes = fc.integer({ min: 0, max: 300 });

function dropout(kernels: Kernels, x: Tensor, rate: number, key: RandomKey): Tensor {
  const y = zeros(x.shape);
  kernels.dropout(y, x, rate, key);
  return y;
}

function ones(size: number): Tensor {
  return filled([size], 0, "float32", () => 1);
}

describe("dropout", () => {
  test("both implementations drop the same elements, for any rate and key", () => {
    const check = (size: number, rate: number, key: RandomKey, seed: number) => {
      const x = floats([size], seed);
      equalBits(dropout(wasm, x, rate, key), dropout(reference32, x, rate, key), { size, rate, key });
    };
    fc.assert(fc.property(sizes, rates, keys, seeds, check));
    fc.assert(fc.property(fc.constantFrom(8191, 8192, 8193, 30_000), rates, keys, seeds, check), { numRuns: 8 });
  });

  test("element e is kept when word ⌊e/4⌋ mod 4 of block 4·⌊e/16⌋ + e mod 4 is at least rate · 2³²", () => {
    const check = (e: number, rate: number, key: RandomKey) => {
      const block = new Uint32Array(4);
      philox(block, [4 * Math.floor(e / 16) + (e % 4), 0, 0, 0], key);
      const isKept = block[Math.floor(e / 4) % 4] >= rate * 2 ** 32;
      for (const kernels of implementations) {
        assert.equal(dropout(kernels, ones(e + 1), rate, key).data[e] > 0, isKept, kernels.name);
      }
    };
    fc.assert(fc.property(sizes, rates, keys, check));
  });

  test("an element whose word is exactly rate · 2³² is kept, and is dropped at the next rate", () => {
    const check = (e: number, key: RandomKey) => {
      const block = new Uint32Array(4);
      philox(block, [4 * Math.floor(e / 16) + (e % 4), 0, 0, 0], key);
      const word = Math.min(block[Math.floor(e / 4) % 4], 2 ** 32 - 2);
      for (const kernels of implementations) {
        assert.ok(dropout(kernels, ones(e + 1), word / 2 ** 32, key).data[e] > 0, kernels.name);
        assert.equal(dropout(kernels, ones(e + 1), (word + 1) / 2 ** 32, key).data[e], 0, kernels.name);
      }
    };
    fc.assert(fc.property(sizes, keys, check));
  });

  test("rate 0 is the identity", () => {
    const x = floats([1000], 1);
    for (const kernels of implementations) equalBits(dropout(kernels, x, 0, [1, 2]), x, kernels.name);
  });

  test("every element is x / (1 − rate), rounded once, or 0", () => {
    const check = (size: number, rate: number, key: RandomKey, seed: number) => {
      const x = floats([size], seed);
      for (const kernels of implementations) {
        dropout(kernels, x, rate, key).data.forEach((value, e) => {
          const scaled = Math.fround(x.data[e] / Math.fround(1 - rate));
          assert.ok(value === scaled || Object.is(value, 0), `${kernels.name}: ${value} at ${e}`);
        });
      }
    };
    fc.assert(fc.property(sizes, rates, keys, seeds, check));
  });

  test("the part that is kept is 1 − rate, within six standard deviations", () => {
    const n = 2 ** 17;
    const check = (rate: number, key: RandomKey) => {
      const kept = dropout(wasm, ones(n), rate, key).data.filter((value) => value > 0).length / n;
      assert.ok(
        Math.abs(kept - (1 - rate)) <= 6 * Math.sqrt((rate * (1 - rate)) / n) + 1 / n,
        `${kept} of rate ${rate}`,
      );
    };
    fc.assert(fc.property(rates, keys, check), { numRuns: 30 });
  });

  test("the same key drops the same elements of whatever comes, another key drops others", () => {
    const mask = (x: Tensor, key: RandomKey) => dropout(wasm, x, 0.5, key).data.map((value) => (value === 0 ? 0 : 1));
    const x = ones(4096);
    const other = filled([4096], 0, "float32", () => -7);
    equalBits(mask(x, [3, 4]), mask(other, [3, 4]));
    for (const key of [
      [4, 4],
      [3, 5],
    ] as const)
      assert.notDeepEqual(mask(x, key), mask(x, [3, 4]));
  });
});

test("Philox4x32-10 gives the known answers of Random123", () => {
  const answer = (counter: readonly [number, number, number, number], key: RandomKey) => {
    const block = new Uint32Array(4);
    philox(block, counter, key);
    return [...block].map((word) => word.toString(16).padStart(8, "0")).join(" ");
  };
  const all = 0xffffffff;
  assert.equal(answer([0, 0, 0, 0], [0, 0]), "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
  assert.equal(answer([all, all, all, all], [all, all]), "408f276d 41c83b0e a20bc7c6 6d5451fd");
  const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;
  assert.equal(answer(pi, [0xa4093822, 0x299f31d0]), "d16cfe09 94fdcceb 5001e420 24126ea1");
});
