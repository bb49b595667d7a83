import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bestPatches } from "../../src/analysis/best-patches.ts";
import { deconvnet } from "../../src/analysis/deconvnet.ts";
import { occlusion } from "../../src/analysis/occlusion.ts";
import { saliency } from "../../src/analysis/saliency.ts";
import { leNet5 } from "../../src/architectures/lenet5.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { Add, AveragePooling2D, Conv2D, Conv2DTranspose, Dense, Flatten, input, type Layer, MaxPooling2D, MaxUnpooling2D, ReLU, Tanh } from "../../src/layers/index.ts"; // biome-ignore format: names
import { Model } from "../../src/model/model.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { truncated } from "../../src/model/transfer.ts";
import { Pass } from "../../src/pass.ts";
import { type Shape, type Tensor, tensor } from "../../src/tensor.ts";
import { floats, geometries, integers, seeds } from "../support/arbitraries.ts";
import { equalBits, innerProduct, within } from "../support/compare.ts";
import { refuses, rejects } from "../support/refusals.ts";

const float64 = referenceKernels("float64");

/** A chain with whole numbers as weights. */
function chain(layers: Layer[], inputShape: Shape, seed: number): Sequential {
  const model = new Sequential(layers, { inputShape });
  model.setWeights(model.getWeights().map(({ shape }, index) => integers(shape, seed + index)));
  return model;
}

/** Image n alone. */
function alone(x: Tensor, n: number): Tensor {
  const size = x.size / x.shape[0];
  return tensor(x.data.slice(n * size, (n + 1) * size), [1, ...x.shape.slice(1)]);
}

