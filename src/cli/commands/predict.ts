import type { Tensor } from "../../tensor.ts";
import { command, UsageError } from "../arguments.ts";
import { inverted, readIdxPictures, readPicture, stack } from "../pictures.ts";
import { classNamesOf, MODEL_OPTION, readRun } from "../saved-run.ts";
import { percent } from "../terminal.ts";

interface Guess {
  readonly class: string;
  readonly probability: number;
}

export const predict = command({
  name: "predict",
  summary: "says what a saved model sees in PNG or IDX images",
  operands: "image.png ...",
  options: {
    model: MODEL_OPTION,
    data: { type: "text", value: "FILE", help: "a file of IDX images, plain or .gz, instead of PNG files" },
    index: { type: "text", value: "LIST", default: "0-9", help: "which images of --data, as in 0,5,10-19" },
    top: { type: "whole", least: 1, default: 3, help: "how many classes to print" },
    invert: {
      type: "flag",
      help: "swap black and white: MNIST and its like are bright on black, drawings dark on white",
    },
    json: { type: "flag", help: "one JSON object an image, for machines" },
  },
  examples: [
    "neocog predict --model runs/fashion-mnist-part shoe.png",
    "neocog predict --model runs/mnist --invert seven-on-paper.png",
    "neocog predict --model runs/mnist --data t10k-images-idx3-ubyte.gz --index 0-99 --top 1",
  ],
  async run({ model: directory, data, index, top, invert, json }, files) {
    if ((data === undefined) === (files.length === 0))
      throw new UsageError("neocog predict: give PNG files or --data FILE, one of them");
    const places = placesIn(index);
    const run = readRun(directory);
    const names = classNamesOf(run);
    const { inputShape } = run.model;
    const found =
      data === undefined
        ? files.map((file) => readPicture(file, inputShape))
        : readIdxPictures(data, places, inputShape);
    const pictures = invert ? found.map(inverted) : found;
    const probabilities = await run.model.predict(stack(pictures));
    pictures.forEach(({ name }, n) => {
      const guesses = best(probabilities, n, names, top);
      process.stdout.write(json ? `${JSON.stringify({ image: name, top: guesses })}\n` : asText(name, guesses));
    });
    return 0;
  },
});

/** "0,5,10-12" as [0, 5, 10, 11, 12]. */
function placesIn(list: string): number[] {
  return list.split(",").flatMap((part) => {
    const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    const count = Number(last) - Number(first) + 1;
    if (!(count >= 1 && count <= 1_000_000))
      throw new UsageError(`--index is ${JSON.stringify(list)}; use numbers and ranges, as in 0,5,10-19`);
    return Array.from({ length: count }, (_, k) => Number(first) + k);
  });
}

function best(probabilities: Tensor, n: number, names: readonly string[], top: number): Guess[] {
  const row = probabilities.data.subarray(n * names.length, (n + 1) * names.length);
  return Array.from(names, (name, k) => ({ class: name, probability: row[k] }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}

function asText(name: string, guesses: readonly Guess[]): string {
  const width = Math.max(...guesses.map((guess) => guess.class.length));
  const lines = guesses.map((guess) => `  ${guess.class.padEnd(width)}  ${percent(guess.probability).padStart(8)}`);
  return [name, ...lines, ""].join("\n");
}
