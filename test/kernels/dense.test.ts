import { describe, test } from "node:test";
import fc from "fast-check";
import type { Activation } from "../../src/kernels/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { tensor, zeros } from "../../src/tensor.ts";
import { as, floats, seeds } from "../support/arbitraries.ts";
import { equalBits, innerProduct, within } from "../support/compare.ts";
import { denseLayer, directions, type Layer, linear, names } from "../support/directions.ts";
import { implementations, reference32, reference64, wake, wasm } from "../support/kernels.ts";

/** N rows, A inputs, B columns. */
type Size = readonly [N: number, A: number, B: number];

const relu = { name: "relu", alpha: 0 } as const;
const tanh = { name: "tanh", alpha: 0 } as const;

/** Around tiles of 4 × 8, units of 16 and 32 columns, chunks of 64 inputs and 512 packed inputs. */
const usual: fc.Arbitrary<Size> = fc.tuple(
  fc.oneof(fc.nat(9), fc.nat(40)),
  fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 140 }), fc.integer({ min: 505, max: 1030 })),
  fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 75 })),
);
/** More rows than dw packs at a time, which are 128, and columns in many panels. */
const many = fc.tuple(
  fc.integer({ min: 120, max: 270 }),
  fc.integer({ min: 1, max: 70 }),
  fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 120, max: 300 })),
);
/** More columns than a unit of y has where rows are few, which are 1024. */
const wide = fc.tuple(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 20 }),
  fc.integer({ min: 1015, max: 2100 }),
);
/** Kernels of more than a million numbers, which up to 3 and up to 11 rows read and write in another order. */
const large = fc.tuple(
  fc.integer({ min: 1, max: 13 }),
  fc.integer({ min: 1025, max: 1100 }),
  fc.integer({ min: 1024, max: 1060 }),
);
const sizes: fc.Arbitrary<Size> = fc.oneof({ weight: 3, arbitrary: usual }, many, wide);

describe("dense", () => {
  test("WASM equals the reference bit for bit on small integers, in all three directions, whatever the size", () => {
    const check = (size: Size, seed: number, activation: Activation, hasBias: boolean) => {
      const tensors = denseLayer(size, seed);
      const fast = directions(wasm, tensors, activation, hasBias);
      const plain = directions(reference32, tensors, activation, hasBias);
      for (const name of names) equalBits(fast[name], plain[name], { name, size, seed, activation, hasBias });
    };
    const activations = fc.constantFrom(linear, relu, tanh);
    fc.assert(fc.property(sizes, seeds, activations, fc.boolean(), check), { numRuns: 150 });
    fc.assert(fc.property(large, seeds, activations, fc.boolean(), check), { numRuns: 15 });
  });

  test("does every size around its tiles: 0 … 9 rows, 1 … 9 inputs, 1 … 17 columns", () => {
    for (let N = 0; N <= 9; N++) {
      for (let B = 1; B <= 17; B++) {
        const tensors = denseLayer([N, 1 + ((N + B) % 9), B], B);
        const [fast, plain] = [wasm, reference32].map((kernels) => directions(kernels, tensors));
        for (const name of names) equalBits(fast[name], plain[name], { name, N, B });
      }
    }
  });

  test("⟨dy, x·w⟩ = ⟨backwardInput(dy), x⟩ = ⟨backwardKernel(dy), w⟩", () => {
    const check = (size: Size, seed: number) => {
      const tensors = denseLayer(size, seed);
      for (const kernels of implementations) {
        const { y, dx, dkernel } = directions(kernels, tensors, linear, false);
        const products = [innerProduct(dx, tensors.x), innerProduct(dkernel, tensors.kernel)];
        const expected = innerProduct(tensors.dy, y);
        equalBits(Float64Array.from(products), Float64Array.of(expected, expected), { size, seed });
      }
    };
    fc.assert(fc.property(sizes, seeds, check), { numRuns: 40 });
  });

  test("stays within (K + 2)·2⁻²³·Σ|x·w| of the float64 formula", () => {
    const check = (size: Size, seed: number) => {
      const tensors = denseLayer(size, seed, floats);
      const fast = directions(wasm, tensors);
      const exact = directions(
        reference64,
        mapped(tensors, (value) => value),
      );
      const magnitudes = directions(reference64, mapped(tensors, Math.abs));
      const [N, A, B] = size;
      const terms = { y: A + 1, dx: B, dkernel: N };
      for (const name of names) {
        const bound = (e: number) => (terms[name] + 2) * 2 ** -23 * magnitudes[name].data[e];
        within(fast[name], exact[name], bound, { name, size, seed });
      }
    };
    fc.assert(fc.property(sizes, seeds, check), { numRuns: 40 });
  });

  test("a row of y has the same bits alone and among others", () => {
    const check = ([N, A, B]: Size, seed: number) => {
      const { x, kernel, bias } = denseLayer([N, A, B], seed, floats);
      const together = zeros([N, B]);
      wasm.denseForward(together, x, kernel, bias, linear);
      for (let n = 0; n < N; n++) {
        const alone = zeros([1, B]);
        wasm.denseForward(alone, tensor(x.data.slice(n * A, (n + 1) * A), [1, A]), kernel, bias, linear);
        equalBits(alone, together.data.slice(n * B, (n + 1) * B), { n, N, A, B, seed });
      }
    };
    fc.assert(fc.property(sizes, seeds, check), { numRuns: 20 });
    fc.assert(fc.property(large, seeds, check), { numRuns: 3 });
  });

  test("gives the same bits with 1, 2 and 3 threads", async () => {
    const several = [2, 3].map((threads) => wasmKernels({ threads }));
    await wake(...several);
    const check = (size: Size, seed: number) => {
      const tensors = denseLayer(size, seed, floats);
      const one = directions(wasm, tensors);
      for (const kernels of several) {
        const more = directions(kernels, tensors);
        for (const name of names) equalBits(more[name], one[name], { kernels: kernels.name, name, size, seed });
      }
    };
    fc.assert(fc.property(sizes, seeds, check), { numRuns: 30 });
    fc.assert(fc.property(large, seeds, check), { numRuns: 5 });
  });
});

function mapped(t: Layer, change: (value: number) => number): Layer {
  const [x, kernel, bias, dy] = [t.x, t.kernel, t.bias, t.dy].map((tensor) => {
    const wide = as("float64", tensor);
    wide.data.forEach((value, e) => {
      wide.data[e] = change(value);
    });
    return wide;
  });
  return { x, kernel, bias, dy };
}
