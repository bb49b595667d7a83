import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { leNet5 } from "../../src/architectures/lenet5.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import {
  Activation,
  AveragePooling2D,
  Conv2D,
  Dense,
  Dropout,
  ELU,
  Flatten,
  LeakyReLU,
  MaxPooling2D,
  ReLU,
  Softmax,
  Tanh,
} from "../../src/layers/index.ts";
import { loadModel, Sequential } from "../../src/model/sequential.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats, labels, seeds } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { refuses, rejects } from "../support/refusals.ts";

const directory = mkdtempSync(join(tmpdir(), "neocog-"));
after(() => rmSync(directory, { recursive: true }));

/** Every kind of layer, with options of every form. */
function everything(seed = 0): Sequential {
  const layers = [
    new Conv2D({
      filters: 4,
      kernelSize: [3, 2],
      strides: [1, 2],
      padding: [1, 0, 2, 1],
      activation: { name: "leakyRelu", negativeSlope: 0.1 },
    }),
    new Conv2D({
      filters: 2,
      kernelSize: 3,
      padding: "same",
      dilationRate: 2,
      groups: 2,
      useBias: false,
      kernelInitializer: { name: "randomNormal", stddev: 0.2 },
    }),
    new ReLU(),
    new MaxPooling2D({ poolSize: 2, strides: 1 }),
    new LeakyReLU({ negativeSlope: 0.2, name: "leak" }),
    new AveragePooling2D({ padding: "same" }),
    new ELU({ alpha: 0.7 }),
    new Flatten(),
    new Dropout({ rate: 0.4 }),
    new Activation("tanh"),
    new Dense({
      units: 5,
      trainable: false,
      kernelInitializer: (shape) => new Float64Array(shape[0] * shape[1]).fill(0.25),
    }),
    new Tanh(),
    new Dense({ units: 3 }),
    new Softmax(),
  ];
  return new Sequential(layers, { inputShape: [6, 7, 4], name: "everything", seed });
}

