/**
 * How a training run is told: a bar that fills in a terminal, a line an epoch where the output goes to a file, one JSON
 * object a line for machines, or nothing.
 */
import type { Progress } from "../model/callbacks.ts";
import { clock, count, duration, type Output, paint } from "./terminal.ts";

/** A row of history.csv: loss, accuracy, val_loss … */
export type Row = Readonly<Record<string, number>>;

export interface Speed {
  /** Since the epoch began. */
  readonly seconds: number;
  /** Trained with a second, without the time of the validation. */
  readonly imagesPerSecond: number;
}

/** Tells nobody; what others do more, they override. */
export class Display {
  /** Something for people: the summary, a remark. */
  say(_text: string): void {}
  /** Something for machines. */
  event(_name: string, _values: object): void {}
  epochBegins(_progress: Progress): void {}
  batchEnds(_progress: Progress, _speed: Speed): void {}
  epochEnds(_progress: Progress, _speed: Speed): void {}
}

export function displayOn(output: Output, { json, quiet }: { json: boolean; quiet: boolean }): Display {
  if (json) return new JsonLines(output);
  if (quiet) return new Display();
  return output.isTTY ? new Bar(output) : new Lines(output);
}

/** Loss and metrics as Keras, its users and its files spell them: val_loss for valLoss. */
export function rowOf({ logs }: Progress): Row {
  return Object.fromEntries(Object.entries(logs).map(([name, value]) => [snakeCase(name), value]));
}

class JsonLines extends Display {
  constructor(readonly output: Output) {
    super();
  }

  override event(event: string, values: object): void {
    this.output.write(`${JSON.stringify({ event, ...values })}\n`);
  }

  override epochEnds(progress: Progress, { seconds, imagesPerSecond }: Speed): void {
    const { epoch, epochs } = progress;
    this.event("epoch", { epoch, epochs, ...rowOf(progress), seconds, images_per_second: imagesPerSecond });
  }
}

class Lines extends Display {
  constructor(readonly output: Output) {
    super();
  }

  override say(text: string): void {
    this.output.write(`${text}\n`);
  }

  override epochEnds(progress: Progress, speed: Speed): void {
    const { epoch, epochs } = progress;
    this.say(`Epoch ${String(epoch).padStart(String(epochs).length)}/${epochs} - ${ended(progress, speed)}`);
  }
}

/** What the counter and the numbers beside the bar take, in characters, as a rule. */
const NUMBERS = 71;
/** Seconds between two drawings: more often costs time, and nobody can read it. */
const INTERVAL = 0.1;

class Bar extends Lines {
  #drawnAt = 0;

  override epochBegins({ epoch, epochs }: Progress): void {
    this.#drawnAt = -INTERVAL;
    this.say(paint(this.output).bold(`Epoch ${epoch}/${epochs}`));
  }

  override batchEnds(progress: Progress, speed: Speed): void {
    if (speed.seconds - this.#drawnAt < INTERVAL) return;
    this.#drawnAt = speed.seconds;
    const left = clock((speed.seconds / progress.batch) * (progress.batches - progress.batch));
    // A line that wraps could not be replaced by the next one.
    const room = this.#columns - this.#width - 2 * String(progress.batches).length - 4;
    const text = `${left} left - ${values(rowOf(progress))} - ${count(speed.imagesPerSecond)} images/s`;
    this.#draw(progress, text.slice(0, Math.max(0, room)));
  }

  override epochEnds(progress: Progress, speed: Speed): void {
    this.#draw(progress, `${ended(progress, speed)}\n`);
  }

  get #columns(): number {
    return this.output.columns || 80;
  }

  /** Of the bar. */
  get #width(): number {
    return Math.min(30, Math.max(8, this.#columns - NUMBERS));
  }

  #draw({ batch, batches }: Progress, text: string): void {
    const { bold, dim, green } = paint(this.output);
    const counter = `${String(batch).padStart(String(batches).length)}/${batches}`;
    const filled = Math.floor((batch / batches) * this.#width);
    this.output.write(
      `\r\x1b[K${bold(counter)} ${green("━".repeat(filled))}${dim("─".repeat(this.#width - filled))} ${text}`,
    );
  }
}

function ended(progress: Progress, { seconds, imagesPerSecond }: Speed): string {
  return `${duration(seconds)} - ${values(rowOf(progress))} - ${count(imagesPerSecond)} images/s`;
}

function values(row: Row): string {
  return Object.entries(row)
    .map(([name, value]) => `${name}: ${value.toFixed(4)}`)
    .join(" - ");
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
