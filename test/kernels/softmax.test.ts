import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { as, floats, integers, seeds } from "../support/arbitraries.ts";
import { close, equalBits, innerProduct, total, within } from "../support/compare.ts";
import { differences } from "../support/gradients.ts";
import { implementations, reference64 } from "../support/kernels.ts";

type Forward = "softmaxForward" | "logSoftmaxForward";
type Backward = "softmaxBackward" | "logSoftmaxBackward";

function forward(kernels: Kernels, name: Forward, x: Tensor): Tensor {
  const y = zeros(x.shape, x.dtype);
  kernels[name](y, x);
  return y;
}

function backward(kernels: Kernels, name: Backward, dy: Tensor, y: Tensor): Tensor {
  const dx = zeros(y.shape, y.dtype);
  kernels[name](dx, dy, y);
  return dx;
}

const shapes = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }));

describe("softmax", () => {
  test("every row sums to 1", () => {
    const check = ([rows, columns]: [number, number], scale: number, seed: number) => {
      const x = floats([rows, columns], seed, scale);
      for (const kernels of implementations) {
        const y = forward(kernels, "softmaxForward", x);
        for (let row = 0; row < rows; row++) {
          const sum = total(y.data.subarray(row * columns, (row + 1) * columns));
          // One rounding an addition in the divisor, one in each quotient.
          assert.ok(Math.abs(sum - 1) <= (columns + 1) * 2 ** -24 * 1.001, `${kernels.name}: ${sum}`);
        }
      }
    };
    fc.assert(fc.property(shapes, fc.constantFrom(0, 1, 10, 300), seeds, check));
  });

  test("adding one integer to a row of integers changes no bit", () => {
    const check = ([rows, columns]: [number, number], shift: number, seed: number) => {
      const x = integers([rows, columns], seed);
      const shifted = tensor(
        x.data.map((value) => value + shift),
        x.shape,
      );
      for (const kernels of implementations) {
        for (const name of ["softmaxForward", "logSoftmaxForward"] as const) {
          equalBits(forward(kernels, name, shifted), forward(kernels, name, x), `${kernels.name} ${name}`);
        }
      }
    };
    fc.assert(fc.property(shapes, fc.integer({ min: -4096, max: 4096 }), seeds, check));
  });

  test("float32 is within the derived bound of float64", () => {
    const check = ([rows, columns]: [number, number], scale: number, seed: number) => {
      const x = floats([rows, columns], seed, scale);
      const exact = forward(reference64, "softmaxForward", as("float64", x));
      const exactLog = forward(reference64, "logSoftmaxForward", as("float64", x));
      // The shift is rounded by 2⁻²⁴ of |x − max| ≤ 2·scale, then exp (3 units), the sum and the quotient.
      const relative = (2 * scale + columns + 8) * 2 ** -23;
      for (const kernels of implementations) {
        const [y, log] = [forward(kernels, "softmaxForward", x), forward(kernels, "logSoftmaxForward", x)];
        within(y, exact, (index) => relative * exact.data[index] + 2 ** -140, kernels.name);
        within(log, exactLog, relative, kernels.name);
      }
    };
    fc.assert(fc.property(shapes, fc.constantFrom(1, 10, 300), seeds, check));
  });

  test("±300 neither overflows nor becomes NaN; one element is 1", () => {
    for (const kernels of implementations) {
      equalBits(
        forward(
          kernels,
          "softmaxForward",
          tensor([
            [300, -300],
            [-300, -300],
          ]),
        ),
        tensor([
          [1, 0],
          [0.5, 0.5],
        ]),
      );
      equalBits(forward(kernels, "logSoftmaxForward", tensor([[300, -300]])), tensor([[0, -600]]), kernels.name);
      equalBits(forward(kernels, "softmaxForward", tensor([[-300], [300]])), tensor([[1], [1]]), kernels.name);
    }
  });

  for (const [to, from] of [
    ["softmaxForward", "softmaxBackward"],
    ["logSoftmaxForward", "logSoftmaxBackward"],
  ] as const) {
    test(`${from} is the gradient of ${to}`, () => {
      const check = ([rows, columns]: [number, number], seed: number) => {
        const x = floats([rows, columns], seed, 2, "float64");
        const dy = floats([rows, columns], seed + 1, 1, "float64");
        const dx = backward(reference64, from, dy, forward(reference64, to, x));
        const numeric = differences(x, () => innerProduct(dy, forward(reference64, to, x)));
        close(dx, numeric, 1e-6, { rows, columns, seed });
      };
      fc.assert(fc.property(shapes, seeds, check), { numRuns: 20 });
    });

    test(`${from} in float32 is within the derived bound of float64`, () => {
      const check = ([rows, columns]: [number, number], seed: number) => {
        const y = forward(implementations[0], to, floats([rows, columns], seed, 3));
        const dy = floats([rows, columns], seed + 1);
        const exact = backward(reference64, from, as("float64", dy), as("float64", y));
        // |Σ dy| ≤ columns, a rounding each, times exp y ≤ 1.
        const bound = (columns + 8) * columns * 2 ** -23;
        for (const kernels of implementations) within(backward(kernels, from, dy, y), exact, bound, kernels.name);
      };
      fc.assert(fc.property(shapes, seeds, check));
    });
  }
});
