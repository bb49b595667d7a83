import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
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

/** What a demonstration prints, with few images and one epoch: its tables, not its figures. */
function quick(name: string): string {
  const args = ["--import", "tsx", `examples/${name}.ts`, "--quick"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: repository, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

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

test("resnet prints the losses of both networks, epoch by epoch", () => {
  const text = quick("resnet");
  assert.equal(numbers(text, "1  ").length, 4);
  assert.match(text, /at the end the training loss of the plain network is [\d.]+ times/);
});
