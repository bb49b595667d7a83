/** What the tests do in a browser. All of it goes into the bundle of a page, so it uses nothing of Node. */

import { Helper } from "../../src/data/augmentation/helper.ts";
import { Augmentation, Conv2D, Pass, tensor, wasmKernels } from "../../src/index.ts";
import { ACTIVE, availableThreads, CONTROL } from "../../src/kernels/wasm/pool.ts";
import { type Training, train } from "../machines/training.ts";

export { train };

/** Trains until workers have taken part: on a busy machine the first training may end before they have come up. */
export async function trainTogether(threads: number): Promise<Training> {
  let training = await train(threads);
  for (let trial = 0; trial < 5 && training.helped === 0; trial++) training = await train(threads);
  return training;
}

/** What the library makes of this page, as if the machine had so many cores. */
export function threadsHere(cores: number) {
  Object.defineProperty(navigator, "hardwareConcurrency", { value: cores });
  return { available: availableThreads(), usual: wasmKernels().name, three: wasmKernels({ threads: 3 }).name };
}

/** The same where a page calls itself isolated and yet has no memory to share, as in WebKitGTK. */
export function threadsWithoutSharedMemory(cores: number) {
  Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
  return { isolated: crossOriginIsolated, ...threadsHere(cores) };
}

/** The bits of images that were augmented by a helper, where one comes up within some seconds, and by the caller. */
export async function augment(patience: number): Promise<{ byHelper: number[] | undefined; byCaller: number[] }> {
  const x = tensor(
    Float32Array.from({ length: 3 * 9 * 8 * 2 }, (_, e) => (e % 23) / 7),
    [3, 9, 8, 2],
  );
  const augmentation = new Augmentation({ rotation: 40, shear: 9, zoom: 0.3, widthShift: 0.2, brightness: 0.4 });
  const turn = { seed: 5, epoch: 2, indices: [7, 1, 4] };
  const bits = ({ buffer }: { buffer: ArrayBufferLike }) => [...new Uint32Array(buffer)];
  const byCaller = bits(augmentation.apply(x, turn).data);
  const helper = new Helper().start();
  for (let waited = 0; waited < patience && !helper.up; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const byHelper = helper.up ? bits(await helper.warp(x.copy().data, augmentation.job(x, turn))) : undefined;
  helper.end();
  return { byHelper, byCaller };
}

/** Workers that do this instead of what they should. */
const IMPOSTORS = {
  throw: `onmessage = () => { throw new Error("no room"); };`,
  "join and never leave": `onmessage = ({ data: { memory } }) => {
    Atomics.add(new Int32Array(memory.buffer, ${CONTROL}), ${ACTIVE}, 1);
  };`,
};

/** Convolves until that fails. @returns the error, twice: a pool that is dead stays dead */
export async function convolveUntilError(impostor?: keyof typeof IMPOSTORS): Promise<string[]> {
  if (impostor) replaceWorkers(IMPOSTORS[impostor]);
  hurry();
  const convolve = convolution();
  const errors: string[] = [];
  for (let trial = 0; trial < 200 && errors.length < 2; trial++) {
    try {
      convolve();
    } catch (error) {
      errors.push(String(error));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return errors;
}

/** Ends all workers while they rest. @returns the sum of the result before, and two sums or errors after */
export async function convolveAfterTermination(): Promise<(number | string)[]> {
  const workers = replaceWorkers();
  hurry();
  const convolve = convolution();
  const sums = [convolve()];
  for (let trial = 0; trial < 1000 && workers.length === 0; trial++) convolve();
  await new Promise((resolve) => setTimeout(resolve, 500)); // they come up, and go to sleep
  if (workers.length !== 2) throw new Error(`${workers.length} workers instead of 2`);
  for (const worker of workers) worker.terminate();
  const later = () => {
    try {
      return convolve();
    } catch (error) {
      return String(error);
    }
  };
  return [...sums, later(), later()];
}

/** Lets the clock run fast, so that patience ends soon. */
function hurry(): void {
  const clock = performance.now.bind(performance);
  performance.now = () => 100 * clock();
}

function convolution(): () => number {
  const pass = new Pass({ kernels: wasmKernels({ threads: 3 }) });
  const layer = new Conv2D({ filters: 8, kernelSize: 3, padding: "same" });
  const x = tensor(
    Float32Array.from({ length: 32 * 32 * 32 * 4 }, (_, index) => index % 17),
    [32, 32, 32, 4],
  );
  return () => Float64Array.from(layer.forward(x, pass).data).reduce((sum, value) => sum + value);
}

/** Makes every new Worker run `source`, where there is one. @returns the list to which the workers are added */
function replaceWorkers(source?: string): Worker[] {
  const workers: Worker[] = [];
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(source ? URL.createObjectURL(new Blob([source])) : url, options);
      workers.push(this);
    }
  };
  return workers;
}