describe("D9: saliency", () => {
  const sizes = fc.record({ height: fc.integer({ min: 1, max: 4 }), width: fc.integer({ min: 1, max: 4 }), channels: fc.integer({ min: 1, max: 3 }), seed: seeds }); // biome-ignore format: one line

  test("of a linear model is its weights, whatever the image", () =>
    fc.assert(
      fc.property(sizes, fc.nat(2), ({ height, width, channels, seed }, unit) => {
        const shape = [height, width, channels];
        const model = chain([new Flatten(), new Dense({ units: 3 })], shape, seed);
        const [kernel] = model.getWeights();
        const weights = Float32Array.from({ length: height * width * channels }, (_, a) => kernel.data[3 * a + unit]);
        const x = integers([2, ...shape], seed + 9);
        for (const kernels of [undefined, float64]) {
          const found = saliency(model, x, { unit, kernels });
          assert.deepEqual(found.shape, x.shape);
          for (const n of [0, 1]) equalBits(Float32Array.from(alone(found, n).data), weights);
        }
      }),
    ));

  test("is as its docstring says", () => {
    const dense = new Dense({ units: 1, useBias: false });
    const model = new Sequential([new Flatten(), dense], { inputShape: [1, 2, 1] });
    model.setWeights([tensor([[3], [-1]])]);
    assert.deepEqual(saliency(model, tensor([[[[5], [7]]]])).toNested(), [[[[3], [-1]]]]);
  });

  test("is what central differences of the score give, in float64, at every pixel, through branches", async () => {
    const a = input({ shape: [5, 5, 2] });
    const b = new Conv2D({ filters: 2, kernelSize: 3, padding: "same", activation: "tanh" }).apply(a);
    const c = new Tanh().apply(new Add().apply([a, b, a]));
    const d = new Flatten().apply(new AveragePooling2D({ poolSize: 2, strides: 1 }).apply(c));
    const model = new Model({ inputs: a, outputs: new Dense({ units: 3 }).apply(d), seed: 4 });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels: float64 });
    const x = tensor(Float64Array.from(floats([1, 5, 5, 2], 1).data), [1, 5, 5, 2]);
    const found = saliency(model, x, { unit: 2, kernels: float64 });
    const step = 1e-5;
    for (let e = 0; e < x.size; e++) {
      const moved = [step, -step].map((by) => {
        const data = Float64Array.from(x.data);
        data[e] += by;
        return tensor(data, x.shape);
      });
      const [more, less] = [await model.predict(moved[0]), await model.predict(moved[1])];
      within(found.data.slice(e, e + 1), Float64Array.of((more.data[2] - less.data[2]) / (2 * step)), 1e-9, { e });
    }
  });

  test("is that of the score before a closing softmax; without a unit, of the largest score of each image by itself", async () => {
    const layers = (activation: "softmax" | "linear") => [new Conv2D({ filters: 3, kernelSize: 3, activation: "relu" }), new Flatten(), new Dense({ units: 4, activation })]; // biome-ignore format: one line
    const [closed, open] = (["softmax", "linear"] as const).map((end) => new Sequential(layers(end), { inputShape: [6, 6, 1], seed: 3 })); // biome-ignore format: one line
    const x = floats([5, 6, 6, 1], 7);
    equalBits(saliency(closed, x, { unit: 1 }), saliency(open, x, { unit: 1 }));
    const scores = await open.predict(x);
    for (let n = 0; n < 5; n++) {
      const row = [...scores.data.subarray(4 * n, 4 * n + 4)];
      const unit = row.indexOf(Math.max(...row));
      equalBits(alone(saliency(closed, x), n), saliency(closed, alone(x, n), { unit }));
    }
  });

  test("leaves gradients, weights and what is frozen as they were, also when it fails", () => {
    const model = leNet5({ seed: 2 });
    model.layers[2].trainable = false;
    const state = () => model.layers.flatMap(({ parameters }) => parameters.map(({ value, gradient, trainable }) => [value.copy().data, gradient.copy().data, trainable])); // biome-ignore format: one line
    for (const { gradient } of model.layers[0].parameters) gradient.data.fill(7);
    const before = state();
    saliency(model, floats([2, 28, 28, 1], 1));
    assert.deepEqual(state(), before);
    const failing = { ...referenceKernels("float32"), denseForward: () => assert.fail("no dense kernel") };
    assert.throws(() => saliency(model, floats([2, 28, 28, 1], 1), { kernels: failing }), /no dense kernel/);
    assert.deepEqual(state(), before);
  });

  test("refuses units that are not there, images that do not fit, and what is no model of images", () => {
    const model = leNet5();
    const x = floats([1, 28, 28, 1], 1);
    refuses(() => saliency(model, x, { unit: 10 }), "saliency", "unit is 10", "10 numbers");
    refuses(() => saliency(model, x, { unit: -1 }), "unit is -1");
    refuses(() => saliency(model, floats([28, 28, 1], 1)), "the shape of x", "[n, 28,28,1]");
    refuses(() => saliency(model, [[1]] as never), "x is [[1]]");
    refuses(() => saliency(new Sequential([new Dense({ units: 1 })], { inputShape: [3] }), x), "input", "images");
    refuses(() => saliency(null as never, x), "model is null");
    refuses(() => saliency(model, x, { units: 1 } as never), 'option is "units"');
  });
});

