import { describe, test } from "node:test";
import fc from "fast-check";
import type { Activation, Kernels, LossKind } from "../../src/kernels/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import type { Shape, Tensor } from "../../src/tensor.ts";
import { floats, type Geometry, integers, labels, seeds, windowOf } from "../support/arbitraries.ts";
import { equalBits, placed, runPoisoned } from "../support/compare.ts";
import { growMemory, reference32, wasm } from "../support/kernels.ts";

/** One operation of the contract at a size: that of the axis along which its kernel uses vectors. */
interface Operation {
  readonly name: string;
  inputs(size: number, seed: number): Tensor[];
  outputs(size: number): Shape[];
  run(kernels: Kernels, outputs: Tensor[], inputs: Tensor[]): void;
  /** Sums in another order than the reference: the bits may differ. */
  readonly rounds?: boolean;
}

const activations: Activation[] = (
  ["linear", "relu", "leakyRelu", "elu", "sigmoid", "tanh", "scaledTanh"] as const
).map((name) => ({
  name,
  alpha: name === "elu" ? 1.5 : 0.3,
}));

const elementwise: Operation[] = [
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

const penalties: Operation[] = [
  steps("regularize", 1, (k, [gradient], value) => k.regularize(gradient, value, { l1: 0.01, l2: 0.3 })),
  {
    name: "clip",
    inputs: (size, seed) => [floats([size], seed)],
    outputs: (size) => [[size]],
    run: (kernels, [y], [x]) => kernels.clip(y, x, 0.3),
  },
];

const sums: Operation[] = [
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

const rows: Operation[] = [
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

function probabilities(shape: Shape, seed: number): Tensor {
  const result = floats(shape, seed, 0.5);
  for (let e = 0; e < result.size; e++) result.data[e] += 0.5;
  return result;
}

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

const geometry: Geometry = {
  ...{ height: 6, width: 7, kernelSize: [3, 2], strides: [2, 1], dilationRate: [1, 2], padding: [1, 2, 1, 1] },
};
/** A row and a column are left over. */
const pairs: Geometry = {
  ...geometry,
  height: 7,
  kernelSize: [2, 2],
  strides: [2, 2],
  dilationRate: [1, 1],
  padding: [0, 0, 0, 0],
};

const pooling = [geometry, pairs].flatMap((geometry): Operation[] => {
  const window = windowOf(geometry);
  const name = `over ${geometry.kernelSize}`;
  const x = (size: number, seed: number) => floats(window.inputShape(2, size), seed);
  const y = (size: number, seed: number) => floats(window.outputShape(2, size), seed);
  return [
    {
      name: `maxPooling2dForward ${name}`,
      inputs: (size, seed) => [x(size, seed)],
      outputs: (size) => [window.outputShape(2, size), window.outputShape(2, size)],
      run: (kernels, [y, switches], [x]) => kernels.maxPooling2dForward(y, switches, x, window),
    },
    {
      name: `maxPooling2dBackward ${name}`,
      inputs: (size, seed) => [y(size, seed), labels(window.outputShape(2, size), seed, 6)],
      outputs: (size) => [window.inputShape(2, size)],
      run: (kernels, [dx], [dy, switches]) => kernels.maxPooling2dBackward(dx, dy, switches, window),
    },
    {
      name: `maxUnpooling2dBackward ${name}`,
      inputs: (size, seed) => [x(size, seed), labels(window.outputShape(2, size), seed, 6)],
      outputs: (size) => [window.outputShape(2, size)],
      run: (kernels, [dx], [dy, switches]) => kernels.maxUnpooling2dBackward(dx, dy, switches, window),
    },
    {
      name: `averagePooling2dForward ${name}`,
      inputs: (size, seed) => [x(size, seed)],
      outputs: (size) => [window.outputShape(2, size)],
      run: (kernels, [y], [x]) => kernels.averagePooling2dForward(y, x, window),
    },
    {
      name: `averagePooling2dBackward ${name}`,
      inputs: (size, seed) => [y(size, seed)],
      outputs: (size) => [window.inputShape(2, size)],
      run: (kernels, [dx], [dy]) => kernels.averagePooling2dBackward(dx, dy, window),
    },
  ];
});

const image = (size: number, seed: number) => floats([2, 3, 4, size], seed);
const moves: Operation[] = [
  {
    name: "spatialDropout2d",
    inputs: (size, seed) => [image(size, seed)],
    outputs: (size) => [[2, 3, 4, size]],
    run: (kernels, [y], [x]) => kernels.spatialDropout2d(y, x, 0.3, [0x89abcdef, 0xfedcba98]),
  },
  ...(
    [
      ["that pads", [6, 9], -2, -3],
      ["that crops", [1, 2], 1, 2],
      ["that does both", [5, 3], 1, -2],
      ["that does both the other way round", [3, 5], -1, 1],
      ["outside of x", [2, 2], 3, 0],
    ] as const
  ).map(
    ([title, [height, width], top, left]): Operation => ({
      name: `copyWindow2d ${title}`,
      inputs: (size, seed) => [image(size, seed)],
      outputs: (size) => [[2, height, width, size]],
      run: (kernels, [y], [x]) => kernels.copyWindow2d(y, x, top, left),
    }),
  ),
  ...[
    [0, 1, 2, 3],
    [0, 2, 1, 3],
    [0, 3, 1, 2],
    [3, 2, 1, 0],
  ].map(
    (axes): Operation => ({
      name: `permute to ${axes}`,
      inputs: (size, seed) => [image(size, seed)],
      outputs: (size) => [axes.map((axis) => [2, 3, 4, size][axis])],
      run: (kernels, [y], [x]) => kernels.permute(y, x, axes),
    }),
  ),
  {
    name: "permute of short rows",
    inputs: (size, seed) => [floats([2, size, 3], seed)],
    outputs: (size) => [[2, 3, size]],
    run: (kernels, [y], [x]) => kernels.permute(y, x, [0, 2, 1]),
  },
  ...(["nearest", "bilinear"] as const).flatMap((interpolation): Operation[] => [
    {
      name: `upSampling2dForward ${interpolation}`,
      inputs: (size, seed) => [image(size, seed)],
      outputs: (size) => [[2, 9, 8, size]],
      run: (kernels, [y], [x]) => kernels.upSampling2dForward(y, x, interpolation),
    },
    {
      name: `upSampling2dBackward ${interpolation}`,
      inputs: (size, seed) => [floats([2, 9, 8, size], seed)],
      outputs: (size) => [[2, 3, 4, size]],
      run: (kernels, [dx], [dy]) => kernels.upSampling2dBackward(dx, dy, interpolation),
    },
  ]),
];

const sgd = { learningRate: 0.1, momentum: 0.9, nesterov: false, weightDecay: 0.01 };
const adam = {
  ...{ learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.01, decoupled: false },
  ...{ correction1: 0.1, correction2: 0.01 },
};

const optimizers: Operation[] = [
  steps("sgd without velocity", 1, (k, [value], g) => k.sgd(value, undefined, g, { ...sgd, momentum: 0 })),
  steps("sgd with velocity", 2, (k, [value, velocity], g) => k.sgd(value, velocity, g, sgd)),
  steps("sgd with nesterov", 2, (k, [value, velocity], g) => k.sgd(value, velocity, g, { ...sgd, nesterov: true })),
  steps("adam", 3, (k, [value, mean, square], g) => k.adam(value, mean, square, g, adam)),
  steps("adam decoupled", 3, (k, [value, mean, square], g) => {
    k.adam(value, mean, square, g, { ...adam, decoupled: true });
  }),
  steps("rmsprop", 2, (k, [value, square], g) => k.rmsprop(value, square, g, { ...sgd, rho: 0.9, epsilon: 1e-7 })),
];

/** A step in place counts as an operation from the state before, the last tensor never negative, to the state after. */
function steps(name: string, states: number, step: (kernels: Kernels, state: Tensor[], g: Tensor) => void): Operation {
  return {
    name,
    inputs: (size, seed) => [
      floats([size], seed),
      ...Array.from({ length: states }, (_, index) => probabilities([size], seed + 1 + index)),
    ],
    outputs: (size) => Array.from({ length: states }, () => [size]),
    run(kernels, outputs, [gradient, ...state]) {
      for (const [index, tensor] of outputs.entries()) tensor.data.set(state[index].data);
      step(kernels, outputs, gradient);
    },
  };
}

const operations = [...elementwise, ...sums, ...rows, ...pooling, ...moves, ...optimizers, ...penalties];
const isWide = (operation: Operation) =>
  [elementwise, optimizers, penalties].some((those) => those.includes(operation));

/** From poisoned destinations, with NaN beside the inputs. */
function results(kernels: Kernels, { inputs, outputs, run }: Operation, size: number, seed: number): Tensor[] {
  const given = inputs(size, seed).map((tensor) => placed(kernels, tensor));
  return runPoisoned(kernels, given, outputs(size), (...destinations) => run(kernels, destinations, given));
}

function sameResults(actual: Tensor[], expected: Tensor[], context: unknown): void {
  for (const [index, tensor] of actual.entries()) equalBits(tensor, expected[index], context);
}

for (const operation of operations) {
  describe(operation.name, () => {
    const { name } = operation;
    const few = Array.from({ length: 34 }, (_, size) => size);
    const many = isWide(operation) ? [8191, 8192, 8193, 20_001] : [130];

    test("writes its destination, all of it and nothing else, and leaves its inputs alone, at every size", () => {
      for (const size of [...few, ...many]) results(wasm, operation, size, size);
      for (const size of [0, 1, 2, 5]) results(reference32, operation, size, size);
    });

    if (!operation.rounds) {
      test("has the bits of the reference at every size", () => {
        const check = (seed: number) => {
          for (const size of [...few, ...many]) {
            const expected = results(reference32, operation, size, seed);
            sameResults(results(wasm, operation, size, seed), expected, { name, size, seed });
          }
        };
        fc.assert(fc.property(seeds, check), { numRuns: 3 });
      });
    }

    test("has the same bits with 1 and with 3 threads", () => {
      const size = isWide(operation) ? 50_001 : 3001;
      const three = wasmKernels({ threads: 3 });
      sameResults(results(three, operation, size, 7), results(wasm, operation, size, 7), { name, size });
    });

    test("takes tensors of any memory", () => {
      const inputs = operation.inputs(9, 7);
      const outputs = operation.outputs(9).map((shape) => floats(shape, 1));
      operation.run(wasm, outputs, inputs);
      sameResults(outputs, results(wasm, operation, 9, 7), name);
    });
  });
}

test("all operations survive a growth of the memory between allocation and use", () => {
  const made = operations.map((operation) => ({
    operation,
    inputs: operation.inputs(9, 7).map((tensor) => placed(wasm, tensor)),
    outputs: operation.outputs(9).map((shape) => wasm.allocate(shape)),
  }));
  for (const { outputs } of made) for (const output of outputs) output.data.fill(1);
  growMemory(wasm);
  for (const { operation, inputs, outputs } of made) {
    operation.run(wasm, outputs, inputs);
    sameResults(outputs, results(wasm, operation, 9, 7), operation.name);
  }
});
