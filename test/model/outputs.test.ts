import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { Concatenate, Dense, input } from "../../src/layers/index.ts";
import { type CompileOptions, Model } from "../../src/model/model.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { SGD } from "../../src/optimizers/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { close, equalBits } from "../support/compare.ts";
import { refuses, rejects } from "../support/refusals.ts";

const COUNT = 22;
const x = { image: floats([COUNT, 5], 1), size: floats([COUNT, 2], 2) };
const y = { digit: labels([COUNT], 3, 3), is_even: labels([COUNT], 4, 2) };
const LOSS = { digit: "sparseCategoricalCrossentropy", is_even: "binaryCrossentropy" } as const;

/** Two inputs, two outputs, one dense layer in common. */
function twoAndTwo(options: Partial<CompileOptions> = {}) {
  const [a, b] = [input({ shape: [5], name: "image" }), input({ shape: [2], name: "size" })];
  const trunk = new Dense({ units: 6, activation: "tanh" }).apply(new Concatenate().apply([a, b]));
  const digit = new Dense({ units: 3, activation: "softmax", name: "digit" }).apply(trunk);
  const even = new Dense({ units: 1, activation: "sigmoid", name: "is_even" }).apply(trunk);
  const model = new Model({ inputs: [a, b], outputs: [digit, even], seed: 2 });
  const kernels = referenceKernels("float64");
  model.compile({ optimizer: new SGD({ learningRate: 0.3 }), loss: LOSS, metrics: ["accuracy"], kernels, ...options });
  return model;
}

const weightsOf = (model: { getWeights(): Tensor[] }) => model.getWeights().flatMap(({ data }) => [...data]);

describe("a model with two inputs and two outputs", () => {
  test("takes lists and objects by name, for x and y and everything of compile: the same bits", async () => {
    const byName = twoAndTwo({ lossWeights: { is_even: 0.5, digit: 2 }, metrics: { digit: ["accuracy"] } });
    const listed = twoAndTwo({ loss: [LOSS.digit, LOSS.is_even], lossWeights: [2, 0.5], metrics: { digit: ["accuracy"], is_even: [] } }); // biome-ignore format: one line
    const options = { epochs: 2, batchSize: 8 };
    const first = await byName.fit({ size: x.size, image: x.image }, y, options);
    const second = await listed.fit([x.image, x.size], [y.digit, y.is_even], options);
    assert.deepEqual(first, second);
    assert.deepEqual(weightsOf(byName), weightsOf(listed));
    const [digit, even] = await listed.predict(x);
    assert.deepEqual([digit.shape, even.shape], [[COUNT, 3], [COUNT, 1]]); // biome-ignore format: shapes
    const again = await byName.predict([x.image, x.size], { batchSize: 7 });
    equalBits(again[0], digit);
    equalBits(again[1], even);
  });

  test("names its logs after its outputs, as Keras does, and the loss is the weighted sum", async () => {
    const model = twoAndTwo({ lossWeights: [2, 0.5] });
    const { history } = await model.fit(x, y, { validationData: [x, y], batchSize: 5 });
    const names = ["loss", "digitLoss", "isEvenLoss", "digitAccuracy", "isEvenAccuracy"];
    assert.deepEqual(Object.keys(history), [...names, "valLoss", "valDigitLoss", "valIsEvenLoss", "valDigitAccuracy", "valIsEvenAccuracy"]); // biome-ignore format: one line
    const logs = await model.evaluate(x, y, { batchSize: 9 });
    assert.deepEqual(Object.keys(logs), names);
    close(Float64Array.of(logs.loss), Float64Array.of(2 * logs.digitLoss + 0.5 * logs.isEvenLoss), 1e-12);
    close(Float64Array.of(logs.loss), Float64Array.of(history.valLoss[0]), 1e-12);
  });

  test("each of its losses and accuracies is that of a model with this output alone", async () => {
    const model = twoAndTwo();
    const logs = await model.evaluate(x, y);
    for (const [index, name] of (["digit", "is_even"] as const).entries()) {
      const { graph } = model.connection;
      const inputs = [input({ shape: [5] }), input({ shape: [2] })];
      const alone = new Model({ inputs, outputs: graph.applyTo(inputs)[index] });
      alone.compile({
        optimizer: "sgd",
        loss: LOSS[name],
        metrics: ["accuracy"],
        kernels: referenceKernels("float64"),
      });
      const { loss, accuracy } = await alone.evaluate([x.image, x.size], y[name]);
      const [lossName, accuracyName] = [["digitLoss", "digitAccuracy"], ["isEvenLoss", "isEvenAccuracy"]][index]; // biome-ignore format: names
      assert.deepEqual([logs[lossName], logs[accuracyName]], [loss, accuracy]);
    }
  });

  test("an output of weight 0 is reported, and changes nothing", async () => {
    const model = twoAndTwo({ lossWeights: { digit: 1, is_even: 0 } });
    const head = model.layers.find(({ name }) => name === "is_even")!;
    const before = head.getWeights();
    const { loss, digitLoss, isEvenLoss } = await model.trainOnBatch(x, y);
    assert.ok(isEvenLoss > 0 && loss === digitLoss);
    for (const [index, weight] of head.getWeights().entries()) equalBits(weight, before[index]);
  });

  test("two outputs with the same targets are one whose loss counts twice", async () => {
    const make = (outputs: number) => {
      const a = input({ shape: [5] });
      const trunk = new Dense({ units: 4, activation: "tanh" }).apply(a);
      const last = new Dense({ units: 3, activation: "softmax", kernelInitializer: "ones" });
      const [first, second] = [last.apply(trunk), last.apply(trunk)];
      return new Model<never>({ inputs: a, outputs: (outputs === 1 ? first : [first, second]) as never });
    };
    const [one, two] = [make(1), make(2)];
    const optimizer = () => new SGD({ learningRate: 0.5 });
    const kernels = referenceKernels("float64");
    one.compile({ optimizer: optimizer(), loss: LOSS.digit, lossWeights: [2], kernels });
    two.compile({ optimizer: optimizer(), loss: LOSS.digit, kernels });
    assert.deepEqual(two.connection.outputs.map(({ name }) => name), ["dense_1", "dense_1_1"]); // biome-ignore format: short
    const logs = [await one.trainOnBatch(x.image, y.digit), await two.trainOnBatch(x.image, [y.digit, y.digit])];
    assert.equal(logs[0].loss, logs[1].loss);
    assert.equal(logs[1].dense11Loss, logs[0].loss / 2);
    close(Float64Array.from(weightsOf(one)), Float64Array.from(weightsOf(two)), 1e-12);
  });

  test("sampleWeight counts for all outputs: 0 leaves examples out of all", async () => {
    const [part, weighted] = [twoAndTwo(), twoAndTwo()];
    const sampleWeight = Array.from({ length: COUNT }, (_, n) => (n < COUNT / 2 ? 2 : 0));
    const half = (t: Tensor) => [...t.data.slice(0, t.size / 2)];
    const cut = (t: Tensor) => floatsLike(t, half(t));
    await part.trainOnBatch(
      { image: cut(x.image), size: cut(x.size) },
      { digit: cut(y.digit), is_even: cut(y.is_even) },
    );
    await weighted.trainOnBatch(x, y, { sampleWeight });
    close(Float64Array.from(weightsOf(weighted)), Float64Array.from(weightsOf(part)), 1e-12);
  });

  test("a model with one of each that was made with lists takes and gives lists, and the data alone", async () => {
    const a = input({ shape: [5], name: "image" });
    const model = new Model({ inputs: [a], outputs: [new Dense({ units: 1 }).apply(a)] });
    const [fromList] = await model.predict([x.image]);
    equalBits((await model.predict(x.image))[0], fromList);
    equalBits((await model.predict({ image: x.image }))[0], fromList);
  });
});