describe("D9: the deconvnet", () => {
  test("of one linear convolution is its adjoint: ⟨deconvnet(x), v⟩ = y(x)·(conv(v) − bias), both at the unit", () =>
    fc.assert(
      fc.property(geometries(), fc.nat(2), seeds, ({ height, width, ...options }, channel, seed) => {
        const conv = new Conv2D({ ...options, filters: 3 });
        const model = chain([conv], [height, width, 2], seed);
        const [, rows, columns] = conv.outputShape([1, height, width, 2]);
        const place = [seed % rows, seed % columns] as const;
        const [x, v] = [integers([1, height, width, 2], seed + 5), integers([1, height, width, 2], seed + 6)];
        const at = (y: Tensor) => y.data[(place[0] * columns + place[1]) * 3 + channel];
        const found = deconvnet(model, model.layers[0].name, x, { channel, place });
        const bias = model.getWeights()[1].data[channel];
        const expected = at(conv.forward(x)) * (at(conv.forward(v)) - bias);
        assert.equal(innerProduct(found, v) + 0, expected + 0); // −0 is 0 here
      }),
      { numRuns: 60 },
    ));

  test("C9: is unpooling with the switches of the image, relu, and the transposed convolution, layer by layer", () =>
    fc.assert(
      fc.property(fc.nat(3), fc.boolean(), seeds, (channel, apart, seed) => {
        const relu = apart ? [new ReLU()] : [];
        const activation = apart ? "linear" : "relu";
        const [first, second] = [
          new Conv2D({ filters: 3, kernelSize: 3, padding: "same", activation }),
          new Conv2D({ filters: 4, kernelSize: 3, padding: "same", activation }),
        ];
        const pool = new MaxPooling2D({ poolSize: 3, strides: 2 });
        const model = chain([first, ...relu, pool, second, ...(apart ? [new ReLU()] : [])], [7, 7, 2], seed);
        const last = model.layers[model.layers.length - 1].name;
        const x = integers([1, 7, 7, 2], seed + 7);
        const pass = new Pass({ kernels: float64 });
        const rectified = new ReLU();
        const z = rectified.forward(first.forward(x, pass), pass);
        const y = rectified.forward(second.forward(pool.forward(z, pass), pass), pass);
        const unit = [...y.data.keys()].filter((e) => e % 4 === channel).reduce((best, e) => (y.data[e] > y.data[best] ? e : best)); // biome-ignore format: one line
        const alone = tensor(y.data.map((value, e) => (e === unit ? value : 0)), y.shape); // biome-ignore format: short
        const transposed = (of: Conv2D, values: Tensor, channels: number) => {
          const back = new Conv2DTranspose({ filters: channels, kernelSize: 3, padding: "same", useBias: false });
          back.build(values.shape, pass);
          back.setWeights([of.getWeights()[0]]);
          return back.forward(rectified.forward(values, pass), pass);
        };
        const pooled = transposed(second, alone, 3);
        const unpooled = new MaxUnpooling2D({ poolSize: 3, strides: 2 }).forwardAll([pooled, z], pass);
        const expected = transposed(first, unpooled, 2);
        // All are sums of integers, so they are equal; an empty sum may be −0 in one of them.
        const found = deconvnet(model, last, x, { channel, kernels: float64 });
        within(found, expected, 0);
      }),
      { numRuns: 50 },
    ));

  test("guided lets back what relu let through, and only what is positive; where all is, it is the gradient", () => {
    const guided = (weights: number[], values: number[]) => {
      const conv = new Conv2D({ filters: 1, kernelSize: 1, useBias: false, activation: "relu" });
      const head = new Conv2D({ filters: 1, kernelSize: [1, 3], useBias: false });
      const model = new Sequential([conv, head], { inputShape: [1, 3, 1] });
      model.setWeights([tensor([[[[1]]]]), tensor([weights.map((w) => [[w]])])]);
      const x = tensor(Float32Array.from(values), [1, 1, 3, 1]);
      const of = (options: object) => [...deconvnet(model, head.name, x, { channel: 0, ...options }).data];
      return { deconvnet: of({}), guided: of({ guided: true }), gradient: [...saliency(model, x).data] };
    };
    const y = 2 * 5 - 3 * 4; // of these weights and this image: −2
    assert.deepEqual(guided([2, -3, 7], [5, 4, -6]), { deconvnet: [0, -3 * y, 0], guided: [0, -3 * y, 0], gradient: [2, -3, 0] }); // biome-ignore format: one line
    const other = 2 * 5 - 1 * 4;
    assert.deepEqual(guided([2, -1, 7], [5, 4, -6]), { deconvnet: [2 * other, 0, 7 * other], guided: [2 * other, 0, 0], gradient: [2, -1, 0] }); // biome-ignore format: one line
    const all = 5 + 2 * 4 + 3 * 6;
    assert.deepEqual(guided([1, 2, 3], [5, 4, 6]), { deconvnet: [all, 2 * all, 3 * all], guided: [all, 2 * all, 3 * all], gradient: [1, 2, 3] }); // biome-ignore format: one line
  });

  test("of a dense unit begins with that unit, before a closing softmax", () => {
    const model = chain([new Flatten(), new Dense({ units: 2, useBias: false })], [1, 2, 1], 0);
    model.setWeights([tensor([[1, 3], [2, -4]])]); // biome-ignore format: rows
    const x = tensor([[[[10], [1]]]]);
    assert.deepEqual([...deconvnet(model, "dense", x, { channel: 1 }).data], [3 * 26, -4 * 26]);
    const closed = new Sequential([new Flatten(), new Dense({ units: 2, activation: "softmax", useBias: false })], {
      inputShape: [1, 2, 1],
    });
    closed.setWeights(model.getWeights());
    equalBits(deconvnet(closed, "dense", x, { channel: 1 }), deconvnet(model, "dense", x, { channel: 1 }));
  });

  test("refuses layers, channels and places that are not there", () => {
    const [model, x] = [leNet5(), floats([1, 28, 28, 1], 1)];
    refuses(() => deconvnet(model, "conv", x, { channel: 0 }), 'last is "conv"');
    refuses(() => deconvnet(model, "conv2d", x, { channel: 6 }), "channel is 6", "0 to 5");
    refuses(() => deconvnet(model, "conv2d", x, { channel: 0, place: [28, 0] }), "place is [28, 0]", "[28,28,6]");
    refuses(() => deconvnet(model, "dense", x, { channel: 0, place: [0, 0] }), "place is [0, 0]");
    refuses(() => deconvnet(model, "conv2d", x, { channel: 0, guided: 1 as never }), "guided is 1");
  });
});

