import { NeocogError } from "../../errors.ts";
import type { FloatArray, Storage } from "../../tensor.ts";

const PAGE = 65536;
const MAXIMUM_PAGES = 65536;
/** Every block starts at a multiple of this: a cache line, and a whole number of vectors. */
const ALIGNMENT = 64;
/** The first bytes belong to the records through which operations are described; address 0 means "none". */
const RESERVED = 1024;

/** So many bytes, rounded up to where a block may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

interface Block {
  start: number;
  bytes: number;
}

/** WebAssembly memory and who owns which part of it: first fit from a list of free blocks in the order of addresses. */
export class Heap {
  readonly memory = new WebAssembly.Memory({ initial: 4, maximum: MAXIMUM_PAGES, shared: true });
  readonly #free: Block[] = [{ start: RESERVED, bytes: this.memory.buffer.byteLength - RESERVED }];
  readonly #sizes = new Map<number, number>();
  readonly #lost = new FinalizationRegistry<number>((start) => this.release(start));

  /** Bytes of WebAssembly memory that exist, used or not; they never become fewer. */
  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** The start of a block of at least `bytes`; its content is whatever was there before. */
  reserve(bytes: number): number {
    const size = Math.max(ALIGNMENT, aligned(bytes));
    let index = this.#free.findIndex((block) => block.bytes >= size);
    if (index < 0) index = this.#grow(size);
    const block = this.#free[index];
    const start = block.start;
    if (block.bytes === size) this.#free.splice(index, 1);
    else {
      block.start += size;
      block.bytes -= size;
    }
    this.#sizes.set(start, size);
    return start;
  }

  /** Gives a block back and joins it with its free neighbours. */
  release(start: number): void {
    const bytes = this.#sizes.get(start);
    if (bytes === undefined) throw new NeocogError(`Heap: nothing was reserved at ${start}`);
    this.#sizes.delete(start);
    this.#addFree(start, bytes);
  }

  /** Room for `length` float32 that is given back when nobody refers to the storage any more. */
  storage(length: number): WasmStorage {
    const start = this.reserve(length * 4);
    const storage = new WasmStorage(this, start, length, undefined, weightOf(length * 4));
    storage.data.fill(0);
    this.#lost.register(storage, start);
    return storage;
  }

  #addFree(start: number, bytes: number): number {
    let index = this.#free.findIndex((block) => block.start > start);
    if (index < 0) index = this.#free.length;
    this.#free.splice(index, 0, { start, bytes });
    this.#join(index);
    return index > 0 && this.#join(index - 1) ? index - 1 : index;
  }

  /** Joins block `index` with the one after it where they touch. */
  #join(index: number): boolean {
    const [block, next] = [this.#free[index], this.#free[index + 1]];
    if (!next || block.start + block.bytes !== next.start) return false;
    block.bytes += next.bytes;
    this.#free.splice(index + 1, 1);
    return true;
  }

  #grow(size: number): number {
    const end = this.bytes;
    const last = this.#free.at(-1);
    const atEnd = last && last.start + last.bytes === end ? last.bytes : 0;
    const needed = Math.ceil((size - atEnd) / PAGE);
    // Growing by an eighth at least keeps the number of growths small when many blocks are asked for one by one.
    const generous = Math.min(Math.max(needed, Math.ceil(end / PAGE / 8)), MAXIMUM_PAGES - end / PAGE);
    try {
      this.memory.grow(Math.max(needed, generous));
    } catch {
      throw new NeocogError(
        `wasmKernels: memory of ${megabytes(size)} is wanted, but ${megabytes(end)} of at most ${megabytes(MAXIMUM_PAGES * PAGE)} are in use; use smaller batches or a smaller model`,
      );
    }
    return this.#addFree(end, this.bytes - end);
  }
}

/** Less than this makes no difference to when garbage is collected. */
const NOTICEABLE = 2 ** 20;
const MOST_WEIGHT = 2 ** 28;

/**
 * What lets the engine see how much memory a storage holds. It collects garbage when much of its own is in use, and a storage
 * is a small object to it, whatever it owns of WebAssembly's memory: models that nobody refers to would stay until nothing
 * is left. So a storage has a buffer as large, whose pages are never touched, so that it takes addresses and no memory.
 */
function weightOf(bytes: number): ArrayBuffer | undefined {
  if (bytes < NOTICEABLE) return undefined;
  try {
    return new ArrayBuffer(Math.min(bytes, MOST_WEIGHT));
  } catch {
    return undefined; // no addresses are left: garbage has been collected then
  }
}

/** Numbers inside a {@link Heap}; a slice keeps the whole block alive. */
export class WasmStorage implements Storage {
  #view: Float32Array | undefined;

  constructor(
    readonly heap: Heap,
    readonly pointer: number,
    readonly length: number,
    readonly parent?: WasmStorage,
    readonly weight?: ArrayBuffer,
  ) {}

  /** A view that is made afresh after every growth of the memory, which replaces the buffer. */
  get data(): FloatArray {
    const { buffer } = this.heap.memory;
    if (this.#view?.buffer !== buffer) this.#view = new Float32Array(buffer, this.pointer, this.length);
    return this.#view;
  }

  slice(start: number, length: number): Storage {
    return new WasmStorage(this.heap, this.pointer + start * 4, length, this);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