describe("a model in files", () => {
  test("comes back bit for bit: topology, weights, and what it predicts", () => {
    return fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const model = everything(seed);
        const files = model.toFiles();
        const back = Sequential.fromFiles(files);
        assert.deepEqual(back.toFiles(), files);
        assert.equal(back.summary(), model.summary());
        const weights = back.getWeights();
        model.getWeights().forEach((weight, index) => {
          equalBits(weight, weights[index]);
        });
        const x = floats([3, 6, 7, 4], seed);
        equalBits(await back.predict(x), await model.predict(x));
      }),
      { numRuns: 10 },
    );
  });

  test("is saved into a directory and loaded from there, also after training, replacing an older one", async () => {
    const place = join(directory, "saved");
    const model = new Sequential([new Dense({ units: 2, activation: "softmax" })], { inputShape: [3] });
    model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    model.save(place);
    await model.fit(floats([8, 3], 1), labels([8], 2, 2));
    model.save(place);
    equalBits(loadModel(place).getWeights()[0], model.getWeights()[0]);
  });

  test("keeps what is frozen, whether it was made so or became so", () => {
    const model = everything();
    model.layers[0].trainable = false;
    model.layers[10].trainable = true;
    const back = Sequential.fromFiles(model.toFiles());
    assert.deepEqual(
      back.layers.map(({ trainable }) => trainable),
      model.layers.map(({ trainable }) => trainable),
    );
  });

  test("may have layers of one's own, given by kind", () => {
    class Twice extends Tanh {
      override readonly kind: string = "Twice";
    }
    const files = new Sequential([new Twice(), new Dense({ units: 1 })], { inputShape: [2] }).toFiles();
    refuses(
      () => Sequential.fromFiles(files),
      "model.json: layers[0]",
      'kind is "Twice"',
      "{ layers: { kind: Class } }",
    );
    assert.ok(Sequential.fromFiles(files, { layers: { Twice } }).layers[0] instanceof Twice);
  });

  test("a layer that is used twice is one layer again", () => {
    const shared = new Dense({ units: 2 });
    const back = Sequential.fromFiles(new Sequential([shared, shared], { inputShape: [2] }).toFiles());
    assert.equal(back.layers[0], back.layers[1]);
    assert.equal(back.getWeights().length, 2);
  });

  test("that are foreign, damaged or of another model are refused with their name", () => {
    const model = new Sequential([new Dense({ units: 2 })], { inputShape: [3] });
    const { "model.json": json, "weights.safetensors": weights } = model.toFiles();
    const load =
      (text: string, bytes = weights) =>
      () =>
        Sequential.fromFiles({ "model.json": text, "weights.safetensors": bytes });
    const edited = (edit: (json: Record<string, unknown> & { layers: Record<string, unknown>[] }) => void) => {
      const copy = JSON.parse(json);
      edit(copy);
      return load(JSON.stringify(copy));
    };
    refuses(load("{"), "model.json", "no JSON", "give the model.json of a saved model");
    refuses(load("[]"), "model.json", "format is []", "neocog sequential");
    refuses(load('{"format":"layers-model"}'), "model.json", 'format is "layers-model"');
    refuses(edited((m) => { m.version = 2; }), "version is 2", "reads version 1"); // biome-ignore format: one edit
    refuses(edited((m) => { m.inputShape = [3.5]; }), "inputShape is [3.5]", "positive whole numbers"); // biome-ignore format: one edit
    refuses(edited((m) => { m.layers = []; }), "layers is []", "one layer at least"); // biome-ignore format: one edit
    refuses(edited((m) => { m.layers[0].kind = "LSTM"; }), "layers[0]", 'kind is "LSTM"', "known are Activation"); // biome-ignore format: one edit
    refuses(edited((m) => { m.layers[0].kind = "toString"; }), 'kind is "toString"'); // biome-ignore format: one edit
    refuses(edited((m) => { m.layers[0].options = { units: 0 }; }), "layers[0]: Dense", "units is 0"); // biome-ignore format: one edit
    refuses(edited((m) => { m.layers[0].name = ""; }), "layers[0]", 'name is ""'); // biome-ignore format: one edit
    refuses(edited((m) => { m.inputShape = [4]; }), "weights.safetensors", "the shape of dense/kernel is [3, 2]", "[4,2]"); // biome-ignore format: one edit
    refuses(edited((m) => { m.layers[0].name = "other"; }), "weights.safetensors", '"other/kernel" is missing'); // biome-ignore format: one edit
    refuses(edited((m) => { m.layers[0].options = { units: 2, useBias: false }; }), 'a tensor is "dense/bias"', "only dense/kernel"); // biome-ignore format: one edit
    refuses(load(json, weights.slice(0, -4)), "weights.safetensors", "cut short");
  });

  test("a refused directory is named", () => {
    refuses(() => Sequential.load(join(directory, "nowhere")), join(directory, "nowhere", "model.json"), "ENOENT");
    const file = join(directory, "file");
    writeFileSync(file, "kept");
    refuses(() => everything().save(file), file);
    assert.equal(readFileSync(file, "utf8"), "kept");
  });
});

