/** The files of a run: the model, run.json with all that is needed to do it again, history.csv and report.html. */
import type { AugmentationOptions } from "../data/augmentation/augmentation.ts";
import type { Dataset } from "../data/directory.ts";
import type { Model } from "../model/model.ts";
import type { Assessment } from "./assessment.ts";
import type { Recorder } from "./recorder.ts";
import { type Report, renderReport } from "./report.ts";
import type { Files, RunDirectory } from "./run-directory.ts";
import type { Source } from "./sources.ts";
import { count, duration, percent } from "./terminal.ts";

export interface Settings {
  /** A name, or a pattern. */
  readonly architecture: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: string;
  readonly learningRate: number;
  readonly schedule: string;
  readonly validationSplit: number;
  /** How the training images are changed; nothing where they stay as they are. */
  readonly augmentation?: AugmentationOptions;
  readonly seed: number;
}

export interface FinishedRun {
  readonly run: RunDirectory;
  readonly source: Source;
  readonly data: Dataset;
  readonly model: Model;
  readonly kernels: string;
  readonly settings: Settings;
  readonly recorder: Recorder;
  readonly interrupted: boolean;
  /** Of all images the training was given, how many it held back. */
  readonly validationImages: number;
  readonly test: { readonly loss: number; readonly assessment: Assessment };
}

/** What `neocog evaluate` and `neocog predict` read of run.json. */
export interface RunNote {
  readonly classNames: readonly string[];
  readonly source: Source;
}

export function runFiles(finished: FinishedRun): Files {
  const { model, recorder } = finished;
  return {
    ...model.toFiles(),
    "run.json": `${JSON.stringify(noteOf(finished), null, 2)}\n`,
    "history.csv": recorder.csv,
    "report.html": renderReport(reportOf(finished)),
  };
}

function noteOf({
  run,
  source,
  data,
  kernels,
  settings,
  recorder,
  interrupted,
  test,
}: FinishedRun): RunNote & Record<string, unknown> {
  return {
    name: run.name,
    finished: new Date().toISOString(),
    source,
    classNames: data.classNames,
    settings,
    kernels,
    engine: `Node ${process.version}`,
    results: {
      epochs: recorder.rows.length,
      interrupted,
      testAccuracy: test.assessment.correct / test.assessment.images,
      testLoss: test.loss,
      trainingSeconds: recorder.trainingSeconds,
      imagesPerSecond: recorder.imagesPerSecond,
    },
  };
}

function reportOf(finished: FinishedRun): Report {
  const { run, data, model, kernels, settings, recorder, validationImages, test } = finished;
  const { assessment } = test;
  const epochs = `${recorder.rows.length} ${recorder.rows.length === 1 ? "epoch" : "epochs"}`;
  const first = model.layers[0];
  const columns = Object.keys(recorder.rows[0] ?? {});
  return {
    name: run.name,
    lead: `${titleOf(settings)} after ${epochs} of ${data.name}${finished.interrupted ? ", interrupted" : ""}.`,
    results: resultsOf(finished),
    facts: [
      [
        "images",
        `${count(data.train.labels.size - validationImages)} to train, ${count(validationImages)} to validate, ${count(assessment.images)} to test`,
      ],
      [
        "training",
        `${epochs} of ${settings.epochs}, batches of ${settings.batchSize}, ${duration(recorder.trainingSeconds)}`,
      ],
      ["optimizer", `${settings.optimizer}, learning rate ${settings.learningRate}, ${settings.schedule}`],
      ...augmentationOf(settings),
      ["seed", String(settings.seed)],
      ["kernels", kernels],
      ["engine", `Node ${process.version} on ${process.platform} ${process.arch}`],
      ["finished", `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`],
    ],
    summary: model.summary(),
    history: Object.fromEntries(columns.map((name) => [name, recorder.rows.map((row) => row[name])])),
    classNames: data.classNames,
    assessment,
    images: data.test.images,
    kernel: first.kind === "Conv2D" ? first.getWeights()[0] : undefined,
  };
}

function titleOf({ architecture }: Settings): string {
  return architecture === "lenet5" ? "LeNet-5" : architecture;
}

/** "rotation 8, zoom 0.1". */
function augmentationOf({ augmentation }: Settings): [string, string][] {
  if (!augmentation) return [];
  const parts = Object.entries(augmentation).map(([name, value]) => `${name} ${value}`);
  return [["augmentation", parts.join(", ")]];
}

function resultsOf({ model, recorder, validationImages, test }: FinishedRun): Report["results"] {
  const { images, correct } = test.assessment;
  const validation = recorder.rows.at(-1)?.val_accuracy;
  const parameters = model.getWeights().reduce((total, { size }) => total + size, 0);
  return [
    { label: "Test accuracy", value: percent(correct / images), note: `${count(correct)} of ${count(images)} images` },
    { label: "Test loss", value: test.loss.toFixed(4), note: "cross-entropy" },
    ...(validation === undefined
      ? []
      : [
          {
            label: "Validation accuracy",
            value: percent(validation),
            note: `${count(validationImages)} held-out images`,
          },
        ]),
    { label: "Speed", value: count(recorder.imagesPerSecond), note: "training images a second" },
    { label: "Parameters", value: count(parameters), note: `in ${model.layers.length} layers` },
  ];
}
