import type { Callback, Progress } from "../model/callbacks.ts";
import { type Display, type Row, rowOf, type Speed } from "./progress.ts";

/** Follows a training with a stopwatch: tells the display, and keeps a row an epoch for history.csv. */
export class Recorder implements Callback {
  readonly rows: Row[] = [];
  /** Over all epochs, without validation. */
  images = 0;
  trainingSeconds = 0;
  #began = 0;
  #rate = 0;
  #speed: Speed = { seconds: 0, imagesPerSecond: 0 };

  constructor(
    readonly display: Display,
    /** Noted at the start of an epoch. */
    readonly learningRate: () => number,
  ) {}

  onEpochBegin(progress: Progress): void {
    this.#began = performance.now();
    this.#rate = this.learningRate();
    this.display.epochBegins(progress);
  }

  onBatchEnd(progress: Progress): void {
    const seconds = this.#elapsed();
    this.#speed = { seconds, imagesPerSecond: progress.samples / seconds };
    this.display.batchEnds(progress, this.#speed);
  }

  onEpochEnd(progress: Progress): void {
    this.images += progress.samples;
    this.trainingSeconds += this.#speed.seconds;
    const { imagesPerSecond } = this.#speed;
    const seconds = this.#elapsed();
    this.display.epochEnds(progress, { seconds, imagesPerSecond });
    const timing = { learning_rate: this.#rate, seconds, images_per_second: imagesPerSecond };
    this.rows.push({ epoch: progress.epoch, ...rowOf(progress), ...timing });
  }

  get imagesPerSecond(): number {
    return this.images / this.trainingSeconds || 0;
  }

  /** history.csv: a header, and a line an epoch. */
  get csv(): string {
    const names = Object.keys(this.rows[0] ?? { epoch: 0 });
    return [names, ...this.rows.map((row) => names.map((name) => row[name]))]
      .map((line) => `${line.join(",")}\n`)
      .join("");
  }

  #elapsed(): number {
    return (performance.now() - this.#began) / 1000;
  }
}
