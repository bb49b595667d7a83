/** Sums, and what is computed row by row: softmax, local response normalization, losses. */
import type { LossKind } from "../../../src/kernels/kernels.ts";
import type { Shape, Tensor } from "../../../src/tensor.ts";
import { floats, integers, labels } from "../arbitraries.ts";
import { type Operation, probabilities } from "./operation.ts";

export const sums: Operation[] = [
  {
    name: "penalty",
    inputs: (size, seed) => [integers([size], seed)],
    outputs: () => [[1]],
    run: (kernels, [y], [x]) => kernels.penalty(y, x, { l1: 0.5, l2: 0.25 }),
  },
  {
    name: "sum",
    inputs: (size, seed) => [integers([size], seed)],
    outputs: () => [[1]],
    run: (kernels, [y], [x]) => kernels.sum(y, x),
  },
  ...[0, 1, 5, 700].map(
    (rows): Operation => ({
      name: `backwardBias of ${rows} rows`,
      inputs: (size, seed) => [integers([rows, size], seed)],
      outputs: (size) => [[size]],
      run: (kernels, [dbias], [dy]) => kernels.backwardBias(dbias, dy),
    }),
  ),
  ...[0, 1, 5, 700].map(
    (rows): Operation => ({
      name: `affineBackwardScale of ${rows} rows`,
      inputs: (size, seed) => [integers([rows, size], seed), integers([rows, size], seed + 1)],
      outputs: (size) => [[size]],
      run: (kernels, [dscale], [dy, x]) => kernels.affineBackwardScale(dscale, dy, x),
    }),
  ),
];

export const rows: Operation[] = [
  ...(["softmaxForward", "logSoftmaxForward"] as const).map(
    (name): Operation => ({
      name,
      inputs: (size, seed) => [floats([3, size], seed, 10)],
      outputs: (size) => [[3, size]],
      run: (kernels, [y], [x]) => kernels[name](y, x),
      rounds: true,
    }),
  ),
  ...(["softmaxBackward", "logSoftmaxBackward"] as const).map(
    (name): Operation => ({
      name,
      inputs: (size, seed) => [integers([3, size], seed), integers([3, size], seed + 1)],
      outputs: (size) => [[3, size]],
      run: (kernels, [dx], [dy, y]) => kernels[name](dx, dy, y),
    }),
  ),
  ...[1, 4, 5, 40].flatMap((size): Operation[] => {
    const settings = { size, alpha: 0.3, beta: 0.75, k: 2 };
    return [
      {
        name: `localResponseNormalizationForward over ${size}`,
        inputs: (channels, seed) => [floats([3, channels], seed, 3)],
        outputs: (channels) => [[3, channels]],
        run: (kernels, [y], [x]) => kernels.localResponseNormalizationForward(y, x, settings),
      },
      {
        name: `localResponseNormalizationBackward over ${size}`,
        inputs: (channels, seed) => [floats([3, channels], seed), floats([3, channels], seed + 1, 3)],
        outputs: (channels) => [[3, channels]],
        run: (kernels, [dx], [dy, x]) => kernels.localResponseNormalizationBackward(dx, dy, x, settings),
      },
    ];
  }),
  ...lossOperations("squaredError", integers, false),
  ...lossOperations("softmaxCrossEntropy", (shape, seed) => floats(shape, seed, 10), true),
  ...lossOperations("sigmoidCrossEntropy", (shape, seed) => floats(shape, seed, 10), true),
  ...lossOperations("categoricalCrossEntropy", probabilities, true),
  ...lossOperations("binaryCrossEntropy", probabilities, true),
];

function lossOperations(kind: LossKind, draw: (shape: Shape, seed: number) => Tensor, rounds: boolean): Operation[] {
  const weights = (seed: number) => floats([4], seed + 2);
  return [
    {
      name: `${kind} of class indices`,
      inputs: (size, seed) => [draw([4, size], seed), labels([4], seed + 1, size), weights(seed)],
      outputs: (size) => [[4], [4, size]],
      run: (kernels, [losses, dx], [x, t, w]) => kernels.loss(kind, losses, dx, x, t, w),
      rounds,
    },
    {
      name: `${kind} of a value per element, losses only`,
      inputs: (size, seed) => [draw([4, size], seed), integers([4, size], seed + 1), weights(seed)],
      outputs: () => [[4]],
      run: (kernels, [losses], [x, t, w]) => kernels.loss(kind, losses, undefined, x, t, w),
      rounds,
    },
  ];
}
