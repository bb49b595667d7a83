/**
 * IDX, the file format of MNIST and of its drop-in replacements (LeCun, Cortes & Burges, "The MNIST database").
 *
 *   bytes 0–1   zero
 *   byte  2     type of the elements; 8 means unsigned byte, the only one the image sets use
 *   byte  3     number of dimensions d
 *   4·d bytes   the dimensions, each a big-endian unsigned 32-bit number
 *   the rest    the elements, row-major
 */
import { fail } from "../errors.ts";
import { type Shape, sizeOf } from "../tensor.ts";

export interface IdxArray {
  readonly shape: number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
const OTHER_TYPES: Record<number, string> = {
  9: "signed bytes",
  11: "16-bit integers",
  12: "32-bit integers",
  13: "float32",
  14: "float64",
};

/**
 * Reads an IDX file of unsigned bytes.
 *
 * ```ts
 * const { shape, data } = parseIdx(Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9), "tiny");
 * shape;     // [1, 3]
 * [...data]; // [7, 8, 9]
 * ```
 * @param bytes the whole file, not compressed; `data` of the result is a view of it, not a copy
 * @param name the file's name, for error messages
 * @throws NeocogError for a foreign file, other element types, and bytes that are missing or left over.
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const { dimensions, header } = checkHeader(bytes, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = sizeOf(shape);
  const found = bytes.length - header;
  if (found !== expected) {
    const what = found < expected ? "is cut short" : "has bytes left over";
    fail(
      name,
      "the number of data bytes",
      found,
      `shape [${shape}] needs ${expected}: the file ${what}; fetch it again`,
    );
  }
  return { shape, data: bytes.subarray(header) };
}

/**
 * Writes unsigned bytes as an IDX file.
 *
 * ```ts
 * [...writeIdx([2], Uint8Array.of(7, 9))]; // [0, 0, 8, 1, 0, 0, 0, 2, 7, 9]
 * ```
 * @throws NeocogError where shape and data disagree, or a dimension does not fit the format.
 */
export function writeIdx(shape: Shape, data: Uint8Array): Uint8Array {
  if (shape.length > 255 || shape.some((length) => length > 0xffffffff)) {
    fail("writeIdx", "shape", shape, "IDX holds at most 255 dimensions below 2^32");
  }
  if (sizeOf(shape) !== data.length) {
    fail("writeIdx", "the number of data bytes", data.length, `shape [${shape}] needs ${sizeOf(shape)}`);
  }
  const header = 4 + 4 * shape.length;
  const bytes = new Uint8Array(header + data.length);
  const view = new DataView(bytes.buffer);
  bytes[2] = UNSIGNED_BYTE;
  bytes[3] = shape.length;
  shape.forEach((length, axis) => {
    view.setUint32(4 + 4 * axis, length);
  });
  bytes.set(data, header);
  return bytes;
}

function checkHeader(bytes: Uint8Array, name: string): { dimensions: number; header: number } {
  if (bytes.length < 4) {
    fail(
      name,
      "the length in bytes",
      bytes.length,
      "an IDX file has at least 4: the file is cut short; fetch it again",
    );
  }
  const [first, second, type, dimensions] = bytes;
  if (first === 0x1f && second === 0x8b) {
    fail(name, "the start of the file", [first, second], "it is gzipped; decompress it first");
  }
  if (first !== 0 || second !== 0) {
    fail(name, "the start of the file", [first, second], "an IDX file starts with two zero bytes; give an IDX file");
  }
  if (type !== UNSIGNED_BYTE) {
    const meaning = OTHER_TYPES[type] ?? "unknown to the format";
    fail(name, "the type code", type, `that is ${meaning}; convert the file to unsigned bytes, code 8`);
  }
  const header = 4 + 4 * dimensions;
  if (bytes.length < header) {
    fail(
      name,
      "the length in bytes",
      bytes.length,
      `the header alone has ${header}: the file is cut short; fetch it again`,
    );
  }
  return { dimensions, header };
}
