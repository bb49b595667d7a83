import { checkOptions, finiteNumber, trueOrFalse, wholeNumber } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import type { Logs } from "./averages.ts";
import { type Monitor, monitorOf, watched } from "./monitor.ts";

/** What a callback may do with the model that is being trained. */
export interface TrainedModel {
  readonly name: string;
  getWeights(): Tensor[];
  setWeights(weights: readonly Tensor[]): void;
}

/** Where training is. One object from beginning to end, whose numbers change. */
export interface Progress {
  readonly model: TrainedModel;
  /** From 1 to `epochs`; 0 before the first. */
  readonly epoch: number;
  readonly epochs: number;
  /** Batches done in this epoch, and how many it has. */
  readonly batch: number;
  readonly batches: number;
  /** Examples done in this epoch, and how many it has. */
  readonly samples: number;
  readonly samplesPerEpoch: number;
  /** Averages of this epoch so far: loss and metrics; after its end also those of the validation data (valLoss). */
  readonly logs: Readonly<Logs>;
  /** Ends training after the running epoch; within an epoch, after the running batch. */
  stop(): void;
}

/**
 * Somebody who is told how training goes. Every method may be left out, and may return a promise, which is awaited.
 *
 * `onTrainEnd` is called whenever training stops: at its end, on somebody's `stop()`, and after an error.
 */
export interface Callback {
  onTrainBegin?(progress: Progress): void | Promise<void>;
  onEpochBegin?(progress: Progress): void | Promise<void>;
  onBatchEnd?(progress: Progress): void | Promise<void>;
  onEpochEnd?(progress: Progress): void | Promise<void>;
  onTrainEnd?(progress: Progress): void | Promise<void>;
}

/** A callback, or a function that is called at the end of each epoch. */
export type CallbackOption = Callback | ((progress: Progress) => void | Promise<void>);

export interface EarlyStoppingOptions {
  /** Which of the logs is watched. Default: "valLoss". */
  monitor?: string;
  /** How many epochs without improvement are allowed. Default: 0. */
  patience?: number;
  /** What counts as an improvement: more than this. Default: 0. */
  minDelta?: number;
  /** Whether less or more is better. Default: "max" for an accuracy, "min" for all else. */
  mode?: "min" | "max";
  /** Whether the weights of the best epoch come back when training stops, for whatever reason. Default: true. */
  restoreBestWeights?: boolean;
}

/**
 * Stops training when a number has not improved for some epochs, and brings the best weights back.
 *
 * The best weights come back whenever training stops: also when the epochs run out, another callback stops it, or an
 * error ends it (in Keras only when the patience is exhausted, and only if asked).
 *
 * ```ts
 * await model.fit(x, y, { epochs: 100, validationSplit: 0.2, callbacks: [new EarlyStopping({ patience: 3 })] });
 * ```
 * @throws NeocogError at the end of the first epoch where the logs have no such number.
 */
export class EarlyStopping implements Callback {
  /** The epoch whose weights are the best so far; 0 before the first. */
  bestEpoch = 0;
  #best = 0;
  #weights: Tensor[] | undefined;
  readonly #monitor: Monitor;
  readonly #patience: number;
  readonly #minDelta: number;
  readonly #restore: boolean;

  constructor(options: EarlyStoppingOptions = {}) {
    checkOptions("EarlyStopping", options, ["monitor", "patience", "minDelta", "mode", "restoreBestWeights"]);
    this.#monitor = monitorOf("EarlyStopping", options.monitor ?? "valLoss", options.mode);
    this.#patience = wholeNumber("EarlyStopping", "patience", options.patience ?? 0, 0);
    this.#minDelta = finiteNumber("EarlyStopping", "minDelta", options.minDelta ?? 0, 0);
    this.#restore = trueOrFalse("EarlyStopping", "restoreBestWeights", options.restoreBestWeights ?? true);
  }

  onTrainBegin(): void {
    this.bestEpoch = 0;
    this.#best = Infinity;
    this.#weights = undefined;
  }

  onEpochEnd({ epoch, logs, model, stop }: Progress): void {
    const value = watched("EarlyStopping", this.#monitor, logs);
    if (value < this.#best - this.#minDelta) {
      this.#best = value;
      this.bestEpoch = epoch;
      if (this.#restore) this.#weights = model.getWeights();
    } else if (epoch - this.bestEpoch >= Math.max(1, this.#patience)) {
      stop();
    }
  }

  onTrainEnd({ model }: Progress): void {
    if (this.#weights) model.setWeights(this.#weights);
    this.#weights = undefined;
  }
}

/**
 * The logs of each epoch as lines of CSV: `epoch,loss,accuracy`, then `1,0.61,0.83` …
 *
 * ```ts
 * const csv = new CSVLogger();
 * await model.fit(x, y, { callbacks: [csv] });
 * csv.text; // "epoch,loss\n1,0.6931471805599453\n"
 * ```
 */
export class CSVLogger implements Callback {
  #names: string[] = [];
  /** The header and a line for each epoch of the latest training, each ended by a newline. */
  text = "";

  onTrainBegin(): void {
    this.text = "";
  }

  onEpochEnd({ epoch, logs }: Progress): void {
    if (this.text === "") {
      this.#names = Object.keys(logs);
      this.text = `${["epoch", ...this.#names].join(",")}\n`;
    }
    this.text += `${[epoch, ...this.#names.map((name) => logs[name])].join(",")}\n`;
  }
}
