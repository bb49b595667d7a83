import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Kernels, LossKind } from "../../src/kernels/kernels.ts";
import { type DType, type Shape, type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { as, filled, floats, integers, labels, seeds } from "../support/arbitraries.ts";
import { close, equalBits, total, within } from "../support/compare.ts";
import { differences } from "../support/gradients.ts";
import { implementations, reference64, wasm } from "../support/kernels.ts";

const kinds: LossKind[] = [
  ...(["softmaxCrossEntropy", "categoricalCrossEntropy", "sigmoidCrossEntropy"] as const),
  ...(["binaryCrossEntropy", "squaredError"] as const),
];
const shapes = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20 }));

/** Probabilities away from 0 and 1, where the loss of that name wants them; else any numbers up to 4. */
function argumentsOf(kind: LossKind, shape: Shape, seed: number, dtype: DType = "float32"): Tensor {
  if (kind !== "categoricalCrossEntropy" && kind !== "binaryCrossEntropy") return floats(shape, seed, 4, dtype);
  return filled(shape, seed, dtype, (random) => Math.fround(0.05 + 0.9 * random.uniform()));
}

function loss(kernels: Kernels, kind: LossKind, x: Tensor, targets: Tensor, weights: Tensor) {
  const [losses, dx] = [zeros(weights.shape, weights.dtype), zeros(x.shape, x.dtype)];
  kernels.loss(kind, losses, dx, x, targets, weights);
  return { losses, dx };
}

for (const kind of kinds) {
  describe(kind, () => {
    test("dx is the gradient of the losses' sum", () => {
      const check = ([rows, columns]: [number, number], isIndex: boolean, seed: number) => {
        const x = argumentsOf(kind, [rows, columns], seed, "float64");
        const t = isIndex ? labels([rows], seed, columns, "float64") : floats(x.shape, seed + 1, 1, "float64");
        const weights = floats([rows], seed + 2, 1, "float64");
        const sum = () => total(loss(reference64, kind, x, t, weights).losses);
        close(loss(reference64, kind, x, t, weights).dx, differences(x, sum), 1e-5, { rows, columns, seed });
      };
      fc.assert(fc.property(shapes, fc.boolean(), seeds, check), { numRuns: 30 });
    });

    test("float32 is within the derived bound of float64", () => {
      const check = ([rows, columns]: [number, number], seed: number) => {
        const x = argumentsOf(kind, [rows, columns], seed);
        const t = floats(x.shape, seed + 1);
        const weights = floats([rows], seed + 2);
        const exact = loss(reference64, kind, as("float64", x), as("float64", t), as("float64", weights));
        // No term and no factor exceeds 40 (a slope of 1/0.05 twice), each with some ten roundings; columns are added up.
        const bound = 40 * (columns + 10) * columns * 2 ** -24;
        for (const kernels of implementations) {
          const { losses, dx } = loss(kernels, kind, x, t, weights);
          within(losses, exact.losses, bound, { kernels: kernels.name, seed });
          within(dx, exact.dx, bound, { kernels: kernels.name, seed });
        }
      };
      fc.assert(fc.property(shapes, seeds, check));
    });

    test("a class index is a 1 at its class, bit for bit", () => {
      const check = ([rows, columns]: [number, number], seed: number) => {
        const x = argumentsOf(kind, [rows, columns], seed);
        const index = labels([rows], seed, columns);
        const oneHot = zeros(x.shape);
        index.data.forEach((label, row) => {
          oneHot.data[row * columns + label] = 1;
        });
        const weights = floats([rows], seed + 2);
        for (const kernels of implementations) {
          const [byIndex, byValue] = [index, oneHot].map((t) => loss(kernels, kind, x, t, weights));
          equalBits(byIndex.losses, byValue.losses, kernels.name);
          equalBits(byIndex.dx, byValue.dx, kernels.name);
        }
      };
      fc.assert(fc.property(shapes, seeds, check));
    });

    test("the losses are the same whether or not dx is wanted", () => {
      const x = argumentsOf(kind, [3, 11], 1);
      const [t, weights] = [floats([3, 11], 2), floats([3], 3)];
      for (const kernels of implementations) {
        const losses = zeros([3]);
        kernels.loss(kind, losses, undefined, x, t, weights);
        equalBits(losses, loss(kernels, kind, x, t, weights).losses, kernels.name);
      }
    });
  });
}

