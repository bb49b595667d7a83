import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { sigmoid } from "../../src/kernels/reference/activation.ts";
import { arithmetic } from "../../src/kernels/reference/math.ts";
import { equalBits } from "../support/compare.ts";
import { compileLanewise } from "../support/simd.ts";

const [float32, float64] = [arithmetic("float32"), arithmetic("float64")];
const reference: Record<string, (x: number) => number> = { ...float32, sigmoid: (x) => sigmoid(x, float32) };
const names = ["exp", "expm1", "log", "log1p", "tanh", "sigmoid"];

/** One in 4,099 of all float32, beginning somewhere: every exponent and sign, NaN, ±∞, ±0 and subnormal numbers. */
function sweep(first: number): Float32Array {
  const bits = Uint32Array.from({ length: 2 ** 20 }, (_, index) => (first + index * 4099) >>> 0);
  return new Float32Array(bits.buffer);
}

/** Limits, overflow, and √2, where log turns from one half of a power to the other. */
const special = Float32Array.of(
  Math.SQRT2,
  Math.SQRT1_2,
  0,
  -0,
  1,
  -1,
  Infinity,
  -Infinity,
  NaN,
  1e-45,
  -1e-45,
  1e-38,
  300,
  -300,
  88.7228,
  88.73,
);

describe("exp, log and tanh on four lanes", () => {
  const simd = compileLanewise("math", names);
  for (const name of names) {
    test(`${name} has the bits of the reference wherever one looks in float32`, () => {
      equalBits(simd[name](special), special.map(reference[name]), name);
      const check = (first: number) => {
        const x = sweep(first);
        equalBits(simd[name](x), x.map(reference[name]), `${name}, sweep from ${first}`);
      };
      fc.assert(fc.property(fc.nat(4098), check), { numRuns: 2 });
    });

    test(`${name} has the bits of the reference between −100 and 100, densely`, () => {
      const x = Float32Array.from({ length: 400_001 }, (_, index) => (index - 200_000) / 2000);
      equalBits(simd[name](x), x.map(reference[name]), name);
    });
  }
});

describe("exp, log and tanh of the reference", () => {
  const arguments32 = fc.float({ noNaN: true });
  const arguments64 = fc.double({ noNaN: true });
  const moderate = fc.double({ min: -20, max: 20, noNaN: true });
  const exact = { exp: Math.exp, log: Math.log, tanh: Math.tanh };
  for (const name of ["exp", "log", "tanh"] as const) {
    test(`float32 ${name} is within 3 units in the last place`, () => {
      const check = (x: number) =>
        near(float32[name](Math.fround(x)), exact[name](Math.fround(x)), 3 * 2 ** -23, 2 ** -149);
      fc.assert(fc.property(arguments32, check), { numRuns: 20_000 });
      fc.assert(fc.property(moderate, check), { numRuns: 20_000 });
    });

    test(`float64 ${name} is within 5 units in the last place of the host's`, () => {
      const check = (x: number) => near(float64[name](x), exact[name](x), 5 * 2 ** -52, 5e-324);
      fc.assert(fc.property(arguments64, check), { numRuns: 20_000 });
      fc.assert(fc.property(moderate, check), { numRuns: 20_000 });
    });
  }

  test("expm1 and log1p do not cancel near 0", () => {
    const small = fc.double({ min: 1e-30, max: 0.5, noNaN: true });
    const check = (x: number) => {
      near(float64.expm1(x), Math.expm1(x), 5 * 2 ** -52, 0);
      near(float64.expm1(-x), Math.expm1(-x), 5 * 2 ** -52, 0);
      near(float64.log1p(x), Math.log1p(x), 5 * 2 ** -52, 0);
    };
    fc.assert(fc.property(small, check), { numRuns: 5000 });
  });

  test("limits, overflow, underflow and NaN are those of IEEE arithmetic", () => {
    for (const { exp, log, tanh } of [float32, float64]) {
      assert.deepEqual([exp(0), exp(-Infinity), exp(Infinity), exp(1000), exp(-1000)], [1, 0, Infinity, Infinity, 0]);
      assert.deepEqual([log(1), log(0), log(Infinity), log(-1)], [0, -Infinity, Infinity, NaN]);
      assert.deepEqual([tanh(-0), tanh(Infinity), tanh(-Infinity), tanh(300)], [-0, 1, -1, 1]);
      for (const f of [exp, log, tanh]) assert.ok(Number.isNaN(f(Number.NaN)));
    }
  });
});

/** Relative within `relative`, or absolute within the distance of subnormal numbers. */
function near(actual: number, expected: number, relative: number, smallest: number): void {
  if (Object.is(actual, expected)) return;
  const isFarOut = Math.abs(expected) > 3.4028234e38 && Math.abs(actual) === Infinity; // rounds to ∞ in float32
  const isNear = Math.abs(actual - expected) <= relative * Math.abs(expected) + smallest;
  assert.ok(isNear || isFarOut, `${actual} instead of ${expected}`);
}
