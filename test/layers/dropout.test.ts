import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Dropout } from "../../src/layers/index.ts";
import { tensor } from "../../src/tensor.ts";
import { equalBits } from "../support/compare.ts";
import { float64Pass } from "../support/gradients.ts";

describe("Dropout", () => {
  const ones = tensor(new Float64Array(20000).fill(1));
  const run = (rate: number, training: boolean, seed = 1) =>
    new Dropout({ rate }).forward(ones, float64Pass({ training, seed }));

  test("is the identity at inference, and with rate 0", () => {
    equalBits(run(0.5, false), ones);
    equalBits(run(0, true), ones);
  });

  test("scales what it keeps by 1/(1 − rate), keeps that fraction, and so keeps the mean", () => {
    for (const rate of [0.1, 0.5, 0.8]) {
      const { data } = run(rate, true);
      const kept = data.filter((value) => value !== 0);
      assert.ok(kept.every((value) => Math.abs(value - 1 / (1 - rate)) < 1e-6));
      const spread = 5 * Math.sqrt((rate * (1 - rate)) / data.length);
      assert.ok(Math.abs(kept.length / data.length - (1 - rate)) < spread, `${kept.length} kept at rate ${rate}`);
    }
  });

  test("drops the same with the same seed, and other elements in each call and with another seed", () => {
    equalBits(run(0.5, true), run(0.5, true));
    assert.notDeepEqual(run(0.5, true, 1).data, run(0.5, true, 2).data);
    const pass = float64Pass({ training: true });
    const layer = new Dropout({ rate: 0.5 });
    assert.notDeepEqual(layer.forward(ones, pass).data, layer.forward(ones, pass).data);
  });
});