describe("D9: occlusion", () => {
  test("of a linear model loses the sum of weight · (pixel − fill) under the patch; nothing where the weights are 0", () =>
    fc.assert(
      fc.asyncProperty(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), fc.integer({ min: 1, max: 2 }), seeds, async (size, strides, seed) => { // biome-ignore format: one line
        const [height, width, channels, units] = [4, 5, 2, 3];
        const model = chain([new Flatten(), new Dense({ units })], [height, width, channels], seed);
        const [kernel, bias] = model.getWeights();
        const zeroed = kernel.data.map((weight, e) => (e < 2 * width * channels * units ? 0 : weight)); // the upper half
        model.setWeights([tensor(zeroed, kernel.shape), bias]);
        const x = integers([2, height, width, channels], seed + 4);
        const map = await occlusion(model, x, { size, strides, fill: 2, unit: 1 });
        const [, rows, columns] = map.shape;
        assert.deepEqual([rows, columns], [Math.floor((height - size[0]) / strides) + 1, Math.floor((width - size[1]) / strides) + 1]); // biome-ignore format: one line
        for (let n = 0; n < 2; n++) {
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < columns; j++) {
              let lost = 0;
              for (let p = 0; p < size[0]; p++) {
                for (let q = 0; q < size[1]; q++) {
                  for (let c = 0; c < channels; c++) {
                    const e = ((i * strides + p) * width + j * strides + q) * channels + c;
                    lost += zeroed[e * units + 1] * (x.data[n * height * width * channels + e] - 2);
                  }
                }
              }
              assert.equal(map.data[(n * rows + i) * columns + j] + 0, lost + 0);
              if (i * strides + size[0] <= 2) assert.equal(lost + 0, 0);
            }
          }
        }
      }),
      { numRuns: 40 },
    )); // biome-ignore format: a loop for each index

  test("without a unit it is that of the largest output of each image; it leaves the images alone", async () => {
    const model = leNet5({ seed: 5 });
    const x = floats([2, 28, 28, 1], 3);
    const before = x.copy();
    const map = await occlusion(model, x, { size: 9, strides: 9 });
    equalBits(x, before);
    const y = await model.predict(x);
    for (const n of [0, 1]) {
      const row = [...y.data.subarray(10 * n, 10 * n + 10)];
      const unit = row.indexOf(Math.max(...row));
      equalBits(alone(map, n), await occlusion(model, alone(x, n), { size: 9, strides: 9, unit }));
    }
  });

  test("is as its docstring says, and refuses patches larger than the image", async () => {
    const model = new Sequential([new Flatten(), new Dense({ units: 1 })], { inputShape: [1, 3, 1] });
    model.setWeights([tensor([[4], [0], [-2]]), tensor([0])]);
    const x = tensor([[[[1], [1], [1]]]]);
    assert.deepEqual((await occlusion(model, x, { size: [1, 1], fill: 0.5 })).toNested(), [[[2, 0, -1]]]);
    await rejects(occlusion(model, x, { size: 2 }), "occlusion", "size is [2, 2]");
    await rejects(occlusion(model, x, { size: [1, 1], fill: Number.NaN }), "fill is NaN");
    await rejects(occlusion(model, x, {} as never), "size is undefined");
  });
});

