import { checkOptions, fail, trueOrFalse, wholeNumber } from "../../errors.ts";
import type { Kernels } from "../kernels.ts";
import { affine } from "./affine.ts";
import { conv2d } from "./conv2d.ts";
import { copies } from "./copies.ts";
import { dense } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { elementwise } from "./elementwise.ts";
import { Engine } from "./engine.ts";
import { localResponse } from "./local-response.ts";
import { losses } from "./losses.ts";
import { optimizers } from "./optimizers.ts";
import { penalties } from "./penalties.ts";
import { availableThreads, canShareMemory } from "./pool.ts";
import { pooling } from "./pooling.ts";
import { softmax } from "./softmax.ts";
import { upSampling } from "./up-sampling.ts";

export interface WasmKernelsOptions {
  /**
   * How many threads work on one operation. Default: the machine's cores. Where memory cannot be shared, as in a page that
   * is not cross-origin isolated, it is always 1; the results are the same. Workers are started when there have been 20 ms of
   * work, so that a program with less has none.
   */
  threads?: number;
  /**
   * Fused multiply-add where engine and machine have it: faster, but not the same bits on every machine. Default: false.
   */
  relaxed?: boolean;
}

const made = new Map<string, Kernels>();

/** More than machines have cores; each is a worker with a stack of its own. */
const MOST_THREADS = 1024;

/**
 * The fast kernels: AssemblyScript compiled to WebAssembly SIMD, float32. The results do not depend on the number of
 * threads. The same options give the same kernels, with one memory.
 *
 * ```ts
 * wasmKernels({ threads: 2 }).name; // "wasm simd, 2 threads"
 * ```
 */
export function wasmKernels(options: WasmKernelsOptions = {}): Kernels {
  checkOptions("wasmKernels", options, ["threads", "relaxed"]);
  const wanted = wholeNumber("wasmKernels", "threads", options.threads ?? availableThreads(), 1);
  if (wanted > MOST_THREADS) fail("wasmKernels", "threads", wanted, `use at most ${MOST_THREADS}`);
  const threads = canShareMemory() ? wanted : 1;
  const relaxed = trueOrFalse("wasmKernels", "relaxed", options.relaxed ?? false);
  const key = `${threads} ${relaxed}`;
  const kernels = made.get(key) ?? make(threads, relaxed);
  made.set(key, kernels);
  return kernels;
}

function make(threads: number, relaxed: boolean): Kernels {
  const name = `wasm ${relaxed ? "relaxed " : ""}simd, ${threads} thread${threads === 1 ? "" : "s"}`;
  return kernelsOn(new Engine({ threads, relaxed }), name);
}

/** The contract on an engine. */
export function kernelsOn(engine: Engine, name: string): Kernels {
  return {
    name,
    dtype: "float32",
    allocate: (shape) => engine.allocate(shape),
    ...conv2d(engine),
    ...dense(engine),
    ...affine(engine),
    ...pooling(engine),
    ...elementwise(engine),
    ...copies(engine),
    ...upSampling(engine),
    ...softmax(engine),
    ...dropout(engine),
    ...localResponse(engine),
    ...losses(engine),
    ...penalties(engine),
    ...optimizers(engine),
  };
}
