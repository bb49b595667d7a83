import { describe, test } from "node:test";
import fc from "fast-check";
import type { AdamSettings, Kernels, SGDSettings } from "../../src/kernels/kernels.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { as, floats, seeds } from "../support/arbitraries.ts";
import { close, equalBits } from "../support/compare.ts";
import { casesOf } from "../support/conformance.ts";
import { implementations, reference32, reference64, wasm } from "../support/kernels.ts";

const unit = fc.double({ min: 0, max: 0.999, noNaN: true });
const small = fc.double({ min: 1e-6, max: 1, noNaN: true });
const sizes = fc.integer({ min: 1, max: 40 });

const sgdSettings: fc.Arbitrary<SGDSettings> = fc.record({
  ...{ learningRate: small, momentum: unit, nesterov: fc.boolean(), weightDecay: unit },
});
const adamSettings: fc.Arbitrary<AdamSettings> = fc.record({
  ...{ learningRate: small, beta1: unit, beta2: unit, epsilon: small, weightDecay: unit, decoupled: fc.boolean() },
  ...{ correction1: small, correction2: small },
});
const PLAIN = { momentum: 0, nesterov: false, weightDecay: 0 };
const rmspropSettings = fc.record({ learningRate: small, rho: unit, epsilon: small });

/** Value and state after three steps from random values on random gradients. */
function trail(
  size: number,
  seed: number,
  step: (value: Tensor, states: Tensor[], gradient: Tensor) => void,
): Tensor[] {
  const value = floats([size], seed);
  const states = [zeros([size]), zeros([size])];
  for (let t = 1; t <= 3; t++) step(value, states, floats([size], seed + t, 3));
  return [value, ...states];
}

function bothAgree(size: number, seed: number, step: (kernels: Kernels) => Parameters<typeof trail>[2]): void {
  const expected = trail(size, seed, step(reference32));
  trail(size, seed, step(wasm)).forEach((actual, index) => {
    equalBits(actual, expected[index], { size, seed, index });
  });
}

describe("both implementations of an optimizer have the same bits, for any settings", () => {
  test("sgd", () => {
    const check = (settings: SGDSettings, hasVelocity: boolean, size: number, seed: number) => {
      bothAgree(size, seed, (kernels) => (value, [velocity], gradient) => {
        kernels.sgd(value, hasVelocity ? velocity : undefined, gradient, settings);
      });
    };
    fc.assert(fc.property(sgdSettings, fc.boolean(), sizes, seeds, check));
  });

  test("adam", () => {
    const check = (settings: AdamSettings, size: number, seed: number) => {
      bothAgree(size, seed, (kernels) => (value, [mean, square], gradient) => {
        kernels.adam(value, mean, square, gradient, settings);
      });
    };
    fc.assert(fc.property(adamSettings, sizes, seeds, check));
  });

  test("rmsprop", () => {
    const check = (settings: { learningRate: number; rho: number; epsilon: number }, size: number, seed: number) => {
      bothAgree(size, seed, (kernels) => (value, [square], gradient) => {
        kernels.rmsprop(value, square, gradient, settings);
      });
    };
    fc.assert(fc.property(rmspropSettings, sizes, seeds, check));
  });
});

