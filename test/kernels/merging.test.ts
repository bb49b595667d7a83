import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { tensor, zeros } from "../../src/tensor.ts";
import { floats, integers, seeds } from "../support/arbitraries.ts";
import { equalBits, innerProduct } from "../support/compare.ts";
import { implementations } from "../support/kernels.ts";

const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const counts = fc.integer({ min: 0, max: 40 });

for (const kernels of implementations) {
  describe(`concatenate, slice and multiply, on ${kernels.name}`, () => {
    test("rows stand side by side, in the order of the tensors", () => {
      const y = zeros([2, 3]);
      kernels.concatenate(y, [tensor([[1], [4]]), tensor([[2, 3], [5, 6]])], 2); // biome-ignore format: two rows each
      assert.deepEqual(y.toNested(), [[1, 2, 3], [4, 5, 6]]); // biome-ignore format: two rows
    });

    test("slicing gives back what was concatenated", () => {
      fc.assert(
        fc.property(counts, lengths, seeds, (rows, own, seed) => {
          const xs = own.map((length, index) => floats([rows, length], seed + index));
          const y = zeros([rows, own.reduce((a, b) => a + b)]);
          kernels.concatenate(y, xs, rows);
          let from = 0;
          for (const x of xs) {
            const back = zeros(x.shape);
            kernels.slice(back, y, rows, from);
            equalBits(back, x, { rows, own, seed, from });
            from += x.shape[1];
          }
        }),
      );
    });

    test("⟨dy, concatenate(xs)⟩ = Σ ⟨slice(dy), x⟩: each is the other's gradient", () => {
      fc.assert(
        fc.property(counts, lengths, seeds, (rows, own, seed) => {
          const xs = own.map((length, index) => integers([rows, length], seed + index));
          const [y, dy] = [
            zeros([rows, own.reduce((a, b) => a + b)]),
            integers([rows, own.reduce((a, b) => a + b)], seed),
          ];
          kernels.concatenate(y, xs, rows);
          let [from, sum] = [0, 0];
          for (const x of xs) {
            const dx = zeros(x.shape);
            kernels.slice(dx, dy, rows, from);
            sum += innerProduct(dx, x);
            from += x.shape[1];
          }
          assert.equal(innerProduct(dy, y), sum);
        }),
      );
    });

    test("multiply works in place, and is commutative", () => {
      fc.assert(
        fc.property(counts, seeds, (size, seed) => {
          const [a, b] = [floats([size], seed), floats([size], seed + 1)];
          const [ab, ba] = [zeros([size]), b.copy()];
          kernels.multiply(ab, a, b);
          kernels.multiply(ba, ba, a);
          equalBits(ba, ab);
          a.data.forEach((value, e) => {
            assert.equal(ab.data[e], Math.fround(value * b.data[e]));
          });
        }),
      );
    });
  });
}
