import { type Kernels, type Tensor, Window } from "../src/index.ts";
import type { Activation } from "../src/kernels/kernels.ts";
import { filled } from "./ours.ts";

/** An operation whose speed memory decides, or arithmetic where it is a transcendental function or a random number. */
export interface Operation {
  /**
   * Bytes that one element of x moves at least: 4 for what is read, 8 for what is written or changed, because a processor
   * reads a line of a cache before it writes into it.
   */
  readonly bytes: number;
  /**
   * Arithmetic and logical vector operations per element, about, as the kernels in assembly/ have them; a division or a
   * square root keeps a port busy for about six.
   */
  readonly arithmetic: number;
  /** Readies the operation for `n` elements; the result is one call. */
  ready(kernels: Kernels, n: number): () => void;
}

/** Elements of x: 128 KiB, so that a few tensors fit into the second-level cache; 64 MiB, above any cache. */
export const ELEMENTS = { L2: 32768, DRAM: 16777216 };

const EXP = 35;
const DIVISION = 6;
const KEY = [1, 2] as const;

function activation(name: Activation["name"], arithmetic: number): Operation {
  return {
    bytes: 12,
    arithmetic,
    ready(kernels, n) {
      const [x, y] = [filled(kernels, [n]), kernels.allocate([n])];
      return () => kernels.activationForward(y, x, { name, alpha: 1 });
    },
  };
}

function activationBackward(name: Activation["name"], arithmetic: number): Operation {
  return {
    bytes: 16,
    arithmetic,
    ready(kernels, n) {
      const [y, dy, dx] = [filled(kernels, [n]), filled(kernels, [n]), kernels.allocate([n])];
      return () => kernels.activationBackward(dx, dy, y, { name, alpha: 1 });
    },
  };
}

/** Along the last axis, which is as long as the number of classes. */
function rows(
  classes: number,
  { bytes, arithmetic }: Pick<Operation, "bytes" | "arithmetic">,
  call: (kernels: Kernels, y: Tensor, x: Tensor, dy: Tensor) => void,
): Operation {
  return {
    bytes,
    arithmetic,
    ready(kernels, n) {
      const shape = [Math.floor(n / classes), classes];
      const [y, x, dy] = [kernels.allocate(shape), filled(kernels, shape), filled(kernels, shape)];
      return () => call(kernels, y, x, dy);
    },
  };
}

type PoolingCall = (
  kernels: Kernels,
  tensors: { x: Tensor; dx: Tensor; y: Tensor; switches: Tensor },
  window: Window,
) => void;

/** Windows with stride 2 over images of 32×32×32: 2×2 as in VGG-small, and 3×3, which overlap, as in AlexNet and ResNet. */
function pooling(size: number, bytes: number, arithmetic: number, call: PoolingCall): Operation {
  return {
    bytes,
    arithmetic,
    ready(kernels, n) {
      const window = Window.over("bench", 32, 32, { kernelSize: size, strides: 2 });
      const batch = Math.max(1, Math.floor(n / 32768));
      const output = window.outputShape(batch, 32);
      const [x, dx] = [filled(kernels, window.inputShape(batch, 32)), kernels.allocate(window.inputShape(batch, 32))];
      const [y, switches] = [kernels.allocate(output), kernels.allocate(output)];
      kernels.maxPooling2dForward(y, switches, x, window);
      return () => call(kernels, { x, dx, y, switches }, window);
    },
  };
}

const maxForward: PoolingCall = (kernels, { y, switches, x }, window) =>
  kernels.maxPooling2dForward(y, switches, x, window);
const maxBackward: PoolingCall = (kernels, { dx, y, switches }, window) =>
  kernels.maxPooling2dBackward(dx, y, switches, window);
const averageForward: PoolingCall = (kernels, { y, x }, window) => kernels.averagePooling2dForward(y, x, window);
const averageBackward: PoolingCall = (kernels, { dx, y }, window) => kernels.averagePooling2dBackward(dx, y, window);

function update(
  bytes: number,
  arithmetic: number,
  call: (kernels: Kernels, value: Tensor, gradient: Tensor, first: Tensor, second: Tensor) => void,
): Operation {
  return {
    bytes,
    arithmetic,
    ready(kernels, n) {
      const [value, gradient] = [filled(kernels, [n]), filled(kernels, [n])];
      const [first, second] = [kernels.allocate([n]), kernels.allocate([n])];
      return () => call(kernels, value, gradient, first, second);
    },
  };
}

