import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { encode } from "fast-png";
import { loadModel } from "../../src/model/load.ts";
import { CLASSES, neocog, SIZE, scratch, writeTinyData } from "./support.ts";

const place = scratch();
const data = writeTinyData(join(place, "tiny"));
const out = join(place, "runs");
const train = (...more: string[]) => ["train", "--data", data, "--out", out, ...more];

test("a run leaves the model, its history and a report, and says how good the model is", async () => {
  const { code, stdout, stderr } = await neocog(train("--epochs", "2", "--name", "plain"));
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /Total params/);
  assert.match(
    stdout,
    /Epoch 1\/2 - .* - loss: [\d.]+ - accuracy: [\d.]+ - val_loss: [\d.]+ - val_accuracy: [\d.]+ - [\d,]+ images\/s/,
  );
  assert.match(stdout, /Test accuracy [\d.]+ % \(\d+ of 30 images\), test loss/);
  const run = join(out, "plain");
  assert.deepEqual(readdirSync(run).sort(), [
    "history.csv",
    "model.json",
    "report.html",
    "run.json",
    "weights.safetensors",
  ]);
  const [header, ...rows] = readFileSync(join(run, "history.csv"), "utf8").trim().split("\n");
  assert.equal(header, "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second");
  assert.deepEqual(
    rows.map((row) => row.split(",").length),
    [8, 8],
  );
  assert.deepEqual(loadModel(run).outputShape, [3]);
});

test("the report asks nothing of any network and keeps class names as text", async () => {
  const { code } = await neocog(train("--epochs", "1", "--name", "page", "--quiet"));
  assert.equal(code, 0);
  const page = readFileSync(join(out, "page", "report.html"), "utf8");
  assert.doesNotMatch(page, /(src|href)\s*=\s*["']?(?!data:)[^"'\s>]/i);
  assert.doesNotMatch(page, /url\(|@import|https?:\/\/(?!github\.com\/leeoniya\/uPlot)/i);
  assert.match(page, /&#60;dot&#62;/);
  assert.doesNotMatch(page, /<dot>/);
  for (const title of [
    "Learning",
    "What it takes for what",
    "Class by class",
    "What the first layer looks for",
    "The network",
  ]) {
    assert.ok(page.includes(`<h2>${title}</h2>`), title);
  }
});

test("--json prints one object a line: start, epochs, end; and a name that is taken gets a number", async () => {
  const events = async () => {
    const { code, stdout } = await neocog(train("--epochs", "2", "--name", "twice", "--json"));
    assert.equal(code, 0);
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  const first = await events();
  assert.deepEqual(
    first.map(({ event }) => event),
    ["start", "epoch", "epoch", "end"],
  );
  assert.deepEqual([first[0].training_images, first[0].validation_images, first[0].test_images], [57, 3, 30]);
  assert.deepEqual([first[1].epoch, first[2].epoch], [1, 2]);
  assert.ok(first[3].test_accuracy >= 0 && first[3].test_accuracy <= 1);
  const before = readFileSync(join(out, "twice", "weights.safetensors"));
  const second = await events();
  assert.equal(second[3].run, "twice-2");
  assert.deepEqual(readFileSync(join(out, "twice", "weights.safetensors")), before);
  // The same seed, the same data: the same bits.
  assert.deepEqual(readFileSync(join(out, "twice-2", "weights.safetensors")), before);
});

test("--augment trains on other images in each epoch, the same bits again, and the run remembers how", async () => {
  const trained = async (...more: string[]) => {
    const { code, stderr, stdout } = await neocog(train("--epochs", "2", "--name", "augmented", "--json", ...more));
    assert.deepEqual([code, stderr], [0, ""]);
    return JSON.parse(stdout.trim().split("\n").at(-1)!).path;
  };
  const [first, second, plain] = [await trained("--augment"), await trained("--augment"), await trained()];
  const weights = (run: string) => readFileSync(join(run, "weights.safetensors"));
  assert.deepEqual(weights(second), weights(first));
  assert.notDeepEqual(weights(plain), weights(first));
  const { settings } = JSON.parse(readFileSync(join(first, "run.json"), "utf8"));
  assert.equal(settings.augmentation.rotation, 8);
  assert.match(readFileSync(join(first, "report.html"), "utf8"), /rotation 8, zoom 0.1/);
});

for (const [architecture, layers] of [
  ["resnet20", /<p class="lead">resnet20 after 1 epoch of/],
  ["[conv4-relu->pool]*2-fc8-relu-softmax3", /lead">\[conv4-relu-&#62;pool\]\*2-fc8-relu-softmax3 after/],
] as const) {
  test(`--architecture ${architecture} is trained, tested again, and asked about a picture`, async () => {
    const options = ["--architecture", architecture, "--epochs", "1", "--name", "network", "--json"];
    const { code, stdout, stderr } = await neocog(train(...options));
    assert.deepEqual([code, stderr], [0, ""]);
    const { path, test_accuracy } = JSON.parse(stdout.trim().split("\n").at(-1)!);
    assert.match(readFileSync(join(path, "report.html"), "utf8"), layers);
    assert.equal(JSON.parse(readFileSync(join(path, "run.json"), "utf8")).settings.architecture, architecture);
    const picture = join(place, "picture.png");
    const dark = new Uint8Array(SIZE * SIZE);
    writeFileSync(picture, encode({ width: SIZE, height: SIZE, data: dark, channels: 1, depth: 8 }));
    const [evaluated, predicted] = await Promise.all([
      neocog(["evaluate", "--model", path, "--json"]),
      neocog(["predict", "--model", path, picture, "--json", "--top", "3"]),
    ]);
    assert.deepEqual([evaluated.stderr, predicted.stderr], ["", ""]);
    assert.equal(JSON.parse(evaluated.stdout).accuracy, test_accuracy);
    for (const name of CLASSES) assert.ok(predicted.stdout.includes(name), predicted.stdout);
  });
}

test("Ctrl-C ends training after the running batch and saves what there is", async () => {
  const { code, stdout } = await neocog(train("--epochs", "100000", "--name", "stopped"), (printed, kill) => {
    if (printed.includes("Epoch ") && !printed.includes("Stopping")) kill("SIGINT");
  });
  assert.equal(code, 130);
  assert.match(stdout, /Stopping after this batch, then saving/);
  assert.match(stdout, /Interrupted in epoch \d+/);
  assert.ok(existsSync(join(out, "stopped", "weights.safetensors")));
  assert.match(readFileSync(join(out, "stopped", "report.html"), "utf8"), /interrupted/);
});

test("where the run's directory is gone at the end, the run is saved elsewhere and the error says where", async () => {
  const run = join(out, "lost");
  let taken = false;
  const { code, stderr } = await neocog(train("--epochs", "100000", "--name", "lost"), (printed, kill) => {
    if (taken || !printed.includes("Epoch ")) return;
    taken = true;
    rmSync(run, { recursive: true });
    writeFileSync(run, "a file in the way");
    kill("SIGINT");
  });
  assert.equal(code, 1);
  const rescue = /The run was saved in (\S+) instead/.exec(stderr)?.[1];
  assert.ok(rescue && stderr.includes(run), stderr);
  assert.deepEqual(loadModel(rescue).outputShape, [3]);
  rmSync(rescue, { recursive: true });
});
