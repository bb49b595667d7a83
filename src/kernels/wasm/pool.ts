import { NeocogError } from "../../errors.ts";

/** What to do when a pool is dead, which it stays: the same options give the same kernels. */
const REMEDY = "start the program again, or use threads: 1";
const NO_BLOBS = "a page's Content-Security-Policy must allow worker-src blob:";

/** Every kernel has this form: it does the units begin … end−1 of the work that the record describes. */
export type Kernel = (record: number, begin: number, end: number, scratch: number) => void;

/** Where the words lie through which caller and workers agree, and which is which; see {@link Pool.run}. */
export const CONTROL = 64;
export const [JOB, OPEN, ACTIVE, KERNEL, UNITS, RECORD, SCRATCH, SCRATCH_STEP, FAILED] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const CONTROL_WORDS = 9;
/** A thread's queue has a cache line of its own. */
export const QUEUE_BYTES = 64;
const QUEUE_STEP = QUEUE_BYTES / 4;

/**
 * The caller works alone for so long before it starts workers. Starting one takes 20 ms of a core and more, by which time a
 * first step of a small network is over: bench -- start measures it.
 */
const ALONE_MS = 20;
/** A worker looks this often for the next job (some 50 µs) before it sleeps: waking it up again takes about 10 µs. */
const SPINS = 20_000;
/** The caller looks this often (some 10 µs) whether the others have finished before it sleeps until they have. */
const JOIN_SPINS = 4000;
/** A worker that holds a unit of work longer than this has died with it. */
const PATIENCE_MS = 30_000;

/**
 * What a worker runs, in Node and in browsers alike. It is a text because then no bundler has to find a file; it is short
 * because of that. It gets what Pool posts: see Start.
 */
const WORKER = `
const serve = ({ module, memory, names, index, threads, queues }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = names.map((name) => exports[name]);
  const words = new Int32Array(memory.buffer, ${CONTROL}, ${CONTROL_WORDS});
  const places = new Int32Array(memory.buffer, queues, threads * ${QUEUE_STEP});
  let seen = 0;
  for (;;) {
    for (let spin = 0; spin < ${SPINS} && Atomics.load(words, ${JOB}) === seen; spin++);
    Atomics.wait(words, ${JOB}, seen);
    seen = Atomics.load(words, ${JOB});
    Atomics.add(words, ${ACTIVE}, 1);
    try {
      if (Atomics.load(words, ${OPEN}) === 1) {
        const kernel = kernels[words[${KERNEL}]], units = words[${UNITS}], record = words[${RECORD}];
        const scratch = words[${SCRATCH}] + index * words[${SCRATCH_STEP}];
        for (let k = 0; k < threads; k++) {
          const owner = (index + k) % threads, queue = owner * ${QUEUE_STEP}, end = Math.floor((owner + 1) * units / threads);
          for (let unit; (unit = Atomics.add(places, queue, 1)) < end; ) kernel(record, unit, unit + 1, scratch);
        }
      }
    } catch (error) {
      Atomics.store(words, ${FAILED}, index);
      throw error;
    } finally {
      if (Atomics.sub(words, ${ACTIVE}, 1) === 1) Atomics.notify(words, ${ACTIVE});
    }
  }
};`;

/**
 * Workers that share one memory with the caller and help with the units of an operation.
 *
 * They are started when there has been enough work for them. The caller never waits for that: it takes units like everybody
 * else, and a worker that is asleep, still starting or missing leaves them to the others. Each begins with a part of its own,
 * the same one in every operation, so that a thread finds in its cache what it has written, and then helps the others with
 * theirs. Who does a unit does not matter to its result.
 */
export class Pool {
  readonly #kernels: readonly Kernel[];
  readonly #index: ReadonlyMap<string, number>;
  readonly #words: Int32Array;
  /** The next unit of each thread's part. */
  readonly #places: Int32Array;
  readonly #start: () => void;
  #started = false;
  #aloneMs = 0;
  #dead: string | undefined;

