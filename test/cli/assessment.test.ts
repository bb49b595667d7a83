import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assess } from "../../src/cli/assessment.ts";
import { tensor } from "../../src/tensor.ts";

test("a small case, counted by hand", () => {
  const probabilities = tensor([
    [0.9, 0.1, 0],
    [0.6, 0.4, 0],
    [0.2, 0.7, 0.1],
    [0.5, 0.5, 0],
  ]);
  const { confusion, classes, mistakes, correct } = assess(probabilities, tensor([0, 1, 1, 1]), ["a", "b", "c"]);
  assert.deepEqual(confusion, [
    [1, 0, 0],
    [2, 1, 0],
    [0, 0, 0],
  ]);
  assert.equal(correct, 2);
  assert.deepEqual(
    classes.map(({ precision }) => precision),
    [1 / 3, 1, Number.NaN],
  );
  assert.deepEqual(
    classes.map(({ recall }) => recall),
    [1, 1 / 3, Number.NaN],
  );
  // The first of equal probabilities is what is predicted; the least likely truth comes first.
  assert.deepEqual(
    mistakes.map(({ index, label, predicted }) => [index, label, predicted]),
    [
      [1, 1, 0],
      [3, 1, 0],
    ],
  );
});

test("every image is in one cell, and mistakes are the cells off the diagonal", () => {
  const row = fc.tuple(
    fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
    fc.nat({ max: 3 }),
  );
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
      const found = assess(tensor(rows.map(([p]) => p)), tensor(rows.map(([, label]) => label)), ["a", "b", "c", "d"]);
      const cells = found.confusion.flat().reduce((a, b) => a + b);
      const hits = found.confusion.reduce((total, cell, k) => total + cell[k], 0);
      assert.deepEqual([cells, hits, cells - hits], [rows.length, found.correct, found.mistakes.length]);
      for (let m = 1; m < found.mistakes.length; m++) {
        assert.ok(found.mistakes[m].probabilityOfTruth >= found.mistakes[m - 1].probabilityOfTruth);
      }
    }),
  );
});