const weight = tensor([1]);

test("squared errors of integers are exact", () => {
  const check = (columns: number, seed: number) => {
    const [x, t] = [integers([1, 2 ** columns], seed), integers([1, 2 ** columns], seed + 1)];
    for (const kernels of implementations) {
      const actual = loss(kernels, "squaredError", x, t, weight);
      const exact = loss(reference64, "squaredError", as("float64", x), as("float64", t), as("float64", weight));
      equalBits(actual.losses, exact.losses, kernels.name);
      equalBits(actual.dx, exact.dx, kernels.name);
    }
  };
  fc.assert(fc.property(fc.nat(6), seeds, check));
});

test("cross-entropies of ±300 and of probabilities 0 and 1 are finite, and right", () => {
  const [extreme, bits] = [tensor([[300, -300]]), tensor([[0, 1]])];
  const logTiny = -Math.log(1e-7);
  for (const kernels of implementations) {
    const softmax = loss(kernels, "softmaxCrossEntropy", extreme, tensor([1]), weight);
    equalBits(softmax.losses, Float32Array.of(600), kernels.name);
    equalBits(softmax.dx, Float32Array.of(1, -1), kernels.name);
    const sigmoid = loss(kernels, "sigmoidCrossEntropy", extreme, bits, weight);
    equalBits(sigmoid.losses, Float32Array.of(300), kernels.name);
    equalBits(sigmoid.dx, Float32Array.of(0.5, -0.5), kernels.name);
    within(
      loss(kernels, "categoricalCrossEntropy", bits, tensor([0]), weight).losses,
      Float32Array.of(logTiny),
      1e-5,
      kernels.name,
    );
    const wrong = tensor([[1, 0]]);
    within(
      loss(kernels, "binaryCrossEntropy", bits, wrong, weight).losses,
      Float32Array.of(logTiny),
      1e-5,
      kernels.name,
    );
    const right = loss(kernels, "binaryCrossEntropy", bits, bits, weight);
    assert.ok(Math.abs(right.losses.data[0]) === 0, kernels.name);
  }
});

test("a probability of at most 1e-7 takes no gradient", () => {
  const x = tensor([[0, 1e-7, 2 ** -23]]);
  const targets = tensor([[1, 1, 1]]);
  for (const kernels of implementations) {
    const [none, least, more] = loss(kernels, "categoricalCrossEntropy", x, targets, weight).dx.data;
    assert.deepEqual([Math.abs(none), Math.abs(least), more], [0, 0, -(2 ** 23)], kernels.name);
    const mean = loss(kernels, "binaryCrossEntropy", x, targets, tensor([3])).dx.data;
    assert.deepEqual([Math.abs(mean[0]), Math.abs(mean[1]), mean[2]], [0, 0, -(2 ** 23)], kernels.name);
  }
});

test("a logit of −∞ costs nothing where its target is 0", () => {
  const x = tensor([[1, -Infinity]]);
  for (const kernels of implementations) {
    equalBits(
      loss(kernels, "softmaxCrossEntropy", x, tensor([[1, 0]]), weight).losses,
      Float32Array.of(0),
      kernels.name,
    );
  }
});

test("a probability costs nothing where its target is 0, even if it is not a number", () => {
  const x = tensor([[0.5, Number.NaN, 0, Infinity]]);
  for (const kernels of implementations) {
    const { losses } = loss(kernels, "categoricalCrossEntropy", x, tensor([[0, 0, 0, 0]]), weight);
    equalBits(losses, Float32Array.of(0), kernels.name);
  }
});

test("softmaxCrossEntropy's gradient is softmax minus target, with softmax's bits", () => {
  const x = floats([6, 10], 5, 8);
  const y = zeros(x.shape);
  wasm.softmaxForward(y, x);
  const { dx } = loss(
    wasm,
    "softmaxCrossEntropy",
    x,
    tensor(new Float32Array(6).fill(3)),
    tensor(new Float32Array(6).fill(1)),
  );
  equalBits(
    dx,
    y.data.map((p, e) => p - (e % 10 === 3 ? 1 : 0)),
  );
});
