/**
 * safetensors, the file format of weights that most libraries read (huggingface/safetensors, "Format").
 *
 *   8 bytes   length H of the header, little-endian
 *   H bytes   JSON: { name: { "dtype": "F32", "shape": [5, 5, 1, 6], "data_offsets": [begin, end] }, … },
 *             optionally "__metadata__": { text: text }; padded with spaces, so that the data start at a multiple of 8
 *   the rest  the numbers, little-endian, row-major; offsets count from here and leave no gap
 */
import { fail, NeocogError } from "../errors.ts";
import { type DType, type FloatArray, sizeOf, type Tensor, tensor } from "../tensor.ts";

export type NamedTensors = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>;

export interface SafetensorsFile {
  /** By name, in the order of their numbers in the file. */
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Record<string, string>;
}

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

const METADATA = "__metadata__";
const LONGEST_HEADER = 100_000_000;
const CODES = { float32: "F32", float64: "F64" } as const;
const DTYPES: Record<string, DType> = { F32: "float32", F64: "float64" };
const WIDTHS = { float32: 4, float64: 8 } as const;

/**
 * Writes named tensors of any shape; float32 becomes F32, float64 becomes F64. The same input gives the same bytes.
 *
 * ```ts
 * const bytes = encodeSafetensors({ bias: tensor([1, 2]) }, { made: "by hand" });
 * bytes.length;                                          // 8 + 96 + 8 = 112
 * decodeSafetensors(bytes, "a file").tensors.get("bias"); // the tensor [1, 2]
 * ```
 * @throws NeocogError for a tensor called `__metadata__` or metadata that is not text.
 */
export function encodeSafetensors(tensors: NamedTensors, metadata: Record<string, string> = {}): Uint8Array {
  const named = [...(tensors instanceof Map ? tensors : Object.entries(tensors))] as [string, Tensor][];
  // float64 first: then every tensor starts at a multiple of the width of its numbers.
  const ordered = [
    ...named.filter(([, t]) => t.dtype === "float64"),
    ...named.filter(([, t]) => t.dtype === "float32"),
  ];
  const header = new TextEncoder().encode(headerText(ordered, metadata));
  const padded = Math.ceil(header.length / 8) * 8;
  if (padded > LONGEST_HEADER) {
    fail("encodeSafetensors", "the header's length", padded, `keep names and metadata below ${LONGEST_HEADER} bytes`);
  }
  let at = 8 + padded;
  const bytes = new Uint8Array(ordered.reduce((total, [, { data }]) => total + data.byteLength, at));
  new DataView(bytes.buffer).setUint32(0, padded, true);
  bytes.fill(0x20, 8, at).set(header, 8);
  for (const [, { data }] of ordered) {
    // Bytes, not numbers, are copied: so a NaN keeps its bits. WebAssembly runs on little-endian order everywhere.
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file of float32 and float64 tensors. Nothing in the file is trusted: every number of the header
 * is checked before it is used.
 *
 * @param bytes the whole file; the tensors are copies
 * @param name the file's name, for error messages
 * @throws NeocogError for anything the format does not allow, and for other element types.
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): SafetensorsFile {
  const { header, start } = readHeader(bytes, name);
  const { [METADATA]: metadata = {}, ...described } = header;
  checkMetadata(metadata, name);
  const entries = Object.entries(described).map(([key, description]) => checkEntry(key, description, name));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, bytes.length - start, name);
  const tensors = entries.map(({ name, dtype, shape, begin, end }): [string, Tensor] => {
    const copy = new Uint8Array(end - begin);
    copy.set(bytes.subarray(start + begin, start + end));
    const data: FloatArray = dtype === "float64" ? new Float64Array(copy.buffer) : new Float32Array(copy.buffer);
    return [name, tensor(data, shape)];
  });
  return { tensors: new Map(tensors), metadata };
}

/** The JSON is put together by hand because a JavaScript object would reorder names like "0" and lose "__proto__". */
function headerText(tensors: readonly [string, Tensor][], metadata: Record<string, string>): string {
  checkMetadata(metadata, "encodeSafetensors");
  const parts = Object.keys(metadata).length > 0 ? [`"${METADATA}":${JSON.stringify(metadata)}`] : [];
  let at = 0;
  for (const [name, { data, dtype, shape }] of tensors) {
    if (name === METADATA) fail("encodeSafetensors", "a tensor's name", name, "the format reserves it; choose another");
    const description = { dtype: CODES[dtype], shape, data_offsets: [at, (at += data.byteLength)] };
    parts.push(`${JSON.stringify(name)}:${JSON.stringify(description)}`);
  }
  return `{${parts.join(",")}}`;
}

function readHeader(bytes: Uint8Array, name: string): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8)
    fail(name, "the length in bytes", bytes.length, "a safetensors file has at least 8; fetch it again");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > LONGEST_HEADER) {
    fail(name, "the header's length", length, `at most ${LONGEST_HEADER} is allowed; give a safetensors file`);
  }
  if (8 + length > bytes.length) {
    fail(name, "the header's length", length, `the file has ${bytes.length} bytes: it is cut short; fetch it again`);
  }
  let header: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length));
    header = text.startsWith("{") ? JSON.parse(text) : undefined;
  } catch (error) {
    throw new NeocogError(`${name}: the header is no JSON (${(error as Error).message}); give a safetensors file`);
  }
  if (!isObject(header)) fail(name, "the header", header, "it has to be a JSON object; give a safetensors file");
  return { header, start: 8 + length };
}

function checkMetadata(metadata: unknown, name: string): asserts metadata is Record<string, string> {
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    fail(name, METADATA, metadata, "it has to map text to text");
  }
}

function checkEntry(tensor: string, description: unknown, name: string): Entry {
  const of = `of tensor ${JSON.stringify(tensor)}`;
  if (!isObject(description)) fail(name, `the description ${of}`, description, "it has to be a JSON object");
  const { dtype: code, shape, data_offsets: offsets } = description;
  const dtype = typeof code === "string" && Object.hasOwn(DTYPES, code) ? DTYPES[code] : undefined;
  if (!dtype) fail(name, `dtype ${of}`, code, "only F32 and F64 are read; convert the file");
  if (!areCounts(shape)) fail(name, `shape ${of}`, shape, "it has to be a list of whole numbers");
  if (!areCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    fail(name, `data_offsets ${of}`, offsets, "it has to be [begin, end], with begin not after end");
  }
  const [begin, end] = offsets;
  const needed = sizeOf(shape) * WIDTHS[dtype];
  if (end - begin !== needed) {
    fail(name, `data_offsets ${of}`, offsets, `shape [${shape}] of ${code} needs ${needed} bytes, not ${end - begin}`);
  }
  return { name: tensor, dtype, shape, begin, end };
}

/** The tensors must tile the data: no overlap, no gap, nothing beyond the end, nothing left over. */
function checkCoverage(entries: readonly Entry[], available: number, name: string): void {
  let at = 0;
  for (const { name: tensor, begin, end } of entries) {
    if (begin !== at) {
      const what = begin < at ? "it overlaps the tensor before it" : "bytes before it belong to no tensor";
      fail(name, `data_offsets of tensor ${JSON.stringify(tensor)}`, [begin, end], `${what}; write the file again`);
    }
    at = end;
  }
  if (at !== available) {
    const what = at > available ? "the file is cut short" : "bytes are left over";
    fail(name, "the number of data bytes", available, `the header describes ${at}: ${what}; fetch it again`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function areCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