describe("a Sequential", () => {
  test("names its layers as Keras does, and keeps the names that the user chose", () => {
    const layers = [
      new Dense({ units: 1 }),
      new Dense({ units: 1, name: "dense_1" }),
      new Dense({ units: 1 }),
      new MaxPooling2D(),
    ];
    assert.deepEqual(new Sequential(layers).layers.map(({ name }) => name), ["dense", "dense_1", "dense_2", "max_pooling2d"]); // biome-ignore format: short
    const twice = [new Dense({ units: 1, name: "a" }), new Dense({ units: 1, name: "a" })];
    refuses(() => new Sequential(twice), "Sequential", 'name of a layer is "a"', "give each its own");
  });

  test("prints Keras' table, with the numbers of the paper's LeNet-5", () => {
    const printed: string[] = [];
    const model = leNet5();
    const text = model.summary({ print: (line) => printed.push(line) });
    assert.deepEqual(printed, [text]);
    assert.match(text, /^Model: "lenet5"\n┏━+┳━+┳━+┓\n┃ Layer \(type\) +┃ Output Shape +┃ +Param # ┃\n/);
    assert.match(text, /│ conv2d_1 \(Conv2D\) +│ \(None, 10, 10, 16\) +│ +2,416 │/);
    assert.match(
      text,
      /Total params: 61,706 \(241\.04 KB\)\n Trainable params: 61,706 .*\n Non-trainable params: 0 \(0\.00 B\)/,
    );
    model.layers[0].trainable = false;
    assert.match(model.summary(), /Trainable params: 61,550 .*\n Non-trainable params: 156 /);
    assert.equal(
      new Set(
        text
          .split("\n")
          .slice(1, -5)
          .map((line) => line.length),
      ).size,
      1,
      "all lines are equally long",
    );
  });

  test("counts a shared layer once in the totals", () => {
    const shared = new Dense({ units: 2 });
    assert.match(new Sequential([shared, shared], { inputShape: [2] }).summary(), /Total params: 6 /);
  });

  test("knows its shapes", () => {
    const model = leNet5({ classes: 7, inputShape: [32, 32, 3] });
    assert.deepEqual([model.inputShape, model.outputShape], [[32, 32, 3], [7]]);
    refuses(() => new Sequential([new Flatten()]).inputShape, "sequential", "no shape yet", "call build(inputShape)");
  });

  test("refuses layers that do not fit together, in the name of the layer that does not", () => {
    const layers = [new Flatten(), new Conv2D({ filters: 1, kernelSize: 3, name: "late" })];
    refuses(() => new Sequential(layers, { inputShape: [5, 5, 1] }), "late", "the shape of x is [1, 25]");
    const small = [new Conv2D({ filters: 1, kernelSize: 7 })];
    refuses(() => new Sequential(small, { inputShape: [5, 5, 1] }), "conv2d", "kernelSize is [7, 7]", "only 5");
    refuses(() => new Sequential([]), "Sequential", "layers is []", "one layer at least");
    refuses(() => new Sequential([{} as never]), "Sequential", "layers[0]", "give a layer");
    refuses(() => new Sequential(small, { inputShape: [0, 5, 1] }), "inputShape is 0", "at least 1");
    refuses(() => new Sequential(small, { shape: [5] } as never), "Sequential", '"shape"', "inputShape, name, seed");
    refuses(() => new Sequential(small, { seed: -1 }), "seed is -1", "whole number");
  });

  test("takes weights in Keras' order, all or none", () => {
    const model = new Sequential([new Dense({ units: 2 }), new Dense({ units: 1 })], { inputShape: [3] });
    const weights = model.getWeights();
    assert.deepEqual(weights.map(({ shape }) => shape), [[3, 2], [2], [2, 1], [1]]); // biome-ignore format: shapes
    refuses(() => model.setWeights(weights.slice(1)), "sequential", "the number of weights is 3", "give 4");
    const wrong: Tensor[] = [floats([3, 2], 1), floats([2], 1), floats([1, 2], 1), floats([1], 1)];
    refuses(() => model.setWeights(wrong), "sequential", "the shape of kernel is [1, 2]", "give [2,1]");
    equalBits(model.getWeights()[0], weights[0]);
    refuses(() => new Sequential([new Dense({ units: 2 })]).setWeights([]), "no weights yet", "build(inputShape)");
  });
});

describe("bad input is refused before anything is computed", () => {
  const model = () => {
    const made = new Sequential([new Flatten(), new Dense({ units: 3, activation: "softmax" })], {
      inputShape: [2, 2, 1],
    });
    made.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", kernels: referenceKernels("float32") });
    return made;
  };
  const x = floats([4, 2, 2, 1], 1);
  const y = [0, 1, 2, 0];
  const fit = (options: object) => model().fit(x, y, options);

  test("without compile", async () => {
    const raw = new Sequential([new Dense({ units: 1 })], { inputShape: [1] });
    for (const method of ["fit", "evaluate", "trainOnBatch"] as const) {
      await rejects(
        raw[method]([[1]], [1]),
        "sequential",
        `${method} needs an optimizer and a loss`,
        "call compile first",
      );
    }
  });

  test("compile: names and options nobody knows", () => {
    const compile = (options: object) => () =>
      model().compile({ optimizer: "sgd", loss: "meanSquaredError", ...options });
    refuses(compile({ optimizer: "lion" }), "compile", 'optimizer is "lion"', "adam, adamW, rmsprop, sgd");
    refuses(compile({ loss: "mse" }), "compile", 'loss is "mse"', "meanSquaredError");
    refuses(compile({ metrics: ["f1"] }), "compile", 'a metric is "f1"', "accuracy");
    refuses(compile({ learningRate: 1 }), "compile", '"learningRate"', "optimizer, loss, metrics, kernels");
  });

  test("x of another shape, empty, or no numbers", async () => {
    await rejects(
      model().fit(floats([4, 2, 2], 1), y),
      "fit",
      "the shape of x is [4, 2, 2]",
      "takes [n, 2, 2, 1]",
      "x.reshape([4,2,2,1])",
    );
    await rejects(model().predict(floats([0, 2, 2, 1], 1)), "predict", "the number of examples is 0");
    await rejects(model().predict("images" as never), "predict", 'x is "images"', "give a tensor");
    await rejects(model().predict([[[[1], [2]], [[3]]]]), "rows at depth", "equally long");
  });

  test("NaN and infinity, with the place of the first", async () => {
    const broken = x.copy();
    broken.data[7] = Number.NaN;
    broken.data[9] = Number.POSITIVE_INFINITY;
    await rejects(model().fit(broken, y), "fit", "x[1, 1, 1, 0] is NaN", "remove or replace");
    broken.data[7] = 0;
    await rejects(model().evaluate(broken, y), "evaluate", "x[2, 0, 1, 0] is Infinity");
    await rejects(model().fit(x, [0, 1, Number.NaN, 0]), "fit", "y[2] is NaN");
  });

  test("y of another number, or with labels out of range", async () => {
    await rejects(model().fit(x, [0, 1, 2]), "fit", "the number of rows of y is 3", "x has 4");
    await rejects(model().fit(x, new Uint8Array([0, 1, 2, 3])), "y[3] is 3", "from 0 to 2");
    const validation: [typeof x, number[]] = [x, [0, 1, 2, 7]];
    await rejects(fit({ validationData: validation }), "y[3] is 7", "from 0 to 2");
  });

  test("options of fit that cannot be", async () => {
    await rejects(fit({ epoch: 3 }), "fit", '"epoch"', "known options are epochs, batchSize");
    await rejects(fit({ epochs: -1 }), "fit", "epochs is -1", "at least 0");
    await rejects(fit({ batchSize: 0 }), "fit", "batchSize is 0", "at least 1");
    await rejects(fit({ shuffle: 1 }), "fit", "shuffle is 1", "true or false");
    await rejects(fit({ seed: 1.5 }), "Random", "seed is 1.5", "whole number");
    await rejects(fit({ validationSplit: 1.5 }), "fit", "validationSplit is 1.5", "from 0 to 1");
    await rejects(fit({ validationSplit: 0.9 }), "fit", "validationSplit is 0.9", "of 4 examples it leaves 0");
    await rejects(fit({ validationSplit: 0.5, validationData: [x, y] }), "both given", "give one of them");
    await rejects(fit({ validationData: x }), "fit", "validationData is", "give [x, y]");
    await rejects(fit({ callbacks: [3] }), "fit", "callbacks[0] is 3", "Callback or a function");
    await rejects(fit({ sampleWeight: [1, 2] }), "fit", "the number of sampleWeight is 2", "x has 4");
    await rejects(fit({ sampleWeight: [1, 2, -3, 1] }), "fit", "sampleWeight[2] is -3", "at least 0");
    await rejects(fit({ classWeight: { 1: Number.NaN } }), "fit", "classWeight[1] is NaN", "finite");
    await rejects(model().evaluate(x, y, { steps: 3 } as never), "evaluate", '"steps"', "batchSize, sampleWeight");
    await rejects(model().predict(x, { batchSize: 0.5 }), "predict", "batchSize is 0.5", "whole number");
  });

  test("a loss that is no number any more ends the training and says where", async () => {
    const made = new Sequential([new Dense({ units: 1 })], { inputShape: [1] });
    made.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels: referenceKernels("float32") });
    const far = made.fit([[1e15], [1e15]], [1, 1], { batchSize: 1, epochs: 9 });
    await rejects(far, "fit", "the loss is", "of epoch", "smaller learningRate");
  });

  test("a second fit while the first is running", async () => {
    const busy = model();
    const first = busy.fit(x, y, {
      epochs: 2,
      callbacks: [async () => await rejects(busy.fit(x, y), "trained already", "wait")],
    });
    assert.equal((await first).epochs, 2);
  });
});
