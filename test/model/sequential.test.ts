import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { leNet5 } from "../../src/architectures/lenet5.ts";
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
import { loadModel, modelFromFiles } from "../../src/model/load.ts";
import { Sequential } from "../../src/model/sequential.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats, labels, seeds } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { refuses } from "../support/refusals.ts";

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
        const back = modelFromFiles(files);
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
    const back = modelFromFiles(model.toFiles());
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
    refuses(() => modelFromFiles(files), "model.json: layers[0]", 'kind is "Twice"', "{ layers: { kind: Class } }");
    assert.ok(modelFromFiles(files, { layers: { Twice } }).layers[0] instanceof Twice);
  });

  test("a layer that is used twice is one layer again", () => {
    const shared = new Dense({ units: 2 });
    const back = modelFromFiles(new Sequential([shared, shared], { inputShape: [2] }).toFiles());
    assert.equal(back.layers[0], back.layers[1]);
    assert.equal(back.getWeights().length, 2);
  });

  test("that are foreign, damaged or of another model are refused with their name", () => {
    const model = new Sequential([new Dense({ units: 2 })], { inputShape: [3] });
    const { "model.json": json, "weights.safetensors": weights } = model.toFiles();
    const load =
      (text: string, bytes = weights) =>
      () =>
        modelFromFiles({ "model.json": text, "weights.safetensors": bytes });
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
    refuses(() => loadModel(join(directory, "nowhere")), join(directory, "nowhere", "model.json"), "ENOENT");
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
