import { AveragePooling2D } from "../layers/average-pooling2d.ts";
import { Concatenate } from "../layers/concatenate.ts";
import { Conv2D } from "../layers/conv2d.ts";
import { Dense } from "../layers/dense.ts";
import { Dropout } from "../layers/dropout.ts";
import { Flatten } from "../layers/flatten.ts";
import { GlobalAveragePooling2D } from "../layers/global-average-pooling2d.ts";
import { LocalResponseNormalization } from "../layers/local-response-normalization.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { input, type SymbolicTensor } from "../layers/symbolic.ts";
import { Model } from "../model/model.ts";
import { type NetworkOptions, networkOptions } from "./options.ts";

export interface GoogLeNetOptions extends NetworkOptions {
  /** Two further classifiers behind 4a and 4d, which send gradients to the middle. Default: false. */
  auxiliary?: boolean;
  /** Before the classifier; the auxiliary ones have 0.7. Default: 0.4; 0 switches all dropout off. */
  dropoutRate?: number;
}

/** The paper's table 1: filters of #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj. */
const MODULES = {
  "3a": [64, 96, 128, 16, 32, 32],
  "3b": [128, 128, 192, 32, 96, 64],
  "4a": [192, 96, 208, 16, 48, 64],
  "4b": [160, 112, 224, 24, 64, 64],
  "4c": [128, 128, 256, 24, 64, 64],
  "4d": [112, 144, 288, 32, 64, 64],
  "4e": [256, 160, 320, 32, 128, 128],
  "5a": [256, 160, 320, 32, 128, 128],
  "5b": [384, 192, 384, 48, 128, 128],
} as const;

/**
 * GoogLeNet, Inception v1: windows of several sizes side by side (Szegedy et al. 2014, "Going deeper with convolutions",
 * table 1).
 *
 *   layer                                                         224×224×3 becomes
 *   conv1       64 filters 7×7, stride 2                          112×112×64
 *   pool1       maximum of 3×3, stride 2; norm1                   56×56×64
 *   conv2       64 filters 1×1, 192 filters 3×3; norm2            56×56×192
 *   pool2       maximum of 3×3, stride 2                          28×28×192
 *   3a 3b       inception, see below                              28×28×256, 480
 *   pool3       maximum of 3×3, stride 2                          14×14×480
 *   4a … 4e     inception                                         14×14×512, 512, 512, 528, 832
 *   pool4       maximum of 3×3, stride 2                          7×7×832
 *   5a 5b       inception                                         7×7×832, 1024
 *               mean of each map, dropout 0.4                     1024
 *   classifier  1000 units, softmax                               1000
 *
 * Inception: 1×1 ‖ 1×1 → 3×3 ‖ 1×1 → 5×5 ‖ maximum of 3×3 → 1×1, all with relu and "same", side by side. The auxiliary
 * classifiers are a mean of 5×5 with stride 3, 128 filters 1×1, 1024 units, dropout 0.7 and softmax; the paper weighs
 * their losses 0.3: `lossWeights: { classifier: 1, aux1_classifier: 0.3, aux2_classifier: 0.3 }`.
 *
 * ```ts
 * googLeNet().summary(); // Total params: 6,998,552
 * googLeNet({ auxiliary: true }).connection.outputs.length; // 3; Total params: 13,378,280
 * ```
 */
