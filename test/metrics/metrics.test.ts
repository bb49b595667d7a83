import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Accuracy, Metric, metricsFrom, TopKCategoricalAccuracy } from "../../src/metrics/index.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { integers, labels, seeds } from "../support/arbitraries.ts";
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
    refuses(() => metricsFrom(["auc"] as never), "compile", 'a metric is "auc"', "accuracy, topKCategoricalAccuracy");
    refuses(() => metricsFrom("accuracy" as never), "metrics is", '["accuracy"]');
    refuses(() => metricsFrom(["accuracy", new Accuracy()]), '"accuracy" is there twice');
    refuses(() => new TopKCategoricalAccuracy({ k: 0 }), "TopKCategoricalAccuracy", "k is 0", "at least 1");
  });
});
