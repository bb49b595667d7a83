import type { Dataset } from "../../data/directory.ts";
import { NeocogError } from "../../errors.ts";
import { sameShape } from "../../tensor.ts";
import { command } from "../arguments.ts";
import { type Assessment, assess } from "../assessment.ts";
import { classNamesOf, MODEL_OPTION, readRun, type SavedRun } from "../saved-run.ts";
import { checkSource, readSource, SOURCE_OPTIONS } from "../sources.ts";
import { count, percent } from "../terminal.ts";

export const evaluate = command({
  name: "evaluate",
  summary: "tests a saved model on the test images of a data set",
  options: {
    model: MODEL_OPTION,
    ...SOURCE_OPTIONS,
    "batch-size": { type: "whole", least: 1, default: 128, help: "images a step" },
    json: { type: "flag", help: "one JSON object, for machines" },
  },
  examples: [
    "neocog evaluate --model runs/fashion-mnist-part        the data it was trained with",
    "neocog evaluate --model runs/fashion-mnist-part --data /usr/share/datasets/fashion-mnist",
  ],
  async run(values) {
    const given = checkSource(values);
    const run = readRun(values.model);
    const source = given ?? run.note?.source;
    if (!source)
      throw new NeocogError(
        `${run.directory}: it does not say what it was trained with; give --dataset NAME or --data DIR`,
      );
    const data = readSource(source);
    checkFit(run, data);
    const { model } = run;
    const batchSize = values["batch-size"];
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    const { loss } = await model.evaluate(data.test.images, data.test.labels, { batchSize });
    const probabilities = await model.predict(data.test.images, { batchSize });
    const assessment = assess(probabilities, data.test.labels, data.classNames);
    process.stdout.write(
      values.json ? `${asJson(data.name, loss, assessment)}\n` : asText(data.name, loss, assessment),
    );
    return 0;
  },
});

/** What the model itself would refuse later, said in terms of files. */
function checkFit(run: SavedRun, { name, classNames, test }: Dataset): void {
  const { directory, model } = run;
  const shape = test.images.shape.slice(1);
  if (!sameShape(shape, model.inputShape)) {
    throw new NeocogError(
      `${directory}: the model takes images of [${model.inputShape}], those of ${name} are [${shape}]; give other data`,
    );
  }
  const classes = classNamesOf(run).length;
  if (classes !== classNames.length) {
    throw new NeocogError(
      `${directory}: the model knows ${classes} classes, ${name} has ${classNames.length}; give other data`,
    );
  }
}

function asText(name: string, loss: number, { images, correct, classes }: Assessment): string {
  const width = Math.max(5, ...classes.map((score) => score.name.length));
  const line = (cells: readonly string[]) =>
    `${cells[0].padEnd(width)}  ${cells
      .slice(1)
      .map((cell) => cell.padStart(10))
      .join("")}`;
  return [
    line(["class", "images", "precision", "recall"]),
    ...classes.map((score) => line([score.name, count(score.images), share(score.precision), share(score.recall)])),
    "",
    `${name}: accuracy ${percent(correct / images)} (${count(correct)} of ${count(images)} images), loss ${loss.toFixed(4)}`,
    "",
  ].join("\n");
}

const share = (part: number) => (Number.isNaN(part) ? "-" : percent(part));

/** Precision of a class that was never predicted is null: JSON has no NaN. */
function asJson(dataset: string, loss: number, { images, correct, confusion, classes }: Assessment): string {
  return JSON.stringify({ dataset, images, accuracy: correct / images, loss, classes, confusion });
}
