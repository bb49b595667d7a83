import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { applyDelta, makeDelta } from "../../src/kernels/wasm/delta.ts";

describe("a delta", () => {
  test("applied to its base is its target, whatever the two are", () => {
    // Few different bytes, so that there is much to copy.
    const bytes = fc.uint8Array({ max: 3, maxLength: 600 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat(600), (base, target, cut) => {
        for (const wanted of [target, base, Uint8Array.of(...base.slice(cut), 200, ...base.slice(0, cut), ...target)]) {
          assert.deepEqual(applyDelta(base, makeDelta(base, wanted)), wanted);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("takes multiplications and additions as fused, however far the local between them, and nothing else", () => {
    const [multiply, add, fused] = [[0xfd, 0xe6, 1], [0xfd, 0xe4, 1], [0xfd, 0x85, 2]]; // biome-ignore format: alike
    const gets = [[0x20, 5], [0x20, 0x85, 1]]; // biome-ignore format: alike
    const pieces = fc.constantFrom(multiply, add, fused, ...gets, ...gets.map((get) => [...multiply, ...get, ...add]));
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), fc.array(pieces, { maxLength: 40 }), (some, others) => {
        const [base, target] = [Uint8Array.from(some.flat()), Uint8Array.from(others.flat())];
        assert.deepEqual(applyDelta(base, makeDelta(base, target)), target);
      }),
      { numRuns: 300 },
    );
    const apart = Array.from({ length: 100 }, (_, at) => [at, 7 * at, at * at].map((byte) => byte % 97));
    const plain = Uint8Array.from(apart.flatMap((bytes, at) => [...bytes, ...multiply, ...gets[at % 2], ...add]));
    const target = Uint8Array.from(apart.flatMap((bytes, at) => [...bytes, ...gets[at % 2], ...fused]));
    assert.ok(makeDelta(plain, target).length < 20);
  });

  test("of hundreds of thousands of new bytes is made too", () => {
    const target = Uint8Array.from({ length: 300_000 }, (_, at) => (at * at * 7) % 251);
    assert.deepEqual(applyDelta(Uint8Array.of(), makeDelta(Uint8Array.of(), target)), target);
  });

  test("of bytes with a few others between them is short", () => {
    const base = Uint8Array.from({ length: 5000 }, (_, at) => (at * at * 7) % 251);
    const target = Uint8Array.of(...base.slice(0, 2000), 1, 2, 3, ...base.slice(2005));
    assert.ok(makeDelta(base, target).length < 20);
  });
});
