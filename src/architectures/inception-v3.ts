import { AveragePooling2D } from "../layers/average-pooling2d.ts";
import { Concatenate } from "../layers/concatenate.ts";
import { Dense } from "../layers/dense.ts";
import { Dropout } from "../layers/dropout.ts";
import { GlobalAveragePooling2D } from "../layers/global-average-pooling2d.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { input, type SymbolicTensor } from "../layers/symbolic.ts";
import { Model } from "../model/model.ts";
import type { Padding } from "../window.ts";
import { normalizedRelu } from "./blocks.ts";
import { type NetworkOptions, networkOptions } from "./options.ts";

export interface InceptionV3Options extends NetworkOptions {
  /** Before the classifier. Default: 0.5. */
  dropoutRate?: number;
}

/** One convolution of a branch: filters, [rows, columns] of its kernel, and where it differs its stride and padding. */
type Step = readonly [filters: number, kernelSize: readonly [number, number], strides?: number, padding?: Padding];
type Branch = readonly Step[];

const ONE = [1, 1] as const;
const THREE = [3, 3] as const;
const FIVE = [5, 5] as const;
const ROW = [1, 7] as const;
const COLUMN = [7, 1] as const;

/**
 * Inception v3: large windows taken apart into small ones (Szegedy et al. 2015, "Rethinking the Inception architecture for
 * computer vision", table 1), as it was released with its weights and is known from Keras and torchvision.
 *
 *   layer                                                              299×299×3 becomes
 *   conv1     32 filters 3×3, stride 2                                 149×149×32
 *   conv2     32 filters 3×3                                           147×147×32
 *   conv3     64 filters 3×3, padding 1                                147×147×64
 *   pool1     maximum of 3×3, stride 2                                 73×73×64
 *   conv4     80 filters 1×1                                           73×73×80
 *   conv5     192 filters 3×3                                          71×71×192
 *   pool2     maximum of 3×3, stride 2                                 35×35×192
 *   mixed0–2  figure 5: 5×5 as two 3×3                                 35×35×256, 288, 288
 *   mixed3    to half the size                                         17×17×768
 *   mixed4–7  figure 6: 7×7 as 1×7 and 7×1                             17×17×768
 *   mixed8    to half the size                                         8×8×1280
 *   mixed9–10 figure 7: 3×3 as 1×3 beside 3×1                          8×8×2048
 *             mean of each map, dropout 0.5, 1000 units, softmax       1000
 *
 * Batch normalization (epsilon 0.001) and relu behind every convolution.
 *
 * ```ts
 * inceptionV3().summary(); // Total params: 23,869,000, of which 34,432 are moving means and variances
 * ```
 * @throws NeocogError for images of less than 75 × 75.
 */
export function inceptionV3(options: InceptionV3Options = {}): Model {
  const { classes, inputShape, seed, name, dropoutRate } = networkOptions("inceptionV3", options, {
    ...{ classes: 1000, inputShape: [299, 299, 3], seed: 0, name: "inceptionv3", dropoutRate: 0.5 },
  });
  const image = input({ shape: inputShape });
  let x = chain(image, "conv1", [[32, THREE, 2, "valid"]]);
  x = chain(x, "conv2", [[32, THREE, 1, "valid"]]);
  x = chain(x, "conv3", [[64, THREE]]);
  x = halved(x, "pool1");
  x = chain(x, "conv4", [[80, ONE]]);
  x = chain(x, "conv5", [[192, THREE, 1, "valid"]]);
  x = halved(x, "pool2");
  for (const [index, filters] of [32, 64, 64].entries()) x = figure5(x, `mixed${index}`, filters);
  x = mixed(
    x,
    "mixed3",
    [
      [[384, THREE, 2, "valid"]],
      [
        [64, ONE],
        [96, THREE],
        [96, THREE, 2, "valid"],
      ],
    ],
    "max",
  );
  for (const [index, filters] of [128, 160, 160, 192].entries()) x = figure6(x, `mixed${index + 4}`, filters);
  const third: Branch = [
    [192, ONE],
    [192, ROW],
    [192, COLUMN],
    [192, THREE, 2, "valid"],
  ];
  x = mixed(
    x,
    "mixed8",
    [
      [
        [192, ONE],
        [320, THREE, 2, "valid"],
      ],
      third,
    ],
    "max",
  );
  for (const index of [9, 10]) x = figure7(x, `mixed${index}`);
  const means = new Dropout({ rate: dropoutRate }).apply(new GlobalAveragePooling2D().apply(x));
  const outputs = new Dense({ units: classes, activation: "softmax", name: "fc" }).apply(means);
  return new Model({ inputs: image, outputs, seed, name });
}

function figure5(x: SymbolicTensor, name: string, filters: number): SymbolicTensor {
  const branches: Branch[] = [
    [[64, ONE]],
    [
      [48, ONE],
      [64, FIVE],
    ],
    [
      [64, ONE],
      [96, THREE],
      [96, THREE],
    ],
  ];
  return mixed(x, name, branches, filters);
}

function figure6(x: SymbolicTensor, name: string, f: number): SymbolicTensor {
  const branches: Branch[] = [
    [[192, ONE]],
    [
      [f, ONE],
      [f, ROW],
      [192, COLUMN],
    ],
    [
      [f, ONE],
      [f, COLUMN],
      [f, ROW],
      [f, COLUMN],
      [192, ROW],
    ],
  ];
  return mixed(x, name, branches, 192);
}

/** Branches that fork once more, into 1×3 and 3×1 side by side. */
function figure7(x: SymbolicTensor, name: string): SymbolicTensor {
  const forked = (x: SymbolicTensor, name: string) => [
    chain(x, `${name}_1x3`, [[384, [1, 3]]]),
    chain(x, `${name}_3x1`, [[384, [3, 1]]]),
  ];
  return new Concatenate({ name }).apply([
    chain(x, `${name}_1`, [[320, ONE]]),
    ...forked(chain(x, `${name}_2`, [[384, ONE]]), `${name}_2`),
    ...forked(chain(x, `${name}_3`, [[448, ONE], [384, THREE]]), `${name}_3`), // biome-ignore format: one line
    pooled(x, name, 192),
  ]);
}

/** Branches side by side, and one more: a mean of 3×3 with so many filters 1×1, or the maximum of 3×3 with stride 2. */
function mixed(x: SymbolicTensor, name: string, branches: readonly Branch[], last: number | "max"): SymbolicTensor {
  const chains = branches.map((steps, index) => chain(x, `${name}_${index + 1}`, steps));
  return new Concatenate({ name }).apply([
    ...chains,
    last === "max" ? halved(x, `${name}_pool`) : pooled(x, name, last),
  ]);
}

function pooled(x: SymbolicTensor, name: string, filters: number): SymbolicTensor {
  const means = new AveragePooling2D({ poolSize: 3, strides: 1, padding: "same", name: `${name}_pool` }).apply(x);
  return chain(means, `${name}_pool_proj`, [[filters, ONE]]);
}

function halved(x: SymbolicTensor, name: string): SymbolicTensor {
  return new MaxPooling2D({ poolSize: 3, strides: 2, name }).apply(x);
}

/** One convolution after the other; where there are several, a letter tells them apart. */
function chain(x: SymbolicTensor, name: string, steps: Branch): SymbolicTensor {
  return steps.reduce((y, [filters, kernelSize, strides = 1, padding = "same"], index) => {
    const letter = steps.length > 1 ? "abcde"[index] : "";
    return normalizedRelu(y, { name: name + letter, filters, kernelSize, strides, padding, epsilon: 1e-3 });
  }, x);
}
