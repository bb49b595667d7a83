import { Augmentation, type AugmentationOptions } from "../../data/augmentation/augmentation.ts";
import { wasmKernels } from "../../kernels/wasm/kernels.ts";
import type { Model } from "../../model/model.ts";
import { Adam, AdamW, type Optimizer, RMSprop, SGD } from "../../optimizers/index.ts";
import { LearningRateScheduler, linearDecay } from "../../schedules.ts";
import { classifier } from "../architectures.ts";
import { command, type Values } from "../arguments.ts";
import { assess } from "../assessment.ts";
import { Interruption } from "../interruption.ts";
import { type Display, displayOn } from "../progress.ts";
import { Recorder } from "../recorder.ts";
import { abandon, claimRunDirectory, writeRun } from "../run-directory.ts";
import { type FinishedRun, runFiles, type Settings } from "../run-files.ts";
import { checkSource, readSource, SOURCE_OPTIONS } from "../sources.ts";
import { count, paint, percent } from "../terminal.ts";

/** With rates that suit LeNet-5 on images of clothes and digits. */
const OPTIMIZERS: Record<string, { rate: number; make: (learningRate: number) => Optimizer }> = {
  adam: { rate: 0.002, make: (learningRate) => new Adam({ learningRate }) },
  adamW: { rate: 0.002, make: (learningRate) => new AdamW({ learningRate }) },
  rmsprop: { rate: 0.001, make: (learningRate) => new RMSprop({ learningRate }) },
  sgd: { rate: 0.02, make: (learningRate) => new SGD({ learningRate, momentum: 0.9 }) },
};
const RATES = Object.entries(OPTIMIZERS).map(([name, { rate }]) => `${name} ${rate}`);

/** What --augment does: such as people do themselves who draw a digit or put a shirt on a table; digits have no mirror. */
const AUGMENT: AugmentationOptions = { rotation: 8, zoom: 0.1, widthShift: 0.06, heightShift: 0.06 };

const OPTIONS = {
  ...SOURCE_OPTIONS,
  architecture: {
    type: "text",
    value: "NAME|PATTERN",
    default: "lenet5",
    help: "a network by its name (see neocog summary --help), or a pattern as in the examples",
  },
  epochs: { type: "whole", least: 1, default: 12, help: "how often to go through the training images" },
  "batch-size": { type: "whole", least: 1, default: 32, help: "images a step" },
  optimizer: { type: "text", choices: Object.keys(OPTIMIZERS), default: "adam", help: "sgd has momentum 0.9" },
  "learning-rate": { type: "number", least: 0, help: `at the start [${RATES.join(", ")}, as suits LeNet-5]` },
  schedule: { type: "text", choices: ["linear", "constant"], default: "linear", help: "linear: the rate falls to 0" },
  "validation-split": {
    type: "number",
    least: 0,
    most: 0.9,
    default: 0.05,
    help: "part of the training images held out",
  },
  augment: { type: "flag", help: "turn, zoom and shift the training images a little, in each epoch anew" },
  seed: { type: "whole", least: 0, default: 0, help: "the same seed gives the same weights, bit for bit" },
  name: { type: "text", help: "of the run [the data set's]; a number is added where it is taken" },
  out: { type: "text", value: "DIR", default: "runs", help: "where runs go" },
  json: { type: "flag", help: "one JSON object a line, for machines" },
  quiet: { type: "flag", help: "say only what came out" },
} as const;

export const train = command({
  name: "train",
  summary: "trains LeNet-5, or another network, on small images; writes the model, its history and a report",
  options: OPTIONS,
  examples: [
    "neocog train                                        part of Fashion-MNIST, which is in the package",
    "neocog train --dataset mnist --epochs 5",
    "neocog train --data /usr/share/datasets/fashion-mnist --optimizer sgd --seed 7",
    "neocog train --architecture resnet20 --epochs 3 --learning-rate 0.001",
    'neocog train --architecture "[(conv16-relu)*2-pool]*2-fc64-relu-dropout0.5-softmax10"',
  ],
  run: trainRun,
});

async function trainRun(values: Values<typeof OPTIONS>): Promise<number> {
  const source = checkSource(values) ?? { dataset: "fashion-mnist-part" };
  const settings = settingsOf(values);
  const display = displayOn(process.stdout, values);
  const data = readSource(source);
  const inputShape = data.train.images.shape.slice(1);
  const model = classifier(settings.architecture, {
    inputShape,
    classes: data.classNames.length,
    seed: settings.seed,
  });
  const run = claimRunDirectory(values.out, values.name ?? data.name, room(model));
  try {
    const finished = await learn({ run, source, data, model, settings }, display);
    writeRun(run, runFiles(finished));
    conclude(finished, display, values.quiet && !values.json);
    return finished.interrupted ? 130 : 0;
  } catch (error) {
    abandon(run);
    throw error;
  }
}

