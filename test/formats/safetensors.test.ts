import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeSafetensors, encodeSafetensors } from "../../src/formats/safetensors.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import {
  assertRefused,
  assertSameBits,
  assertTruncationsRefused,
  changes,
  mutated,
  resultOrRefusal,
  tensors,
} from "./support.ts";

const names = fc
  .oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constantFrom("0", "__proto__", "constructor", "", '"'))
  .filter((name) => name !== "__metadata__");
const collections = fc.array(fc.tuple(names, tensors), { maxLength: 5 }).map((pairs) => new Map(pairs));
const metadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });

/** A file with a header of our choice, of JSON or of anything, before `size` bytes of zeros. */
function withHeader(header: unknown, size = 16): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const bytes = new TextEncoder().encode(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return new Uint8Array(Buffer.concat([length, bytes, new Uint8Array(size)]));
}

test("what is written is what is read: names, metadata, and numbers bit for bit", () => {
  fc.assert(
    fc.property(collections, metadata, (written, metadata) => {
      const read = decodeSafetensors(encodeSafetensors(written, metadata), "w.safetensors");
      assert.deepEqual(new Set(read.tensors.keys()), new Set(written.keys()));
      for (const [name, x] of written) assertSameBits(read.tensors.get(name), x);
      assert.deepEqual(Object.entries(read.metadata), Object.entries(JSON.parse(JSON.stringify(metadata))));
    }),
  );
});

test("a record and a map give the same bytes, in the order given", () => {
  const record: Record<string, Tensor> = { kernel: tensor([1, 2]), bias: tensor([3]) };
  assert.deepEqual(encodeSafetensors(record), encodeSafetensors(new Map(Object.entries(record))));
  const read = decodeSafetensors(encodeSafetensors(record), "w.safetensors");
  assert.deepEqual([...read.tensors.keys()], ["kernel", "bias"]);
});

