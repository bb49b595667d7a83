/**
 * How the bench talks to whoever is measured: a child process of its own, so that nothing else runs in it. One line each
 * way, over standard input and output:
 *
 *   bench  prepare {task}     child  READY {details}, or CANNOT why
 *   bench  run MILLISECONDS   child  SAMPLES [seconds a call, …]: what `benchmark` sampled in about that time
 *
 * The child ends when its input does. Anything else that it prints is ignored.
 */
import { readFileSync } from "node:fs";
import readline from "node:readline";

export interface ConvShape {
  readonly name: string;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

export type ConvPass = "forward" | "input" | "kernel";
export type DensePass = "forward" | "input" | "kernel";

/** A layer as plain data, from which every library builds its own. Padding is symmetric; `relu` follows the layer. */
export type LayerSpec =
  | { type: "conv"; filters: number; kernel: number; stride: number; padding: number; relu: boolean }
  | { type: "dense"; units: number; relu: boolean }
  | { type: "maxPool"; size: number; stride: number; padding: number }
  | { type: "globalAverage" }
  | { type: "flatten" }
  | { type: "dropout"; rate: number }
  /** relu(body(x) + shortcut(x)); an empty shortcut is x itself. */
  | { type: "residual"; body: LayerSpec[]; shortcut: LayerSpec[] };

export interface NetworkSpec {
  readonly name: string;
  /** Height, width, channels. */
  readonly input: readonly [number, number, number];
  /** The last layer gives logits. */
  readonly layers: readonly LayerSpec[];
}

export type Task =
  /** `zeros`: the share of dy that is zero, as behind ReLU and max pooling; only whoever skips zeros needs to look. */
  | { kind: "conv2d"; shape: ConvShape; pass: ConvPass; zeros?: number }
  | { kind: "dense"; batch: number; inputs: number; units: number; pass: DensePass }
  | { kind: "elementwise"; operation: string; size: "L2" | "DRAM" }
  /** SGD 0.01 with momentum 0.9; weights, images and labels as `writeData` of networks.ts put them into `file`. */
  | { kind: "train"; network: NetworkSpec; batch: number; batches: number; file: string }
  | { kind: "inference"; network: NetworkSpec; batch: number; file: string }
  /** A network of src/architectures as in its paper, with its own initial weights: only ours. */
  | { kind: "named"; network: string; step: "forward" | "train"; batch: number }
  /** Only one step of the same training: how long it takes from the start of the process until then. */
  | { kind: "firstStep"; network: NetworkSpec; batch: number; batches: number; file: string };

/** What a child says of a prepared task. */
export interface Details {
  /** What one call does, where the bench cannot know: floating-point operations, bytes, or images. */
  work?: number;
  /** Losses of the first steps, or some outputs: they show that all do the same work. */
  check?: number[];
  /** Anything that a table may print. */
  note?: string;
  /** Of the model, and of one image. */
  parameters?: number;
  multiplyAdds?: number;
  plannedBytes?: number;
  tensorBytes?: number;
  /** Peak of the process' resident memory so far, in bytes. */
  peakBytes?: number;
}

export interface Prepared {
  /** One call of what is measured; where it is asynchronous it says so with `asynchronous`. */
  call: () => unknown;
  asynchronous?: boolean;
  details?: Details;
}

/** A reason why a library cannot do a task at all. */
export class Cannot extends Error {}

/** The child's side: serves tasks until the input ends. */
export async function serve(prepare: (task: Task) => Prepared | Promise<Prepared>): Promise<void> {
  let sampler: ((milliseconds: number) => Promise<number[]>) | undefined;
  let tasks = 0;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [word, rest] = [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)];
    try {
      if (word === "prepare") {
        sampler = undefined;
        if (tasks++ > 0) await collectGarbage();
        const prepared = await prepare(JSON.parse(rest) as Task);
        sampler = benchmarked(prepared);
        process.stdout.write(`READY ${JSON.stringify(prepared.details ?? {})}\n`);
      } else if (word === "run" && sampler) {
        process.stdout.write(`SAMPLES ${JSON.stringify(await sampler(Number(rest)))}\n`);
      }
    } catch (error) {
      // The whole of it on standard error: the tables have room for a line.
      if (!(error instanceof Cannot)) console.error(error);
      process.stdout.write(
        `CANNOT ${String(error instanceof Error ? error.message : error)
          .split("\n")[0]
          .slice(0, 200)}\n`,
      );
    }
  }
  process.exit(0);
}

/** Frees what the last task had (where node runs with --expose-gc), so that memory does not pile up from task to task. */
async function collectGarbage(): Promise<void> {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The peak of this process' resident memory, in bytes. */
export function peakBytes(): number {
  try {
    // What getrusage says of a process that was just started is the peak of the one that started it.
    return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** Samples of `benchmark`, which finds out how many calls one sample needs; that number is kept for the next round. */
function benchmarked({ call, asynchronous = false }: Prepared): (milliseconds: number) => Promise<number[]> {
  let calls = 1;
  return async (milliseconds) => {
    const { default: Benchmark } = await import("benchmark"); // only here: it would count in the time of a first step
    return new Promise((resolve, reject) => {
      let failure: unknown;
      const fn = (deferred: { resolve(): void }) => {
        if (!asynchronous) return call();
        return (call() as Promise<unknown>).then(
          () => deferred.resolve(),
          (error) => {
            failure ??= error;
            deferred.resolve();
          },
        );
      };
      const options = { defer: asynchronous, async: false, delay: 0, minTime: 0.02, initCount: calls, minSamples: 3 };
      const bench = new Benchmark("", fn, { ...options, maxTime: milliseconds / 1000 });
      bench.on("complete", () => {
        failure ??= bench.error;
        if (failure) return reject(failure);
        calls = Math.max(1, bench.count);
        resolve(bench.stats.sample);
      });
      bench.run();
    });
  };
}
