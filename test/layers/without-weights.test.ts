/** Layers without weights, on numbers typed in: the examples of their docstrings, and what they refuse. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GlobalAveragePooling2D, GlobalMaxPooling2D } from "../../src/layers/index.ts";
import { tensor } from "../../src/tensor.ts";
import { floats, integers } from "../support/arbitraries.ts";
import { float64Pass } from "../support/gradients.ts";
import { refuses } from "../support/refusals.ts";

/** One image of 2 × 2, one channel. */
const square = tensor([1, 2, 4, 3], [1, 2, 2, 1]);

describe("global pooling", () => {
  test("as its documentation says, with and without the axes of the image", () => {
    assert.deepEqual(new GlobalAveragePooling2D().forward(square).toNested(), [[2.5]]);
    assert.deepEqual(new GlobalMaxPooling2D().forward(square).toNested(), [[4]]);
    assert.deepEqual(new GlobalAveragePooling2D({ keepDims: true }).forward(square).toNested(), [[[[2.5]]]]);
    assert.deepEqual(new GlobalMaxPooling2D({ keepDims: true }).outputShape([3, 5, 4, 2]), [3, 1, 1, 2]);
  });

  test("the first maximum wins a tie, NaN wins over all numbers", () => {
    const gradient = (values: number[]) => {
      const pass = float64Pass();
      const layer = new GlobalMaxPooling2D();
      layer.forward(tensor(values, [1, 2, 2, 1], "float64"), pass);
      return [...layer.backward(tensor([[5]], undefined, "float64"), pass).data];
    };
    assert.deepEqual(gradient([1, 7, 7, 3]), [0, 5, 0, 0]);
    assert.deepEqual(gradient([1, 7, Number.NaN, 9]), [0, 0, 5, 0]);
    assert.deepEqual(gradient([-4, -3, -5, -9]), [0, 5, 0, 0]);
  });

  test("refuses what has no pixels, another dy, and options that are none", () => {
    const [average, max] = [new GlobalAveragePooling2D(), new GlobalMaxPooling2D()];
    for (const layer of [average, max]) {
      refuses(() => layer.outputShape([2, 0, 3, 1]), layer.name, "the shape of x is [2, 0, 3, 1]", "with pixels");
      refuses(() => layer.outputShape([2, 3]), layer.name, "[batch, height, width, channels]");
      const pass = float64Pass();
      layer.forward(floats([2, 3, 2, 4], 1, 1, "float64"), pass);
      refuses(() => layer.backward(integers([2, 1, 1, 4], 1), pass), layer.name, "dy is [2, 1, 1, 4]", "[2,4]");
    }
    refuses(() => max.outputShape([1, 4097, 4096, 1]), "global_max_pooling2d", "up to 2^24 pixels");
    refuses(() => new GlobalMaxPooling2D({ keepDims: 1 } as never), "GlobalMaxPooling2D", "keepDims is 1");
    refuses(() => new GlobalAveragePooling2D({ poolSize: 2 } as never), '"poolSize"', "options are keepDims");
  });
});