const SGD = { learningRate: 1e-6, momentum: 0.9, nesterov: false, weightDecay: 0 };
const ADAM = {
  learningRate: 1e-6,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  weightDecay: 0,
  decoupled: false,
  correction1: 0.1,
  correction2: 0.001,
};
const RMSPROP = { learningRate: 1e-6, rho: 0.9, epsilon: 1e-7 };

export const operations: Record<string, Operation> = {
  add: {
    bytes: 16,
    arithmetic: 1,
    ready(kernels, n) {
      const [a, b, y] = [filled(kernels, [n]), filled(kernels, [n]), kernels.allocate([n])];
      return () => kernels.add(y, a, b);
    },
  },
  sum: {
    bytes: 4,
    arithmetic: 1,
    ready(kernels, n) {
      const [x, y] = [filled(kernels, [n]), kernels.allocate([1])];
      return () => kernels.sum(y, x);
    },
  },
  "bias gradient, 64 filters": {
    bytes: 4,
    arithmetic: 1,
    ready(kernels, n) {
      const [dy, dbias] = [filled(kernels, [n / 64, 64]), kernels.allocate([64])];
      return () => kernels.backwardBias(dbias, dy);
    },
  },
  "relu forward": activation("relu", 1),
  "relu backward": activationBackward("relu", 2),
  "elu forward": activation("elu", EXP),
  "sigmoid forward": activation("sigmoid", EXP + DIVISION + 7),
  "sigmoid backward": activationBackward("sigmoid", 3),
  "tanh forward": activation("tanh", EXP + DIVISION),
  "max pool 2×2 forward": pooling(2, 8, 3, maxForward),
  "max pool 2×2 backward": pooling(2, 10, 2, maxBackward),
  "average pool 2×2 forward": pooling(2, 6, 1.25, averageForward),
  "average pool 2×2 backward": pooling(2, 9, 1.25, averageBackward),
  // Each number of x is in two windows, about.
  "max pool 3×3 forward": pooling(3, 7.5, 10, maxForward),
  "max pool 3×3 backward": pooling(3, 9.8, 6, maxBackward),
  "average pool 3×3 forward": pooling(3, 5.8, 3.3, averageForward),
  "average pool 3×3 backward": pooling(3, 8.9, 3.3, averageBackward),
  "softmax, 10 classes": rows(10, { bytes: 12, arithmetic: EXP + DIVISION + 4 }, (kernels, y, x) =>
    kernels.softmaxForward(y, x),
  ),
  "softmax, 1000 classes": rows(1000, { bytes: 12, arithmetic: EXP + DIVISION + 4 }, (kernels, y, x) =>
    kernels.softmaxForward(y, x),
  ),
  "softmax backward, 10 classes": rows(10, { bytes: 16, arithmetic: 4 }, (kernels, y, x, dy) =>
    kernels.softmaxBackward(y, dy, x),
  ),
  "softmax cross-entropy, 10 classes": {
    bytes: 13.6,
    arithmetic: EXP + DIVISION + 6,
    ready(kernels, n) {
      const count = Math.floor(n / 10);
      const [x, dx] = [filled(kernels, [count, 10]), kernels.allocate([count, 10])];
      const [losses, targets, weights] = [[count], [count], [count]].map((shape) => kernels.allocate(shape));
      weights.data.fill(1 / count);
      return () => kernels.loss("softmaxCrossEntropy", losses, dx, x, targets, weights);
    },
  },
  dropout: {
    bytes: 12,
    arithmetic: 55 + DIVISION + 2,
    ready(kernels, n) {
      const [x, y] = [filled(kernels, [n]), kernels.allocate([n])];
      return () => kernels.dropout(y, x, 0.5, KEY);
    },
  },
  "SGD with momentum": update(20, 6, (kernels, value, gradient, first) => kernels.sgd(value, first, gradient, SGD)),
  Adam: update(28, 12 + 2 * DIVISION, (kernels, value, gradient, first, second) =>
    kernels.adam(value, first, second, gradient, ADAM),
  ),
  RMSprop: update(20, 6 + 2 * DIVISION, (kernels, value, gradient, first) =>
    kernels.rmsprop(value, first, gradient, RMSPROP),
  ),
};
