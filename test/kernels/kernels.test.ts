import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { equalBits } from "../support/compare.ts";
import { implementations, reference32, wasm } from "../support/kernels.ts";
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

describe("the kernels", () => {
  test("are done at once where there are no numbers, however many images there would be", () => {
    const many = 2 ** 31 - 1;
    for (const kernels of implementations) {
      const [small, large] = [kernels.allocate([many, 1, 1, 0]), kernels.allocate([many, 2, 2, 0])];
      kernels.copyWindow2d(large, small, 0, 0);
      kernels.upSampling2dForward(large, small, "nearest");
      kernels.upSampling2dBackward(small, large, "bilinear");
      const x = kernels.allocate([many, 0, 2, many]);
      kernels.spatialDropout2d(kernels.allocate(x.shape), x, 0.5, [1, 2]);
    }
  });

  test("round weights of an enlargement that float32 cannot hold, odd ones beyond 2²⁴, alike", () => {
    // 2 × 2 by 2050: next to the corners weights are (4100 − a) · (4100 − b) with odd a and b, and thrice one ends otherwise
    // than thrice the rounded one.
    const [fast, plain] = [wasm, reference32].map((kernels) => {
      const [y, x] = [kernels.allocate([1, 4100, 4100, 1]), kernels.allocate([1, 2, 2, 1])];
      x.data.set([3, 0, 0, 0]);
      kernels.upSampling2dForward(y, x, "bilinear");
      return y;
    });
    equalBits(fast, plain, { size: 2050 });
  });
});