describe("a state below the smallest normal number becomes 0, and no other does", () => {
  const settings = { ...PLAIN, learningRate: 0.1, epsilon: 1e-7, correction1: 1, correction2: 1, decoupled: false };
  /** The states' shares that are kept in a step, as exact factors: halves round nothing away. */
  const steps = {
    sgd: (kernels: Kernels, [value, state, , gradient]: Tensor[]) =>
      kernels.sgd(value, state, gradient, { ...settings, momentum: 0.5 }),
    "mean of adam": (kernels: Kernels, [value, state, other, gradient]: Tensor[]) =>
      kernels.adam(value, state, other, gradient, { ...settings, beta1: 0.5, beta2: 0.5 }),
    "square of adam": (kernels: Kernels, [value, state, other, gradient]: Tensor[]) =>
      kernels.adam(value, other, state, gradient, { ...settings, beta1: 0.5, beta2: 0.5 }),
    rmsprop: (kernels: Kernels, [value, state, , gradient]: Tensor[]) =>
      kernels.rmsprop(value, state, gradient, { ...settings, rho: 0.5 }),
  };
  for (const [name, step] of Object.entries(steps)) {
    test(name, () => {
      for (const kernels of implementations) {
        const smallest = kernels.dtype === "float32" ? 2 ** -126 : 2 ** -1022;
        const before = [2, 1.5, 4, 1, 2 ** -20, 2 ** 60, Number.NaN, Infinity, -0].map((factor) => smallest * factor);
        const state = as(kernels.dtype, tensor(Float64Array.from(before)));
        const [value, other, gradient] = [0, 1, 2].map(() => zeros(state.shape, kernels.dtype));
        step(kernels, [value, state, other, gradient]);
        const expected = before.map((x) => (Math.abs(x / 2) < smallest ? 0 : x / 2));
        equalBits(state, as(kernels.dtype, tensor(Float64Array.from(expected))), kernels.name);
      }
    });
  }

  test("so momentum comes to rest", () => {
    for (const kernels of implementations) {
      const [value, velocity, gradient] = [0, 1, 0].map((x) => as(kernels.dtype, tensor([x])));
      for (let t = 0; t < 8000; t++) kernels.sgd(value, velocity, gradient, { ...settings, momentum: 0.9 });
      equalBits(velocity, as(kernels.dtype, tensor([0])), kernels.name);
    }
  });
});

test("a step goes against the gradient, and momentum carries on in its direction", () => {
  const settings = { learningRate: 0.5, momentum: 0.5, nesterov: false, weightDecay: 0 };
  for (const kernels of implementations) {
    const [value, velocity] = [tensor([1]), tensor([0])];
    kernels.sgd(value, velocity, tensor([2]), settings);
    equalBits(value, Float32Array.of(0), kernels.name);
    kernels.sgd(value, velocity, tensor([0]), settings);
    equalBits(value, Float32Array.of(-0.5), kernels.name);
    kernels.sgd(value, velocity, tensor([0]), { ...settings, nesterov: true });
    equalBits(value, Float32Array.of(-0.625), kernels.name);
  }
});

/** One step t of an optimizer that PyTorch names so. */
function step(kernels: Kernels, t: number, value: Tensor, [a, b]: Tensor[], gradient: Tensor, attrs: Attributes): void {
  const settings = { ...PLAIN, ...attrs };
  const correction = (beta: number) => 1 - beta ** t;
  if (attrs.name === "sgd") kernels.sgd(value, settings.momentum ? a : undefined, gradient, settings);
  if (attrs.name === "rmsprop") kernels.rmsprop(value, a, gradient, settings);
  if (attrs.name.startsWith("adam")) {
    const corrections = { correction1: correction(attrs.beta1), correction2: correction(attrs.beta2) };
    kernels.adam(value, a, b, gradient, { ...settings, ...corrections, decoupled: attrs.name === "adamw" });
  }
}

interface Attributes extends Pick<AdamSettings, "learningRate" | "beta1" | "beta2" | "epsilon"> {
  readonly name: string;
  readonly rho: number;
}

describe("five steps are those of PyTorch", () => {
  for (const { index, attrs, inputs, outputs } of casesOf("optimizer")) {
    test(`case ${index}: ${JSON.stringify(attrs)}`, () => {
      // Float32: five steps of some ten roundings each, of values below 4.
      for (const [kernels, tolerance] of [
        [reference64, 1e-9],
        [reference32, 3e-6],
        [wasm, 3e-6],
      ] as const) {
        const { dtype } = kernels;
        const value = as(dtype, inputs.start);
        const states = [zeros(value.shape, dtype), zeros(value.shape, dtype)];
        for (let t = 0; t < 5; t++) {
          const gradient = tensor(inputs.gradients.data.slice(t * value.size, (t + 1) * value.size));
          step(kernels, t + 1, value, states, as(dtype, gradient), attrs);
          const expected = outputs.parameters.data.slice(t * value.size, (t + 1) * value.size);
          close(value, expected, tolerance, { kernels: kernels.name, t });
        }
      }
    });
  }
});
