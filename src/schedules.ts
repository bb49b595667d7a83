/**
 * Learning rates that change while training: pure functions of the step, which is 0 for the first batch. Everything is
 * sums and products, never Math.pow or Math.cos, whose last bit is left to the engine: weights depend on it.
 *
 * ```ts
 * const rate = linearDecay({ initialLearningRate: 0.1, endLearningRate: 0, decaySteps: 4 });
 * [0, 1, 2, 3, 4, 5].map(rate); // [0.1, 0.075, 0.05, 0.025, 0, 0]
 * ```
 */

import { checkOptions, fail, finiteNumber, wholeNumber } from "./errors.ts";
import type { Callback } from "./model/callbacks.ts";
import { Optimizer } from "./optimizers/optimizer.ts";

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
    if (typeof schedule !== "function") {
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

/** base^exponent for a whole exponent, by squaring. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square;
  }
  return result;
}
