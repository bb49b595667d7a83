/** Where a command's images come from: a data set by its name, or a directory of IDX files. */
import { resolve } from "node:path";
import { type Dataset, datasetDirectory, readDataset } from "../data/directory.ts";
import { UsageError } from "./arguments.ts";

/** The data sets that have a name. */
export const DATASETS = ["fashion-mnist-part", "mnist"] as const;

/** As on the command line; where both are missing the caller has a default. */
export interface Source {
  readonly dataset?: string;
  readonly data?: string;
}

/** @throws UsageError where both are given. */
export function checkSource({ dataset, data }: Source): Source | undefined {
  if (dataset !== undefined && data !== undefined) {
    throw new UsageError(`--dataset is "${dataset}" and --data is "${data}"; give one of them`);
  }
  // Absolute, because a run remembers it and may be evaluated from elsewhere.
  if (data !== undefined) return { data: resolve(data) };
  return dataset === undefined ? undefined : { dataset };
}

export function readSource({ dataset, data }: Source): Dataset {
  return data === undefined ? readDataset(datasetDirectory(dataset!), dataset) : readDataset(data);
}

export const SOURCE_OPTIONS = {
  dataset: { type: "text", choices: DATASETS, help: "a data set by its name" },
  data: { type: "text", value: "DIR", help: "a directory of IDX files, plain or .gz, instead" },
} as const;
