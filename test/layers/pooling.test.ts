import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AveragePooling2D, MaxPooling2D } from "../../src/layers/index.ts";
import { tensor } from "../../src/tensor.ts";
import { float64Pass } from "../support/gradients.ts";

describe("pooling", () => {
  test("the maximum of an all-negative image is one of its numbers, also beside padding", () => {
    const x = tensor(
      Float64Array.from({ length: 9 }, (_, index) => -1 - index),
      [1, 3, 3, 1],
    );
    const y = new MaxPooling2D({ poolSize: 2, padding: "same" }).forward(x, float64Pass());
    assert.deepEqual([...y.data], [-1, -3, -7, -9]);
  });

  test("the mean counts only cells inside the image", () => {
    const y = new AveragePooling2D({ poolSize: 2, padding: "same" }).forward(
      tensor(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [1, 3, 3, 1]),
      float64Pass(),
    );
    assert.deepEqual([...y.data], [3, 4.5, 7.5, 9]);
  });

  test("strides are poolSize where they are not given", () => {
    assert.deepEqual(new MaxPooling2D({ poolSize: [2, 3] }).outputShape([1, 6, 6, 4]), [1, 3, 2, 4]);
  });
});
