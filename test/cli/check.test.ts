import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { checkLayer, layersOf, textOf } from "../../src/cli/checking.ts";
import {
  Activation,
  AveragePooling2D,
  Conv2D,
  Dense,
  Dropout,
  Flatten,
  MaxPooling2D,
  ReLU,
  Softmax,
} from "../../src/layers/index.ts";
import { Sequential } from "../../src/model/sequential.ts";
import type { Pass } from "../../src/pass.ts";
import type { Tensor } from "../../src/tensor.ts";
import { equalBits } from "../support/compare.ts";
import { neocog, scratch } from "./support.ts";

const place = scratch();
const saved = join(place, "model");
const shared = new ReLU({ name: "again" });
const model = new Sequential(
  [
    new Conv2D({ filters: 3, kernelSize: [3, 2], padding: "same", trainable: false }),
    shared,
    new MaxPooling2D({ poolSize: 2 }),
    new Conv2D({ filters: 2, kernelSize: 2, activation: "tanh" }),
    new AveragePooling2D({ poolSize: [1, 2], strides: 1 }),
    shared,
    new Flatten(),
    new Dropout({ rate: 0.5 }),
    new Dense({ units: 4, activation: "sigmoid" }),
    new Activation("softmax"),
    new Dense({ units: 3 }),
    new Softmax(),
  ],
  { inputShape: [8, 8, 2] },
);
model.save(saved);

const settings = { runs: 10, elements: 8, seed: 1 };

describe("neocog check", () => {
  test("prints a line a law for every layer of a saved model, and ends with how many hold", async () => {
    const { code, stdout, stderr } = await neocog(["check", "--model", saved, "--runs", "5", "--elements", "8"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^conv2d \(Conv2D\) on x \[2,5,4,2\]\n {2}✔ its own weights' gradients/);
    assert.match(stdout, /^ {4}x 8\/40; largest error \d\.\de-\d+$/m);
    assert.match(stdout, /^max_pooling2d \(MaxPooling2D\).*(\n .*)*✔ C2: each output is the largest/m);
    assert.match(stdout, /^dense_1 \(Dense\).*(\n .*)*✔ A4: permute/m);
    assert.match(stdout, /model: 11 layers, all \d+ hold, [\d.]+ s\n$/);
  });

  test("--json gives the same for machines, and the same seed the same bytes", async () => {
    const args = ["check", "--model", saved, "--runs", "3", "--elements", "4", "--seed", "5", "--json"];
    const [first, second] = await Promise.all([neocog(args), neocog(args)]);
    assert.equal(first.stdout, second.stdout);
    const { passed, layers } = JSON.parse(first.stdout);
    assert.equal(passed, true);
    assert.deepEqual(
      layers.map(({ kind }: { kind: string }) => kind),
      [...new Set(model.layers)].map(({ kind }) => kind),
    );
    for (const { results } of layers) assert.ok(results.length >= 3);
  });

  for (const [title, args, expected, message] of [
    ["a directory without a model", ["--model", place], 1, /model\.json.*ENOENT.*check the path/],
    ["no model", [], 2, /--model: its value is missing/],
    ["no cases", ["--model", saved, "--runs", "0"], 2, /--runs is "0"; use a whole number of at least 1/],
  ] as const) {
    test(`${title} is refused in one line`, async () => {
      const { code, stdout, stderr } = await neocog(["check", ...args]);
      assert.deepEqual([code, stdout], [expected, ""]);
      assert.match(stderr, message);
      assert.match(stderr, /^neocog: [^\n]+\n$/);
    });
  }

  test("leaves every layer as it was", () => {
    const before = model.getWeights();
    for (const [layer, shape] of layersOf(model)) checkLayer(layer, shape, settings);
    model.getWeights().forEach((weight, index) => {
      equalBits(weight, before[index]);
    });
  });

  test("shows the counterexample of a layer that is wrong", () => {
    const { results } = checkLayer(new Doubled(), [1, 6, 6, 1], settings);
    const refuted = results.filter(({ refutation }) => refutation !== undefined).map(({ law }) => law);
    assert.ok(refuted.some((law) => law.startsWith("its own weights' gradients")));
    assert.ok(refuted.some((law) => law.startsWith("C8, A2: ⟨dy, f(x)⟩ = ⟨backward(dy), x⟩")));
    assert.ok(results.some(({ law, refutation }) => law.startsWith("B7") && refutation === undefined));
    const text = textOf({ name: "doubled", kind: "Conv2D", shape: [2, 4, 4, 1], results }, (text) => text);
    assert.match(text, /✖ its own weights' gradients.*\n {4}wrong gradients of conv2d on x .*\n(.*\n)* {6}x .*← wrong/);
    assert.match(text, /✔ B7/);
  });
});

/** A convolution whose dx is twice what it should be. */
class Doubled extends Conv2D {
  constructor() {
    super({ filters: 1, kernelSize: 2 });
  }

  override backward(dy: Tensor, pass: Pass): Tensor {
    const dx = super.backward(dy, pass);
    for (let e = 0; e < dx.size; e++) dx.data[e] *= 2;
    return dx;
  }
}
