import type { Metric, OutputKind } from "../metrics/index.ts";
import type { Tensor } from "../tensor.ts";

/** Numbers by name: loss, accuracy, and with `val` before them (valLoss) those of the validation data. */
export type Logs = Record<string, number>;

/** Loss and metrics over the batches so far; each row of y counts the same, however large its batch. */
export class Averages {
  #rows = 0;
  #loss = 0;
  readonly #scores: number[];

  constructor(readonly metrics: readonly Metric[]) {
    this.#scores = metrics.map(() => 0);
  }

  /** Adds a batch: its mean loss, and what its outputs score. */
  add(loss: number, y: Tensor, targets: Tensor, kind: OutputKind): void {
    const rows = y.size / y.shape[y.shape.length - 1];
    this.#rows += rows;
    this.#loss += loss * rows;
    for (let m = 0; m < this.metrics.length; m++) this.#scores[m] += this.metrics[m].score(y, targets, kind);
  }

  /** Writes the averages into `logs`. */
  write(logs: Logs, named = (name: string) => name): Logs {
    logs[named("loss")] = this.#loss / this.#rows;
    for (let m = 0; m < this.metrics.length; m++) logs[named(this.metrics[m].name)] = this.#scores[m] / this.#rows;
    return logs;
  }
}
