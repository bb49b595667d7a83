import v8 from "node:v8";
import { Engine } from "../../src/kernels/wasm/engine.ts";

/** An engine of the relaxed build: Node 20 has it behind a flag; from Node 22 on it is there, and the flag does nothing. */
export function relaxedEngine(threads = 1): Engine {
  v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
  return new Engine({ relaxed: true, threads });
}
