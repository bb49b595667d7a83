import { ReLU } from "../layers/activation.ts";
import { Add } from "../layers/add.ts";
import { Conv2D } from "../layers/conv2d.ts";
import { Dense } from "../layers/dense.ts";
import { GlobalAveragePooling2D } from "../layers/global-average-pooling2d.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { input, type SymbolicTensor } from "../layers/symbolic.ts";
import { Model } from "../model/model.ts";
import { normalized, normalizedRelu } from "./blocks.ts";
import { type NetworkOptions, networkOptions } from "./options.ts";

const EPSILON = 1e-5;

/** Blocks a stage, and whether a block is two 3×3 or a bottleneck of 1×1, 3×3 and 1×1 with four times the filters. */
const DEPTHS = {
  resNet18: { blocks: [2, 2, 2, 2], bottleneck: false },
  resNet34: { blocks: [3, 4, 6, 3], bottleneck: false },
  resNet50: { blocks: [3, 4, 6, 3], bottleneck: true },
} as const;

/**
 * Residual networks: a block learns what to add to its input (He, Zhang, Ren & Sun 2015, "Deep residual learning for
 * image recognition", table 1).
 *
 *             resNet18          resNet34   resNet50                       224×224×3 becomes
 *   conv1     64 filters 7×7, stride 2                                    112×112×64
 *   pool1     maximum of 3×3, stride 2                                    56×56×64
 *   conv2_x   2 × [64, 64]      3 ×        3 × [64, 64, 256]              56×56, as many channels as a block's last
 *   conv3_x   2 × [128, 128]    4 ×        4 × [128, 128, 512]            28×28
 *   conv4_x   2 × [256, 256]    6 ×        6 × [256, 256, 1024]           14×14
 *   conv5_x   2 × [512, 512]    3 ×        3 × [512, 512, 2048]           7×7
 *             mean of each map, 1000 units, softmax
 *
 * Batch normalization behind every convolution, relu behind it and behind the sum. Where shapes change, the shortcut is a
 * convolution 1×1 (option B). In bottlenecks the stride is that of the 3×3, as in all implementations since (the paper has
 * it in the 1×1 before).
 *
 * ```ts
 * resNet50().summary(); // Total params: 25,610,152, of which 53,120 are moving means and variances
 * ```
 */
export function resNet50(options: NetworkOptions = {}): Model {
  return resNet("resNet50", options);
}

/** See {@link resNet50}: 11,699,112 parameters, of which 9,600 are moving means and variances. */
export function resNet18(options: NetworkOptions = {}): Model {
  return resNet("resNet18", options);
}

/** See {@link resNet50}: 21,814,696 parameters, of which 17,024 are moving means and variances. */
export function resNet34(options: NetworkOptions = {}): Model {
  return resNet("resNet34", options);
}

function resNet(depth: keyof typeof DEPTHS, options: NetworkOptions): Model {
  const defaults = { classes: 1000, inputShape: [224, 224, 3], seed: 0, name: depth.toLowerCase() };
  const { classes, inputShape, seed, name } = networkOptions(depth, options, defaults);
  const { blocks, bottleneck } = DEPTHS[depth];
  const image = input({ shape: inputShape });
  const stem = { name: "conv1", filters: 64, kernelSize: 7, strides: 2, padding: 3, epsilon: EPSILON };
  let x = normalizedRelu(image, stem);
  x = new MaxPooling2D({ poolSize: 3, strides: 2, padding: 1, name: "pool1" }).apply(x);
  blocks.forEach((count, stage) => {
    for (let block = 0; block < count; block++) {
      const strides = stage > 0 && block === 0 ? 2 : 1;
      const place = { name: `conv${stage + 2}_${block + 1}`, filters: 64 << stage, strides };
      x = bottleneck ? bottleneckBlock(x, place) : plainBlock(x, place);
    }
  });
  return classified(image, x, { classes, seed, name });
}

interface Place {
  name: string;
  filters: number;
  strides: number;
}

/** Two 3×3. */
function plainBlock(x: SymbolicTensor, { name, filters, strides }: Place): SymbolicTensor {
  const same = { filters, kernelSize: 3, padding: 1, epsilon: EPSILON };
  const a = normalizedRelu(x, { ...same, name: `${name}a`, strides });
  const b = normalized(a, { ...same, name: `${name}b` });
  return sum(b, shortcut(x, { name, filters, strides }));
}