  constructor(
    readonly threads: number,
    module: WebAssembly.Module,
    { memory, queues }: { memory: WebAssembly.Memory; queues: number },
    exports: Record<string, unknown>,
  ) {
    const names = Object.keys(exports).filter((name) => typeof exports[name] === "function" && !name.startsWith("__"));
    this.#kernels = names.map((name) => exports[name] as Kernel);
    this.#index = new Map(names.map((name, index) => [name, index]));
    this.#words = new Int32Array(memory.buffer, CONTROL, CONTROL_WORDS);
    this.#places = new Int32Array(memory.buffer, queues, threads * QUEUE_STEP);
    this.#start = () => {
      for (let index = 1; index < threads; index++) {
        const stopped = (why: string) => {
          this.#dead ??= `worker ${index} of ${threads - 1} stopped: ${why}`;
        };
        try {
          startWorker({ module, memory, names, index, threads, queues }, stopped);
        } catch (error) {
          stopped(String(error));
        }
      }
    };
  }

  /**
   * Does all units of a kernel and returns when they are done. Worker i works in the scratch memory at scratch + i·step.
   *
   * A job is open while it may be joined. A worker announces itself (active + 1) before it looks whether the job is open;
   * the caller closes the job before it looks whether somebody is active. So nobody can join unseen, and the words of a
   * job change only when nobody reads them.
   */
  run(name: string, units: number, record: number, scratch: number, scratchStep: number): void {
    const index = this.#index.get(name);
    if (index === undefined) throw new NeocogError(`kernels: there is no kernel ${name} in this build`);
    const kernel = this.#kernels[index];
    if (units === 1 || this.threads === 1) {
      kernel(record, 0, units, scratch);
      return;
    }
    if (!this.#started) {
      const begin = performance.now();
      kernel(record, 0, units, scratch);
      this.#aloneMs += performance.now() - begin;
      this.#started = this.#aloneMs >= ALONE_MS;
      if (this.#started) this.#start();
      return;
    }
    if (this.#dead) throw new NeocogError(`wasmKernels: ${this.#dead}; ${REMEDY}`);
    const words = this.#words;
    words[KERNEL] = index;
    words[UNITS] = units;
    words[RECORD] = record;
    words[SCRATCH] = scratch;
    words[SCRATCH_STEP] = scratchStep;
    const { threads } = this;
    for (let owner = 0; owner < threads; owner++) {
      Atomics.store(this.#places, owner * QUEUE_STEP, Math.floor((owner * units) / threads));
    }
    Atomics.store(words, OPEN, 1);
    Atomics.add(words, JOB, 1);
    Atomics.notify(words, JOB);
    try {
      for (let owner = 0; owner < threads; owner++) {
        const queue = owner * QUEUE_STEP;
        const end = Math.floor(((owner + 1) * units) / threads);
        for (let unit = 0; (unit = Atomics.add(this.#places, queue, 1)) < end; )
          kernel(record, unit, unit + 1, scratch);
      }
    } finally {
      Atomics.store(words, OPEN, 0);
      this.#join();
    }
  }

  /** Waits for the workers that are still at a unit; a caller that spins for long would keep one of them off its core. */
  #join(): void {
    const words = this.#words;
    let deadline = 0;
    for (let spin = 0, active = 1; (active = Atomics.load(words, ACTIVE)) !== 0; spin++) {
      if (spin < JOIN_SPINS) continue;
      deadline ||= performance.now() + PATIENCE_MS;
      if (mayWait) Atomics.wait(words, ACTIVE, active, 100);
      if (performance.now() > deadline) {
        this.#dead = `a worker has not finished its part within ${PATIENCE_MS / 1000} s`;
        throw new NeocogError(`wasmKernels: ${this.#dead}; ${REMEDY}`);
      }
    }
    const failed = Atomics.load(words, FAILED);
    if (failed)
      throw new NeocogError(`wasmKernels: worker ${failed} failed inside a kernel; use threads: 1 to see where`);
  }
}

/** Whether this thread is allowed to sleep: a page's main thread is not, and spins. */
const mayWait = (() => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
})();

/**
 * Whether workers may be given shared memory. Every browser can make such memory, but only a cross-origin isolated page can
 * send it; WebKitGTK calls pages isolated and has none to send, which shows in what is not defined there.
 */
export function canShareMemory(): boolean {
  if (nodeModule("node:worker_threads")) return true;
  const defined = typeof Worker === "function" && typeof SharedArrayBuffer === "function";
  return defined && globalThis.crossOriginIsolated === true;
}

/** How many threads make sense here: all cores where memory can be shared with workers, otherwise one. */
export function availableThreads(): number {
  if (!canShareMemory()) return 1;
  return nodeModule("node:os")?.availableParallelism() ?? navigator.hardwareConcurrency ?? 1;
}

interface Start {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly names: readonly string[];
  readonly index: number;
  readonly threads: number;
  /** Where the threads' queues lie. */
  readonly queues: number;
}

/** Starts a worker that does not keep the process alive, and reports why it stopped if ever it does. */
function startWorker(start: Start, stopped: (why: string) => void): void {
  const threads = nodeModule("node:worker_threads");
  if (threads) {
    const source = `${WORKER}\nserve(require("node:worker_threads").workerData);`;
    const worker = new threads.Worker(source, { eval: true, workerData: start, execArgv: [], env: {} });
    worker.on("error", (error) => stopped(String(error)));
    worker.on("exit", (code) => stopped(`exit code ${code}`));
    worker.unref();
  } else {
    const source = `${WORKER}\nonmessage = ({ data }) => serve(data);`;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    let worker: Worker;
    try {
      worker = new Worker(url, { name: `neocog ${start.index}` });
    } catch (error) {
      stopped(`${error}; ${NO_BLOBS}`); // WebKit refuses here, the others through onerror
      return;
    }
    worker.onerror = (event) => {
      event.preventDefault(); // or it would go on to the page as well
      stopped(event.message || `it could not be started; ${NO_BLOBS}`);
    };
    worker.postMessage(start);
  }
}

type NodeModules = { "node:os": typeof import("node:os"); "node:worker_threads": typeof import("node:worker_threads") };

/** A module of Node, or nothing in a browser; not an import, so that bundlers for browsers do not look for it. */
function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  return globalThis.process?.getBuiltinModule?.(name) as NodeModules[Name] | undefined;
}
