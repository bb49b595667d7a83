import { Conv2D } from "../layers/conv2d.ts";
import { Dense } from "../layers/dense.ts";
import { Dropout } from "../layers/dropout.ts";
import { Flatten } from "../layers/flatten.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { Sequential } from "../model/sequential.ts";
import { type NetworkOptions, networkOptions } from "./options.ts";

export interface VGGOptions extends NetworkOptions {
  /** Of both hidden dense layers. Default: 0.5. */
  dropoutRate?: number;
}

/** How many convolutions stand before each of the five poolings: the columns A, B, D and E of the paper's table 1. */
const COLUMNS = {
  vgg11: [1, 1, 2, 2, 2],
  vgg13: [2, 2, 2, 2, 2],
  vgg16: [2, 2, 3, 3, 3],
  vgg19: [2, 2, 4, 4, 4],
} as const;

const FILTERS = [64, 128, 256, 512, 512];

/**
 * The networks that showed what depth does with nothing but 3×3 (Simonyan & Zisserman 2014, "Very deep convolutional
 * networks for large-scale image recognition", table 1).
 *
 *             vgg11   vgg13   vgg16   vgg19     224×224×3 becomes
 *   conv1_x   1 × 64  2 ×     2 ×     2 ×       224×224×64      3×3, "same", relu; then the maximum of 2×2
 *   conv2_x   1 × 128 2 ×     2 ×     2 ×       112×112×128
 *   conv3_x   2 × 256 2 ×     3 ×     4 ×       56×56×256
 *   conv4_x   2 × 512 2 ×     3 ×     4 ×       28×28×512
 *   conv5_x   2 × 512 2 ×     3 ×     4 ×       14×14×512
 *   fc6, fc7  4096 units, relu, dropout 0.5     4096            after 7×7×512
 *   fc8       1000 units, softmax               1000
 *
 * ```ts
 * vgg16().summary(); // Total params: 138,357,544
 * ```
 * @throws NeocogError for images that five poolings leave nothing of.
 */
export function vgg16(options: VGGOptions = {}): Sequential {
  return vgg("vgg16", options);
}

/** Column A of the table at {@link vgg16}: 132,863,336 parameters. */
export function vgg11(options: VGGOptions = {}): Sequential {
  return vgg("vgg11", options);
}

/** Column B of the table at {@link vgg16}: 133,047,848 parameters. */
export function vgg13(options: VGGOptions = {}): Sequential {
  return vgg("vgg13", options);
}

/** Column E of the table at {@link vgg16}: 143,667,240 parameters. */
export function vgg19(options: VGGOptions = {}): Sequential {
  return vgg("vgg19", options);
}

function vgg(column: keyof typeof COLUMNS, options: VGGOptions): Sequential {
  const defaults = { classes: 1000, inputShape: [224, 224, 3], seed: 0, name: column, dropoutRate: 0.5 };
  const { classes, inputShape, seed, name, dropoutRate } = networkOptions(column, options, defaults);
  const activation = "relu";
  const kernelInitializer = "heUniform";
  const blocks = COLUMNS[column].map((depth, block) => [
    ...Array.from({ length: depth }, (_, index) => {
      const [filters, name] = [FILTERS[block], `conv${block + 1}_${index + 1}`];
      return new Conv2D({ filters, kernelSize: 3, padding: "same", activation, kernelInitializer, name });
    }),
    new MaxPooling2D({ poolSize: 2, name: `pool${block + 1}` }),
  ]);
  const hidden = ["fc6", "fc7"].map((name) => [
    new Dense({ units: 4096, activation, kernelInitializer, name }),
    new Dropout({ rate: dropoutRate }),
  ]);
  const last = new Dense({ units: classes, activation: "softmax", name: "fc8" });
  return new Sequential([...blocks.flat(), new Flatten(), ...hidden.flat(), last], { inputShape, seed, name });
}
