/**
 * NumPy's .npy, one array a file (NumPy Enhancement Proposal 1; numpy.lib.format).
 *
 *   6 bytes       0x93 and "NUMPY"
 *   2 bytes       version: 1.0 or 2.0
 *   2 or 4 bytes  length of the header, little-endian: 2 bytes in version 1, 4 in version 2
 *   the header    a Python dictionary, padded with spaces and ended by a newline so that the data start at 64·k:
 *                 {'descr': '<f4', 'fortran_order': False, 'shape': (28, 28), }
 *   the rest      the numbers, row-major
 */
import { fail } from "../errors.ts";
import { type DType, type FloatArray, sizeOf, type Tensor, tensor } from "../tensor.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const DESCRIPTIONS = { float32: "<f4", float64: "<f8" } as const;
const DTYPES: Record<string, DType> = { "<f4": "float32", "<f8": "float64" };
const LONGEST_SHORT_HEADER = 0xffff;

/**
 * Writes a tensor of any shape; `numpy.load` reads it as float32 or float64.
 *
 * ```ts
 * const bytes = encodeNpy(tensor([[1, 2], [3, 4]]));
 * bytes.length;                           // 128 + 16 = 144
 * decodeNpy(bytes, "a.npy").toNested();   // [[1, 2], [3, 4]]
 * ```
 */
export function encodeNpy({ data, dtype, shape }: Tensor): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${DESCRIPTIONS[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const startOf = (prefix: number) => Math.ceil((prefix + text.length + 1) / 64) * 64;
  const version = startOf(10) - 10 <= LONGEST_SHORT_HEADER ? 1 : 2;
  const prefix = version === 1 ? 10 : 12;
  const start = startOf(prefix);

  const bytes = new Uint8Array(start + data.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  bytes[6] = version;
  if (version === 1) view.setUint16(8, start - prefix, true);
  else view.setUint32(8, start - prefix, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(start - prefix - 1)}\n`), prefix);
  // Bytes, not numbers, are copied: so a NaN keeps its bits.
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/**
 * Reads a .npy file of little-endian float32 or float64 numbers in C order.
 *
 * @param bytes the whole file; the tensor is a copy
 * @param name the file's name, for error messages
 * @throws NeocogError for a foreign file, other element types or orders, and bytes that are missing or left over.
 */
export function decodeNpy(bytes: Uint8Array, name: string): Tensor {
  const { text, start } = readHeader(bytes, name);
  const { descr, fortran_order: order, shape: tuple } = parseDictionary(text, name);
  const description = descr.slice(1, -1);
  const dtype = Object.hasOwn(DTYPES, description) ? DTYPES[description] : undefined;
  if (!dtype) fail(name, "descr", descr, "only '<f4' and '<f8' are read; convert it with astype");
  if (order !== "False") fail(name, "fortran_order", order, "only C order is read; save numpy.ascontiguousarray(…)");
  const shape = parseShape(tuple, name);
  const needed = sizeOf(shape) * (dtype === "float64" ? 8 : 4);
  const found = bytes.length - start;
  if (found !== needed) {
    const what = found < needed ? "is cut short" : "has bytes left over";
    fail(name, "the number of data bytes", found, `shape [${shape}] needs ${needed}: the file ${what}; save it again`);
  }
  const copy = new Uint8Array(needed);
  copy.set(bytes.subarray(start));
  const data: FloatArray = dtype === "float64" ? new Float64Array(copy.buffer) : new Float32Array(copy.buffer);
  return tensor(data, shape);
}

function readHeader(bytes: Uint8Array, name: string): { text: string; start: number } {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
    fail(
      name,
      "the start of the file",
      [...bytes.subarray(0, 6)],
      "a .npy file starts with 0x93 NUMPY; give a .npy file",
    );
  }
  const version = bytes[6];
  if (bytes.length >= 8 && ((version !== 1 && version !== 2) || bytes[7] !== 0)) {
    fail(name, "the version", `${version}.${bytes[7]}`, "1.0 and 2.0 are read; save the file with one of these");
  }
  const prefix = version === 1 ? 10 : 12;
  if (bytes.length < prefix) {
    fail(name, "the length in bytes", bytes.length, "a .npy file has more: the file is cut short; save it again");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = prefix + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) {
    fail(
      name,
      "the length in bytes",
      bytes.length,
      `the header ends at ${start}: the file is cut short; save it again`,
    );
  }
  return { text: new TextDecoder("latin1").decode(bytes.subarray(prefix, start)), start };
}

const ITEM = /(['"])(descr|fortran_order|shape)\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([^()]*\))\s*(?:,\s*|$)/g;

/** The three values as they are spelled in the file; any order, spacing and quotes that Python allows. */
function parseDictionary(text: string, name: string): Record<string, string> {
  const literal = text.trim();
  const values = new Map<string, string>();
  const unread = literal
    .slice(1, -1)
    .trim()
    .replace(ITEM, (_item, _quote, key: string, value: string) => {
      values.set(key, value);
      return "";
    });
  if (!literal.startsWith("{") || !literal.endsWith("}") || unread !== "" || values.size !== 3) {
    const remedy = "it has to be a dictionary of 'descr', 'fortran_order' and 'shape' and nothing else; save it again";
    fail(name, "the header", text.slice(0, 80), remedy);
  }
  return Object.fromEntries(values);
}

/** A tuple of one has a comma in Python: `()`, `(28,)`, `(28, 28)`. */
function parseShape(text: string, name: string): number[] {
  const parts = text
    .slice(1, -1)
    .split(",")
    .map((part) => part.trim());
  const isTuple = text.startsWith("(") && (parts.length > 1 || parts[0] === "");
  if (parts.at(-1) === "") parts.pop();
  const shape = parts.map(Number);
  if (!isTuple || !parts.every((part) => /^\d+$/.test(part)) || !shape.every(Number.isSafeInteger)) {
    fail(name, "shape", text, "it has to be a tuple of whole numbers, as in (28, 28)");
  }
  return shape;
}
