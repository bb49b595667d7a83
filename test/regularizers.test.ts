import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  BatchNormalization,
  Conv2D,
  Dense,
  DepthwiseConv2D,
  Flatten,
  SeparableConv2D,
  Subsampling2D,
} from "../src/layers/index.ts";
import { modelFromFiles } from "../src/model/load.ts";
import { Sequential } from "../src/model/sequential.ts";
import { SGD } from "../src/optimizers/index.ts";
import { l1, l1l2, l2, type Regularizer } from "../src/regularizers.ts";
import { type Tensor, tensor, zeros } from "../src/tensor.ts";
import { floats, integers, labels, seeds } from "./support/arbitraries.ts";
import { close, equalBits, within } from "./support/compare.ts";
import { differences } from "./support/gradients.ts";
import { implementations, reference64, wasm } from "./support/kernels.ts";
import { refuses } from "./support/refusals.ts";

const [x, y] = [floats([12, 5, 5, 2], 1, 2), labels([12], 2, 3)];

function make(kernelRegularizer?: Regularizer, biasRegularizer?: Regularizer, kernels = reference64) {
  const conv = new Conv2D({ filters: 2, kernelSize: 3, kernelRegularizer, biasInitializer: "ones" });
  const dense = new Dense({ units: 3, activation: "softmax", biasRegularizer, biasInitializer: "ones" });
  const model = new Sequential([conv, new Flatten(), dense], { inputShape: [5, 5, 2], seed: 1 });
  model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: "sparseCategoricalCrossentropy", kernels });
  return { model, conv, dense };
}

const penaltyOf = ({ data }: Tensor, { l1 = 0, l2 = 0 }: Regularizer) =>
  Array.from(data).reduce((sum, w) => sum + l1 * Math.abs(w) + l2 * w * w, 0);
const squared = ({ data, shape }: Tensor) => tensor(data.map((value) => value * value), shape); // biome-ignore format: short
const slope = (w: number, { l1 = 0, l2 = 0 }: Regularizer) => l1 * Math.sign(w) + 2 * l2 * w;