test("the layout is the specification's: length, JSON padded with spaces to a multiple of 8, numbers", () => {
  const bytes = encodeSafetensors({ bias: tensor([1, -2]) }, { made: "by hand" });
  const header = `{"__metadata__":{"made":"by hand"},"bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`;
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  assert.deepEqual([...bytes.subarray(0, 8)], [padded.length, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(new TextDecoder().decode(bytes.subarray(8, -8)), padded);
  assert.deepEqual([...bytes.subarray(-8)], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
});

test("every tensor starts at a multiple of the width of its numbers", () => {
  fc.assert(
    fc.property(collections, (written) => {
      const bytes = encodeSafetensors(written);
      const length = new DataView(bytes.buffer).getUint32(0, true);
      const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
      for (const { dtype, data_offsets } of Object.values<{ dtype: string; data_offsets: number[] }>(header)) {
        assert.equal((8 + length + data_offsets[0]) % (dtype === "F64" ? 8 : 4), 0);
      }
    }),
  );
});

test("what is read is a copy, wherever the bytes lie", () => {
  const file = Buffer.concat([new Uint8Array(3), encodeSafetensors({ x: tensor([1, 2]) })]).subarray(3);
  const { tensors } = decodeSafetensors(file, "w.safetensors");
  file.fill(0xff);
  assert.deepEqual(tensors.get("x")?.toNested(), [1, 2]);
});

test("a header that does not describe its data is refused by name", () => {
  const x = (dtype: unknown, shape: unknown, ...data_offsets: unknown[]) => ({ dtype, shape, data_offsets });
  const refused: [unknown, RegExp][] = [
    [{ x: x("F32", [4], 0, 16), y: x("F32", [2], 8, 16) }, /"y".*overlaps/],
    [{ x: x("F32", [2], 0, 8), y: x("F32", [1], 12, 16) }, /"y".*belong to no tensor/],
    [{ x: x("F32", [2], 8, 16) }, /belong to no tensor/],
    [{ x: x("F32", [3], 0, 12) }, /left over/],
    [{ x: x("F32", [8], 0, 32) }, /cut short/],
    [{ x: x("F32", [2, 2], 0, 8) }, /needs 16 bytes, not 8/],
    [{ x: x("F32", [2], 0, 16) }, /needs 8 bytes, not 16/],
    [{ x: x("F64", [4], 0, 16) }, /needs 32 bytes, not 16/],
    [{ x: x("F32", [4], 16, 0) }, /begin not after end/],
    [{ x: x("F32", [4], 0) }, /data_offsets/],
    [{ x: x("F32", [4], -16, 0) }, /data_offsets/],
    [{ x: x("F32", [4], 0, 16.5) }, /data_offsets/],
    [{ x: x("F32", [-4], 0, 16) }, /shape/],
    [{ x: x("F32", [2 ** 53], 0, 16) }, /shape/],
    [{ x: x("F32", [2 ** 30, 2 ** 30, 2 ** 30], 0, 16) }, /needs/],
    [{ x: x("F32", "4", 0, 16) }, /shape/],
    [{ x: x("BF16", [8], 0, 16) }, /dtype of tensor "x" is "BF16"/],
    [{ x: x("toString", [8], 0, 16) }, /dtype/],
    [{ x: x(undefined, [4], 0, 16) }, /dtype/],
    [{ x: null }, /description of tensor "x" is null/],
    [{ __metadata__: { epoch: 3 }, x: x("F32", [4], 0, 16) }, /text to text/],
    [{ __metadata__: "text", x: x("F32", [4], 0, 16) }, /text to text/],
    ["[]", /header/],
    ["null", /header/],
    ["{'x': 1}", /no JSON/],
    ["", /header/],
  ];
  for (const [header, mention] of refused) {
    assertRefused(() => decodeSafetensors(withHeader(header), "bad.safetensors"), "bad.safetensors", mention);
  }
});

test("a header beyond 100 MB or beyond the file is refused before it is read", () => {
  const huge = withHeader("{}");
  huge[7] = 1;
  assertRefused(() => decodeSafetensors(huge, "h"), "h", /header's length is 72057594037927940; at most 100000000/);
  const beyond = withHeader("{}", 0);
  beyond[0] = 3;
  assertRefused(() => decodeSafetensors(beyond, "h"), "h", /header's length is 3; the file has 10 bytes/);
});

test("the smallest file is an empty object, which has to come first", () => {
  assert.equal(decodeSafetensors(withHeader("{} ", 0), "s").tensors.size, 0);
  assertRefused(() => decodeSafetensors(withHeader(" {}", 0), "s"), "s", /the header is undefined/);
});

test("a header that is not UTF-8 is refused by name", () => {
  const bytes = withHeader('{"é":1}');
  bytes[10] = 0xff;
  assertRefused(() => decodeSafetensors(bytes, "u"), "u", /no JSON/);
});

test("the reserved name and metadata that is not text are refused when writing", () => {
  assertRefused(() => encodeSafetensors({ __metadata__: zeros([1]) }), "encodeSafetensors", /reserves/);
  const wrong = { epoch: 3 } as unknown as Record<string, string>;
  assertRefused(() => encodeSafetensors({}, wrong), "encodeSafetensors", /text to text/);
});

test("any truncation of a valid file is refused by name, and so is anything after its end", () => {
  fc.assert(
    fc.property(collections, metadata, fc.nat(), (written, metadata, cut) => {
      const bytes = encodeSafetensors(written, metadata);
      assertTruncationsRefused(bytes, cut, (part) => decodeSafetensors(part, "cut.file"));
      assertRefused(() => decodeSafetensors(Uint8Array.of(...bytes, 0), "long.file"), "long.file", /left over/);
    }),
  );
});

test("a valid file with bytes changed gives a result or a refusal, never a crash", () => {
  fc.assert(
    fc.property(collections, changes, (written, changes) => {
      resultOrRefusal(() => decodeSafetensors(mutated(encodeSafetensors(written), changes), "m.file"), "m.file");
    }),
  );
});

test("arbitrary bytes and arbitrary JSON give a result or a refusal, never a crash", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => void resultOrRefusal(() => decodeSafetensors(bytes, "any"), "any")),
  );
  fc.assert(
    fc.property(fc.json(), (header) => void resultOrRefusal(() => decodeSafetensors(withHeader(header), "any"), "any")),
  );
});
