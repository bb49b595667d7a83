import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Progress } from "../src/model/callbacks.ts";
import { type Adam, SGD } from "../src/optimizers/index.ts";
import {
  cosineDecay,
  exponentialDecay,
  linearDecay,
  piecewiseConstantDecay,
  ReduceLearningRateOnPlateau,
  type ReduceLearningRateOnPlateauOptions,
  warmUp,
} from "../src/schedules.ts";
import { cosine, sine } from "../src/trigonometry.ts";
import { refuses } from "./support/refusals.ts";

const rates = fc.double({ min: 1e-6, max: 10, noNaN: true });

test("a linear decay starts at its start, ends at its end, stays there, and never rises on its way down", () => {
  fc.assert(
    fc.property(rates, rates, fc.integer({ min: 1, max: 500 }), (a, b, decaySteps) => {
      const [high, low] = [Math.max(a, b), Math.min(a, b)];
      const rate = linearDecay({ initialLearningRate: high, endLearningRate: low, decaySteps });
      assert.equal(rate(0), high);
      assert.ok(Math.abs(rate(decaySteps) - low) <= 1e-15 * high);
      assert.equal(rate(decaySteps + 7), rate(decaySteps));
      for (let step = 1; step <= decaySteps; step++) assert.ok(rate(step) <= rate(step - 1));
    }),
  );
});

test("an exponential decay multiplies by its rate every decaySteps steps, and only then", () => {
  fc.assert(
    fc.property(
      rates,
      fc.double({ min: 0.5, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 9 }),
      (first, factor, every) => {
        const rate = exponentialDecay({ initialLearningRate: first, decayRate: factor, decaySteps: every });
        let expected = first;
        for (let step = 0; step < 40; step++) {
          if (step > 0 && step % every === 0) expected *= factor;
          assert.ok(
            Math.abs(rate(step) - expected) <= 1e-13 * expected,
            `step ${step}: ${rate(step)}, not ${expected}`,
          );
          assert.equal(rate(step), rate(step - (step % every)));
        }
      },
    ),
  );
});

test("a piecewise constant decay changes at its boundaries", () => {
  const rate = piecewiseConstantDecay({ boundaries: [2, 5], values: [0.1, 0.01, 0.001] });
  assert.deepEqual([0, 1, 2, 4, 5, 99].map(rate), [0.1, 0.1, 0.01, 0.01, 0.001, 0.001]);
});

test("schedules name what they refuse", () => {
  assert.throws(
    () => linearDecay({ initialLearningRate: Number.NaN, decaySteps: 1 }),
    /linearDecay: initialLearningRate is NaN; use a finite/,
  );
  assert.throws(
    () => linearDecay({ initialLearningRate: 1, decaySteps: 0 }),
    /decaySteps is 0; use a whole number of at least 1/,
  );
  assert.throws(
    () => exponentialDecay({ initialLearningRate: 1, decayRate: 2 }),
    /decayRate is 2; use a finite number from 0 to 1/,
  );
  assert.throws(() => piecewiseConstantDecay({ boundaries: [1], values: [1] }), /the number of values is 1; give 2/);
  assert.throws(
    () => piecewiseConstantDecay({ boundaries: [2, 2], values: [1, 1, 1] }),
    /boundaries is \[2, 2\]; give rising steps/,
  );
  assert.throws(
    () => linearDecay({ initialLearningRate: 1, decaySteps: 1, steps: 3 } as never),
    /an option is "steps"; known options are/,
  );
});

test("sine and cosine are those of the engine to two units in the last place of 1, and 1 together", () => {
  for (const most of [1, 10, 1000, 1e6]) {
    fc.assert(
      fc.property(fc.double({ min: -most, max: most, noNaN: true }), (x) => {
        assert.ok(Math.abs(sine(x) - Math.sin(x)) <= 2 ** -52, `sine(${x}) is ${sine(x)}`);
        assert.ok(Math.abs(cosine(x) - Math.cos(x)) <= 2 ** -52, `cosine(${x}) is ${cosine(x)}`);
        assert.ok(Math.abs(sine(x) ** 2 + cosine(x) ** 2 - 1) <= 2 ** -50);
      }),
    );
  }
  assert.deepEqual([sine(0.5), cosine(0), cosine(Math.PI), sine(0)], [0.479425538604203, 1, -1, 0]);
});

