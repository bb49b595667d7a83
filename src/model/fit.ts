import type { Augmentation } from "../data/augmentation/augmentation.ts";
import type { AugmentedBatches } from "../data/augmentation/batches.ts";
import { checkOptions, fail, finiteNumber, isFunction, NeocogError, wholeNumber } from "../errors.ts";
import type { Optimizer } from "../optimizers/index.ts";
import { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { Averages, type Logs } from "./averages.ts";
import type { Callback, CallbackOption, Progress, TrainedModel } from "./callbacks.ts";
import { type Data, type Examples, sliceExamples, type WeightOptions } from "./examples.ts";
import type { Objective } from "./objectives.ts";
import type { LossSteps } from "./step.ts";
import type { Each } from "./structure.ts";

export interface FitOptions extends WeightOptions {
  /** How often to go through all examples. Default: 1. */
  epochs?: number;
  /** Examples a step; the last batch of an epoch may be smaller. Default: 32. */
  batchSize?: number;
  /** Whether each epoch has an order of its own. Default: true. */
  shuffle?: boolean;
  /** Fixes orders and dropout. Default: the model's seed. */
  seed?: number;
  /** The fraction at the end of the data (before shuffling) that is kept for validation. */
  validationSplit?: number;
  /** Examples to test with after each epoch: [x, y], or [x, y, sampleWeight]. */
  validationData?: readonly [Each<Data>, Each<Data>] | readonly [Each<Data>, Each<Data>, Data];
  /** Changes the images in each epoch anew, in a worker where there are some; those to validate with stay as they are. */
  augmentation?: Augmentation;
  /** Who is told how training goes, and may stop it. */
  callbacks?: readonly CallbackOption[];
}

/** What became of a training: for each of the logs one number an epoch. */
export interface History {
  /** How many epochs were finished. */
  readonly epochs: number;
  /** `{ loss: [0.61, 0.42], accuracy: [0.83, 0.9], valLoss: … }` */
  readonly history: Readonly<Record<string, readonly number[]>>;
}

/** What training needs of a model. */
export interface Trainee {
  readonly model: TrainedModel;
  readonly steps: LossSteps;
  readonly optimizer: Optimizer;
  readonly objectives: readonly Objective[];
}

/** Long loops give way this often, so that a page stays alive; the clock has no influence on any number. */
const BREATH_MILLISECONDS = 50;

const KNOWN = [
  "epochs",
  "batchSize",
  "shuffle",
  "seed",
  "validationSplit",
  "validationData",
  "augmentation",
  "callbacks",
];
const EVENTS = ["onTrainBegin", "onEpochBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const;
const WEIGHTS = ["classWeight", "sampleWeight"];

/** @throws NeocogError for unknown options and impossible values. */
export function checkFitOptions(options: FitOptions): void {
  checkOptions("fit", options, [...KNOWN, ...WEIGHTS]);
  const { epochs = 1, batchSize = 32, shuffle = true, validationSplit, validationData, callbacks = [] } = options;
  wholeNumber("fit", "epochs", epochs, 0);
  wholeNumber("fit", "batchSize", batchSize, 1);
  if (typeof shuffle !== "boolean") fail("fit", "shuffle", shuffle, "use true or false");
  if (validationSplit !== undefined) {
    finiteNumber("fit", "validationSplit", validationSplit, 0, 1);
    if (validationData)
      throw new NeocogError("fit: validationSplit and validationData are both given; give one of them");
  }
  if (validationData !== undefined && (!Array.isArray(validationData) || validationData.length < 2)) {
    fail("fit", "validationData", validationData, "give [x, y] or [x, y, sampleWeight]");
  }
  const { augmentation } = options;
  // Not by its class: who augments nothing should not have to load what does.
  if (augmentation !== undefined && typeof augmentation?.batches !== "function") {
    fail("fit", "augmentation", augmentation, "give new Augmentation({ … })");
  }
  if (!Array.isArray(callbacks)) fail("fit", "callbacks", callbacks, "give a list");
  // A hole in a list is visited here, and not by forEach.
  for (const [index, callback] of callbacks.entries()) {
    if (!isFunction(callback) && (typeof callback !== "object" || callback === null)) {
      fail("fit", `callbacks[${index}]`, callback, "give a Callback or a function; put new before a class");
    }
    for (const event of EVENTS) {
      const method = (callback as Callback)[event];
      if (method !== undefined && !isFunction(method)) {
        fail("fit", `callbacks[${index}].${event}`, method, "give a function, or leave it out");
      }
    }
  }
}

/** Cuts the last examples off for validation. @throws NeocogError where one of the two parts would be empty. */
export function splitExamples(examples: Examples, fraction: number): readonly [Examples, Examples | undefined] {
  if (fraction === 0) return [examples, undefined];
  const kept = Math.floor(examples.count * (1 - fraction));
  if (kept === 0 || kept === examples.count) {
    fail(
      "fit",
      "validationSplit",
      fraction,
      `of ${examples.count} examples it leaves ${kept} to train with; use another`,
    );
  }
  return [sliceExamples(examples, 0, kept), sliceExamples(examples, kept, examples.count)];
}

/** Trains in epochs and batches; see {@link FitOptions}. */
export async function fit(
  trainee: Trainee,
  examples: Examples,
  validation: Examples | undefined,
  options: FitOptions & { seed: number },
): Promise<History> {
  const training = new Training(trainee, examples, options);
  const callbacks = (options.callbacks ?? []).map(
    (one): Callback => (typeof one === "function" ? { onEpochEnd: one } : one),
  );
  const history: Record<string, number[]> = {};
  const errors: unknown[] = [];
  await runEpochs(training, callbacks, validation, history).catch((error) => errors.push(error));
  // Everybody hears of the end, also when one of them fails: best weights come back, files are closed.
  for (const callback of callbacks) {
    await (async () => callback.onTrainEnd?.(training))().catch((error) => errors.push(error));
  }
  training.augmented?.end();
  if (errors.length > 0) throw errors[0];
  return { epochs: training.epoch, history };
}

async function runEpochs(
  training: Training,
  callbacks: readonly Callback[],
  validation: Examples | undefined,
  history: Record<string, number[]>,
): Promise<void> {
  const tell = async (event: keyof Callback) => {
    for (const callback of callbacks) await callback[event]?.(training);
  };
  const anybodyCounts = callbacks.some(({ onBatchEnd }) => onBatchEnd);
  await tell("onTrainBegin");
  while (training.epoch < training.epochs && !training.stopped) {
    training.beginEpoch();
    await tell("onEpochBegin");
    while (training.batch < training.batches && !training.stopped) {
      const { augmented } = training;
      training.step(augmented && [await augmented.take(training.samples)]);
      // Where nobody listens nothing is awaited: a promise costs as much as a small layer.
      if (anybodyCounts) await tell("onBatchEnd");
      if (training.breath.due) await training.breath.take();
    }
    if (validation) await training.validate(validation);
    for (const [name, value] of Object.entries(training.logs)) (history[name] ??= []).push(value);
    await tell("onEpochEnd");
  }
}

/** Loss and metrics over examples that are not trained with. */
export async function evaluate(
  { steps, objectives }: Pick<Trainee, "steps" | "objectives">,
  examples: Examples,
  batchSize: number,
): Promise<Averages> {
  const averages = new Averages(objectives);
  const breath = new Breath();
  for (let from = 0; from < examples.count; from += batchSize) {
    steps.test({ examples, from, count: Math.min(batchSize, examples.count - from) }, averages);
    if (breath.due) await breath.take();
  }
  return averages;
}

/** Gives the event loop its turn. */
export class Breath {
  #last = Date.now();

  get due(): boolean {
    return Date.now() - this.#last > BREATH_MILLISECONDS;
  }

  async take(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#last = Date.now();
  }
}

/** A training that is under way. */
class Training implements Progress {
  epoch = 0;
  batch = 0;
  samples = 0;
  logs: Logs = {};
  stopped = false;
  readonly epochs: number;
  readonly batches: number;
  readonly breath = new Breath();
  readonly augmented: AugmentedBatches | undefined;
  readonly stop = (): void => {
    this.stopped = true;
  };
  readonly #batchSize: number;
  readonly #shuffle: boolean;
  readonly #random: Random;
  #order: Uint32Array | undefined;
  #averages: Averages;

  constructor(
    readonly trainee: Trainee,
    readonly examples: Examples,
    { epochs = 1, batchSize = 32, shuffle = true, seed, augmentation }: FitOptions & { seed: number },
  ) {
    this.augmented = augmentation?.batches(examples.inputs, seed, batchSize);
    this.epochs = epochs;
    this.#batchSize = batchSize;
    this.#shuffle = shuffle;
    this.#random = new Random(seed);
    this.batches = Math.ceil(examples.count / batchSize);
    this.#averages = new Averages(trainee.objectives);
  }

  get model(): TrainedModel {
    return this.trainee.model;
  }

  get samplesPerEpoch(): number {
    return this.examples.count;
  }

  beginEpoch(): void {
    this.epoch++;
    this.batch = 0;
    this.samples = 0;
    this.logs = {};
    this.#averages = new Averages(this.trainee.objectives);
    if (this.#shuffle) this.#order = this.#random.fork("shuffle").fork(this.epoch).permutation(this.examples.count);
    this.augmented?.begin(this.epoch, this.#order);
  }

  /** @param inputs of the batch, where they are not those of the examples */
  step(inputs?: readonly Tensor[]): void {
    const { steps, optimizer } = this.trainee;
    const count = Math.min(this.#batchSize, this.examples.count - this.samples);
    const batch = { examples: this.examples, order: this.#order, from: this.samples, count, inputs };
    const loss = steps.train(batch, this.#averages, optimizer, this.#random);
    this.batch++;
    this.samples += count;
    if (!Number.isFinite(loss)) {
      const where = `in batch ${this.batch} of epoch ${this.epoch}`;
      fail("fit", "the loss", loss, `it became so ${where}: use a smaller learningRate, or scale x to about −1 … 1`);
    }
    this.#averages.write(this.logs);
  }

  async validate(examples: Examples): Promise<void> {
    const averages = await evaluate(this.trainee, examples, this.#batchSize);
    averages.write(this.logs, (name) => `val${name[0].toUpperCase()}${name.slice(1)}`);
  }
}
