import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { philox, Random } from "../src/random.ts";
import { refuses } from "./support/refusals.ts";

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.bits());

describe("random numbers", () => {
  // The known answers of Random123 (examples/kat_vectors, "philox4x32 10").
  const known: [number[], number[], number[]][] = [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];
  for (const [counter, key, expected] of known) {
    test(`Philox gives the published words for the counter ${counter.map((word) => word.toString(16))}`, () => {
      const words = new Uint32Array(4);
      philox(words, counter as [number, number, number, number], key as [number, number]);
      assert.deepEqual([...words], expected);
    });
  }

  test("are the words of Philox's blocks in their order, however many are drawn at once", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(5000), fc.nat(500), (seed, count, first) => {
        const random = new Random(seed);
        const word = (index: number, from: number) => {
          const block = new Uint32Array(4);
          philox(block, [(from + Math.floor(index / 4)) >>> 0, 0, 0, 0], random.key);
          return block[index % 4];
        };
        const words = (length: number, from: number) => Array.from({ length }, (_, index) => word(index, from));
        assert.deepEqual(draw(random, count), words(count, 0));
        // Counters go round behind the last.
        const many = new Uint32Array(4 * Math.ceil(count / 4));
        philox(many, [2 ** 32 - first, 0, 0, 0], random.key);
        assert.deepEqual([...many], words(many.length, 2 ** 32 - first));
      }),
      { numRuns: 30 },
    );
  });

  test("are a function of seed and names: forking does not depend on what was drawn before", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.string(), fc.nat(20), (seed, name, before) => {
        const drawn = new Random(seed);
        draw(drawn, before);
        assert.deepEqual(draw(drawn.fork(name), 9), draw(new Random(seed).fork(name), 9));
      }),
    );
  });

  test("of other names and seeds are others", () => {
    const random = new Random(7);
    const streams = [random.fork("a"), random.fork("b"), random.fork(0), random.fork(1), random, new Random(8)];
    const first = streams.map((stream) => draw(stream, 2).join());
    assert.equal(new Set(first).size, streams.length);
  });

  test("a permutation has every number once, and each order is about equally likely", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(50), (seed, count) => {
        const order = [...new Random(seed).permutation(count)].sort((a, b) => a - b);
        assert.deepEqual(order, [...Array(count).keys()]);
      }),
    );
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const order = new Random(seed).permutation(3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.equal(counts.size, 6);
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 5 * Math.sqrt(1000), `${count}`);
  });

  test("uniform is in [0, 1), with mean ½ and variance 1/12", () => {
    const random = new Random(1);
    const values = Array.from({ length: 20000 }, () => random.uniform());
    assert.ok(values.every((value) => value >= 0 && value < 1));
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    assert.ok(Math.abs(mean - 0.5) < 5 / Math.sqrt(12 * values.length), `mean ${mean}`);
    assert.ok(Math.abs(variance - 1 / 12) < 0.003, `variance ${variance}`);
  });

  test("a seed has to be a whole number that is not negative", () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53])
      refuses(() => new Random(seed), "Random", `seed is ${seed}`, "whole number");
  });
});