export function googLeNet(options: GoogLeNetOptions & { auxiliary: true }): Model<readonly SymbolicTensor[]>;
export function googLeNet(options?: GoogLeNetOptions & { auxiliary?: false }): Model;
export function googLeNet(options: GoogLeNetOptions = {}): Model | Model<readonly SymbolicTensor[]> {
  const { classes, inputShape, seed, name, auxiliary, dropoutRate } = networkOptions("googLeNet", options, {
    ...{ classes: 1000, inputShape: [224, 224, 3], seed: 0, name: "googlenet" },
    ...{ auxiliary: false, dropoutRate: 0.4 },
  });
  const image = input({ shape: inputShape });
  const heads: SymbolicTensor[] = [];
  const head = (name: string, x: SymbolicTensor) => {
    const rate = dropoutRate === 0 ? 0 : 0.7;
    if (auxiliary) heads.push(auxiliaryClassifier(x, { name, classes, rate }));
  };
  let x = convolution(image, { name: "conv1", filters: 64, kernelSize: 7, strides: 2 });
  x = normalization(pool(x, "pool1"), "norm1");
  x = convolution(x, { name: "conv2_reduce", filters: 64, kernelSize: 1 });
  x = normalization(convolution(x, { name: "conv2", filters: 192, kernelSize: 3 }), "norm2");
  x = pool(x, "pool2");
  for (const module of ["3a", "3b"] as const) x = inception(x, module);
  x = inception(pool(x, "pool3"), "4a");
  head("aux1", x);
  for (const module of ["4b", "4c", "4d"] as const) x = inception(x, module);
  head("aux2", x);
  x = pool(inception(x, "4e"), "pool4");
  for (const module of ["5a", "5b"] as const) x = inception(x, module);
  const means = new Dropout({ rate: dropoutRate }).apply(new GlobalAveragePooling2D().apply(x));
  const classifier = new Dense({ units: classes, activation: "softmax", name: "classifier" }).apply(means);
  const parts = { inputs: image, seed, name };
  return auxiliary
    ? new Model({ ...parts, outputs: [classifier, ...heads] as readonly SymbolicTensor[] })
    : new Model({ ...parts, outputs: classifier });
}

function inception(x: SymbolicTensor, module: keyof typeof MODULES): SymbolicTensor {
  const [f1, f3Reduce, f3, f5Reduce, f5, projected] = MODULES[module];
  const part = (x: SymbolicTensor, name: string, filters: number, kernelSize: number) =>
    convolution(x, { name: `${module}_${name}`, filters, kernelSize });
  return new Concatenate({ name: module }).apply([
    part(x, "1x1", f1, 1),
    part(part(x, "3x3_reduce", f3Reduce, 1), "3x3", f3, 3),
    part(part(x, "5x5_reduce", f5Reduce, 1), "5x5", f5, 5),
    part(pool(x, `${module}_pool`, 1), "pool_proj", projected, 1),
  ]);
}

interface Head {
  name: string;
  classes: number;
  rate: number;
}

function auxiliaryClassifier(x: SymbolicTensor, { name, classes, rate }: Head): SymbolicTensor {
  const means = new AveragePooling2D({ poolSize: 5, strides: 3, name: `${name}_pool` }).apply(x);
  const reduced = convolution(means, { name: `${name}_conv`, filters: 128, kernelSize: 1 });
  const hidden = { units: 1024, activation: "relu", kernelInitializer: "heUniform", name: `${name}_fc` } as const;
  const y = new Dropout({ rate }).apply(new Dense(hidden).apply(new Flatten().apply(reduced)));
  return new Dense({ units: classes, activation: "softmax", name: `${name}_classifier` }).apply(y);
}

interface Settings {
  name: string;
  filters: number;
  kernelSize: number;
  strides?: number;
}

/** "same" and its odd pixel would lie differently than in the paper's 7×7, so a window of k pads with (k − 1) / 2. */
function convolution(x: SymbolicTensor, settings: Settings): SymbolicTensor {
  const padding = (settings.kernelSize - 1) / 2;
  return new Conv2D({ ...settings, padding, activation: "relu", kernelInitializer: "heUniform" }).apply(x);
}

/** With a stride of 2 windows begin at even pixels, and the last may hang over the edge. */
function pool(x: SymbolicTensor, name: string, strides = 2): SymbolicTensor {
  return new MaxPooling2D({ poolSize: 3, strides, padding: "same", name }).apply(x);
}

function normalization(x: SymbolicTensor, name: string): SymbolicTensor {
  return new LocalResponseNormalization({ size: 5, alpha: 1e-4, beta: 0.75, k: 1, name }).apply(x);
}
