import { fail } from "../../errors.ts";
import { type Tensor, tensor, zeros } from "../../tensor.ts";
import { gatherRows } from "../rows.ts";
import type { Augmentation, WarpJob } from "./augmentation.ts";
import { Helper } from "./helper.ts";

/** So many batches a helper has before it: enough that it never waits for the caller. */
const AHEAD = 3;
/** A helper that has not answered by now has died with its batch. */
const PATIENCE_MS = 10_000;

/**
 * The batches of a training with their images augmented. A helper prepares the next ones while the kernels train with one;
 * where it is not up yet, has died, or there is none, the caller does it. Who does it changes no number.
 */
export class AugmentedBatches {
  readonly #images: Tensor;
  readonly #asked = new Map<number, Promise<Tensor>>();
  #epoch = 0;
  #order: Uint32Array | undefined;

  /** @throws NeocogError where the inputs of the examples are not one input of images. */
  constructor(
    readonly augmentation: Augmentation,
    inputs: readonly Tensor[],
    readonly seed: number,
    readonly batchSize: number,
    readonly helper = new Helper().start(),
  ) {
    this.#images = inputs[0];
    if (inputs.length !== 1 || this.#images.shape.length !== 4) {
      this.end();
      const shapes = inputs.map(({ shape }) => shape);
      fail(
        "fit",
        "augmentation with x of the shapes",
        shapes,
        "it is for one input of images, [n, height, width, channels]",
      );
    }
  }

  /** @param order in which the epoch takes its examples */
  begin(epoch: number, order: Uint32Array | undefined): void {
    this.#epoch = epoch;
    this.#order = order;
    this.#asked.clear();
  }

  /** The images of the batch that begins at a place of the order. */
  async take(from: number): Promise<Tensor> {
    if (!this.helper.up) return this.augmentation.apply(this.#rows(from), this.#turn(from));
    const total = this.#images.shape[0];
    for (let ahead = 0, next = from; ahead < AHEAD && next < total; ahead++, next += this.batchSize) this.#ask(next);
    const asked = this.#asked.get(from)!;
    this.#asked.delete(from);
    try {
      return await inTime(asked);
    } catch {
      this.end();
      return this.augmentation.apply(this.#rows(from), this.#turn(from));
    }
  }

  end(): void {
    this.helper.end();
  }

  #ask(from: number): void {
    if (this.#asked.has(from)) return;
    const rows = this.#rows(from);
    const job: WarpJob = this.augmentation.job(rows, this.#turn(from));
    const asked = this.helper.warp(rows.data, job).then((data) => tensor(data, rows.shape));
    // Whoever takes the batch hears of a failure; where training ends before, nobody does.
    asked.catch(() => {});
    this.#asked.set(from, asked);
  }

  #rows(from: number): Tensor {
    const [total, ...shape] = this.#images.shape;
    const rows = zeros([Math.min(this.batchSize, total - from), ...shape], this.#images.dtype);
    gatherRows(rows, this.#images, this.#order, from);
    return rows;
  }

  #turn(from: number) {
    const count = Math.min(this.batchSize, this.#images.shape[0] - from);
    const indices = this.#order?.subarray(from, from + count) ?? Array.from({ length: count }, (_, n) => from + n);
    return { seed: this.seed, epoch: this.#epoch, indices };
  }
}

async function inTime<Result>(promise: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