describe("regularizers", () => {
  test("the gradient is that of the penalty, by central differences", () => {
    const strength = fc.double({ min: 0, max: 2, noNaN: true });
    fc.assert(
      fc.property(seeds, strength, strength, (seed, l1, l2) => {
        const value = floats([2, 3], seed, 1, "float64");
        const [sum, gradient] = [zeros([1], "float64"), zeros([2, 3], "float64")];
        const loss = () => {
          reference64.penalty(sum, value, { l1, l2 });
          return sum.data[0];
        };
        fc.pre(value.data.every((w) => Math.abs(w) > 0.01));
        reference64.regularize(gradient, value, { l1, l2 });
        within(gradient, differences(value, loss), 1e-6, { seed, l1, l2 });
      }),
    );
  });

  test("where a weight is 0, at the kink of |w|, its gradient is 0", () => {
    for (const kernels of implementations) {
      const gradient = zeros([9]);
      kernels.regularize(gradient, tensor([0, -0, 1, -1, 0, 0, 2, -2, 0]), { l1: 0.5, l2: 0 });
      equalBits(gradient, tensor([0, 0, 0.5, -0.5, 0, 0, 0.5, -0.5, 0]));
    }
  });

  test("both implementations agree on small whole numbers, at sizes with many slices", () => {
    for (const size of [0, 1, 7, 8, 9, 8193, 20_001]) {
      const value = integers([size], size);
      const [expected, found] = [zeros([1]), zeros([1])];
      reference64.penalty(expected, value, { l1: 0.5, l2: 0.25 });
      wasm.penalty(found, value, { l1: 0.5, l2: 0.25 });
      equalBits(found, expected, { size });
    }
  });

  test("the reported loss contains the penalties, in training and in evaluation", async () => {
    const [first, second] = [l1l2({ l1: 0.01, l2: 0.02 }), l2(0.5)];
    const [plain, penalized] = [make(), make(first, second)];
    const { conv, dense } = penalized;
    const penalty = penaltyOf(conv.kernel.value, first) + penaltyOf(dense.bias!.value, second);
    for (const run of ["evaluate", "trainOnBatch"] as const) {
      const [less, more] = [(await plain.model[run](x, y)).loss, (await penalized.model[run](x, y)).loss];
      assert.ok(penalty > 0.1 && Math.abs(more - less - penalty) < 1e-12, `${more} is not ${less} + ${penalty}`);
    }
    const batches = (await make(first, second).model.evaluate(x, y, { batchSize: 5 })).loss;
    assert.ok(Math.abs(batches - (await make().model.evaluate(x, y)).loss - penalty) < 1e-12);
  });

  test("a step of SGD goes along the loss' gradient and the penalty's", async () => {
    const [first, second] = [l1(0.1), l2(0.25)];
    const [plain, penalized] = [make(), make(first, second)];
    const before = penalized.model.getWeights();
    await plain.model.trainOnBatch(x, y);
    await penalized.model.trainOnBatch(x, y);
    const after = penalized.model.getWeights();
    plain.model.getWeights().forEach((expected, index) => {
      const regularizer = { 0: first, 3: second }[index] ?? {};
      const moved = expected.data.map((w, e) => w - slope(before[index].data[e], regularizer));
      close(after[index], moved, 1e-12, { index });
    });
  });

  test("of a normalization: γ and β are pulled, and the loss contains what they cost; moving statistics are not", async () => {
    const regularizers = { gammaRegularizer: l1l2({ l1: 0.1, l2: 0.25 }), betaRegularizer: l2(0.5) };
    const [plain, penalized] = [{}, regularizers].map((options) => {
      const normal = new BatchNormalization(options);
      const model = new Sequential([new Flatten(), normal, new Dense({ units: 3, activation: "softmax" })], {
        inputShape: [5, 5, 2],
        seed: 1,
      });
      model.compile({
        optimizer: new SGD({ learningRate: 1 }),
        loss: "sparseCategoricalCrossentropy",
        kernels: reference64,
      });
      normal.setWeights([1, 2, 3, 4].map((seed) => floats([50], seed, 1)).map((t, k) => (k < 3 ? t : squared(t))));
      return { model, normal };
    });
    const [gamma, beta] = penalized.normal.getWeights();
    const { gammaRegularizer, betaRegularizer } = regularizers;
    const penalty = penaltyOf(gamma, gammaRegularizer) + penaltyOf(beta, betaRegularizer);
    const [less, more] = [await plain.model.trainOnBatch(x, y), await penalized.model.trainOnBatch(x, y)];
    assert.ok(penalty > 0.1 && Math.abs(more.loss - less.loss - penalty) < 1e-12);
    const [found, expected] = [penalized.normal.getWeights(), plain.normal.getWeights()];
    [gammaRegularizer, betaRegularizer].forEach((regularizer, k) => {
      const before = [gamma, beta][k].data;
      close(found[k], expected[k].data.map((w, e) => w - slope(before[e], regularizer)), 1e-12, { k }); // biome-ignore format: short
    });
    equalBits(found[2], expected[2]);
    equalBits(found[3], expected[3]);
  });

  test("what is frozen costs nothing", async () => {
    const { model, conv } = make(l2(1));
    const less = (await make().model.evaluate(x, y)).loss;
    conv.trainable = false;
    assert.equal((await model.evaluate(x, y)).loss, less);
    await model.trainOnBatch(x, y);
  });

  test("a layer that is used twice is paid for once", async () => {
    const shared = new Dense({ units: 4, kernelRegularizer: l2(1) });
    const model = new Sequential([shared, shared], { inputShape: [4] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels: reference64 });
    const [a, b] = [zeros([3, 4]), zeros([3, 4])];
    const { loss } = await model.evaluate(a, b);
    assert.ok(Math.abs(loss - penaltyOf(shared.kernel.value, l2(1))) < 1e-12);
  });

  test("files keep them", async () => {
    const { model } = make(l1l2({ l1: 0.25 }), l2(0.5));
    const same = modelFromFiles(model.toFiles());
    assert.deepEqual(same.layers[0].options, { ...model.layers[0].options, name: "conv2d" });
    same.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", kernels: reference64 });
    const found = (await same.evaluate(x, y)).loss;
    assert.ok(Math.abs(found - (await model.evaluate(x, y)).loss) < 1e-6);
  });

  test("layers with other kernels have options of their own", () => {
    const layers = [
      new DepthwiseConv2D({ kernelSize: 2, depthwiseRegularizer: l1(), biasRegularizer: l2() }),
      new SeparableConv2D({ filters: 1, kernelSize: 2, depthwiseRegularizer: l1(), pointwiseRegularizer: l2() }),
      new Subsampling2D({ coefficientRegularizer: l1() }),
      new BatchNormalization({ gammaRegularizer: l1(), betaRegularizer: l2() }),
      new BatchNormalization({ betaRegularizer: l2(), scale: false }),
    ];
    const kept = layers.map((layer) => {
      layer.build([1, 4, 4, 2]);
      return layer.parameters.map(({ regularizer }) => regularizer);
    });
    assert.deepEqual(kept, [
      [{ l1: 0.01 }, { l2: 0.01 }],
      [{ l1: 0.01 }, { l2: 0.01 }, undefined],
      [{ l1: 0.01 }, undefined],
      [{ l1: 0.01 }, { l2: 0.01 }, undefined, undefined],
      [{ l2: 0.01 }, undefined, undefined],
    ]);
  });

  test("impossible ones are refused", () => {
    refuses(() => l1(-1), "l1", "strength is -1", "at least 0");
    refuses(() => l2(Number.NaN), "l2", "strength is NaN");
    refuses(() => l1l2({ l3: 1 } as never), "l1l2", '"l3"', "l1, l2");
    const dense = (kernelRegularizer: unknown) => () => new Dense({ units: 1, kernelRegularizer } as never);
    refuses(dense("l2"), "Dense", 'kernelRegularizer is "l2"', "l2(0.01)");
    refuses(dense({ l2: -1 }), "Dense", "kernelRegularizer l2 is -1", "at least 0");
    refuses(dense({ strength: 1 }), "Dense: kernelRegularizer", '"strength"', "l1, l2");
  });
});
