import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { leNet5 } from "../../src/architectures/lenet5.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { Add, Conv2D, Dense, Flatten, input, type Layer, MaxPooling2D } from "../../src/layers/index.ts";
import { Model } from "../../src/model/model.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { trainFrom, truncated } from "../../src/model/transfer.ts";
import { SGD } from "../../src/optimizers/index.ts";
import { Random } from "../../src/random.ts";
import { zeros } from "../../src/tensor.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { modelOf, type Recipe, recipes, WIDTH } from "../support/graphs.ts";
import { refuses } from "../support/refusals.ts";

const implementations = [referenceKernels("float32"), wasmKernels()];

const network = (classes = 4): Layer[] => [
  new Conv2D({ filters: 5, kernelSize: 3, padding: "same", activation: "relu" }),
  new MaxPooling2D(),
  new Conv2D({ filters: 6, kernelSize: 3, activation: "relu" }),
  new Flatten(),
  new Dense({ units: 7, activation: "tanh" }),
  new Dense({ units: classes, activation: "softmax" }),
];
const [x, y] = [floats([12, 8, 8, 1], 1), labels([12], 2, 4)];

/** The names of the backward operations, in their order, that a step of training calls. */
function watching(kernels: Kernels): { kernels: Kernels; calls: string[] } {
  const calls: string[] = [];
  const watched = new Proxy(kernels, {
    get(target, name) {
      if (String(name).includes("ackward")) calls.push(String(name));
      return Reflect.get(target, name);
    },
  });
  return { kernels: watched, calls };
}

/** One step of a random graph with some of its layers frozen. */
async function step(recipe: Recipe, kernels: Kernels, frozen: (layer: number) => boolean): Promise<Model<never>> {
  const model = modelOf({ ...recipe, frozen: [] });
  model.layers.forEach((layer, index) => {
    layer.trainable = !frozen(index);
  });
  const count = model.connection.outputs.length;
  const loss = (["sparseCategoricalCrossentropy", "meanSquaredError"] as const).slice(0, count);
  model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss, kernels });
  const inputs = Array.from({ length: recipe.inputs }, (_, index) => floats([9, WIDTH], recipe.seed + index));
  const targets = [labels([9], recipe.seed, 3), floats([9, 2], recipe.seed)].slice(0, count);
  await model.trainOnBatch(inputs, targets);
  return model as never;
}

describe("frozen layers", () => {
  test("keep their bits, and the others have the gradients of the unfrozen network, bit for bit, in any graph; their own are not computed", () =>
    fc.assert(
      fc.asyncProperty(recipes, fc.nat(0xffff), async (recipe, choice) => {
        const frozen = (layer: number) => new Random(choice).fork(layer).below(2) === 0;
        for (const kernels of implementations) {
          const initial = modelOf(recipe);
          const part = await step(recipe, kernels, frozen);
          const all = await step(recipe, kernels, () => false);
          part.layers.forEach((layer, index) => {
            const context = `${layer.name} on ${kernels.name}`;
            layer.parameters.forEach((parameter, place) => {
              const expected = all.layers[index].parameters[place];
              const before = initial.layers[index].parameters[place];
              const gradient = frozen(index) ? zeros(parameter.value.shape) : expected.gradient;
              equalBits(parameter.gradient, gradient, context);
              equalBits(parameter.value, frozen(index) ? before.value : expected.value, context);
            });
          });
        }
      }),
      { numRuns: 40 },
    ));

  test("cost nothing below the lowest trained one: its backward pass is the beginning of the full one", async () => {
    const backwardFrom = async (first?: string) => {
      const { kernels, calls } = watching(referenceKernels("float32"));
      const model = new Sequential(network(), { inputShape: [8, 8, 1] });
      trainFrom(model, first);
      model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", kernels });
      await model.trainOnBatch(x, y);
      return calls;
    };
    const full = await backwardFrom();
    const names = ["conv2d", "conv2d_1", "dense", "dense_1"];
    for (const [index, name] of names.entries()) {
      const calls = await backwardFrom(name);
      assert.deepEqual(calls, full.slice(0, calls.length), name);
      assert.equal(calls.filter((call) => call.endsWith("BackwardKernel")).length, names.length - index, name);
      assert.match(calls[calls.length - 1], /^backwardBias$/, name);
    }
  });

  test("keep what the optimizer knows of them, through thawing and compiling again", async () => {
    const optimizer = new SGD({ learningRate: 0.1, momentum: 0.5 });
    const model = new Sequential(network(), { inputShape: [8, 8, 1] });
    const compile = (with_: SGD) =>
      model.compile({
        optimizer: with_,
        loss: "sparseCategoricalCrossentropy",
        kernels: referenceKernels("float64"),
      });
    const kernel = () => model.layers[0].parameters[0];
    compile(optimizer);
    await model.trainOnBatch(x, y);
    const velocity = kernel().gradient.copy();
    trainFrom(model, "dense");
    const frozen = kernel().value.copy();
    for (let count = 0; count < 3; count++) await model.trainOnBatch(x, y);
    equalBits(kernel().value, frozen);
    trainFrom(model);
    compile(optimizer);
    await model.trainOnBatch(x, y);
    kernel().value.data.forEach((value, e) => {
      const v = 0.5 * velocity.data[e] + kernel().gradient.data[e];
      assert.ok(Math.abs(value - (frozen.data[e] - 0.1 * v)) < 1e-15);
    });
    const again = kernel().value.copy();
    compile(new SGD({ learningRate: 0.1, momentum: 0.5 }));
    await model.trainOnBatch(x, y);
    kernel().value.data.forEach((value, e) => {
      assert.ok(Math.abs(value - (again.data[e] - 0.1 * kernel().gradient.data[e])) < 1e-15, "another one begins anew");
    });
  });
});

