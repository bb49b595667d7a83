import { checkOptions } from "../../errors.ts";
import type { Kernels } from "../kernels.ts";
import { conv2d } from "./conv2d.ts";
import { dense } from "./dense.ts";
import { elementwise } from "./elementwise.ts";
import { Engine } from "./engine.ts";
import { losses } from "./losses.ts";
import { optimizers } from "./optimizers.ts";
import { pooling } from "./pooling.ts";
import { softmax } from "./softmax.ts";

export type WasmKernelsOptions = {};

let shared: Kernels | undefined;

/**
 * The fast kernels: AssemblyScript compiled to WebAssembly SIMD, float32. Made once; every call returns the same ones.
 */
export function wasmKernels(options: WasmKernelsOptions = {}): Kernels {
  checkOptions("wasmKernels", options, []);
  shared ??= make(new Engine());
  return shared;
}

function make(engine: Engine): Kernels {
  return {
    name: "wasm simd",
    dtype: "float32",
    allocate: (shape) => engine.allocate(shape),
    ...conv2d(engine),
    ...dense(engine),
    ...pooling(engine),
    ...elementwise(engine),
    ...softmax(engine),
    ...losses(engine),
    ...optimizers(engine),
  };
}
