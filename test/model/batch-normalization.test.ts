/** Batch normalisation inside of models: parameters that no optimizer changes, frozen layers, threads. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { BatchNormalization, Conv2D, Dense, Flatten } from "../../src/layers/index.ts";
import { modelFromFiles } from "../../src/model/load.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { SGD } from "../../src/optimizers/index.ts";
import { Pass } from "../../src/pass.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { close, equalBits } from "../support/compare.ts";
import { reference64, wake, wasm } from "../support/kernels.ts";

const [x, y] = [floats([20, 6, 6, 2], 1, 3), labels([20], 2, 3)];

function make(kernels: Kernels = wasm, learningRate = 0.1) {
  const normal = new BatchNormalization({ momentum: 0.5 });
  const conv = new Conv2D({ filters: 4, kernelSize: 3, useBias: false });
  const first = new Conv2D({ filters: 3, kernelSize: 1 });
  const head = [new Flatten(), new Dense({ units: 3, activation: "softmax" })];
  const model = new Sequential([first, conv, normal, ...head], { inputShape: [6, 6, 2], seed: 3 });
  const optimizer = new SGD({ learningRate, momentum: 0.9, weightDecay: 0.1 });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", kernels });
  return { model, normal };
}

const moving = ({ parameters }: BatchNormalization) => parameters.slice(2).map(({ value }) => value.copy());

describe("batch normalisation in a model", () => {
  test("one step moves the statistics once, by what the batch has, and the dry run does not move them", async () => {
    const { model, normal } = make(reference64, 0);
    const alone = new BatchNormalization({ momentum: 0.5 });
    const pass = new Pass({ kernels: reference64, training: true });
    alone.forward(model.layers[1].forward(model.layers[0].forward(x, pass), pass), pass);
    await model.trainOnBatch(x, y);
    moving(normal).forEach((value, index) => {
      close(value, moving(alone)[index], 1e-6);
    });
    const before = moving(normal);
    await model.evaluate(x, y);
    await model.predict(x);
    moving(normal).forEach((value, index) => {
      equalBits(value, before[index]);
    });
  });

  test("an optimizer with weight decay leaves the statistics alone, and changes γ and β", async () => {
    const { model, normal } = make();
    await model.trainOnBatch(x, y);
    const before = normal.getWeights();
    new SGD({ learningRate: 1, weightDecay: 1 }).step(normal.parameters, wasm);
    const after = normal.getWeights();
    equalBits(after[2], before[2]);
    equalBits(after[3], before[3]);
    assert.notDeepEqual(after[0].data, before[0].data);
    assert.notDeepEqual(after[1].data, before[1].data);
  });

  test("the summary counts the statistics as not trainable", () => {
    const text = make().model.summary();
    assert.match(text, /batch_normalization \(BatchNormalization\).*\b16\b/);
    assert.match(text, / Non-trainable params: 8 /);
  });

  test("the files keep the statistics", async () => {
    const { model } = make();
    await model.fit(x, y, { epochs: 2, batchSize: 7 });
    const same = modelFromFiles(model.toFiles());
    equalBits((await same.predict(x)) as Tensor, await model.predict(x));
    assert.equal(same.getWeights().length, 2 + 1 + 4 + 2);
    same.setWeights(model.getWeights());
  });

  test("a layer that is frozen between two steps uses its statistics, keeps them, and gets no gradient", async () => {
    const { model, normal } = make();
    await model.trainOnBatch(x, y);
    normal.trainable = false;
    const before = normal.getWeights();
    const inferred = (await model.evaluate(x, y)).loss;
    const { loss } = await model.trainOnBatch(x, y);
    assert.ok(Math.abs(loss - inferred) < 1e-6, `${loss} in training, ${inferred} otherwise`);
    normal.getWeights().forEach((value, index) => {
      equalBits(value, before[index]);
    });
    normal.trainable = true;
    await model.trainOnBatch(x, y);
    assert.notDeepEqual(normal.getWeights()[2].data, before[2].data);
  });

  test("statistics that are used are not moved, not even by a rounding error", () => {
    // 0.3 · m + 0.7 · m is often not m.
    const normal = new BatchNormalization({ momentum: 0.3 });
    normal.build([1, 50], new Pass({ kernels: reference64 }));
    normal.setWeights([1, 2, 3, 4].map((seed) => floats([50], seed, 1, "float64")));
    normal.parameters[3].value.data.forEach((value, c, variance) => {
      variance[c] = Math.abs(value);
    });
    const before = moving(normal);
    const run = (training: boolean) => {
      normal.forward(floats([9, 50], 5, 1, "float64"), new Pass({ kernels: reference64, training }));
      moving(normal).forEach((value, index) => {
        equalBits(value, before[index]);
      });
    };
    run(false);
    normal.trainable = false;
    run(true);
  });

  test("training gives the same weights with 1, 2 and 3 threads", async () => {
    await wake(wasmKernels({ threads: 2 }), wasmKernels({ threads: 3 }));
    const trained = async (threads: number) => {
      const { model } = make(wasmKernels({ threads }));
      const [many, classes] = [floats([600, 6, 6, 2], 3), labels([600], 4, 3)];
      await model.fit(many, classes, { epochs: 2, batchSize: 300, seed: 1 });
      return model.getWeights();
    };
    const one = await trained(1);
    for (const threads of [2, 3]) {
      const other = await trained(threads);
      one.forEach((weight, index) => {
        equalBits(other[index], weight, { threads, index });
      });
    }
  });
});