type Begun = Pick<FinishedRun, "run" | "source" | "data" | "model" | "settings">;

/** Trains, then looks at the test images for the first and only time. */
async function learn(begun: Begun, display: Display): Promise<FinishedRun> {
  const { data, model, settings } = begun;
  const { epochs, batchSize, validationSplit, seed, learningRate } = settings;
  const kernels = wasmKernels();
  const optimizer = OPTIMIZERS[settings.optimizer].make(learningRate);
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"], kernels });
  const trainingImages = Math.floor(data.train.labels.size * (1 - validationSplit));
  const validationImages = data.train.labels.size - trainingImages;
  introduce(begun, { trainingImages, validationImages, kernels: kernels.name }, display);

  const decaySteps = epochs * Math.ceil(trainingImages / batchSize);
  const schedule =
    settings.schedule === "linear"
      ? linearDecay({ initialLearningRate: learningRate, decaySteps })
      : () => learningRate;
  const recorder = new Recorder(display, () => optimizer.learningRate);
  const interruption = new Interruption(() =>
    display.say("\nStopping after this batch, then saving. Ctrl-C again: stop at once, save nothing."),
  );
  try {
    const callbacks = [recorder, new LearningRateScheduler(optimizer, schedule), interruption];
    const augmentation = settings.augmentation && new Augmentation(settings.augmentation);
    const options = { epochs, batchSize, validationSplit, augmentation, seed, callbacks };
    await model.fit(data.train.images, data.train.labels, options);
    const { loss } = await model.evaluate(data.test.images, data.test.labels);
    const assessment = assess(await model.predict(data.test.images), data.test.labels, data.classNames);
    const interrupted = interruption.happened;
    return { ...begun, kernels: kernels.name, recorder, interrupted, validationImages, test: { loss, assessment } };
  } finally {
    interruption.end();
  }
}

function settingsOf(values: Values<typeof OPTIONS>): Settings {
  return {
    architecture: values.architecture,
    epochs: values.epochs,
    batchSize: values["batch-size"],
    optimizer: values.optimizer,
    learningRate: values["learning-rate"] ?? OPTIMIZERS[values.optimizer].rate,
    schedule: values.schedule,
    validationSplit: values["validation-split"],
    augmentation: values.augment ? AUGMENT : undefined,
    seed: values.seed,
  };
}

/** Bytes that the files of a run will take, generously: the report holds a few dozen small pictures. */
function room(model: Model): number {
  return model.toFiles()["weights.safetensors"].length + 1_000_000;
}

interface Plan {
  readonly trainingImages: number;
  readonly validationImages: number;
  readonly kernels: string;
}

function introduce({ run, data, model, settings }: Begun, plan: Plan, display: Display): void {
  const { trainingImages, validationImages, kernels } = plan;
  const { architecture, epochs, batchSize, optimizer, learningRate, schedule, augmentation, seed } = settings;
  const heldOut =
    validationImages > 0 ? `; ${count(validationImages)} of the training images are held out to validate (val_*)` : "";
  display.say(model.summary());
  display.say(
    [
      `${data.name}: ${count(trainingImages)} images to train${heldOut}; ${count(data.test.labels.size)} test images, looked at once, at the end`,
      `${optimizer}, learning rate ${learningRate} ${schedule}, batches of ${batchSize}, seed ${seed}, ${kernels}`,
      ...(augmentation ? [`each epoch turns, zooms and shifts the images: ${JSON.stringify(augmentation)}`] : []),
      `writes to ${run.path}`,
      "",
    ].join("\n"),
  );
  display.event("start", {
    run: run.name,
    path: run.path,
    dataset: data.name,
    architecture,
    training_images: trainingImages,
    validation_images: validationImages,
    test_images: data.test.labels.size,
    epochs,
    batch_size: batchSize,
    optimizer,
    learning_rate: learningRate,
    schedule,
    augmentation,
    seed,
    kernels,
  });
}

function conclude(finished: FinishedRun, display: Display, quiet: boolean): void {
  const { run, recorder, interrupted, test } = finished;
  const { images, correct } = test.assessment;
  const result = `test accuracy ${percent(correct / images)} (${count(correct)} of ${count(images)} images), test loss ${test.loss.toFixed(4)}`;
  const lines = [
    "",
    interrupted ? `Interrupted in epoch ${recorder.rows.length}.` : "",
    paint(process.stdout).bold(result[0].toUpperCase() + result.slice(1)),
    `Model and report: ${run.path}/report.html`,
  ];
  if (quiet) process.stdout.write(`${run.path}: ${result}\n`);
  else display.say(lines.filter((line, index) => index === 0 || line !== "").join("\n"));
  display.event("end", {
    run: run.name,
    path: run.path,
    epochs: recorder.rows.length,
    interrupted,
    test_accuracy: correct / images,
    test_loss: test.loss,
    training_seconds: recorder.trainingSeconds,
    images_per_second: recorder.imagesPerSecond,
  });
}
