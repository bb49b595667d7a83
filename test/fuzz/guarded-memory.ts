/**
 * Memory in which nothing outside a tensor goes unseen: all of it is poison except the blocks that somebody has reserved,
 * and those begin as poison too.
 *
 * - A kernel that writes outside: poison is missing afterwards.
 * - One that reads outside, or reads scratch memory that it has not written: two memories with different poison give
 *   different results.
 * - One that reads behind a tensor and forgets what it has read: a tensor can lie at the very end of the memory, where
 *   that traps.
 */
import assert from "node:assert/strict";
import { Heap, WasmStorage } from "../../src/kernels/wasm/heap.ts";
import { type Shape, sizeOf, Tensor } from "../../src/tensor.ts";

/** What lies before belongs to the records of operations. */
const FIRST = 1024;
/** Between two blocks there is so much poison at least, and every block starts at a multiple of it. */
const GUARD = 64;
const PAGES = 32;

/** Blocks one behind the other; the room behind the last one is used again. */
export class GuardedHeap extends Heap {
  readonly #blocks = new Map<number, number>();
  readonly #clean: Buffer;
  readonly #bytes: Buffer;
  #top = FIRST + GUARD;

  /** @param poison a float32 */
  constructor(poison: number) {
    super();
    this.memory.grow(PAGES - this.bytes / 65536);
    const { byteLength } = this.memory.buffer;
    this.#clean = Buffer.from(new Float32Array(byteLength / 4).fill(poison).buffer);
    this.#bytes = Buffer.from(this.memory.buffer);
    this.#clean.copy(this.#bytes, FIRST, FIRST);
  }

  override reserve(bytes: number): number {
    const start = this.#top;
    // Not the end of the memory: that is for the tensor at the edge.
    const end = start + Math.ceil(bytes / GUARD) * GUARD + GUARD;
    assert.ok(end < this.bytes - 65536, `fuzz with smaller shapes: a block of ${bytes} bytes is wanted`);
    this.#top = end;
    this.#blocks.set(start, bytes);
    return start;
  }

  override release(start: number): void {
    this.#clean.copy(this.#bytes, start, start, start + this.#blocks.get(start)!);
    this.#blocks.delete(start);
    this.#top = FIRST + GUARD;
    for (const [other, bytes] of this.#blocks) {
      if (other < this.bytes - 65536) this.#top = Math.max(this.#top, other + Math.ceil(bytes / GUARD) * GUARD + GUARD);
    }
  }

  /** A tensor full of poison; `atEdge`: it ends where the memory does. To be released by its pointer. */
  tensor(shape: Shape, atEdge = false): Tensor & { readonly storage: WasmStorage } {
    const bytes = 4 * sizeOf(shape);
    const isEdge = atEdge && bytes < 60_000;
    const start = isEdge ? this.bytes - bytes : this.reserve(bytes);
    if (isEdge) this.#blocks.set(start, bytes);
    return new Tensor(shape, new WasmStorage(this, start, bytes / 4)) as Tensor & { storage: WasmStorage };
  }

  /** Fails where anything outside the reserved blocks is no longer poison. */
  check(): void {
    let from = FIRST;
    for (const [start, bytes] of [...this.#blocks].sort(([a], [b]) => a - b)) {
      this.#checkPoison(from, start);
      from = start + bytes;
    }
    this.#checkPoison(from, this.bytes);
  }

  #checkPoison(from: number, to: number): void {
    if (this.#bytes.compare(this.#clean, from, to, from, to) === 0) return;
    let at = from;
    while (this.#bytes[at] === this.#clean[at]) at++;
    const blocks = [...this.#blocks].map(([start, bytes]) => `${start} … ${start + bytes}`);
    this.#clean.copy(this.#bytes, from, from, to);
    assert.fail(`address ${at} was written, which is outside of all tensors: ${blocks.join(", ")}`);
  }
}