describe("a truncated model", () => {
  test("gives what the layer gave in the model that it was cut from, with the same parameters", async () => {
    for (const kernels of implementations) {
      const model = new Sequential(network(), { inputShape: [8, 8, 1], seed: 3 });
      for (const [index, { name }] of model.layers.entries()) {
        const body = truncated(model, name);
        assert.deepEqual(body.layers, model.layers.slice(0, index + 1));
        const rest = model.layers.slice(index + 1);
        const whole = rest.length > 0 ? new Sequential([body, ...rest], { inputShape: [8, 8, 1] }) : body;
        for (const each of [model, whole]) each.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels });
        equalBits(await whole.predict(x), await model.predict(x), name);
      }
    }
  });

  test("with a new head: trained from the head on, the body keeps its bits and its names, and both models have it", async () => {
    const model = new Sequential(network(), { inputShape: [8, 8, 1], name: "first" });
    const other = new Sequential([truncated(model, "dense"), new Dense({ units: 2, activation: "softmax" })], {
      inputShape: [8, 8, 1],
    });
    assert.deepEqual(
      other.layers.map(({ name }) => name),
      ["conv2d", "max_pooling2d", "conv2d_1", "flatten", "dense", "dense_1"],
    );
    trainFrom(other, "dense_1");
    const before = other.getWeights();
    other.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    await other.fit(x, labels([12], 5, 2), { epochs: 3, batchSize: 5 });
    const after = other.getWeights();
    after.slice(0, -2).forEach((weight, index) => {
      equalBits(weight, before[index], index);
      equalBits(model.getWeights()[index], before[index], index);
    });
    assert.notDeepEqual(after.at(-2)!.data, before.at(-2)!.data);
    trainFrom(other, "conv2d_1");
    await other.trainOnBatch(x, labels([12], 5, 2));
    equalBits(other.getWeights()[0], before[0]);
    assert.notDeepEqual(model.getWeights()[2].data, before[2].data);
  });

  test("of a graph takes only what the layer depends on, and a shared layer by its application", async () => {
    const [a, b] = [input({ shape: [3], name: "left" }), input({ shape: [3], name: "right" })];
    const shared = new Dense({ units: 2, name: "shared" });
    const sum = new Add({ name: "sum" }).apply([shared.apply(a), shared.apply(b)]);
    const model = new Model({ inputs: [a, b], outputs: new Dense({ units: 1 }).apply(sum) });
    assert.deepEqual(truncated(model, "sum").connection.inputs, model.connection.inputs);
    const right = truncated(model, "shared[1]");
    assert.deepEqual(
      right.connection.inputs.map(({ name }) => name),
      ["right"],
    );
    const [l, r] = [floats([4, 3], 1), floats([4, 3], 2)];
    equalBits(await right.predict([r]), await truncated(model, "shared").predict([r]));
    const y = await truncated(model, "sum").predict([l, r]);
    const [left, other] = [await right.predict([l]), await right.predict([r])];
    y.data.forEach((value, e) => {
      assert.equal(value, Math.fround(left.data[e] + other.data[e]));
    });
  });

  test("and trainFrom are as their docstrings say", () => {
    const body = truncated(leNet5(), "dense_1");
    assert.deepEqual(body.outputShape, [84]);
    const model = leNet5();
    trainFrom(model, "dense_2");
    assert.match(model.summary(), /Trainable params: 850 /);
    trainFrom(model);
    assert.match(model.summary(), /Trainable params: 61,706 /);
  });

  test("refuses names that the model has not, and what is no model", () => {
    refuses(() => truncated(leNet5(), "dense_9"), "last", '"dense_9"', "layers of lenet5 are conv2d,max_pooling2d");
    refuses(() => truncated(leNet5(), "input"), "last", '"input"');
    refuses(() => truncated(new Sequential(network()), "dense"), "no shape yet");
    refuses(() => truncated(3 as never, "dense"), "truncated", "model is 3");
    refuses(() => trainFrom(leNet5(), "conv"), "trainFrom", 'first is "conv"', "conv2d_1");
    refuses(() => trainFrom(null as never), "trainFrom", "model is null");
  });
});
