import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Conv2D } from "../../src/layers/index.ts";
import { Accuracy, MeanIoU, Metric, metricsFrom, TopKCategoricalAccuracy } from "../../src/metrics/index.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { floats, integers, labels, seeds } from "../support/arbitraries.ts";
import { refuses } from "../support/refusals.ts";

const classes = { logits: false, binary: false };

describe("metrics", () => {
  const y = tensor([[0.1, 0.7, 0.2], [0.5, 0.5, 0], [0, 0.2, 0.8]]); // biome-ignore format: three rows

  test("accuracy counts rows whose first largest is the class, as number or one-hot", () => {
    assert.equal(new Accuracy().score(y, tensor([1, 1, 2]), classes), 2);
    assert.equal(new Accuracy().score(y, tensor([[0, 1, 0], [1, 0, 0], [1, 0, 0]]), classes), 2); // biome-ignore format: three rows
  });

  test("accuracy of yes-or-no questions is by ½ for probabilities, by 0 for logits", () => {
    const [p, t] = [tensor([[0.5], [0.4], [-1]]), tensor([[1], [1], [0]])];
    assert.equal(new Accuracy().score(p, t, { logits: false, binary: true }), 2);
    assert.equal(new Accuracy().score(p, t, { logits: true, binary: true }), 3);
    const several = tensor([[0.9, 0.1, 0.9, 0.1]]);
    assert.equal(new Accuracy().score(several, tensor([[1, 1, 1, 0]]), { logits: false, binary: true }), 0.75);
  });

  test("top 1 is accuracy, top K of K classes is always right, and more guesses are never worse", () => {
    const cases = fc.record({ rows: fc.integer({ min: 1, max: 5 }), K: fc.integer({ min: 1, max: 6 }), seed: seeds });
    fc.assert(
      fc.property(cases, ({ rows, K, seed }) => {
        // Small integers, so that there are ties.
        const [scores, t] = [integers([rows, K], seed), labels([rows], seed + 1, K)];
        const top = (k: number) => new TopKCategoricalAccuracy({ k }).score(scores, t);
        assert.equal(top(1), new Accuracy().score(scores, t, classes));
        assert.equal(top(K), rows);
        for (let k = 1; k < K; k++) assert.ok(top(k) <= top(k + 1));
      }),
    );
  });

  test("D7: mean IoU is that of the sets of pixels, class by class, and 1 exactly where all is right", () => {
    const cases = fc.record({ pixels: fc.integer({ min: 1, max: 9 }), K: fc.integer({ min: 2, max: 5 }), seed: seeds });
    const metric = new MeanIoU();
    fc.assert(
      fc.property(cases, ({ pixels, K, seed }) => {
        const [scores, t] = [integers([1, pixels, K], seed), labels([1, pixels], seed + 1, K)];
        const found = Array.from({ length: pixels }, (_, r) => {
          const row = [...scores.data.subarray(r * K, (r + 1) * K)];
          return row.indexOf(Math.max(...row));
        });
        const all = [...found.keys()];
        const ratios = [...Array(K).keys()].flatMap((k) => {
          const both = all.filter((r) => found[r] === k && t.data[r] === k).length;
          const either = all.filter((r) => found[r] === k || t.data[r] === k).length;
          return either === 0 ? [] : [both / either];
        });
        const expected = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
        const value = metric.value(metric.count(scores, t, classes));
        assert.equal(value, expected);
        assert.equal(value === 1, found.every((k, r) => k === t.data[r])); // biome-ignore format: one line
        const oneHot = tensor(Float32Array.from({ length: pixels * K }, (_, e) => Number(t.data[Math.floor(e / K)] === e % K)), [1, pixels, K]); // biome-ignore format: one line
        assert.equal(metric.value(metric.count(scores, oneHot, classes)), expected);
        assert.equal(metric.score(scores, t, classes), (expected * (pixels * K)) / K);
      }),
    );
  });

  test("D7: mean IoU of yes-or-no questions is by ½ for probabilities, by 0 for logits; all background has half of one", () => {
    const [p, t] = [tensor([[0.5], [0.4], [-1]]), tensor([[1], [1], [0]])];
    const metric = new MeanIoU();
    const value = (logits: boolean) => metric.value(metric.count(p, t, { logits, binary: true }));
    assert.deepEqual([value(false), value(true)], [(1 / 2 + 1 / 2) / 2, 1]);
    const background = metric.count(tensor([[1, 0], [1, 0], [1, 0], [1, 0]]), tensor([0, 0, 1, 0]), classes); // biome-ignore format: rows
    assert.equal(metric.value(background), 3 / 4 / 2);
  });

  test("D7: a model's mean IoU is that of all its pixels at once, whatever the batches, with class numbers for pixels", async () => {
    const model = new Sequential([new Conv2D({ filters: 3, kernelSize: 3, padding: "same", activation: "softmax" })], {
      inputShape: [5, 4, 1],
    });
    const [x, t] = [floats([7, 5, 4, 1], 1), labels([7, 5, 4], 2, 3)];
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy", "meanIoU"] });
    const metric = new MeanIoU();
    const expected = metric.value(metric.count(await model.predict(x), t, classes));
    for (const batchSize of [1, 3, 7]) assert.equal((await model.evaluate(x, t, { batchSize })).meanIoU, expected);
    const { history } = await model.fit(x, t, { epochs: 1, batchSize: 3, validationData: [x, t] });
    assert.ok(history.meanIoU[0] > 0 && history.valMeanIoU[0] > 0);
  });

  test("mean IoU is as its docstring says", () => {
    const [four, t] = [tensor([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]]), tensor([0, 1, 0, 0])]; // biome-ignore format: rows
    const metric = new MeanIoU();
    assert.equal(metric.value(metric.count(four, t, classes)), 0.5833333333333333);
  });

  test("may be of one's own", () => {
    class Confident extends Metric {
      constructor() {
        super("confident");
      }
      override score(scores: Tensor): number {
        return scores.data.filter((p) => p > 0.75).length;
      }
    }
    const [made] = metricsFrom([new Confident()]);
    assert.deepEqual([made.name, made.score(y, tensor([0, 0, 0]), classes)], ["confident", 1]);
  });

  test("that are unknown, or there twice, are refused", () => {
    refuses(
      () => metricsFrom(["auc"] as never),
      "compile",
      'a metric is "auc"',
      "accuracy, meanIoU, topKCategoricalAccuracy",
    );
    refuses(() => metricsFrom("accuracy" as never), "metrics is", '["accuracy"]');
    refuses(() => metricsFrom(["accuracy", new Accuracy()]), '"accuracy" is there twice');
    refuses(() => new TopKCategoricalAccuracy({ k: 0 }), "TopKCategoricalAccuracy", "k is 0", "at least 1");
  });
});
