/**
 * Learning rates that change while training: pure functions of the step, which is 0 for the first batch. Everything is
 * sums and products, never Math.pow or Math.cos, whose last bit is left to the engine: weights depend on it.
 *
 * ```ts
 * const rate = linearDecay({ initialLearningRate: 0.1, endLearningRate: 0, decaySteps: 4 });
 * [0, 1, 2, 3, 4, 5].map(rate); // [0.1, 0.075, 0.05, 0.025, 0, 0]
 * ```
 */

import { checkOptions, fail, finiteNumber, fraction, isFunction, wholeNumber } from "./errors.ts";
import type { Callback, Progress } from "./model/callbacks.ts";
import { type Monitor, monitorOf, watched } from "./model/monitor.ts";
import { Optimizer } from "./optimizers/optimizer.ts";
import { cosine } from "./trigonometry.ts";

/** The learning rate of step 0, 1, 2, … */
export type Schedule = (step: number) => number;

export interface LinearDecayOptions {
  initialLearningRate: number;
  /** Default: 0. */
  endLearningRate?: number;
  /** How many steps the way down takes; the rate stays at its end afterwards. */
  decaySteps: number;
}

/** rate(s) = initial + (end − initial) · min(s, decaySteps) / decaySteps. */
export function linearDecay(options: LinearDecayOptions): Schedule {
  checkOptions("linearDecay", options, ["initialLearningRate", "endLearningRate", "decaySteps"]);
  const initial = finiteNumber("linearDecay", "initialLearningRate", options.initialLearningRate, 0);
  const end = finiteNumber("linearDecay", "endLearningRate", options.endLearningRate ?? 0, 0);
  const steps = wholeNumber("linearDecay", "decaySteps", options.decaySteps, 1);
  return (step) => initial + (end - initial) * (Math.min(step, steps) / steps);
}

export interface ExponentialDecayOptions {
  initialLearningRate: number;
  /** What the rate is multiplied by every `decaySteps` steps. */
  decayRate: number;
  /** Default: 1, so that every step has its own rate. More: a staircase. */
  decaySteps?: number;
}

/**
 * rate(s) = initial · decayRate^⌊s / decaySteps⌋.
 *
 * ```ts
 * [0, 9, 10, 20].map(exponentialDecay({ initialLearningRate: 1, decayRate: 0.5, decaySteps: 10 })); // [1, 1, 0.5, 0.25]
 * ```
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  checkOptions("exponentialDecay", options, ["initialLearningRate", "decayRate", "decaySteps"]);
  const initial = finiteNumber("exponentialDecay", "initialLearningRate", options.initialLearningRate, 0);
  const factor = finiteNumber("exponentialDecay", "decayRate", options.decayRate, 0, 1);
  const steps = wholeNumber("exponentialDecay", "decaySteps", options.decaySteps ?? 1, 1);
  return (step) => initial * power(factor, Math.floor(step / steps));
}

export interface PiecewiseConstantDecayOptions {
  /** The steps at which the rate changes, rising. */
  boundaries: readonly number[];
  /** The rates before the first boundary, between them, and from the last one on: one more than boundaries. */
  values: readonly number[];
}

/**
 * rate(s) = values[how many boundaries are ≤ s].
 *
 * ```ts
 * [99, 100, 200].map(piecewiseConstantDecay({ boundaries: [100, 200], values: [3, 2, 1] })); // [3, 2, 1]
 * ```
 */
