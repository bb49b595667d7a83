import { describe, test } from "node:test";
import fc from "fast-check";
import type { Activation } from "../../src/kernels/kernels.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { as, filled, floats, seeds } from "../support/arbitraries.ts";
import { equalBits, innerProduct, within } from "../support/compare.ts";
import { differences, MARGIN } from "../support/gradients.ts";
import { implementations, reference32, reference64, wasm } from "../support/kernels.ts";

const names = ["linear", "relu", "leakyRelu", "elu", "sigmoid", "tanh", "scaledTanh"] as const;
const activations: Activation[] = names.map((name) => ({ name, alpha: name === "elu" ? 1 : 0.3 }));
const relu = { name: "relu", alpha: 0 } as const;
const scaledTanh = { name: "scaledTanh", alpha: 0 } as const;

/** Every exponent, NaN, ±∞, ±0 and subnormal numbers. */
const everywhere = tensor(new Float32Array(Uint32Array.from({ length: 2 ** 17 }, (_, i) => i * 32771).buffer));

function forward(kernels: typeof wasm, x: Tensor, activation: Activation): Tensor {
  const y = zeros(x.shape, x.dtype);
  kernels.activationForward(y, x, activation);
  return y;
}

function backward(kernels: typeof wasm, dy: Tensor, y: Tensor, activation: Activation): Tensor {
  const dx = zeros(y.shape, y.dtype);
  kernels.activationBackward(dx, dy, y, activation);
  return dx;
}

function scaled(x: Tensor, factor: number): Tensor {
  const result = zeros(x.shape, x.dtype);
  for (let e = 0; e < x.size; e++) result.data[e] = x.data[e] * factor;
  return result;
}

for (const activation of activations) {
  describe(activation.name, () => {
    test("both implementations have the same bits for all kinds of float32, forward and backward", () => {
      equalBits(forward(wasm, everywhere, activation), forward(reference32, everywhere, activation));
      const dy = floats(everywhere.shape, 1);
      equalBits(backward(wasm, dy, everywhere, activation), backward(reference32, dy, everywhere, activation));
    });

    test("backward is the derivative of forward", () => {
      const check = (seed: number) => {
        const x = filled([40], seed, "float64", (random) => {
          const value = 6 * random.uniform() - 3;
          return Math.abs(value) < MARGIN ? 1 : value;
        });
        const dy = floats(x.shape, seed + 1, 1, "float64");
        const dx = backward(reference64, dy, forward(reference64, x, activation), activation);
        within(
          dx,
          differences(x, () => innerProduct(dy, forward(reference64, x, activation))),
          1e-6,
        );
      };
      fc.assert(fc.property(seeds, check), { numRuns: 20 });
    });

    test("float32 stays within a few units in the last place of float64", () => {
      const x = floats([5000], 3, 30);
      const exact = forward(reference64, as("float64", x), activation);
      const bound = (index: number) => 6 * 2 ** -23 * Math.abs(exact.data[index]) + 2 ** -140;
      for (const kernels of implementations) within(forward(kernels, x, activation), exact, bound, kernels.name);
    });
  });
}

test("scaledTanh is 1.7159 · tanh(⅔x), and leaves 1 and −1 where they are", () => {
  const x = tensor([-1, 1, 0, 40, -40], [5], "float64");
  const [y, tanh] = [
    forward(reference64, x, scaledTanh),
    forward(reference64, scaled(x, 2 / 3), { ...relu, name: "tanh" }),
  ];
  equalBits(y, scaled(tanh, 1.7159));
  within(y, tensor([-1, 1, 0, 1.7159, -1.7159], [5], "float64"), 1e-5);
});

test("at the kink of elu and leakyRelu the gradient is that of the left side", () => {
  for (const kernels of implementations) {
    for (const name of ["elu", "leakyRelu"] as const) {
      const [dy, y] = [tensor([2, 2, 2]), tensor([-0, 0, 1])];
      equalBits(backward(kernels, dy, y, { name, alpha: 0.5 }), tensor([1, 1, 2]), `${kernels.name}: ${name}`);
    }
  }
});

test("at relu's kink the gradient is 0, and what is not a number stays so", () => {
  const x = tensor([-1, -0, 0, 1, Number.NaN]);
  for (const kernels of implementations) {
    const y = forward(kernels, x, relu);
    equalBits(y, Float32Array.of(0, 0, 0, 1, Number.NaN), kernels.name);
    equalBits(backward(kernels, tensor([2, 2, 2, 2, 2]), y, relu), Float32Array.of(0, 0, 0, 2, 0), kernels.name);
  }
});
