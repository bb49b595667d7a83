import type { OutputKind } from "../metrics/index.ts";
import type { Tensor } from "../tensor.ts";
import { type Objective, prefixed } from "./objectives.ts";

/** Numbers by name: loss, accuracy, and with `val` before them (valLoss) those of the validation data. */
export type Logs = Record<string, number>;

interface Sums {
  rows: number;
  loss: number;
  /** What each metric counts, once it has counted. */
  readonly counts: number[][];
}

/** Losses and metrics over the batches so far; each row of a y counts the same, however large its batch. */
export class Averages {
  readonly #sums: Sums[];
  readonly #penalties = { examples: 0, sum: 0 };

  constructor(readonly objectives: readonly Objective[]) {
    this.#sums = objectives.map(({ metrics }) => ({ rows: 0, loss: 0, counts: metrics.map(() => []) }));
  }

  /** Adds a batch of an output: its mean loss, and what its values score. */
  add(output: number, loss: number, y: Tensor, targets: Tensor, kind: OutputKind): void {
    const sums = this.#sums[output];
    const { metrics } = this.objectives[output];
    const rows = y.size / y.shape[y.shape.length - 1];
    sums.rows += rows;
    sums.loss += loss * rows;
    for (let m = 0; m < metrics.length; m++) {
      const counted = metrics[m].count(y, targets, kind);
      for (let k = 0; k < counted.length; k++) sums.counts[m][k] = (sums.counts[m][k] ?? 0) + counted[k];
    }
  }

  /** Adds what a batch of so many examples pays for its weights. */
  addPenalty(penalty: number, examples: number): void {
    this.#penalties.examples += examples;
    this.#penalties.sum += penalty * examples;
  }

  /**
   * Writes the averages into `logs`: the loss that is trained and, where there are several outputs, the loss of each;
   * then the metrics. `loss, accuracy` of one output are `loss, digitLoss, parityLoss, digitAccuracy …` of several.
   */
  write(logs: Logs, named = (name: string) => name): Logs {
    const several = this.objectives.length > 1;
    const losses = this.#sums.map(({ loss, rows }) => loss / rows);
    const { sum, examples } = this.#penalties;
    const penalty = examples > 0 ? sum / examples : 0;
    logs[named("loss")] = this.objectives.reduce(
      (total, { weight }, output) => total + weight * losses[output],
      penalty,
    );
    if (several) {
      this.objectives.forEach(({ output }, index) => {
        logs[named(prefixed(output, "loss"))] = losses[index];
      });
    }
    this.objectives.forEach(({ output, metrics }, index) => {
      const { counts } = this.#sums[index];
      for (let m = 0; m < metrics.length; m++) {
        logs[named(several ? prefixed(output, metrics[m].name) : metrics[m].name)] = metrics[m].value(counts[m]);
      }
    });
    return logs;
  }
}