export function piecewiseConstantDecay(options: PiecewiseConstantDecayOptions): Schedule {
  checkOptions("piecewiseConstantDecay", options, ["boundaries", "values"]);
  const { boundaries, values } = options;
  if (!Array.isArray(boundaries)) fail("piecewiseConstantDecay", "boundaries", boundaries, "give a list of steps");
  if (!Array.isArray(values)) fail("piecewiseConstantDecay", "values", values, "give a list of rates");
  for (const value of values) finiteNumber("piecewiseConstantDecay", "a value", value, 0);
  if (values.length !== boundaries.length + 1) {
    fail(
      "piecewiseConstantDecay",
      "the number of values",
      values.length,
      `give ${boundaries.length + 1}, one more than boundaries`,
    );
  }
  for (const boundary of boundaries) wholeNumber("piecewiseConstantDecay", "a boundary", boundary, 0);
  if (boundaries.some((boundary, index) => index > 0 && !(boundary > boundaries[index - 1]))) {
    fail("piecewiseConstantDecay", "boundaries", boundaries, "give rising steps");
  }
  return (step) => values[boundaries.filter((boundary) => boundary <= step).length];
}

export interface CosineDecayOptions {
  initialLearningRate: number;
  /** How many steps the way down takes; the rate stays at its end afterwards. */
  decaySteps: number;
  /** The part of the rate that is left at the end. Default: 0. */
  alpha?: number;
}

/**
 * rate(s) = initial · (alpha + (1 − alpha) · (1 + cos(π · min(s, decaySteps) / decaySteps)) / 2): slow at first, fast in the
 * middle, slow at the end (Loshchilov & Hutter 2017, without restarts).
 *
 * ```ts
 * [0, 5, 10, 11].map(cosineDecay({ initialLearningRate: 1, decaySteps: 10 })); // [1, 0.5, 0, 0], but for the last bit of 0.5
 * ```
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  checkOptions("cosineDecay", options, ["initialLearningRate", "decaySteps", "alpha"]);
  const initial = finiteNumber("cosineDecay", "initialLearningRate", options.initialLearningRate, 0);
  const steps = wholeNumber("cosineDecay", "decaySteps", options.decaySteps, 1);
  const left = finiteNumber("cosineDecay", "alpha", options.alpha ?? 0, 0, 1);
  return (step) => {
    const done = Math.min(step, steps) / steps;
    const height = (1 + cosine(Math.PI * done)) / 2;
    return initial * (left + (1 - left) * height);
  };
}

export interface WarmUpOptions {
  /** How many steps the way up takes. */
  warmUpSteps: number;
  /** Where it begins. Default: 0. */
  from?: number;
}

/**
 * Rises from `from` to the schedule's first rate, step by step, and then follows the schedule (Goyal et al. 2017).
 *
 * ```ts
 * const rate = warmUp(linearDecay({ initialLearningRate: 1, decaySteps: 2 }), { warmUpSteps: 4 });
 * [0, 1, 2, 3, 4, 5, 6].map(rate); // [0, 0.25, 0.5, 0.75, 1, 0.5, 0]
 * ```
 */
export function warmUp(schedule: Schedule, options: WarmUpOptions): Schedule {
  if (!isFunction(schedule)) fail("warmUp", "schedule", schedule, "give a function from the step to the rate");
  checkOptions("warmUp", options, ["warmUpSteps", "from"]);
  const steps = wholeNumber("warmUp", "warmUpSteps", options.warmUpSteps, 0);
  const from = finiteNumber("warmUp", "from", options.from ?? 0, 0);
  return (step) => (step < steps ? from + (schedule(0) - from) * (step / steps) : schedule(step - steps));
}

/**
 * Sets the rate before every step.
 *
 * ```ts
 * const optimizer = new SGD({ momentum: 0.9 });
 * model.compile({ optimizer, loss: "sparseCategoricalCrossentropy" });
 * const schedule = linearDecay({ initialLearningRate: 0.05, decaySteps: 12 * 313 });
 * await model.fit(x, y, { epochs: 12, callbacks: [new LearningRateScheduler(optimizer, schedule)] });
 * ```
 */
export class LearningRateScheduler implements Callback {
  constructor(
    readonly optimizer: Optimizer,
    readonly schedule: Schedule,
  ) {
    if (!(optimizer instanceof Optimizer)) fail("LearningRateScheduler", "optimizer", optimizer, "give an Optimizer");
    if (!isFunction(schedule)) {
      fail("LearningRateScheduler", "schedule", schedule, "give a function from the step to the rate");
    }
  }

