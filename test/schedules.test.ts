import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { exponentialDecay, linearDecay, piecewiseConstantDecay } from "../src/schedules.ts";

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
