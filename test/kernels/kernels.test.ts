import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { refuses } from "../support/refusals.ts";

describe("the kernels of the reference", () => {
  test("are known by their name and precision; float64 where none is given", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const kernels = referenceKernels(dtype);
      assert.deepEqual([kernels.name, kernels.dtype], [`reference ${dtype}`, dtype]);
      const made = kernels.allocate([2, 3]);
      assert.deepEqual([made.dtype, made.shape, [...made.data]], [dtype, [2, 3], [0, 0, 0, 0, 0, 0]]);
    }
    assert.equal(referenceKernels().dtype, "float64");
  });

  test("of another precision are refused", () => {
    refuses(
      () => referenceKernels("float16" as never),
      "referenceKernels",
      'dtype is "float16"',
      '"float32" or "float64"',
    );
  });
});