  onTrainBegin(): void {
    this.optimizer.learningRate = this.schedule(this.optimizer.iterations);
  }

  onBatchEnd(): void {
    this.optimizer.learningRate = this.schedule(this.optimizer.iterations);
  }
}

export interface ReduceLearningRateOnPlateauOptions {
  /** Which of the logs is watched. Default: "valLoss". */
  monitor?: string;
  /** What the rate is multiplied by. Default: 0.1. */
  factor?: number;
  /** After how many epochs without improvement. Default: 10. */
  patience?: number;
  /** What counts as an improvement: more than this. Default: 0.0001. */
  minDelta?: number;
  /** How many epochs after a reduction are not watched. Default: 0. */
  cooldown?: number;
  /** The rate never falls below it. Default: 0. */
  minLearningRate?: number;
  /** Whether less or more is better. Default: "max" for an accuracy, "min" for all else. */
  mode?: "min" | "max";
}

/**
 * Lowers the rate when a number has not improved for some epochs: what is left may be too small for steps so large.
 * Keras' ReduceLROnPlateau.
 *
 * ```ts
 * const callbacks = [new ReduceLearningRateOnPlateau(optimizer, { factor: 0.5, patience: 3 })];
 * await model.fit(x, y, { epochs: 50, validationSplit: 0.1, callbacks });
 * ```
 * @throws NeocogError at the end of the first epoch where the logs have no such number.
 */
export class ReduceLearningRateOnPlateau implements Callback {
  readonly #monitor: Monitor;
  readonly #factor: number;
  readonly #patience: number;
  readonly #minDelta: number;
  readonly #cooldown: number;
  readonly #least: number;
  #best = Infinity;
  #wait = 0;
  #rest = 0;

  constructor(
    readonly optimizer: Optimizer,
    options: ReduceLearningRateOnPlateauOptions = {},
  ) {
    if (!(optimizer instanceof Optimizer)) fail(PLATEAU, "optimizer", optimizer, "give an Optimizer");
    const numbers = ["factor", "patience", "minDelta", "cooldown", "minLearningRate"];
    checkOptions(PLATEAU, options, ["monitor", "mode", ...numbers]);
    this.#monitor = monitorOf(PLATEAU, options.monitor ?? "valLoss", options.mode);
    this.#factor = fraction(PLATEAU, "factor", options.factor ?? 0.1);
    this.#patience = wholeNumber(PLATEAU, "patience", options.patience ?? 10, 0);
    this.#minDelta = finiteNumber(PLATEAU, "minDelta", options.minDelta ?? 1e-4, 0);
    this.#cooldown = wholeNumber(PLATEAU, "cooldown", options.cooldown ?? 0, 0);
    this.#least = finiteNumber(PLATEAU, "minLearningRate", options.minLearningRate ?? 0, 0);
  }

  onTrainBegin(): void {
    this.#best = Infinity;
    this.#wait = 0;
    this.#rest = 0;
  }

  onEpochEnd({ logs }: Progress): void {
    const value = watched(PLATEAU, this.#monitor, logs);
    if (this.#rest > 0) {
      this.#rest--;
      this.#wait = 0;
    }
    if (value < this.#best - this.#minDelta) {
      this.#best = value;
      this.#wait = 0;
    } else if (this.#rest === 0 && ++this.#wait >= this.#patience) {
      const { learningRate } = this.optimizer;
      if (learningRate > this.#least) this.optimizer.learningRate = Math.max(learningRate * this.#factor, this.#least);
      this.#rest = this.#cooldown;
      this.#wait = 0;
    }
  }
}

const PLATEAU = "ReduceLearningRateOnPlateau";

/** base^exponent for a whole exponent, by squaring. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square;
  }
  return result;
}
