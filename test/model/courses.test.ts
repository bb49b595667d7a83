import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Conv2D, Dense, Flatten, input, MaxPooling2D, Model, Sequential, SGD, type Tensor } from "../../src/index.ts";
import { filled } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";

/** 64×64×1: class 1 has a bright square in the left half, class 0 in the right one. */
function squares(count: number, seed: number): { x: Tensor; y: Tensor } {
  const y = filled([count, 1], seed, "float32", (random) => random.below(2));
  const x = filled([count, 64, 64, 1], seed + 1, "float32", (random) => random.uniform() / 4);
  const places = filled([count, 2], seed + 2, "float32", (random) => random.below(16));
  for (let n = 0; n < count; n++) {
    const [top, left] = [places.data[2 * n] * 2, places.data[2 * n + 1] + (y.data[n] === 1 ? 0 : 32)];
    for (let i = top; i < top + 16; i++) x.data.fill(1, (n * 64 + i) * 64 + left, (n * 64 + i) * 64 + left + 16);
  }
  return { x, y };
}

function functional(): Model {
  const a = input({ shape: [64, 64, 1] });
  let b = new Conv2D({ filters: 16, kernelSize: [3, 3], padding: "same", activation: "relu" }).apply(a);
  b = new MaxPooling2D({ poolSize: [2, 2] }).apply(b);
  b = new Conv2D({ filters: 32, kernelSize: [3, 3], padding: "same", activation: "relu" }).apply(b);
  b = new MaxPooling2D({ poolSize: [2, 2] }).apply(b);
  b = new Flatten().apply(b);
  b = new Dense({ units: 100, activation: "relu" }).apply(b);
  b = new Dense({ units: 1, activation: "sigmoid" }).apply(b);
  return new Model({ inputs: a, outputs: b });
}

function sequential(): Sequential {
  return new Sequential(
    [
      new Conv2D({ filters: 16, kernelSize: [3, 3], padding: "same", activation: "relu" }),
      new MaxPooling2D({ poolSize: [2, 2] }),
      new Conv2D({ filters: 32, kernelSize: [3, 3], padding: "same", activation: "relu" }),
      new MaxPooling2D({ poolSize: [2, 2] }),
      new Flatten(),
      new Dense({ units: 100, activation: "relu" }),
      new Dense({ units: 1, activation: "sigmoid" }),
    ],
    { inputShape: [64, 64, 1] },
  );
}

describe("D2: the model of the courses, in both forms", () => {
  const { x, y } = squares(160, 1);
  const unseen = squares(70, 9);
  const models = [functional(), sequential()] as const;
  for (const model of models) {
    const optimizer = new SGD({ learningRate: 0.01, momentum: 0.9 });
    model.compile({ optimizer, loss: "binaryCrossentropy", metrics: ["accuracy"] });
  }

  test("has the parameters that one counts by hand", () => {
    const count = 16 * (9 + 1) + 32 * (9 * 16 + 1) + 100 * (16 * 16 * 32 + 1) + (100 + 1);
    for (const model of models) assert.ok(model.summary().includes(`Total params: ${count.toLocaleString("en-US")} `));
  });

  test("fit, trainOnBatch in a loop of one's own, evaluate and predict: it learns, and both have the same bits", async () => {
    for (const model of models) {
      const { history } = await model.fit(x, y, { epochs: 5, batchSize: 32 });
      assert.equal(history.loss.length, 5);
      assert.ok(history.loss[4] < history.loss[0]);
      for (let step = 0; step < 3; step++) await model.trainOnBatch(x, y);
      const { accuracy } = await model.evaluate(unseen.x, unseen.y, { batchSize: 128 });
      assert.ok(accuracy > 0.95, `${accuracy}`);
    }
    const [p, q] = await Promise.all(models.map((model) => model.predict(unseen.x, { batchSize: 128 })));
    assert.deepEqual(p.shape, [70, 1]);
    equalBits(p, q);
  });
});
