import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Augmentation } from "../../src/data/augmentation/augmentation.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { Add, Conv2D, Dense, Flatten, input, MaxPooling2D } from "../../src/layers/index.ts";
import { Model } from "../../src/model/model.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { SGD } from "../../src/optimizers/index.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { wake } from "../support/kernels.ts";
import { rejects } from "../support/refusals.ts";

const augmentation = new Augmentation({ rotation: 20, widthShift: 2, brightness: 0.2, horizontalFlip: true });
const [x, y] = [floats([21, 8, 8, 1], 1), labels([21], 2, 3)];
const rows = ({ data, shape }: Tensor, from: number, to: number) => {
  const length = data.length / shape[0];
  return tensor(Float32Array.from(data.subarray(from * length, to * length)), [to - from, ...shape.slice(1)]);
};

function network(kernels = wasmKernels()): Sequential {
  const layers = [
    new Conv2D({ filters: 4, kernelSize: 3, activation: "relu" }),
    new MaxPooling2D(),
    new Flatten(),
    new Dense({ units: 3, activation: "softmax" }),
  ];
  const model = new Sequential(layers, { inputShape: [8, 8, 1], seed: 4 });
  const optimizer = new SGD({ learningRate: 0.1, momentum: 0.9 });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", kernels });
  return model;
}

function same(actual: Sequential, expected: Sequential): void {
  actual.getWeights().forEach((weight, index) => {
    equalBits(weight, expected.getWeights()[index], index);
  });
}

describe("fit with augmentation", () => {
  test("is the same as training on batches that were augmented by hand", async () => {
    for (const kernels of [wasmKernels(), referenceKernels("float32")]) {
      const [model, byHand] = [network(kernels), network(kernels)];
      await model.fit(x, y, { epochs: 3, batchSize: 8, shuffle: false, seed: 6, augmentation });
      for (let epoch = 1; epoch <= 3; epoch++) {
        const images = augmentation.apply(x, { seed: 6, epoch });
        for (let from = 0; from < 21; from += 8) {
          const to = Math.min(from + 8, 21);
          await byHand.trainOnBatch(rows(images, from, to), rows(y, from, to));
        }
      }
      same(model, byHand);
    }
  });

  test("gives the same weights with a worker that comes up on the way, where there are none, and where none may start", async () => {
    const train = async () => {
      const model = network();
      // Long enough for a worker to come up on the way.
      await model.fit(x, y, { epochs: 200, batchSize: 4, seed: 6, augmentation });
      return model;
    };
    const expected = await train();
    await wake(wasmKernels()); // theirs are not what is refused
    const { getBuiltinModule } = process;
    class Refused {
      constructor() {
        throw new Error("no permission");
      }
    }
    for (const instead of [undefined, { Worker: Refused }]) {
      try {
        process.getBuiltinModule = ((name: string) =>
          name === "node:worker_threads" ? instead : getBuiltinModule(name)) as typeof getBuiltinModule;
        same(await train(), expected);
      } finally {
        process.getBuiltinModule = getBuiltinModule;
      }
    }
  });

  test("leaves the examples as they are, and those to validate with", async () => {
    const [images, before] = [x.copy(), x.copy()];
    const model = network();
    const { history } = await model.fit(images, y, { epochs: 2, validationData: [images, y], augmentation });
    equalBits(images, before);
    const { loss } = await model.evaluate(images, y);
    assert.equal(history.valLoss[1], loss);
  });

  test("that ends early, by itself or by an error, leaves no worker behind", async () => {
    const failing = () => {
      throw new Error("enough");
    };
    await assert.rejects(network().fit(x, y, { epochs: 50, augmentation, callbacks: [failing] }), /enough/);
    await network().fit(x, y, { epochs: 50, augmentation, callbacks: [({ stop }) => stop()] });
    await network().fit(x, y, { epochs: 0, augmentation });
    // Otherwise this file would never end.
  });

  test("is for one input of images; anything else is refused by name", async () => {
    await rejects(network().fit(x, y, { augmentation: { rotation: 3 } as never }), "fit", "augmentation", "new Augm");
    const dense = new Sequential([new Dense({ units: 1 })], { inputShape: [3] });
    dense.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    await rejects(dense.fit(floats([4, 3], 1), floats([4, 1], 2), { augmentation }), "fit", "[[4, 3]]", "one input");
    const [a, b] = [input({ shape: [2, 2, 1] }), input({ shape: [2, 2, 1] })];
    const two = new Model({ inputs: [a, b], outputs: new Flatten().apply(new Add().apply([a, b])) });
    two.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const image = floats([4, 2, 2, 1], 1);
    await rejects(two.fit([image, image], floats([4, 4], 1), { augmentation }), "fit", "augmentation", "one input");
  });
});
