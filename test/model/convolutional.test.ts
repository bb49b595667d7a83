import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { Activation, AveragePooling2D, BatchNormalization, Concatenate, Conv2D, Dense, Dropout, Flatten, GlobalAveragePooling2D, GlobalMaxPooling2D, input, type Layer, MaxPooling2D, Permute, ReLU, Reshape, Softmax } from "../../src/layers/index.ts"; // biome-ignore format: names
import { convolutional } from "../../src/model/convolutional.ts";
import { Model } from "../../src/model/model.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { integers, seeds } from "../support/arbitraries.ts";
import { equalBits, within } from "../support/compare.ts";
import { refuses } from "../support/refusals.ts";

const implementations = [referenceKernels("float32"), wasmKernels()];

/** A body without padding, the strides of which multiply, and a head. */
const drawn = fc.record({
  body: fc.array(
    fc.record({
      kind: fc.constantFrom("conv", "max", "average"),
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  head: fc.constantFrom("flatten", "average", "max", "two"),
  height: fc.integer({ min: 14, max: 17 }),
  width: fc.integer({ min: 14, max: 17 }),
  more: fc.tuple(fc.nat(9), fc.nat(9)),
  seed: seeds,
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

function layersOf({ body, head }: Drawn): Layer[] {
  const layers = body.map(({ kind, kernel, stride }): Layer => {
    if (kind === "conv") return new Conv2D({ filters: 2, kernelSize: kernel, strides: stride, activation: "relu" });
    if (kind === "max") return new MaxPooling2D({ poolSize: kernel, strides: stride });
    return new AveragePooling2D({ poolSize: [1, 2], strides: stride });
  });
  if (head === "average") return [...layers, new GlobalAveragePooling2D(), new Dense({ units: 3 })];
  if (head === "max") return [...layers, new GlobalMaxPooling2D(), new ReLU(), new Dense({ units: 3, useBias: false })];
  const flat = [new Flatten(), new Dropout({ rate: 0.5 }), new ReLU(), new Dense({ units: 3 })];
  return head === "flatten" ? [...layers, ...flat] : [...layers, ...flat, new ReLU(), new Dense({ units: 2 })];
}

/** Weights of −1, 0 and 1. */
function setIntegers(model: Model, seed: number): void {
  model.setWeights(
    model.getWeights().map(({ shape }, index) => {
      const drawn = integers(shape, seed + index);
      return tensor(drawn.data.map(Math.sign), shape);
    }),
  );
}

function crop(x: Tensor, top: number, left: number, [height, width]: readonly number[]): Tensor {
  const [, , columns, channels] = x.shape;
  const rows = Array.from({ length: height }, (_, i) => {
    const start = ((top + i) * columns + left) * channels;
    return [...x.data.subarray(start, start + width * channels)];
  });
  return tensor(Float32Array.from(rows.flat()), [1, height, width, channels]);
}

describe("a classifier made convolutional", () => {
  test("D8: scans: on its own size it is the classifier, on a larger image each output is that of the window there", () =>
    fc.assert(
      fc.asyncProperty(drawn, async (recipe) => {
        const { height, width, more, body, head, seed } = recipe;
        const stride = body.reduce((product, each) => product * each.stride, 1);
        for (const kernels of implementations) {
          const model = new Sequential(layersOf(recipe), { inputShape: [height, width, 1] });
          setIntegers(model, seed);
          model.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels });
          const [own, large] = [
            [height, width, 1],
            [height + more[0], width + more[1], 1],
          ].map((shape) => {
            const scan = convolutional(model, shape);
            scan.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels });
            return scan;
          });
          // Means of 1/(h·w) are no sums of integers; elsewhere every sum is exact.
          const bound = head === "average" ? 1e-4 : 0;
          const small = integers([2, height, width, 1], seed);
          within(await own.predict(small), await model.predict(small), bound, "on its own size");
          const x = integers([1, height + more[0], width + more[1], 1], seed + 99);
          const y = await large.predict(x);
          const [, rows, columns, units] = y.shape;
          assert.ok(rows * stride >= more[0] && columns * stride >= more[1], "all windows are there");
          for (let i = 0; i * stride <= more[0]; i++) {
            for (let j = 0; j * stride <= more[1]; j++) {
              const expected = await model.predict(crop(x, i * stride, j * stride, [height, width]));
              const start = (i * columns + j) * units;
              within(y.data.slice(start, start + units), expected.data, bound, { i, j, kernels: kernels.name });
            }
          }
        }
      }),
      { numRuns: 40 },
    ));

  test("branches, shared layers and several outputs scan too, by their names; weights are copies, frozen ones frozen", async () => {
    const image = input({ shape: [6, 6, 1], name: "image" });
    const conv = new Conv2D({ filters: 2, kernelSize: 3, name: "conv" });
    const norm = new BatchNormalization({ name: "norm" });
    const flat = new Flatten().apply(norm.apply(conv.apply(image)));
    const shared = new Dense({ units: 4, activation: "relu", name: "shared" });
    const both = new Concatenate({ axis: 1 }).apply([shared.apply(flat), shared.apply(new ReLU().apply(flat))]);
    const classes = new Softmax({ name: "classes" }).apply(new Dense({ units: 3 }).apply(both));
    const box = new Dense({ units: 4, activation: "sigmoid", name: "box" }).apply(new BatchNormalization().apply(both));
    const model = new Model({ inputs: image, outputs: [classes, box] });
    conv.trainable = false;
    const scan = convolutional(model as never, [9, 7, 1]) as unknown as typeof model;
    assert.deepEqual(
      scan.connection.outputs.map(({ name, shape }) => [name, shape]),
      [
        ["classes", [4, 2, 3]],
        ["box", [4, 2, 4]],
      ],
    );
    const x = integers([1, 9, 7, 1], 5);
    const [found, boxes] = await scan.predict(x);
    for (const [i, j] of [
      [0, 0],
      [3, 1],
      [2, 0],
    ]) {
      // biome-ignore format: a list
      const [expected, where] = await model.predict(crop(x, i, j, [6, 6]));
      within(found.data.slice((i * 2 + j) * 3, (i * 2 + j) * 3 + 3), expected, 1e-5, { i, j });
      within(boxes.data.slice((i * 2 + j) * 4, (i * 2 + j) * 4 + 4), where, 1e-5, { i, j });
    }
    assert.deepEqual(scan.layers.map(({ trainable }) => trainable), model.layers.filter(({ kind }) => kind !== "Flatten").map(({ trainable }) => trainable)); // biome-ignore format: one line
    const before = model.getWeights();
    setIntegers(scan as never, 1);
    model.getWeights().forEach((weight, index) => {
      equalBits(weight, before[index]);
    });
  });

  test("is as its docstring says", () => {
    const model = new Sequential(
      [new Conv2D({ filters: 6, kernelSize: 5 }), new MaxPooling2D(), new Flatten(), new Dense({ units: 10 })],
      { inputShape: [28, 28, 1] },
    );
    assert.deepEqual(convolutional(model, [96, 96, 1]).outputShape, [35, 35, 10]);
  });

  test("refuses layers that do not scan, smaller images, other channels, and what is no model of images", () => {
    const of = (...layers: Layer[]) => new Sequential(layers, { inputShape: [4, 4, 1] });
    const [dense, flat] = [() => new Dense({ units: 2 }), () => new Flatten()];
    refuses(() => convolutional(of(new Permute({ dims: [2, 1, 3] }), flat(), dense()), [4, 5, 1]), "kind of permute", "on images"); // biome-ignore format: one line
    refuses(() => convolutional(of(flat(), new Softmax(), dense()), [4, 5, 1]), "kind of softmax", "between Flatten"); // biome-ignore format: one line
    refuses(() => convolutional(of(flat(), new Activation("softmax"), dense()), [4, 5, 1]), "kind of activation");
    refuses(() => convolutional(of(flat(), new BatchNormalization(), dense()), [4, 5, 1]), "kind of batch_norm");
    refuses(() => convolutional(of(flat(), dense(), new Reshape({ targetShape: [2] })), [4, 5, 1]), "kind of reshape", "between dense layers"); // biome-ignore format: one line
    refuses(() => convolutional(of(flat(), dense()), [4, 3, 1]), "inputShape is [4, 3, 1]", "no smaller than");
    refuses(() => convolutional(of(flat(), dense()), [4, 4, 3]), "inputShape", "[height, width, 1]");
    refuses(() => convolutional(of(flat(), dense()), 4 as never), "inputShape is 4");
    refuses(() => convolutional(new Sequential([dense()], { inputShape: [3] }), [4, 4, 1]), "inputs is [[3]]", "image");
    refuses(() => convolutional(null as never, [4, 4, 1]), "model is null");
  });
});
