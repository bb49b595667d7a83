/** Number by number, over any length: the kernels divide it among threads. */
import type { Activation } from "../../../src/kernels/kernels.ts";
import { floats } from "../arbitraries.ts";
import { type Operation, steps } from "./operation.ts";

const activations: Activation[] = (
  ["linear", "relu", "leakyRelu", "elu", "sigmoid", "tanh", "scaledTanh"] as const
).map((name) => ({
  name,
  alpha: name === "elu" ? 1.5 : 0.3,
}));

export const elementwise: Operation[] = [
  ...activations.flatMap((activation): Operation[] => [
    {
      name: `activationForward ${activation.name}`,
      inputs: (size, seed) => [floats([size], seed, 20)],
      outputs: (size) => [[size]],
      run: (kernels, [y], [x]) => kernels.activationForward(y, x, activation),
    },
    {
      name: `activationBackward ${activation.name}`,
      inputs: (size, seed) => [floats([size], seed), floats([size], seed + 1)],
      outputs: (size) => [[size]],
      run: (kernels, [dx], [dy, y]) => kernels.activationBackward(dx, dy, y, activation),
    },
  ]),
  {
    name: "add",
    inputs: (size, seed) => [floats([size], seed), floats([size], seed + 1)],
    outputs: (size) => [[size]],
    run: (kernels, [y], [a, b]) => kernels.add(y, a, b),
  },
  {
    name: "multiply",
    inputs: (size, seed) => [floats([size], seed), floats([size], seed + 1)],
    outputs: (size) => [[size]],
    run: (kernels, [y], [a, b]) => kernels.multiply(y, a, b),
  },
  {
    name: "concatenate of rows of different lengths",
    inputs: (size, seed) =>
      [
        [3, size],
        [3, 2],
        [3, size + 1],
      ].map((shape, index) => floats(shape, seed + index)),
    outputs: (size) => [[3, 2 * size + 3]],
    run: (kernels, [y], xs) => kernels.concatenate(y, xs, 3),
  },
  {
    name: "concatenate of many short rows",
    inputs: (size, seed) =>
      [
        [size, 3],
        [size, 1],
      ].map((shape, index) => floats(shape, seed + index)),
    outputs: (size) => [[size, 4]],
    run: (kernels, [y], xs) => kernels.concatenate(y, xs, y.shape[0]),
  },
  {
    name: "slice",
    inputs: (size, seed) => [floats([3, size + 5], seed)],
    outputs: (size) => [[3, size]],
    run: (kernels, [y], [x]) => kernels.slice(y, x, 3, 2),
  },
  ...activations.map(
    (activation): Operation => ({
      name: `affineForward ${activation.name}, one row`,
      inputs: (size, seed) => [floats([1, size], seed), floats([size], seed + 1), floats([size], seed + 2)],
      outputs: (size) => [[1, size]],
      run: (kernels, [y], [x, scale, shift]) => kernels.affineForward(y, x, scale, shift, activation),
    }),
  ),
  ...[1, 3, 6, 8].map(
    (channels): Operation => ({
      name: `affineForward of ${channels} channels, without scale`,
      inputs: (size, seed) => [floats([size, channels], seed), floats([channels], seed + 1)],
      outputs: (size) => [[size, channels]],
      run: (kernels, [y], [x, shift]) => kernels.affineForward(y, x, undefined, shift, activations[0]),
    }),
  ),
  {
    name: "affineForward of 5 channels, without shift",
    inputs: (size, seed) => [floats([size, 5], seed), floats([5], seed + 1)],
    outputs: (size) => [[size, 5]],
    run: (kernels, [y], [x, scale]) => kernels.affineForward(y, x, scale, undefined, activations[1]),
  },
  {
    name: "dropout",
    inputs: (size, seed) => [floats([size], seed)],
    outputs: (size) => [[size]],
    run: (kernels, [y], [x]) => kernels.dropout(y, x, 0.3, [0x89abcdef, 0xfedcba98]),
  },
  {
    name: "gaussianNoise",
    inputs: (size, seed) => [floats([size], seed)],
    outputs: (size) => [[size]],
    run: (kernels, [y], [x]) => kernels.gaussianNoise(y, x, 0.3, [0x89abcdef, 0xfedcba98]),
  },
];

export const penalties: Operation[] = [
  steps("regularize", 1, (k, [gradient], value) => k.regularize(gradient, value, { l1: 0.01, l2: 0.3 })),
  {
    name: "clip",
    inputs: (size, seed) => [floats([size], seed)],
    outputs: (size) => [[size]],
    run: (kernels, [y], [x]) => kernels.clip(y, x, 0.3),
  },
];