/** 1×1 to fewer channels, 3×3 among them, 1×1 to four times as many. */
function bottleneckBlock(x: SymbolicTensor, { name, filters, strides }: Place): SymbolicTensor {
  const few = { filters, epsilon: EPSILON };
  const a = normalizedRelu(x, { ...few, name: `${name}a`, kernelSize: 1 });
  const b = normalizedRelu(a, { ...few, name: `${name}b`, kernelSize: 3, padding: 1, strides });
  const c = normalized(b, { name: `${name}c`, filters: 4 * filters, kernelSize: 1, epsilon: EPSILON });
  return sum(c, shortcut(x, { name, filters: 4 * filters, strides }));
}

/** x itself where it has the shape of the block's output, and otherwise a 1×1 that gives it this shape. */
function shortcut(x: SymbolicTensor, { name, filters, strides }: Place): SymbolicTensor {
  if (strides === 1 && x.shape[2] === filters) return x;
  return normalized(x, { name: `${name}s`, filters, kernelSize: 1, strides, epsilon: EPSILON });
}

function sum(a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
  return new ReLU().apply(new Add().apply([a, b]));
}

interface Head {
  classes: number;
  seed: number;
  name: string;
}

function classified(image: SymbolicTensor, x: SymbolicTensor, { classes, seed, name }: Head): Model {
  const means = new GlobalAveragePooling2D().apply(x);
  const outputs = new Dense({ units: classes, activation: "softmax", name: "fc" }).apply(means);
  return new Model({ inputs: image, outputs, seed, name });
}

export interface ResNet20Options extends NetworkOptions {
  /** Whether blocks add their input. Without, it is the plain network of the same depth, for comparison. Default: true. */
  residual?: boolean;
}

/**
 * The residual network for small images (He et al. 2015, section 4.2, n = 3).
 *
 *   conv1            16 filters 3×3        32×32×3 becomes 32×32×16
 *   conv2_1 … 3      [16, 16] each         32×32×16
 *   conv3_1 … 3      [32, 32] each         16×16×32
 *   conv4_1 … 3      [64, 64] each         8×8×64
 *                    mean of each map, 10 units, softmax
 *
 * Shortcuts have no weights (option A): where shapes change they take every second pixel, and zeros as further channels.
 * Here that is a convolution 1×1 whose kernel is fixed.
 *
 * ```ts
 * resNet20().summary(); // Trainable params: 269,722
 * ```
 */
export function resNet20(options: ResNet20Options = {}): Model {
  const defaults = { classes: 10, inputShape: [32, 32, 3], seed: 0, name: "resnet20", residual: true };
  const { classes, inputShape, seed, name, residual } = networkOptions("resNet20", options, defaults);
  const image = input({ shape: inputShape });
  const same = { kernelSize: 3, padding: 1, epsilon: EPSILON };
  let x = normalizedRelu(image, { ...same, name: "conv1", filters: 16 });
  for (const stage of [0, 1, 2]) {
    for (const block of [1, 2, 3]) {
      const [filters, strides] = [16 << stage, stage > 0 && block === 1 ? 2 : 1];
      const called = `conv${stage + 2}_${block}`;
      const a = normalizedRelu(x, { ...same, name: `${called}a`, filters, strides });
      const b = normalized(a, { ...same, name: `${called}b`, filters });
      x = residual ? sum(b, fixedShortcut(x, { name: `${called}s`, filters, strides })) : new ReLU().apply(b);
    }
  }
  return classified(image, x, { classes, seed, name });
}

function fixedShortcut(x: SymbolicTensor, { name, filters, strides }: Place): SymbolicTensor {
  if (strides === 1) return x;
  const identity = ([, , channels, filters]: readonly number[]) =>
    Array.from({ length: channels * filters }, (_, e) => Number(Math.floor(e / filters) === e % filters));
  const fixed = { kernelSize: 1, useBias: false, trainable: false, kernelInitializer: identity } as const;
  return new Conv2D({ ...fixed, name, filters, strides }).apply(x);
}
