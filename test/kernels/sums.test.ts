import { describe, test } from "node:test";
import fc from "fast-check";
import { type Tensor, zeros } from "../../src/tensor.ts";
import { floats, integers, seeds } from "../support/arbitraries.ts";
import { equalBits, total, within } from "../support/compare.ts";
import { implementations, reference64, wasm } from "../support/kernels.ts";

function sum(kernels: typeof wasm, x: Tensor): Tensor {
  const y = zeros([1], x.dtype);
  kernels.sum(y, x);
  return y;
}

function bias(kernels: typeof wasm, dy: Tensor, dtype = dy.dtype): Tensor {
  const dbias = zeros(dy.shape.slice(-1), dtype);
  kernels.backwardBias(dbias, dy);
  return dbias;
}

const long = fc.integer({ min: 0, max: 100_000 });
const matrices = fc.tuple(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 1, max: 40 }));

describe("sum and backwardBias", () => {
  test("are exact on small integers, whatever the number of slices", () => {
    const check = (size: number, [rows, columns]: [number, number], seed: number) => {
      const x = integers([size], seed);
      const dy = integers([rows, columns], seed + 1);
      for (const kernels of implementations) {
        equalBits(sum(kernels, x), Float32Array.of(total(x)), { kernels: kernels.name, size, seed });
        equalBits(bias(kernels, dy), bias(reference64, dy), { kernels: kernels.name, rows, columns, seed });
      }
    };
    fc.assert(fc.property(long, matrices, seeds, check), { numRuns: 20 });
  });

  test("stay within the bound of summation on floats", () => {
    const check = (size: number, [rows, columns]: [number, number], seed: number) => {
      const x = floats([size], seed);
      const magnitude = total(x.data.map(Math.abs));
      // A kernel adds at most 8192/16 numbers one after the other, then 16, then the sums of 13 slices.
      within(sum(wasm, x), Float64Array.of(total(x)), (512 + 16 + 13) * 2 ** -24 * magnitude, { size, seed });
      const dy = floats([rows, columns], seed + 1);
      within(bias(wasm, dy), bias(reference64, dy, "float64"), rows ** 2 * 2 ** -24, { rows, columns, seed });
    };
    fc.assert(fc.property(long, matrices, seeds, check), { numRuns: 20 });
  });

  test("the sum of dbias is the sum of dy", () => {
    const check = ([rows, columns]: [number, number], seed: number) => {
      const dy = integers([rows, columns], seed);
      for (const kernels of implementations) equalBits(sum(kernels, bias(kernels, dy)), sum(kernels, dy), kernels.name);
    };
    fc.assert(fc.property(matrices, seeds, check), { numRuns: 20 });
  });

  test("add may write over its first input", () => {
    for (const kernels of implementations) {
      const [a, b] = [integers([33], 1), integers([33], 2)];
      const y = a.copy();
      kernels.add(y, y, b);
      equalBits(
        y,
        a.data.map((value, index) => value + b.data[index]),
        kernels.name,
      );
    }
  });
});