describe("D9: the patches that excite a unit most", () => {
  const layers = () => [
    new Conv2D({ filters: 2, kernelSize: 3, padding: "same", activation: "relu" }),
    new MaxPooling2D({ poolSize: 2 }),
    new Conv2D({ filters: 3, kernelSize: 2, padding: "same", strides: 2 }),
  ];

  test("are those of the largest values over all images and places, and nothing outside of a patch has changed its value", () =>
    fc.assert(
      fc.asyncProperty(fc.nat(2), fc.integer({ min: 1, max: 6 }), seeds, async (channel, count, seed) => {
        const model = chain(layers(), [9, 8, 1], seed);
        const name = model.layers[2].name;
        const images = integers([5, 9, 8, 1], seed + 3);
        const found = await bestPatches(model, name, images, { channel, count });
        const maps = await model.predict(images);
        const size = maps.size / 5;
        const maxima = Array.from({ length: 5 }, (_, n) => {
          const values = [...maps.data.subarray(n * size, (n + 1) * size)].filter((_, e) => e % 3 === channel);
          return Math.max(...values);
        });
        assert.deepEqual(found.map(({ activation }) => activation), [...maxima].sort((a, b) => b - a).slice(0, count)); // biome-ignore format: one line
        assert.equal(new Set(found.map(({ image }) => image)).size, found.length);
        for (const { image, place, activation, top, left, pixels } of found) {
          assert.equal(maxima[image], activation);
          const other = integers([1, 9, 8, 1], seed + 77);
          const [rows, columns] = pixels.shape;
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < columns; j++) {
              const [u, v] = [top + i, left + j];
              const inside = u >= 0 && v >= 0 && u < 9 && v < 8;
              assert.equal(pixels.data[i * columns + j], inside ? images.data[(image * 9 + u) * 8 + v] : 0);
              if (inside) other.data[u * 8 + v] = pixels.data[i * columns + j];
            }
          }
          const again = await model.predict(other);
          const [, , width] = maps.shape;
          assert.equal(again.data[(place[0] * width + place[1]) * 3 + channel], activation);
        }
      }),
      { numRuns: 40 },
    ));

  test("are as the docstring says: LeNet-5's second convolution sees 14 × 14", async () => {
    const model = leNet5();
    const images = floats([4, 28, 28, 1], 1);
    const [best] = await bestPatches(model, "conv2d_1", images, { channel: 5 });
    assert.deepEqual(best.pixels.shape, [14, 14, 1]);
    const maps = await truncated(model, "conv2d_1").predict(images);
    assert.equal(best.activation, Math.max(...maps.data.filter((_, e) => e % 16 === 5)));
  });

  test("refuses layers without maps, and channels that are not there", async () => {
    const [model, images] = [leNet5(), floats([2, 28, 28, 1], 1)];
    await rejects(bestPatches(model, "dense", images, { channel: 0 }), 'layer is "dense"', "maps");
    await rejects(bestPatches(model, "conv2d", images, { channel: 6 }), "bestPatches", "channel is 6", "0 to 5");
    await rejects(bestPatches(model, "conv2d", images, { channel: 0, count: 0 }), "count is 0");
  });
});
