import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { encode } from "fast-png";
import { CLASSES, neocog, SIZE, scratch, writeTinyData } from "./support.ts";

const place = scratch();
const data = writeTinyData(join(place, "tiny"));
const run = join(place, "runs", "tiny");

before(async () => {
  const { code, stderr } = await neocog([
    "train",
    "--data",
    data,
    "--out",
    join(place, "runs"),
    "--epochs",
    "30",
    "--quiet",
  ]);
  assert.deepEqual([code, stderr], [0, ""]);
});

/** A bright column in a colour PNG of another size than the model's. */
function columnPng(path: string, { dark = false } = {}): string {
  const size = 2 * SIZE;
  const bytes = Uint8Array.from({ length: size * size * 3 }, (_, at) => {
    const column = Math.floor(at / 3) % size;
    return (column === 10 || column === 11) !== dark ? 255 : 0;
  });
  writeFileSync(path, encode({ width: size, height: size, data: bytes, channels: 3, depth: 8 }));
  return path;
}

test("evaluate tests on the data that the run was trained with, and finds what training found", async () => {
  const [text, json] = await Promise.all([
    neocog(["evaluate", "--model", run]),
    neocog(["evaluate", "--model", run, "--data", data, "--json"]),
  ]);
  assert.deepEqual([text.code, json.code], [0, 0]);
  assert.match(text.stdout, /<dot>\s+10 /);
  const found = JSON.parse(json.stdout);
  const { results } = JSON.parse(readFileSync(join(run, "run.json"), "utf8"));
  assert.equal(found.accuracy, results.testAccuracy);
  assert.equal(found.images, 30);
  const rows: number[][] = found.confusion;
  assert.deepEqual(
    rows.map((row) => row.reduce((a, b) => a + b)),
    [10, 10, 10],
  );
});

test("predict names the classes of PNG files of any size, and --invert swaps black and white", async () => {
  const bright = columnPng(join(place, "bright.png"));
  const dark = columnPng(join(place, "dark.png"), { dark: true });
  const [first, second] = await Promise.all([
    neocog(["predict", "--model", run, bright, "--json", "--top", "3"]),
    neocog(["predict", "--model", run, dark, "--json", "--top", "3", "--invert"]),
  ]);
  const answer = JSON.parse(first.stdout);
  assert.equal(answer.image, bright);
  assert.equal(answer.top[0].class, "column");
  assert.deepEqual(answer.top.map((guess: { class: string }) => guess.class).sort(), [...CLASSES].sort());
  const total = answer.top.reduce((sum: number, guess: { probability: number }) => sum + guess.probability, 0);
  assert.ok(Math.abs(total - 1) < 1e-5);
  assert.deepEqual(JSON.parse(second.stdout).top, answer.top);
});

test("predict takes images of an IDX file by their places", async () => {
  const images = join(data, "t10k-images-idx3-ubyte");
  const { code, stdout } = await neocog([
    "predict",
    "--model",
    run,
    "--data",
    images,
    "--index",
    "0,3-4",
    "--top",
    "1",
  ]);
  assert.equal(code, 0);
  assert.deepEqual(
    [...stdout.matchAll(/\[(\d+)\]/g)].map(([, place]) => place),
    ["0", "3", "4"],
  );
  assert.match(stdout, /column +\d+\.\d\d %/);
});

test("summary prints the table of a saved model and of an architecture", async () => {
  const [saved, named] = await Promise.all([
    neocog(["summary", "--model", run, "--json"]),
    neocog(["summary", "--architecture", "lenet5"]),
  ]);
  assert.deepEqual(JSON.parse(saved.stdout).input_shape, [SIZE, SIZE, 1]);
  assert.match(named.stdout, /Total params: 61,706/);
});

test("analyze counts a saved model, as a table and for machines, and an architecture by its name", async () => {
  const [saved, table, named] = await Promise.all([
    neocog(["analyze", run, "--json", "--batch-size", "2"]),
    neocog(["analyze", run]),
    neocog(["analyze", "lenet5"]),
  ]);
  assert.deepEqual([saved.code, table.code, named.code], [0, 0, 0]);
  const { rows, totals, batchSize } = JSON.parse(saved.stdout);
  assert.deepEqual([batchSize, rows[0].kind, rows[0].outputShape], [2, "Conv2D", [SIZE, SIZE, 6]]);
  assert.equal(rows[0].activationBytes, 2 * SIZE * SIZE * 6 * 4);
  assert.ok(table.stdout.includes(totals.multiplyAdds.toLocaleString("en-US")));
  assert.match(named.stdout, /conv2d \(Conv2D\) +28×28×6 +156 +4,704 +122,304 +117,600 +18\.4 KB +5×5 \/1 @-2/);
  assert.match(named.stdout, /total +61,706 .* 416,520 /);
});

const refusals: readonly (readonly [title: string, args: () => string[], message: RegExp])[] = [
  ["a directory without a model", () => ["summary", "--model", place], /model\.json.*ENOENT.*check the path/],
  ["a file that is no PNG", () => ["predict", "--model", run, join(data, "classes.txt")], /classes\.txt.*PNG/],
  [
    "a PNG that is cut short",
    () => ["predict", "--model", run, cut(columnPng(join(place, "cut.png")))],
    /cut\.png.*cut short/,
  ],
  [
    "a place beyond the file",
    () => ["predict", "--model", run, "--data", join(data, "t10k-images-idx3-ubyte"), "--index", "30"],
    /--index is 30; it has 30 images; use 0 to 29/,
  ],
  [
    "data of another size",
    () => ["evaluate", "--model", run, "--dataset", "fashion-mnist-part"],
    /takes images of \[12,12,1\], those of fashion-mnist-part are \[28,28,1\]; give other data/,
  ],
  [
    "weights that are cut short",
    () => ["summary", "--model", broken("weights.safetensors")],
    /weights\.safetensors.*cut short/,
  ],
  [
    "a run.json that is damaged",
    () => ["predict", "--model", broken("run.json"), columnPng(join(place, "any.png"))],
    /run\.json.*no JSON/,
  ],
  ["a model.json that is damaged", () => ["evaluate", "--model", broken("model.json")], /model\.json.*no JSON/],
];

for (const [title, args, message] of refusals) {
  test(`${title} is refused in one line`, async () => {
    const { code, stdout, stderr } = await neocog(args());
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, message);
    assert.match(stderr, /^neocog: [^\n]+\n$/);
  });
}

/** A copy of the run with one file cut in the middle. */
function broken(file: string): string {
  const copy = join(place, `broken-${file}`);
  rmSync(copy, { recursive: true, force: true });
  cpSync(run, copy, { recursive: true });
  cut(join(copy, file));
  return copy;
}

function cut(path: string): string {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length / 2));
  return path;
}
