/** What `neocog train` left behind, read again: the model, and run.json where it is there. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fail, NeocogError } from "../errors.ts";
import { readFileBytes } from "../formats/files.ts";
import { loadModel } from "../model/load.ts";
import type { Model } from "../model/model.ts";
import { UsageError } from "./arguments.ts";
import type { RunNote } from "./run-files.ts";

export interface SavedRun {
  readonly directory: string;
  readonly model: Model;
  /** Missing where the directory holds a model that was saved by other means. */
  readonly note?: RunNote;
}

export const MODEL_OPTION = { type: "text", value: "DIR", help: "the directory of a run or a saved model" } as const;

/** @throws UsageError without a directory; NeocogError where the files are missing, damaged or foreign. */
export function readRun(directory: string | undefined): SavedRun {
  if (directory === undefined)
    throw new UsageError("--model: its value is missing; give --model DIR, as in --model runs/fashion-mnist-part");
  const model = loadModel(directory);
  const path = join(directory, "run.json");
  return { directory, model, note: existsSync(path) ? readNote(path) : undefined };
}

/** The names of the classes, or their numbers where nobody wrote the names down. */
export function classNamesOf({ directory, model, note }: SavedRun): readonly string[] {
  if (model.outputShape.length !== 1) {
    fail(
      `${directory}/model.json`,
      "the output's shape",
      model.outputShape,
      "give a model that ends in one number a class",
    );
  }
  const classes = model.outputShape[0];
  const names = note?.classNames ?? Array.from({ length: classes }, (_, k) => String(k));
  if (names.length !== classes) {
    fail(
      `${directory}/run.json`,
      "the number of classNames",
      names.length,
      `the model has ${classes} outputs; use the run.json of this model`,
    );
  }
  return names;
}

function readNote(path: string): RunNote {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(readFileBytes(path)));
  } catch (error) {
    if (error instanceof NeocogError) throw error;
    throw new NeocogError(
      `${path}: it is no JSON (${(error as Error).message}); remove it, or give the run.json of this run`,
    );
  }
  const { classNames, source } = Object(json) as Partial<RunNote>;
  if (!Array.isArray(classNames) || !classNames.every((name) => typeof name === "string")) {
    fail(path, "classNames", classNames, "it has to be a list of texts");
  }
  const { dataset, data } = Object(source) as Record<string, unknown>;
  const isText = (value: unknown) => value === undefined || typeof value === "string";
  if (!isText(dataset) || !isText(data)) fail(path, "source", source, "it has to name a dataset or a data directory");
  return { classNames, source: source ?? {} };
}
