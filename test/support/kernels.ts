import type { Kernels } from "../../src/kernels/kernels.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import type { Tensor } from "../../src/tensor.ts";

export const wasm = wasmKernels({ threads: 1 });
export const reference32 = referenceKernels("float32");
export const reference64 = referenceKernels("float64");

/** Laws that say what a kernel does, and not only that two agree, hold for both. */
export const implementations: readonly Kernels[] = [reference32, wasm];

/** Makes the memory of `kernels` grow: nothing free in it can be as large as all of it. */
export function growMemory(kernels: Kernels): Tensor {
  const everything = kernels.allocate([1]).data.buffer.byteLength;
  return kernels.allocate([everything / 4]);
}
