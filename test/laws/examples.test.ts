/** The examples in the docstrings of the laws print what they promise. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { pixelsSeen } from "../../src/analysis/receptive-field.ts";
import { equal, equalNumbers } from "../../src/laws/compare.ts";
import {
  Chain,
  check,
  counterexample,
  fullConvolution,
  gradientCheck,
  gradients,
  invariance,
  law,
  lawsFor,
  linearity,
  receptiveFieldIsSeen,
  strideIsDownSampling,
  translationEquivariance,
} from "../../src/laws/index.ts";
import { Conv2D, Dense, Flatten, MaxPooling2D, ReLU } from "../../src/layers/index.ts";
import { tensor } from "../../src/tensor.ts";

test("gradientCheck", () => {
  const source = readFileSync(new URL("../../src/laws/gradient-check.ts", import.meta.url), "utf8");
  const promised = [...source.matchAll(/^ \* \/\/ (.*)$/gm)].map(([, line]) => line);
  const { table } = gradientCheck(new Dense({ units: 1 }), tensor([[1, 2]]));
  assert.deepEqual(table.split("\n"), promised);
});

test("invariance", () => {
  const pool = new MaxPooling2D({ poolSize: 2 });
  assert.deepEqual(
    invariance(pool, 4, ([u, v]) => [u, v + 1]),
    { unchanged: 8, places: 12 },
  );
  assert.deepEqual(
    invariance(pool, 4, ([u, v]) => [v, 3 - u]),
    { unchanged: 0, places: 16 },
  );
});

test("fullConvolution and pixelsSeen", () => {
  const y = fullConvolution(tensor([[[[1], [2]]]]), tensor([[[[3], [4]]]]));
  assert.deepEqual(y.toNested(), [[[[3], [10], [8]]]]);
  const seen = pixelsSeen([new Conv2D({ filters: 1, kernelSize: 2, dilationRate: 2 })], [1, 5, 5, 1], [1, 0]);
  assert.deepEqual(seen, { rows: [1, 3], columns: [0, 2] });
});

test("equal, law and linearity", () => {
  assert.throws(() => equal(tensor([1, 2]), tensor([1, 3]), ["of the layer", "of the formula"]), {
    name: "Refutation",
    message: "at [1] of [2]: 2 of the layer, 3 of the formula",
  });
  const name = "twice a number is even";
  check(law(["B3"], name, fc.nat(), (n) => equalNumbers((2 * n) % 2, 0, ["left over", "expected"])));
  check(linearity(new Conv2D({ filters: 2, kernelSize: 3 }), [1, 5, 5, 1]));
  assert.match(counterexample(linearity(new ReLU(), [1, 4]))!.message, /= f\(ax \+ bz\)/);
});

test("laws of a layer, and of a chain of layers", () => {
  for (const law of lawsFor(new MaxPooling2D(), [1, 28, 28, 6])) check(law, { numRuns: 20 });
  check(translationEquivariance(new Conv2D({ filters: 2, kernelSize: 3, strides: 2 }), [1, 9, 9, 1]));
  check(strideIsDownSampling((options) => new Conv2D({ filters: 2, ...options })));
  const seen = new Chain([new Conv2D({ filters: 2, kernelSize: 3, activation: "relu" }), new MaxPooling2D()]);
  check(receptiveFieldIsSeen(seen, [1, 8, 8, 1]));
  const tanh = () => new Chain([new Flatten(), new Dense({ units: 3, activation: "tanh" }), new Dense({ units: 2 })]);
  check(gradients(tanh, [2, 4, 4, 1]));
});
