import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bytesOf, textOf } from "../../src/kernels/wasm/text.ts";

describe("bytes as text", () => {
  test("are the same bytes again, whatever they are", () => {
    const few = fc.uint8Array({ max: 5, maxLength: 500 });
    fc.assert(
      fc.property(fc.oneof(few, fc.uint8Array({ maxLength: 2000 })), (bytes) => {
        assert.deepEqual(bytesOf(textOf(bytes)), bytes);
      }),
      { numRuns: 300 },
    );
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    assert.deepEqual(bytesOf(textOf(all)), all);
  });

  test("need no escape in a string literal, of any quotes", () => {
    const bytes = Uint8Array.from({ length: 4096 }, (_, e) => (e * e) >> 3);
    const text = textOf(bytes);
    assert.equal(JSON.stringify(text), `"${text}"`);
    assert.match(text, /^[ -~]*$/);
    assert.doesNotMatch(text, /[$`"\\]/);
  });

  test("of which most are a few are hardly longer", () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, e) => (e % 50 === 0 ? (e / 50) % 256 : e % 80));
    assert.ok(textOf(bytes).length < 1.04 * bytes.length);
  });
});
