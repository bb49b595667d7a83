import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { Conv2D, Dense, Dropout, Flatten, MaxPooling2D } from "../../src/layers/index.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { Adam, SGD } from "../../src/optimizers/index.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { as, floats, labels, seeds } from "../support/arbitraries.ts";
import { close, equalBits } from "../support/compare.ts";
import { casesOf } from "../support/conformance.ts";

/** The network of the conformance file's training trace. */
function traced(kernels = referenceKernels("float64")): Sequential {
  const relu = { kernelSize: 3, padding: "same", activation: "relu" } as const;
  const model = new Sequential(
    [
      new Conv2D({ filters: 4, ...relu }),
      new MaxPooling2D(),
      new Conv2D({ filters: 6, ...relu }),
      new MaxPooling2D(),
      new Flatten(),
      new Dense({ units: 10, activation: "relu" }),
      new Dense({ units: 3, activation: "softmax" }),
    ],
    { inputShape: [12, 12, 1] },
  );
  const optimizer = new SGD({ learningRate: 0.05, momentum: 0.9 });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"], kernels });
  return model;
}

/** A small network with everything random in it. */
function small(seed = 3, kernels = referenceKernels("float32")): Sequential {
  const model = new Sequential(
    [
      new Conv2D({ filters: 2, kernelSize: 3, activation: "tanh" }),
      new Flatten(),
      new Dropout({ rate: 0.25 }),
      new Dense({ units: 3, activation: "softmax" }),
    ],
    { inputShape: [5, 5, 1], seed },
  );
  model.compile({
    optimizer: new Adam({ learningRate: 0.01 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
    kernels,
  });
  return model;
}

const x = floats([23, 5, 5, 1], 1);
const y = labels([23], 2, 3);

function sameWeights(a: Sequential, b: Sequential): void {
  const expected = b.getWeights();
  a.getWeights().forEach((weight, index) => {
    equalBits(weight, expected[index], `weight ${index}`);
  });
}

describe("ten steps of training are those of PyTorch", () => {
  const [{ inputs, outputs }] = casesOf("trainingTrace");
  const pick = (from: Record<string, Tensor>, prefix: string) =>
    Object.keys(from).flatMap((name) => (name.startsWith(prefix) ? [from[name]] : []));
  for (const [kernels, tolerance] of [
    [referenceKernels("float64"), 1e-9],
    [wasmKernels(), 1e-5],
  ] as const) {
    test(`losses and final weights, on ${kernels.dtype}, to ${tolerance}`, async () => {
      const model = traced(kernels);
      model.setWeights(pick(inputs, "start."));
      const [images, numbers] = [as(kernels.dtype, inputs.x), inputs.labels];
      for (let step = 0; step < 10; step++) {
        const rows = (t: Tensor) => {
          const each = t.size / 40;
          return tensor(t.data.slice((step % 5) * 8 * each, ((step % 5) + 1) * 8 * each), [8, ...t.shape.slice(1)]);
        };
        const { loss } = await model.trainOnBatch(rows(images), rows(numbers));
        close(Float64Array.of(loss), outputs.losses.data.slice(step, step + 1), tolerance, `the loss of step ${step}`);
      }
      const found = model.getWeights();
      for (const [index, expected] of pick(outputs, "final.").entries()) {
        close(found[index], expected, tolerance, `weight ${index}`);
      }
    });
  }

  test("fit takes the same steps", async () => {
    const model = traced();
    model.setWeights(pick(inputs, "start."));
    const { history } = await model.fit(inputs.x, inputs.labels, { epochs: 2, batchSize: 8, shuffle: false });
    const epoch = (first: number) => [...outputs.losses.data.slice(first, first + 5)].reduce((a, b) => a + b) / 5;
    close(Float64Array.from(history.loss), Float64Array.of(epoch(0), epoch(5)), 1e-9);
    const found = model.getWeights();
    for (const [index, expected] of pick(outputs, "final.").entries()) close(found[index], expected, 1e-9);
  });
});

describe("fit", () => {
  test("the same seeds give the same weights, bit for bit; another seed gives others", async () => {
    const train = async (seed: number) => {
      const model = small();
      await model.fit(x, y, { epochs: 3, batchSize: 4, seed });
      return model;
    };
    sameWeights(await train(7), await train(7));
    const [seven, eight] = [(await train(7)).getWeights(), (await train(8)).getWeights()];
    assert.notDeepEqual(seven[0].data, eight[0].data);
    assert.notDeepEqual(small(1).getWeights()[0].data, small(2).getWeights()[0].data);
  });

  test("each epoch sees every example once, in an order of its own", async () => {
    const numbers = tensor(
      Float32Array.from({ length: 10 }, (_, n) => n),
      [10, 1],
    );
    const seen: number[] = [];
    const model = new Sequential([new Spy(seen)], { inputShape: [1] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels: referenceKernels() });
    await model.fit(numbers, numbers, { epochs: 2, batchSize: 4 });
    const epochs = [seen.slice(0, 10), seen.slice(10)];
    for (const epoch of epochs) assert.deepEqual([...epoch].sort(), [...numbers.data]);
    assert.notDeepEqual(epochs[0], epochs[1]);
    assert.notDeepEqual(epochs[0], [...numbers.data]);
    seen.length = 0;
    await model.fit(numbers, numbers, { batchSize: 4, shuffle: false });
    assert.deepEqual(seen, [...numbers.data]);
  });

  test("without shuffling is trainOnBatch on one batch after the other, bit for bit, dropout included", async () => {
    const [fitted, stepped] = [small(), small()];
    await fitted.fit(x, y, { epochs: 2, batchSize: 12, shuffle: false });
    for (const [begin, end] of [0, 12, 0, 12].map((begin) => [begin, Math.min(begin + 12, 23)])) {
      const images = tensor(x.data.slice(begin * 25, end * 25), [end - begin, 5, 5, 1]);
      await stepped.trainOnBatch(images, y.data.slice(begin, end));
    }
    sameWeights(fitted, stepped);
  });

  test("drops other elements in each step", async () => {
    const images = tensor(new Float32Array(1000).fill(1), [1, 1000]);
    const losses = async (model: Sequential) => [
      (await model.trainOnBatch(images, [[0]])).loss,
      (await model.trainOnBatch(images, [[0]])).loss,
    ];
    const model = new Sequential([new Dropout({ rate: 0.5 }), new Dense({ units: 1, kernelInitializer: "ones" })], {
      inputShape: [1000],
    });
    model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: "meanSquaredError", kernels: referenceKernels() });
    const [first, second] = await losses(model);
    assert.notEqual(first, second);
  });

  test("learns: a line is found to 1e-3", async () => {
    const at = floats([64, 1], 5, 1, "float64");
    const line = tensor(
      at.data.map((value) => 3 * value - 1),
      [64, 1],
    );
    const model = new Sequential([new Dense({ units: 1 })], { inputShape: [1] });
    model.compile({ optimizer: new SGD({ learningRate: 0.2 }), loss: "meanSquaredError", kernels: referenceKernels() });
    await model.fit(at, line, { epochs: 60, batchSize: 16 });
    close(model.getWeights()[0], tensor([3]), 1e-3);
    close(model.getWeights()[1], tensor([-1]), 1e-3);
  });

  test("a smaller last batch counts by its examples in loss and metrics", async () => {
    const model = small();
    model.compile({
      optimizer: new SGD({ learningRate: 0 }),
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
      kernels: referenceKernels(),
    });
    const whole = await model.evaluate(x, y, { batchSize: 23 });
    const parts = await model.evaluate(x, y, { batchSize: 7 });
    close(Float64Array.of(parts.loss), Float64Array.of(whole.loss), 1e-12);
    assert.equal(parts.accuracy, whole.accuracy);
  });

  test("validationSplit keeps the last examples, and validationData the same: both give the same numbers", async () => {
    const [first, second] = [small(), small()];
    const split = await first.fit(x, y, { validationSplit: 0.3, epochs: 2 });
    const [a, b] = [tensor(x.data.slice(0, 16 * 25), [16, 5, 5, 1]), tensor(x.data.slice(16 * 25), [7, 5, 5, 1])];
    const data = await second.fit(a, y.data.slice(0, 16), { validationData: [b, y.data.slice(16)], epochs: 2 });
    assert.deepEqual(split, data);
    assert.deepEqual(Object.keys(split.history), ["loss", "accuracy", "valLoss", "valAccuracy"]);
    assert.equal(split.epochs, 2);
    sameWeights(first, second);
    const { loss, accuracy } = await first.evaluate(b, y.data.slice(16));
    assert.deepEqual([loss, accuracy], [split.history.valLoss[1], split.history.valAccuracy[1]]);
  });

  test("an example of weight 2 counts as two, one of weight 0 not at all, and class weights are the same by class", async () => {
    const still = () => {
      const model = small();
      model.compile({
        optimizer: new SGD({ learningRate: 1 }),
        loss: "sparseCategoricalCrossentropy",
        kernels: referenceKernels(),
      });
      return new Sequential([...model.layers.slice(0, 2), model.layers[3]], { inputShape: [5, 5, 1] });
    };
    const train = async (images: Tensor, numbers: number[], options: object) => {
      const model = still();
      const weights = small().getWeights();
      model.compile({
        optimizer: new SGD({ learningRate: 1 }),
        loss: "sparseCategoricalCrossentropy",
        kernels: referenceKernels(),
      });
      model.setWeights(weights);
      await model.trainOnBatch(images, numbers, options);
      return model.getWeights();
    };
    const images = floats([3, 5, 5, 1], 9, 1, "float64");
    const twice = tensor(
      Float64Array.of(...images.data.slice(0, 25), ...images.data.slice(0, 25), ...images.data.slice(25, 50)),
      [3, 5, 5, 1],
    );
    const expected = await train(twice, [1, 1, 2], {});
    const bySample = await train(images, [1, 2, 0], { sampleWeight: [2, 1, 0] });
    const byClass = await train(images, [1, 2, 0], { classWeight: { 0: 0, 1: 2 } });
    expected.forEach((weight, index) => {
      close(bySample[index], weight, 1e-12);
      equalBits(byClass[index], bySample[index]);
    });
  });

  test("frozen layers stay as they are, also those below trained ones, and can be thawed between steps", async () => {
    const model = small();
    const [conv, , , dense] = model.layers;
    const step = async () => {
      const before = [conv, dense].map((layer) => layer.getWeights()[0]);
      await model.trainOnBatch(x, y);
      return [conv, dense].map((layer, index) =>
        layer.getWeights()[0].data.some((value, e) => value !== before[index].data[e]),
      );
    };
    assert.deepEqual(await step(), [true, true]);
    conv.trainable = false;
    assert.deepEqual(await step(), [false, true]);
    dense.trainable = false;
    assert.deepEqual(await step(), [false, false]);
    conv.trainable = true;
    assert.deepEqual(await step(), [true, false]);
  });
});

