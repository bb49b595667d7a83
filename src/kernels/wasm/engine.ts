import { demangle } from "@assemblyscript/loader";
import { fail } from "../../errors.ts";
import { type Shape, sizeOf, Tensor } from "../../tensor.ts";
import * as binaries from "./binaries.ts";
import { applyDelta } from "./delta.ts";
import { aligned, Heap, WasmStorage } from "./heap.ts";
import { Pool, QUEUE_BYTES } from "./pool.ts";
import { bytesOf } from "./text.ts";

/** Where the record of the running operation lies (behind the pool's words), and how many 32-bit words it may have. */
const RECORD = 256;
const RECORD_WORDS = 128;
/** What operations of small networks need besides their tensors; searching the heap takes longer than their kernels. */
const WORKSPACE = 2 ** 19;

export interface EngineOptions {
  /** Where tensors and scratch memory come from. Default: a heap of its own. */
  heap?: Heap;
  /** Default: 1. */
  threads?: number;
  /** The build with fused multiply-add, whose results differ in the last bits between machines. Default: false. */
  relaxed?: boolean;
}

const compiled = new Map<string, WebAssembly.Module>();

/**
 * Runs kernels of assembly/ on tensors: gives them addresses, describes the operation in a record, divides the work.
 *
 * Work is divided into units by the shape of the operation alone, and every sum has one fixed order, so the result does
 * not depend on who does which unit.
 */
export class Engine {
  readonly heap: Heap;
  readonly #pool: Pool;
  /** Shared memory grows in place, so this view of its first bytes stays good. */
  readonly #record: Int32Array;
  readonly #float = new Float32Array(1);
  readonly #word = new Int32Array(this.#float.buffer);
  /** Room for scratch memory, and how much of it the running operation uses; where that is too little, blocks of the heap. */
  readonly #workspace: number;
  #used = 0;
  readonly #temporary: number[] = [];
  /** The tensors to copy results back to when the operation ends. */
  readonly #results: { target: Tensor; start: number }[] = [];

  /** How many share the units of an operation: for which way is fastest, never for what it computes. */
  get threads(): number {
    return this.#pool.threads;
  }

  constructor({ threads = 1, relaxed = false, heap = new Heap() }: EngineOptions = {}) {
    this.heap = heap;
    const { memory } = heap;
    this.#record = new Int32Array(memory.buffer, RECORD, RECORD_WORDS);
    const module = relaxed ? compileRelaxed() : compile("simd", plainBinary);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const queues = heap.reserve(threads * QUEUE_BYTES);
    this.#workspace = heap.reserve(WORKSPACE);
    // Of the loader no more than this: strings and managed objects, which kernels have none of, are 4 kB of it.
    this.#pool = new Pool(threads, module, { memory, queues }, demangle<Record<string, unknown>>(exports));
  }

  allocate(shape: Shape): Tensor {
    return new Tensor(shape, this.heap.storage(sizeOf(shape)));
  }

  /** The address of a tensor that the operation reads: its own, or that of a copy. */
  input(tensor: Tensor | undefined): number {
    if (!tensor) return 0;
    const own = this.#address(tensor);
    if (own !== undefined) return own;
    const start = this.scratch(tensor.size * 4);
    new Float32Array(this.heap.memory.buffer, start, tensor.size).set(tensor.data);
    return start;
  }

  /** The address of a tensor that the operation writes; where it lies elsewhere, the result is copied there in the end. */
  output(tensor: Tensor | undefined): number {
    if (!tensor) return 0;
    const own = this.#address(tensor);
    if (own !== undefined) return own;
    const start = this.scratch(tensor.size * 4);
    this.#results.push({ target: tensor, start });
    return start;
  }

  /** The address of a tensor that the operation changes in place. */
  update(tensor: Tensor | undefined): number {
    if (!tensor) return 0;
    const own = this.#address(tensor);
    if (own !== undefined) return own;
    const start = this.input(tensor);
    this.#results.push({ target: tensor, start });
    return start;
  }

  /** Room that all units of the operation share, until the operation ends. */
  scratch(bytes: number): number {
    const size = aligned(bytes);
    if (this.#used + size <= WORKSPACE) {
      this.#used += size;
      return this.#workspace + this.#used - size;
    }
    const start = this.heap.reserve(bytes);
    this.#temporary.push(start);
    return start;
  }

  /** Writes zeros. */
  clear(pointer: number, length: number): void {
    new Float32Array(this.heap.memory.buffer, pointer, length).fill(0);
  }

  /** 32-bit numbers that a kernel has written. */
  words(pointer: number, length: number): Int32Array {
    return new Int32Array(this.heap.memory.buffer, pointer, length);
  }

  /** A float32 as a word of a record. */
  float(value: number): number {
    this.#float[0] = value;
    return this.#word[0];
  }

  /** Does the units 0 … units−1 of a kernel. Each worker has `scratchBytes` of its own. */
  run(kernel: string, units: number, record: readonly number[], scratchBytes = 0): void {
    if (units === 0) return;
    const step = aligned(scratchBytes);
    const scratch = step > 0 ? this.scratch(step * (this.#pool.threads - 1) + scratchBytes) : 0;
    this.#record.set(record);
    this.#pool.run(kernel, units, RECORD, scratch, step);
  }

  /** One operation of the contract: afterwards results are where they belong and temporary memory is given back. */
  operation(body: () => void): void {
    try {
      body();
      for (const { target, start } of this.#results) {
        target.data.set(new Float32Array(this.heap.memory.buffer, start, target.size));
      }
    } finally {
      this.#results.length = 0;
      this.#used = 0;
      while (this.#temporary.length > 0) this.heap.release(this.#temporary.pop()!);
    }
  }

  #address(tensor: Tensor): number | undefined {
    const { storage } = tensor;
    return storage instanceof WasmStorage && storage.heap === this.heap ? storage.pointer : undefined;
  }
}

function compileRelaxed(): WebAssembly.Module {
  try {
    return compile("relaxed", () => applyDelta(plainBinary(), bytesOf(binaries.relaxedDelta)));
  } catch {
    return fail(
      "wasmKernels",
      "relaxed",
      true,
      "this engine has no relaxed SIMD; leave it out (Node 22 and later have it)",
    );
  }
}

function compile(build: string, binary: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const module = compiled.get(build) ?? new WebAssembly.Module(binary());
  compiled.set(build, module);
  return module;
}

function plainBinary(): Uint8Array<ArrayBuffer> {
  return bytesOf(binaries.simd);
}
