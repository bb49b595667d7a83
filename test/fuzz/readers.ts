/** Every reader of files: arbitrary bytes, valid files with changes, and files that are wrong in one place on purpose. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseIdx, writeIdx } from "../../src/data/idx.ts";
import { readPng, resizeTo, toGrayscale } from "../../src/data/png.ts";
import { NeocogError } from "../../src/errors.ts";
import { decodeNpy, encodeNpy } from "../../src/formats/npy.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/formats/safetensors.ts";
import { sizeOf } from "../../src/tensor.ts";
import { shapes, tensors } from "../formats/support.ts";
import { pngs } from "./png-files.ts";
import { joined, mutations, type Target, target } from "./target.ts";

const FILE = "some/file";

/** A refusal of a reader begins with the name of the file. */
export function naming<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NeocogError) assert.ok(error.message.startsWith(FILE), `"${error.message}" names no file`);
    throw error;
  }
}

/** Mostly neighbours of valid files: of arbitrary bytes hardly any gets past the first check. */
function bytesNear(files: fc.Arbitrary<Uint8Array>, magic: readonly number[]): fc.Arbitrary<Uint8Array> {
  const headed = fc.uint8Array({ maxLength: 80 }).map((tail) => joined(magic, tail));
  return fc.oneof(
    { weight: 8, arbitrary: mutations(files) },
    { weight: 1, arbitrary: headed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
  );
}

const idxFiles = fc
  .tuple(shapes, fc.nat(255))
  .map(([shape, seed]) => writeIdx(shape, new Uint8Array(sizeOf(shape)).fill(seed)));

const idx = target("IDX", 80, bytesNear(idxFiles, [0, 0, 8]), (bytes) => {
  const { shape, data } = naming(() => parseIdx(bytes, FILE));
  assert.equal(sizeOf(shape), data.length);
});

/** What the command line does to a picture: read, gray, resized. */
const png = target(
  "PNG",
  50,
  bytesNear(pngs, [137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82]),
  (bytes) => {
    const image = naming(() => readPng(bytes, FILE));
    assert.ok(image.data.every((value) => value >= 0 && value <= 1.000001));
    if (image.size <= 4096) assert.equal(resizeTo(toGrayscale(image), 5, 4).size, 20);
  },
);

const shapeTexts = fc.constantFrom(
  "()",
  "(2,)",
  "(2, 1)",
  "(1, 2)",
  "(0, 9007199254740991)",
  "(9007199254740993,)",
  "[2]",
);
const npyTexts = fc
  .record({
    descr: fc.constantFrom("'<f4'", '"<f8"', "'>f4'", "'|O'", "'<f4", "[('a', '<f4')]"),
    order: fc.constantFrom("False", "True", "0"),
    shape: fc.oneof(
      shapeTexts,
      fc.array(fc.maxSafeNat(), { maxLength: 3 }).map((list) => `(${list.join(",")},)`),
    ),
    padding: fc.string({ maxLength: 5, unit: fc.constantFrom(" ", "\n", ",", "}", "\u00e9") }),
    version: fc.constantFrom(1, 1, 2, 3),
    length: fc.constantFrom(0, 0, 0, -1, 1, 70_000),
    data: fc.uint8Array({ maxLength: 16 }),
  })
  .map(({ descr, order, shape, padding, version, length, data }) => {
    const text = new TextEncoder().encode(
      `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }${padding}`,
    );
    const written = text.length + length;
    const size = version === 1 ? [written & 255, (written >> 8) & 255] : [written & 255, written >> 8, 0, 0];
    return joined([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0], size, text, data);
  });

const npy = target(
  "npy",
  80,
  bytesNear(fc.oneof(tensors.map(encodeNpy), npyTexts), [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]),
  (bytes) => {
    const tensor = naming(() => decodeNpy(bytes, FILE));
    assert.equal(sizeOf(tensor.shape), tensor.data.length);
  },
);

const named = fc.dictionary(fc.oneof(fc.string({ maxLength: 3 }), fc.constant("__proto__")), tensors, { maxKeys: 3 });
const safetensorsFiles = fc
  .tuple(named, fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), { maxKeys: 2 }))
  .map(([tensors, metadata]) => encodeSafetensors(new Map(Object.entries(tensors)), metadata));

/** Headers that are JSON, but describe what cannot be. */
const described = fc
  .record({
    header: fc.dictionary(
      fc.constantFrom("a", "b", "__metadata__", "__proto__"),
      fc.oneof(
        fc.record(
          {
            dtype: fc.oneof(
              { weight: 4, arbitrary: fc.constantFrom("F32", "F64") },
              { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
            ),
            shape: fc.oneof(
              fc.array(fc.constantFrom(0, 1, 2, 4, -1, 0.5, 2 ** 53, 1e300), { maxLength: 3 }),
              fc.jsonValue({ maxDepth: 1 }),
            ),
            data_offsets: fc.oneof(
              fc.array(fc.constantFrom(0, 4, 8, 16, -4, 2 ** 53, 1e300), { maxLength: 3 }),
              fc.jsonValue({ maxDepth: 1 }),
            ),
          },
          { requiredKeys: [] },
        ),
        fc.jsonValue({ maxDepth: 1 }),
      ),
      { maxKeys: 3 },
    ),
    length: fc.constantFrom(0n, 0n, 0n, 1n, -1n, 2n ** 63n, 2n ** 32n),
    data: fc.uint8Array({ maxLength: 24 }),
  })
  .map(({ header, length, data }) => {
    const text = new TextEncoder().encode(JSON.stringify(header));
    const prefix = new DataView(new ArrayBuffer(8));
    prefix.setBigUint64(0, BigInt.asUintN(64, BigInt(text.length) + length), true);
    return joined(new Uint8Array(prefix.buffer), text, data);
  });

const safetensors = target(
  "safetensors",
  80,
  bytesNear(fc.oneof(safetensorsFiles, described), [2, 0, 0, 0, 0, 0, 0, 0, 0x7b]),
  (bytes) => {
    const { tensors } = naming(() => decodeSafetensors(bytes, FILE));
    for (const { shape, data } of tensors.values()) assert.equal(sizeOf(shape), data.length);
  },
);

export const readers: readonly Target[] = [idx, png, npy, safetensors];