describe("predict", () => {
  test("gives the same bits for any batch size, on both kernels", () => {
    return fc.assert(
      fc.asyncProperty(seeds, fc.integer({ min: 1, max: 30 }), async (seed, batchSize) => {
        for (const kernels of [referenceKernels("float32"), wasmKernels()]) {
          const model = small(seed, kernels);
          equalBits(await model.predict(x, { batchSize }), await model.predict(x, { batchSize: 23 }), {
            seed,
            batchSize,
            kernels: kernels.name,
          });
        }
      }),
      { numRuns: 20 },
    );
  });

  test("needs no compile and no shape, and gives probabilities even where training takes logits", async () => {
    const model = new Sequential([new Dense({ units: 2, activation: "softmax" })]);
    const p = await model.predict([[1, 2, 3], [4, 5, 6]]); // biome-ignore format: two rows
    assert.deepEqual([p.shape, model.inputShape], [[2, 2], [3]]);
    for (const n of [0, 1]) assert.ok(Math.abs(p.data[2 * n] + p.data[2 * n + 1] - 1) < 1e-6);
  });

  test("its result stays when the next step comes", async () => {
    const model = small();
    const p = await model.predict(x);
    const kept = p.copy();
    await model.trainOnBatch(x, y);
    equalBits(p, kept);
  });
});

/** Hands x on, and writes down what comes by when numbers are real. */
class Spy extends Dense {
  constructor(readonly seen: number[]) {
    super({ units: 1, kernelInitializer: "ones" });
  }
  override forward(x: Tensor, pass?: Parameters<Dense["forward"]>[1]): Tensor {
    if (!(pass && "recording" in pass && pass.recording)) this.seen.push(...x.data);
    return super.forward(x, pass);
  }
}
