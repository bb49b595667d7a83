import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { neocog, scratch, writeTinyData } from "./support.ts";

const place = scratch();
const data = writeTinyData(join(place, "tiny"));

test("help for all and for each command; the version; no command is a question of usage", async () => {
  const [all, train, version, nothing] = await Promise.all(
    [["--help"], ["train", "--help"], ["--version"], []].map((args) => neocog(args)),
  );
  assert.deepEqual([all.code, train.code, version.code, nothing.code], [0, 0, 0, 2]);
  for (const command of ["train", "evaluate", "predict", "summary", "analyze", "check"])
    assert.match(all.stdout, new RegExp(`^ {2}${command} `, "m"));
  assert.match(train.stdout, /--learning-rate N/);
  assert.equal(
    version.stdout.trim(),
    JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version,
  );
});

const refusals: readonly (readonly [title: string, code: number, args: () => string[], message: RegExp])[] = [
  ["an unknown command", 2, () => ["trian"], /"trian": no such command; there are train, evaluate/],
  [
    "an unknown option",
    2,
    () => ["train", "--epoch", "3"],
    /--epoch: no such option of neocog train; there are .*--epochs/,
  ],
  [
    "a learning rate that is no number",
    2,
    () => ["train", "--learning-rate", "NaN"],
    /--learning-rate is "NaN"; use a number of at least 0/,
  ],
  ["nothing to analyze", 2, () => ["analyze"], /neocog analyze: give one directory .*, or one architecture: lenet5/],
  ["something else to analyze", 2, () => ["analyze", "lenet6"], /"lenet6": no such directory and no such architecture/],
  ["data by name and by directory", 2, () => ["train", "--dataset", "mnist", "--data", data], /give one of them/],
  [
    "an architecture that nobody knows",
    2,
    () => ["train", "--data", data, "--architecture", "lenet6"],
    /--architecture is "lenet6"; there is no such network; there are lenet5, .*resnet20.* patterns such as conv8/,
  ],
  [
    "a pattern that cannot be read",
    2,
    () => ["train", "--data", data, "--architecture", "(conv8-relu"],
    /no pattern: architecture: character 12: .* is not closed/,
  ],
  [
    "a pattern with a layer that is none",
    2,
    () => ["train", "--data", data, "--architecture", "conv8-rely-softmax3"],
    /with images of \[12,12,1\] that cannot be built: architecture: character 7: "rely" is no layer/,
  ],
  [
    "a pattern that ends without probabilities",
    2,
    () => ["train", "--data", data, "--architecture", "conv8-fc3"],
    /\[3\], are no probabilities of 3 classes; end with softmax3/,
  ],
  [
    "a pattern with too many classes",
    2,
    () => ["train", "--data", data, "--architecture", "conv8-relu-softmax10"],
    /\[10\], are no probabilities of 3 classes; end with softmax3/,
  ],
  [
    "a network for larger images",
    2,
    () => ["train", "--data", data, "--architecture", "alexnet"],
    /--architecture is "alexnet"; with images of \[12,12,1\] that cannot be built: pool1: poolSize/,
  ],
  [
    "a missing directory",
    1,
    () => ["train", "--data", join(place, "nowhere")],
    /nowhere.*no such directory.*give the directory/,
  ],
  [
    "images that are cut short",
    1,
    () => ["train", "--data", truncated()],
    /train-images-idx3-ubyte.*cut short; fetch it again/,
  ],
  [
    "labels beyond the classes",
    1,
    () => ["train", "--data", writeTinyData(join(place, "two"), { classes: ["a", "b"] })],
    /train-labels.*a label is 2; there are 2 class names/,
  ],
  [
    "an output directory that is a file",
    1,
    () => ["train", "--data", data, "--out", join(data, "classes.txt")],
    /classes\.txt.*a file stands where a directory is needed/,
  ],
  [
    "a name with a slash",
    2,
    () => ["train", "--data", data, "--name", "a/b", "--out", place],
    /--name is "a\/b"; use a plain name/,
  ],
];

for (const [title, expected, args, message] of refusals) {
  test(`${title} is refused in one line, before any training`, async () => {
    const { code, stdout, stderr } = await neocog(args());
    assert.deepEqual([code, stdout], [expected, ""]);
    assert.match(stderr, message);
    assert.match(stderr, /^neocog: [^\n]+\n$/);
  });
}

test("a learning rate that breaks the training is an error that says so, and leaves no empty run", async () => {
  const { code, stderr } = await neocog([
    "train",
    "--data",
    data,
    "--out",
    place,
    "--name",
    "wild",
    "--optimizer",
    "sgd",
    "--learning-rate",
    "1e30",
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /the loss is (NaN|Infinity).*use a smaller learningRate/);
  assert.ok(!existsSync(join(place, "wild")));
});

function truncated(): string {
  const copy = writeTinyData(join(place, "truncated"));
  const path = join(copy, "train-images-idx3-ubyte");
  writeFileSync(path, readFileSync(path).subarray(0, 1000));
  return copy;
}
