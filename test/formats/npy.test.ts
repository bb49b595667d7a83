import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeNpy, encodeNpy } from "../../src/formats/npy.ts";
import { tensor, zeros } from "../../src/tensor.ts";
import {
  assertRefused,
  assertSameBits,
  assertTruncationsRefused,
  changes,
  mutated,
  resultOrRefusal,
  tensors,
} from "./support.ts";

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A file with a header of our choice before 16 bytes of zeros. */
function withHeader(header: string, version = [1, 0]): Uint8Array {
  return Uint8Array.of(...ascii("\x93NUMPY"), ...version, header.length, 0, ...ascii(header), ...new Uint8Array(16));
}

test("what is written is what is read, bit for bit", () => {
  fc.assert(fc.property(tensors, (x) => assertSameBits(decodeNpy(encodeNpy(x), "a.npy"), x)));
});

test("what is read does not depend on where the bytes lie, and is a copy", () => {
  const file = encodeNpy(tensor([1, 2, 3]));
  const shifted = Buffer.concat([new Uint8Array(3), file]).subarray(3);
  const read = decodeNpy(shifted, "a.npy");
  shifted.fill(0xff);
  assert.deepEqual(read.toNested(), [1, 2, 3]);
});

test("a file is byte for byte what NumPy writes", () => {
  const numbers = "0000c03f000000c00000c07f01000000";
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117);
  const file = Buffer.concat([ascii("\x93NUMPY\x01\x00\x76\x00"), ascii(`${header}\n`), Buffer.from(numbers, "hex")]);
  const x = tensor([
    [1.5, -2],
    [Number.NaN, 1.401298464324817e-45],
  ]);
  assert.deepEqual(encodeNpy(x), new Uint8Array(file));
});

test("NumPy's version 2, with a header length of four bytes, reads the same", () => {
  const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }".padEnd(115);
  const prefix = ascii("\x93NUMPY\x02\x00\x74\x00\x00\x00");
  const file = Buffer.concat([prefix, ascii(`${header}\n`), new Uint8Array(Float64Array.of(0.1).buffer)]);
  assert.deepEqual(decodeNpy(file, "b.npy").toNested(), [0.1]);
});

test("a header too long for version 1 becomes version 2", () => {
  const x = zeros(new Array(30_000).fill(1));
  assert.equal(encodeNpy(x)[6], 2);
  assertSameBits(decodeNpy(encodeNpy(x), "a.npy"), x);
});

test("data start at a multiple of 64", () => {
  fc.assert(fc.property(tensors, (x) => assert.equal((encodeNpy(x).length - x.data.byteLength) % 64, 0)));
});

test("Python's other spellings of the same header read the same", () => {
  for (const header of [
    `{"shape":(2,2),"fortran_order":False,"descr":"<f4"}`,
    "{'shape': (2, 2,) , 'fortran_order' : False , 'descr': '<f4' , } \n",
    "{'descr': '<f8', 'fortran_order': False, 'shape': ( 2 , ), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2)}",
  ]) {
    assert.equal(decodeNpy(withHeader(header), header).data.byteLength, 16);
  }
});

test("what is not little-endian float32 or float64 in C order is refused by name", () => {
  const refused: [string, RegExp][] = [
    ["{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2), }", /">f4|'>f4/],
    ["{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", /astype/],
    ["{'descr': 'toString', 'fortran_order': False, 'shape': (2,), }", /descr/],
    ["{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", /C order/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (4), }", /tuple/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }", /shape/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (,), }", /tuple/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", /left over/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }", /cut short/],
    ["{'descr': '<f4', 'fortran_order': False, }", /dictionary/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'more': True}", /dictionary/],
    ["{'descr': '<f4' 'fortran_order': False, 'shape': (4,)}", /dictionary/],
    ["not a dictionary", /dictionary/],
  ];
  for (const [header, mention] of refused)
    assertRefused(() => decodeNpy(withHeader(header), "x.npy"), "x.npy", mention);
  assertRefused(() => decodeNpy(withHeader("{}", [3, 0]), "x.npy"), "x.npy", /version is "3.0"/);
  assertRefused(() => decodeNpy(ascii("\x89PNG\r\n\x1a\n"), "x.npy"), "x.npy", /NUMPY/);
});

test("any truncation of a valid file is refused by name, and so is anything after its end", () => {
  fc.assert(
    fc.property(tensors, fc.nat(), (x, cut) => {
      const bytes = encodeNpy(x);
      assertTruncationsRefused(bytes, cut, (part) => decodeNpy(part, "cut.file"));
      assertRefused(() => decodeNpy(Uint8Array.of(...bytes, 0), "long.file"), "long.file", /left over/);
    }),
  );
});

test("a valid file with bytes changed gives a result or a refusal, never a crash", () => {
  fc.assert(
    fc.property(tensors, changes, (x, changes) => {
      resultOrRefusal(() => decodeNpy(mutated(encodeNpy(x), changes), "m.npy"), "m.npy");
    }),
  );
});

test("arbitrary bytes give a result or a refusal, never a crash", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => void resultOrRefusal(() => decodeNpy(bytes, "any.npy"), "any.npy")),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii", maxLength: 200 }), (header) => {
      resultOrRefusal(() => decodeNpy(withHeader(header), "any.npy"), "any.npy");
    }),
  );
});