test("a cosine decay starts at its start, is half way down in the middle, ends at alpha of it, and never rises", () => {
  fc.assert(
    fc.property(
      rates,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 200 }),
      (rate, alpha, half) => {
        const at = cosineDecay({ initialLearningRate: rate, decaySteps: 2 * half, alpha });
        const near = (found: number, expected: number) =>
          assert.ok(Math.abs(found - expected) <= 1e-15 * rate, `${found}`);
        near(at(0), rate);
        near(at(half), (rate * (1 + alpha)) / 2);
        near(at(2 * half), alpha * rate);
        assert.equal(at(2 * half + 9), at(2 * half));
        for (let step = 1; step <= 2 * half; step++) assert.ok(at(step) <= at(step - 1) * (1 + 2 ** -51));
      },
    ),
  );
});

test("a warm-up rises to where its schedule begins, and then is its schedule", () => {
  const rate = warmUp(linearDecay({ initialLearningRate: 1, decaySteps: 2 }), { warmUpSteps: 4 });
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(rate), [0, 0.25, 0.5, 0.75, 1, 0.5, 0]);
  const constant = warmUp(() => 3, { warmUpSteps: 2, from: 1 });
  assert.deepEqual([0, 1, 2, 9].map(constant), [1, 2, 3, 3]);
  assert.equal(warmUp(() => 3, { warmUpSteps: 0 })(0), 3);
});

test("a plateau lowers the rate after so many epochs without improvement, down to the least, and rests", () => {
  const along = (values: readonly number[], options: ReduceLearningRateOnPlateauOptions) => {
    const optimizer = new SGD({ learningRate: 1 });
    const callback = new ReduceLearningRateOnPlateau(optimizer, { monitor: "loss", ...options });
    callback.onTrainBegin();
    return values.map((loss) => {
      callback.onEpochEnd({ logs: { loss, accuracy: loss } } as unknown as Progress);
      return optimizer.learningRate;
    });
  };
  assert.deepEqual(along([5, 4, 4, 4, 4, 4], { factor: 0.5, patience: 2 }), [1, 1, 1, 0.5, 0.5, 0.25]);
  assert.deepEqual(along([5, 5, 5, 5], { factor: 0.5, patience: 1, minLearningRate: 0.3 }), [1, 0.5, 0.3, 0.3]);
  assert.deepEqual(along([5, 5, 5, 5, 5], { factor: 0.5, patience: 1, cooldown: 2 }), [1, 0.5, 0.5, 0.25, 0.25]);
  assert.deepEqual(along([5, 4.95, 4.9], { factor: 0.5, patience: 1, minDelta: 0.07 }), [1, 0.5, 0.5]);
  assert.deepEqual(along([1, 2, 1], { factor: 0.5, patience: 1, monitor: "accuracy" }), [1, 1, 0.5]);
  assert.deepEqual(along([1, 2, 1], { factor: 0.5, patience: 1, mode: "max" }), [1, 1, 0.5]);
  refuses(
    () => along([1], { monitor: "valLoss" }),
    "ReduceLearningRateOnPlateau",
    'monitor is "valLoss"',
    "loss, accuracy",
  );
  refuses(() => along([1], { factor: 1 }), "ReduceLearningRateOnPlateau", "factor is 1", "less than 1");
  refuses(
    () => new ReduceLearningRateOnPlateau({} as Adam),
    "ReduceLearningRateOnPlateau",
    "optimizer is {}",
    "Optimizer",
  );
  refuses(
    () => cosineDecay({ initialLearningRate: 1, decaySteps: 1, alpha: 2 }),
    "cosineDecay",
    "alpha is 2",
    "0 to 1",
  );
  refuses(() => warmUp(1 as never, { warmUpSteps: 1 }), "warmUp", "schedule is 1", "function");
  refuses(() => warmUp(() => 1, { warmUpSteps: -1 }), "warmUp", "warmUpSteps is -1", "at least 0");
});
