import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { arithmetic } from "../../src/kernels/reference/math.ts";
import { normal } from "../../src/kernels/reference/noise.ts";
import { philox, type RandomKey } from "../../src/random.ts";
import { type Tensor, zeros } from "../../src/tensor.ts";
import { filled, floats, seeds } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { implementations, reference32, wasm } from "../support/kernels.ts";

const words = fc.integer({ min: 0, max: 0xffffffff });
const keys: fc.Arbitrary<RandomKey> = fc.tuple(words, words);
const few = fc.integer({ min: 1, max: 9 });

function noise(kernels: Kernels, x: Tensor, stddev: number, key: RandomKey): Tensor {
  const y = zeros(x.shape);
  kernels.gaussianNoise(y, x, stddev, key);
  return y;
}

/** P(Z ≤ z) by the series Σ z²ᵏ⁺¹ / (1·3·5·…·(2k+1)), and in the tail by a continued fraction, both to the last digits. */
function distribution(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 3) {
    let fraction = z;
    for (let k = 80; k >= 1; k--) fraction = z + k / fraction;
    return 1 - density / fraction;
  }
  if (z < 0) return 1 - distribution(-z);
  let [term, sum] = [z, z];
  for (let k = 1; k < 200; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + density * sum;
}

describe("noise", () => {
  test("both implementations have the same bits, for any deviation and key", () => {
    const check = (size: number, stddev: number, key: RandomKey, seed: number) => {
      const x = floats([size], seed, 10);
      equalBits(noise(wasm, x, stddev, key), noise(reference32, x, stddev, key), { size, stddev, key });
    };
    const deviations = fc.constantFrom(0, 0.1, 1, 3.5, 1e30, 1e-40);
    fc.assert(fc.property(fc.nat(300), deviations, keys, seeds, check));
    fc.assert(fc.property(fc.constantFrom(8191, 8193, 30_000), deviations, keys, seeds, check), { numRuns: 8 });
  });

  test("is that of the element's own bits, whatever else is drawn", () => {
    const block = new Uint32Array(4);
    fc.assert(
      fc.property(fc.nat(300), keys, (e, key) => {
        philox(block, [4 * Math.floor(e / 16) + (e % 4), 0, 0, 0], key);
        const expected = normal(block[Math.floor(e / 4) % 4], arithmetic("float32"));
        for (const kernels of implementations) {
          assert.equal(noise(kernels, zeros([e + 1]), 1, key).data[e], expected, kernels.name);
        }
      }),
    );
  });

  test("is where the normal distribution has the element's bits for its probability, to 10⁻⁶ of a deviation", () => {
    const edges = [0, 255, 256, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 256, 2 ** 32 - 512, 14_500_000, 2 ** 28];
    const check = (bits: number) => {
      const probability = (2 * (bits >>> 8) + 1) / 2 ** 25;
      for (const dtype of ["float32", "float64"] as const) {
        const z = normal(bits, arithmetic(dtype));
        const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
        // In the lower half, where probabilities have more digits.
        const [side, rest] = z < 0 ? [z, probability] : [-z, 1 - probability];
        const error = Math.abs(1 - distribution(-side) - rest) / density;
        // A probability next to 1 is a multiple of 2⁻⁵³, and float32 has 24 bits of u.
        const bound = 2e-6 * Math.max(1, Math.abs(z)) + 2 ** -52 / density;
        assert.ok(error <= bound, `${dtype}: ${z} of ${bits}, wrong by ${error}`);
        assert.equal(Math.sign(z), bits < 2 ** 31 ? -1 : 1);
      }
    };
    for (const bits of edges) check(bits);
    fc.assert(fc.property(words, check), { numRuns: 2000 });
  });
});

describe("dropout of channels", () => {
  test("keeps those that dropout keeps of [N,C], with the same bits on both implementations", () => {
    const cases = fc.record({ N: few, H: few, W: few, C: few, rate: fc.double({ min: 0, max: 0.9, noNaN: true }) });
    fc.assert(
      fc.property(cases, keys, seeds, ({ N, H, W, C, rate }, key, seed) => {
        const x = floats([N, H, W, C], seed);
        const mask = zeros([N, C]);
        wasm.dropout(mask, filled([N, C], 0, "float32", () => 1), rate, key); // biome-ignore format: short
        const expected = zeros(x.shape);
        expected.data.forEach((_, e) => {
          const isKept = mask.data[Math.floor(e / (H * W * C)) * C + (e % C)] !== 0;
          expected.data[e] = isKept ? x.data[e] / Math.fround(1 - rate) : 0;
        });
        for (const kernels of implementations) {
          const y = zeros(x.shape);
          kernels.spatialDropout2d(y, x, rate, key);
          equalBits(y, expected, kernels.name);
        }
      }),
    );
  });
});
