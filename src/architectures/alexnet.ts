import { fail } from "../errors.ts";
import { Conv2D, type Conv2DOptions } from "../layers/conv2d.ts";
import { Dense } from "../layers/dense.ts";
import { Dropout } from "../layers/dropout.ts";
import { Flatten } from "../layers/flatten.ts";
import type { Layer } from "../layers/layer.ts";
import { LocalResponseNormalization } from "../layers/local-response-normalization.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { Sequential } from "../model/sequential.ts";
import { type NetworkOptions, networkOptions } from "./options.ts";

export interface AlexNetOptions extends NetworkOptions {
  /** "two-groups" as in 2012, "one-column" as in 2014. Default: "two-groups". */
  form?: "two-groups" | "one-column";
  /** Of both hidden dense layers. Default: 0.5. */
  dropoutRate?: number;
}

const FILTERS = {
  "two-groups": [96, 256, 384, 384, 256],
  "one-column": [64, 192, 384, 256, 256],
} as const;

/**
 * The network that began it (Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural
 * networks", figure 2), and its form without groups and normalization (Krizhevsky 2014, "One weird trick for parallelizing
 * convolutional neural networks").
 *
 *   layer   "two-groups"                                       224×224×3 becomes   "one-column"
 *   conv1   96 filters 11×11, stride 4, padding 2, relu        55×55×96            64
 *   norm1   local response normalization over 5 channels       55×55×96            none
 *   pool1   maximum of 3×3, stride 2                           27×27×96
 *   conv2   256 filters 5×5, two groups, relu; norm2           27×27×256           192, one group
 *   pool2   maximum of 3×3, stride 2                           13×13×256
 *   conv3   384 filters 3×3 over all, relu                     13×13×384           384
 *   conv4   384 filters 3×3, two groups, relu                  13×13×384           256, one group
 *   conv5   256 filters 3×3, two groups, relu                  13×13×256           256, one group
 *   pool5   maximum of 3×3, stride 2                           6×6×256
 *   fc6     4096 units, relu, dropout 0.5                      4096
 *   fc7     4096 units, relu, dropout 0.5                      4096
 *   fc8     1000 units, softmax                                1000
 *
 * The two groups are the two graphics cards of 2012: a filter sees the maps of its own card only. The paper divides by
 * (2 + 10⁻⁴ Σ a²)^0.75 with the sum over 5 channels, and `LocalResponseNormalization` divides alpha by the size.
 *
 * ```ts
 * alexNet().summary(); // Total params: 60,965,224
 * alexNet({ form: "one-column" }).summary(); // Total params: 61,100,840
 * ```
 * @throws NeocogError for images that are too small for the windows.
 */
export function alexNet(options: AlexNetOptions = {}): Sequential {
  const { classes, inputShape, seed, name, form, dropoutRate } = networkOptions("alexNet", options, {
    ...{ classes: 1000, inputShape: [224, 224, 3], seed: 0, name: "alexnet" },
    ...({ form: "two-groups", dropoutRate: 0.5 } as const),
  });
  const activation = "relu";
  const kernelInitializer = "heUniform";
  if (!Object.hasOwn(FILTERS, form)) fail("alexNet", "form", form, 'use "two-groups" or "one-column"');
  const filters = FILTERS[form];
  const isTwin = form === "two-groups";
  const convolution = (index: number, options: Omit<Conv2DOptions, "filters">): Layer =>
    new Conv2D({ filters: filters[index - 1], activation, kernelInitializer, name: `conv${index}`, ...options });
  const normalization = (index: number): Layer[] =>
    isTwin ? [new LocalResponseNormalization({ size: 5, alpha: 5e-4, beta: 0.75, k: 2, name: `norm${index}` })] : [];
  const pool = (index: number): Layer => new MaxPooling2D({ poolSize: 3, strides: 2, name: `pool${index}` });
  const dense = (name: string) => [
    new Dense({ units: 4096, activation, kernelInitializer, name }),
    new Dropout({ rate: dropoutRate }),
  ];
  const groups = isTwin ? 2 : 1;
  return new Sequential(
    [
      convolution(1, { kernelSize: 11, strides: 4, padding: 2 }),
      ...normalization(1),
      pool(1),
      convolution(2, { kernelSize: 5, padding: 2, groups }),
      ...normalization(2),
      pool(2),
      convolution(3, { kernelSize: 3, padding: 1 }),
      convolution(4, { kernelSize: 3, padding: 1, groups }),
      convolution(5, { kernelSize: 3, padding: 1, groups }),
      pool(5),
      new Flatten(),
      ...dense("fc6"),
      ...dense("fc7"),
      new Dense({ units: classes, activation: "softmax", name: "fc8" }),
    ],
    { inputShape, seed, name },
  );
}
