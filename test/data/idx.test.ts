import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseIdx, writeIdx } from "../../src/data/idx.ts";
import { sizeOf } from "../../src/tensor.ts";
import {
  assertRefused,
  assertTruncationsRefused,
  changes,
  mutated,
  resultOrRefusal,
  shapes,
} from "../formats/support.ts";

const arrays = fc.record({ shape: shapes, seed: fc.nat({ max: 255 }) }).map(({ shape, seed }) => ({
  shape,
  data: Uint8Array.from({ length: sizeOf(shape) }, (_, k) => seed + 37 * k),
}));

test("what is written is what is read", () => {
  fc.assert(
    fc.property(arrays, ({ shape, data }) => assert.deepEqual(parseIdx(writeIdx(shape, data), "a"), { shape, data })),
  );
});

test("dimensions are big-endian, and the place of the bytes in memory does not matter", () => {
  const bytes = Uint8Array.of(9, 9, 9, 0, 0, 8, 1, 0, 0, 1, 1, ...new Uint8Array(257).fill(5)).subarray(3);
  assert.deepEqual(parseIdx(bytes, "a").shape, [257]);
  assert.deepEqual(writeIdx([257], new Uint8Array(257).fill(5)), bytes);
});

test("any truncation of a valid file is refused by name, and so is anything after its end", () => {
  fc.assert(
    fc.property(arrays, fc.nat(), ({ shape, data }, cut) => {
      const bytes = writeIdx(shape, data);
      assertTruncationsRefused(bytes, cut, (part) => parseIdx(part, "cut.file"));
      assertRefused(() => parseIdx(Uint8Array.of(...bytes, 0), "long.file"), "long.file", /left over/);
    }),
  );
});

test("foreign files and other element types are refused by name, with what they are", () => {
  const refused: [number[], RegExp][] = [
    [[0x89, 0x50, 0x4e, 0x47], /two zero bytes/],
    [[0x1f, 0x8b, 8, 0], /gzipped/],
    [[0, 0, 0x0d, 1, 0, 0, 0, 0], /type code is 13; that is float32/],
    [[0, 0, 7, 1, 0, 0, 0, 0], /type code is 7; that is unknown/],
    [[0, 0, 8, 3, ...new Array(12).fill(255)], /cut short/],
  ];
  for (const [bytes, mention] of refused)
    assertRefused(() => parseIdx(Uint8Array.from(bytes), "f.idx"), "f.idx", mention);
});

test("what the format cannot hold is refused when writing", () => {
  assertRefused(() => writeIdx([2, 2], new Uint8Array(3)), "writeIdx", /needs 4/);
  assertRefused(() => writeIdx([2 ** 32, 0], new Uint8Array(0)), "writeIdx", /2\^32/);
  assertRefused(() => writeIdx(new Array(256).fill(1), new Uint8Array(1)), "writeIdx", /255 dimensions/);
});

test("a valid file with bytes changed, or arbitrary bytes, give a result or a refusal, never a crash", () => {
  fc.assert(
    fc.property(arrays, changes, ({ shape, data }, changes) => {
      resultOrRefusal(() => parseIdx(mutated(writeIdx(shape, data), changes), "m.idx"), "m.idx");
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void resultOrRefusal(() => parseIdx(bytes, "any.idx"), "any.idx")));
});
