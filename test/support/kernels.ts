import { setTimeout as sleep } from "node:timers/promises";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import type { Tensor } from "../../src/tensor.ts";

export const wasm = wasmKernels({ threads: 1 });
export const reference32 = referenceKernels("float32");
export const reference64 = referenceKernels("float64");

/** Laws that say what a kernel does, and not only that two agree, hold for both. */
export const implementations: readonly Kernels[] = [reference32, wasm];

const awake = new WeakSet<object>();

/**
 * Works until the workers of these kernels have been started, and waits until they are up, so that they do take part in
 * what is tested: a test may be over before there has been enough work to start them.
 */
export async function wake(...all: readonly Pick<Kernels, "allocate" | "add">[]): Promise<void> {
  const asleep = all.filter((kernels) => !awake.has(kernels));
  for (const kernels of asleep) {
    const zeros = kernels.allocate([2 ** 18]);
    const end = performance.now() + 100;
    while (performance.now() < end) kernels.add(zeros, zeros, zeros);
    awake.add(kernels);
  }
  if (asleep.length > 0) await sleep(300);
}

/** Makes the memory of `kernels` grow: nothing free in it can be as large as all of it. */
export function growMemory(kernels: Kernels): Tensor {
  const everything = kernels.allocate([1]).data.buffer.byteLength;
  return kernels.allocate([everything / 4]);
}
