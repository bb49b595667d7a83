import type { FloatArray } from "../../tensor.ts";
import type { WarpJob } from "./augmentation.ts";
import { warp } from "./warp.ts";

interface Request extends WarpJob {
  readonly id: number;
  readonly x: FloatArray;
}

interface Answer {
  readonly id: number;
  readonly y: FloatArray;
}

interface Waiting {
  resolve(y: FloatArray): void;
  reject(why: Error): void;
}

/** What the worker runs, in Node and in browsers alike: a text, so that no bundler has to find a file. */
const work = () => `
const warp = ${warp.toString()};
const work = ({ id, x, plans, settings }, post) => {
  const y = new x.constructor(x.length);
  warp(y, x, plans, settings);
  post({ id, y }, [y.buffer]);
};
`;

const IN_NODE = `
const { parentPort } = require("node:worker_threads");
parentPort.on("message", (job) => work(job, (answer, moved) => parentPort.postMessage(answer, moved)));
parentPort.postMessage({ id: -1 });
`;

const IN_BROWSERS = `
onmessage = ({ data }) => work(data, (answer, moved) => postMessage(answer, moved));
postMessage({ id: -1 });
`;

/**
 * A worker that changes images while its caller does something else. It says when it is up; until then, and when it has
 * died, there is nobody to give work to. What it does is what `warp` does, to the bit, because it is the same text.
 */
export class Helper {
  #next = 0;
  #up = false;
  #end: () => void = () => {};
  #post: (request: Request, moved: ArrayBufferLike) => void = () => {};
  readonly #waiting = new Map<number, Waiting>();

  /** Whether there is somebody to give work to. */
  get up(): boolean {
    return this.#up;
  }

  /** Starts a worker, where there are workers. */
  start(): this {
    const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
    try {
      if (threads) this.#startInNode(threads);
      else if (typeof Worker === "function") this.#startInBrowser();
    } catch {
      // Node's permissions, or in WebKit a page's policy, allow none: the caller does it all.
    }
    return this;
  }

  /** The images of a job. @param x is given away: its memory belongs to the worker from now on */
  warp(x: FloatArray, { plans, settings }: WarpJob): Promise<FloatArray> {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#post({ id, x, plans, settings }, x.buffer);
    });
  }

  /** Ends the worker; whoever still waits is told so. */
  end(why = "it was ended"): void {
    this.#up = false;
    this.#end();
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }

  #startInNode(threads: typeof import("node:worker_threads")): void {
    const worker = new threads.Worker(work() + IN_NODE, { eval: true, execArgv: [], env: {} });
    worker.on("message", (answer: Answer) => this.#answer(answer));
    worker.on("error", (error) => this.end(String(error)));
    worker.on("exit", (code) => this.end(`exit code ${code}`));
    this.#post = (request, moved) => worker.postMessage(request, [moved as ArrayBuffer]);
    this.#end = () => void worker.terminate();
  }

  #startInBrowser(): void {
    const url = URL.createObjectURL(new Blob([work() + IN_BROWSERS], { type: "text/javascript" }));
    const worker = new Worker(url, { name: "neocog augmentation" });
    worker.onmessage = ({ data }) => this.#answer(data);
    worker.onerror = (event) => {
      event.preventDefault(); // or it would go on to the page as well
      this.end(event.message);
    };
    this.#post = (request, moved) => worker.postMessage(request, [moved as ArrayBuffer]);
    this.#end = () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    };
  }

  #answer({ id, y }: Answer): void {
    this.#up = true;
    this.#waiting.get(id)?.resolve(y);
    this.#waiting.delete(id);
  }
}