describe("data and options that do not belong to the outputs are refused", () => {
  const model = twoAndTwo();
  test("x and y", async () => {
    const part = { image: x.image };
    await rejects(model.predict(part as never), "predict", 'x lacks "size"', "image, size");
    await rejects(model.predict({ ...x, more: x.size }), "predict", 'a name in x is "more"', "image, size");
    await rejects(model.predict([x.image]), "predict", "the number of x is 1", "give 2: image, size");
    await rejects(model.predict(x.image), "predict", "x is", "give a list, or an object by name: image, size");
    await rejects(model.predict([x.image, x.image]), "the shape of x.size is [22, 5]", "takes [n, 2]");
    await rejects(model.predict([x.image, floats([3, 2], 1)]), "examples in x.size is 3", "x.image has 22");
    await rejects(model.fit(x, y.digit), "fit", "y is", "digit, is_even");
    await rejects(model.fit(x, [y.digit, labels([3], 1, 2)]), "the number of rows of y.is_even is 3", "x has 22");
    await rejects(model.fit(x, { ...y, digit: labels([COUNT], 1, 9) }), "y[", "from 0 to 2");
    await rejects(model.fit(x, y, { classWeight: { 1: 2 } }), "classWeight", "one output", "sampleWeight");
  });

  test("options of compile", () => {
    const compile = (options: object) => () => twoAndTwo(options);
    refuses(compile({ loss: { digit: LOSS.digit } }), "compile", 'loss lacks "is_even"');
    refuses(compile({ loss: [LOSS.digit] }), "compile", "the number of loss is 1", "digit, is_even");
    refuses(compile({ loss: { ...LOSS, odd: LOSS.digit } }), 'a name in loss is "odd"');
    refuses(compile({ loss: [LOSS.digit, "mse"] }), 'loss is "mse"');
    refuses(compile({ lossWeights: [1, -1] }), "the weight of the loss of is_even is -1", "at least 0");
    refuses(compile({ lossWeights: { digit: 1 } }), 'lossWeights lacks "is_even"');
    refuses(compile({ metrics: { odd: ["accuracy"] } }), 'a name in metrics is "odd"', "digit, is_even");
    const a = input({ shape: [1] });
    const outputs = ["a_b", "aB"].map((name) => new Dense({ units: 1, name }).apply(a));
    const alike = new Model({ inputs: a, outputs });
    refuses(() => alike.compile({ optimizer: "sgd", loss: "meanSquaredError" }), '"aBLoss" would be in the logs twice');
  });

  test("a shape asked of a model that has several, and a wrong number of inputs", () => {
    refuses(() => model.inputShape, "model", "several inputs", "connection.inputs");
    refuses(() => model.outputShape, "model", "several outputs");
    refuses(() => model.apply(input({ shape: [5] })), "model", "the number of inputs is 1", "give 2");
    refuses(() => new Sequential([model as never]), "layers[0]", "one input and one output");
  });
});

function floatsLike({ shape }: Tensor, values: number[]): Tensor {
  const result = floats([shape[0] / 2, ...shape.slice(1)], 0);
  result.data.set(values);
  return result;
}
