import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { equal } from "../../src/laws/compare.ts";
import {
  check,
  circularEquivariance,
  counterexample,
  gradientCheck,
  law,
  linearity,
  outputSize,
  Refutation,
  refuted,
} from "../../src/laws/index.ts";
import { Conv2D, Dense, ReLU } from "../../src/layers/index.ts";
import { tensor } from "../../src/tensor.ts";
import { refuses } from "../support/refusals.ts";

const below = (limit: number) =>
  law(
    ["B3", "C2"],
    "numbers are small",
    fc.record({ n: fc.nat(1000), pair: fc.tuple(fc.nat(1), fc.nat(1)) }),
    ({ n }) => {
      if (n >= limit) throw new Refutation(`${n} is not below ${limit}`);
    },
  );

describe("a law", () => {
  test("has a title with the ids of its concepts, and a property for fast-check", () => {
    assert.equal(below(7).title, "B3, C2: numbers are small");
    fc.assert(below(2000).property);
    assert.throws(() => fc.assert(below(7).property));
  });

  test("that fails is refuted by the smallest case, both values, and how to see it again", () => {
    const found = counterexample(below(7), { seed: 3 })!;
    const lines = found.message.split("\n");
    assert.equal(lines[0], "B3, C2: numbers are small: refuted");
    assert.equal(lines[1], "  for    n 7, pair [0,0]");
    assert.equal(lines[2], "  found  7 is not below 7");
    assert.deepEqual(found.counterexample, { n: 7, pair: [0, 0] });
    const [, seed, path] = /again {2}check\(law, \{ seed: (-?\d+), path: "([\d:]+)" \}\)/.exec(lines[4])!;
    assert.deepEqual(counterexample(below(7), { seed: Number(seed), path })!.counterexample, found.counterexample);
    assert.throws(() => check(below(7), { seed: 3 }), { name: "Refutation", message: found.message });
  });

  test("draws as many cases as are asked for, the same with the same seed", () => {
    const drawn: number[][] = [[], []];
    for (const numbers of drawn) {
      const numbersOf = law([], "", fc.nat(), (n) => void numbers.push(n));
      check(numbersOf, { numRuns: 17, seed: 5 });
    }
    assert.equal(drawn[0].length, 17);
    assert.deepEqual(drawn[0], drawn[1]);
  });

  test("whose cases are all left out has not been checked", () => {
    const nothing = law(["A1"], "never", fc.nat(), () => fc.pre(false));
    refuses(() => check(nothing), "A1: never", "cases left out", "draw others");
  });

  test("may be that another one is refuted, but not by a mistake in the code", () => {
    check(refuted(["B3"], "numbers may be large", below(7)), { numRuns: 3 });
    assert.throws(() => check(refuted([], "", below(2000)), { numRuns: 1 }), /"numbers are small" held in 100 cases/);
    const broken = law([], "", fc.nat(), () => {
      throw new TypeError("a mistake");
    });
    assert.throws(() => check(refuted([], "", broken), { numRuns: 1 }), /TypeError: a mistake/);
  });
});

describe("two tensors", () => {
  const sides = ["of one", "of the other"] as const;
  test("are told apart by shape, place and both values", () => {
    equal(tensor([0, Number.NaN]), tensor([-0, Number.NaN]), sides);
    equal(tensor([1, 2]), tensor([1, 2.5]), sides, 0.5);
    equal(tensor([1, 2]), tensor([1, 2.5]), sides, (index) => index);
    const differ = (message: RegExp, ...args: Parameters<typeof equal>) =>
      assert.throws(() => equal(...args), { message });
    differ(/^shape \[2\] of one, \[1,2\] of the other$/, tensor([1, 2]), tensor([[1, 2]]), sides);
    differ(/^at \[1,0\] of \[2,1\]: 2 of one, 3 of the other$/, tensor([[1], [2]]), tensor([[1], [3]]), sides);
    differ(/they may differ by 0\.250/, tensor([1]), tensor([1.5]), sides, 0.25);
    differ(/NaN of one/, tensor([Number.NaN]), tensor([1]), sides, 100);
  });
});

describe("what cannot be checked is refused with what to do", () => {
  test("layers, shapes and options", () => {
    refuses(() => linearity(new ReLU()), "linearity", "shape is undefined", "[2, 5, 5, 1]");
    refuses(() => linearity(42 as never, [1]), "linearity", "the layer is 42", "conv2dCases()");
    refuses(() => check(below(7), { runs: 3 } as never), "check", '"runs"', "numRuns, seed, path");
    refuses(() => gradientCheck(new ReLU(), tensor([1]), { steps: 3 } as never), "gradientCheck", '"steps"');
    refuses(
      () => gradientCheck(new ReLU(), tensor([1]), { elements: 0 }),
      "gradientCheck",
      "elements is 0",
      "at least 1",
    );
    refuses(() => gradientCheck(new ReLU(), tensor([1]), { weights: "all" as never }), "weights", '"own"');
    refuses(() => gradientCheck(new Dense({ units: 1 }), tensor([[1]]), { weights: "own" }), "build the layer");
  });

  test("layers without a window, or with padding where there must be none", () => {
    assert.match(
      counterexample(outputSize(new ReLU(), [1, 2, 2, 1]))!.message,
      /re_lu: windowOver is undefined; implement it/,
    );
    const padded = new Conv2D({ filters: 1, kernelSize: 3, padding: 1 });
    assert.match(
      counterexample(circularEquivariance(padded, [1, 4, 4, 1]))!.message,
      /give a layer with padding "valid"/,
    );
  });
});
