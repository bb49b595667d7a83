import assert from "node:assert/strict";
import fc from "fast-check";
import { NeocogError } from "../../src/errors.ts";
import { sizeOf, type Tensor, tensor } from "../../src/tensor.ts";

/** What every reader owes to bytes it was not made for: a result, or a refusal that names the file. */
export function resultOrRefusal<T>(read: () => T, name: string): T | undefined {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof NeocogError, `not a refusal but ${(error as Error).stack}`);
    assert.ok(error.message.includes(name), `${error.message} does not name ${name}`);
    return undefined;
  }
}

/** Refused with an error that names the file; `mentions` is what else it has to say. */
export function assertRefused(read: () => unknown, name: string, ...mentions: RegExp[]): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof NeocogError, `not a refusal but ${(error as Error).stack}`);
    assert.ok(error.message.startsWith(name), `${error.message} does not begin with ${name}`);
    for (const mention of mentions) assert.match(error.message, mention);
    return true;
  });
}

/** Every prefix of a valid file is refused by name. */
export function assertTruncationsRefused(bytes: Uint8Array, cut: number, read: (bytes: Uint8Array) => unknown): void {
  assertRefused(() => read(bytes.subarray(0, cut % bytes.length)), "cut.file");
}

/** A valid file with a few bytes changed: the neighbourhood where readers break. */
export function mutated(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const changed = bytes.slice();
  for (const [at, value] of changes) changed[at % changed.length] = value;
  return changed;
}

export const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
export const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

/** Tensors of any shape and of any bits: NaN with a payload, negative zero, infinities and denormals among them. */
export const tensors: fc.Arbitrary<Tensor> = fc
  .record({ shape: shapes, dtype: fc.constantFrom("float32" as const, "float64" as const), seed: fc.integer() })
  .map(({ shape, dtype, seed }) => {
    const bits = new BigUint64Array(sizeOf(shape));
    for (let k = 0; k < bits.length; k++) bits[k] = bitsOf(seed + k);
    if (dtype === "float64") return tensor(new Float64Array(bits.buffer), shape);
    return tensor(new Float32Array(Uint32Array.from(bits, (word) => Number(word >> 32n)).buffer), shape);
  });

const SPECIAL = [
  0x7ff0000000000001n,
  0xfff8dead00000000n,
  0x7fa0000100000000n,
  1n << 63n,
  1n,
  1n << 32n,
  0x7ff0n << 48n,
];

function bitsOf(seed: number): bigint {
  const mixed = BigInt.asUintN(64, (BigInt(seed) + 1n) * 0x9e3779b97f4a7c15n);
  return mixed % 3n === 0n ? SPECIAL[Number((mixed >> 8n) % BigInt(SPECIAL.length))] : mixed;
}

/** The same shape, precision and bits; equality of numbers would let a NaN differ and -0 be 0. */
export function assertSameBits(found: Tensor | undefined, expected: Tensor): void {
  assert.ok(found);
  assert.deepEqual(found.shape, expected.shape);
  assert.equal(found.dtype, expected.dtype);
  assert.deepEqual(bytesOf(found), bytesOf(expected));
}

function bytesOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Values from 0 to 1 that went through a few roundings to float32. */
export function assertClose({ data }: Tensor, expected: ArrayLike<number>): void {
  assert.equal(data.length, expected.length);
  data.forEach((value, k) => {
    assert.ok(Math.abs(value - expected[k]) <= 2 ** -22, `element ${k} is ${value}, not ${expected[k]}`);
  });
}
