import { ReLU } from "../layers/activation.ts";
import { Add } from "../layers/add.ts";
import { BatchNormalization } from "../layers/batch-normalization.ts";
import { Dense } from "../layers/dense.ts";
import { GlobalAveragePooling2D } from "../layers/global-average-pooling2d.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { SeparableConv2D } from "../layers/separable-conv2d.ts";
import { input, type SymbolicTensor } from "../layers/symbolic.ts";
import { Model } from "../model/model.ts";
import { normalized, normalizedRelu } from "./blocks.ts";
import { type NetworkOptions, networkOptions } from "./options.ts";

const EPSILON = 1e-3;

/**
 * Xception, the extreme Inception: rows and columns in one convolution, channels in another (Chollet 2016, "Xception: deep
 * learning with depthwise separable convolutions", figure 5).
 *
 *   flow    block                                                            299×299×3 becomes
 *   entry   1       32 filters 3×3, stride 2; 64 filters 3×3; both with relu  149×149×32, 147×147×64
 *           2       separable 128, relu, separable 128; maximum of 3×3 / 2    74×74×128
 *           3       relu, separable 256, relu, separable 256; maximum / 2     37×37×256
 *           4       the same with 728                                         19×19×728
 *   middle  5 … 12  three times relu, separable 728; plus the block's input   19×19×728
 *   exit    13      relu, separable 728, relu, separable 1024; maximum / 2    10×10×1024
 *           14      separable 1536, relu, separable 2048, relu                10×10×2048
 *                   mean of each map, 1000 units, softmax                     1000
 *
 * All separable convolutions are 3×3 with "same"; batch normalization stands behind every convolution. Blocks 2, 3, 4 and
 * 13 add a convolution 1×1 with stride 2 of their input.
 *
 * ```ts
 * xception().summary(); // Total params: 22,910,480, of which 54,528 are moving means and variances
 * ```
 */
export function xception(options: NetworkOptions = {}): Model {
  const defaults = { classes: 1000, inputShape: [299, 299, 3], seed: 0, name: "xception" };
  const { classes, inputShape, seed, name } = networkOptions("xception", options, defaults);
  const image = input({ shape: inputShape });
  let x = normalizedRelu(image, { name: "block1_conv1", filters: 32, kernelSize: 3, strides: 2, epsilon: EPSILON });
  x = normalizedRelu(x, { name: "block1_conv2", filters: 64, kernelSize: 3, epsilon: EPSILON });
  x = halving(x, { name: "block2", filters: [128, 128], startsWithRelu: false });
  x = halving(x, { name: "block3", filters: [256, 256] });
  x = halving(x, { name: "block4", filters: [728, 728] });
  for (let block = 5; block <= 12; block++) x = middle(x, `block${block}`);
  x = halving(x, { name: "block13", filters: [728, 1024] });
  for (const [index, filters] of [1536, 2048].entries()) {
    x = new ReLU().apply(separable(x, `block14_sepconv${index + 1}`, filters));
  }
  const means = new GlobalAveragePooling2D().apply(x);
  const outputs = new Dense({ units: classes, activation: "softmax", name: "fc" }).apply(means);
  return new Model({ inputs: image, outputs, seed, name });
}

interface Halving {
  name: string;
  filters: readonly [number, number];
  startsWithRelu?: boolean;
}

function halving(x: SymbolicTensor, { name, filters, startsWithRelu = true }: Halving): SymbolicTensor {
  const first = separable(startsWithRelu ? new ReLU().apply(x) : x, `${name}_sepconv1`, filters[0]);
  const second = separable(new ReLU().apply(first), `${name}_sepconv2`, filters[1]);
  const largest = new MaxPooling2D({ poolSize: 3, strides: 2, padding: "same", name: `${name}_pool` }).apply(second);
  const options = { name: `${name}_shortcut`, filters: filters[1], kernelSize: 1, strides: 2, epsilon: EPSILON };
  return new Add({ name }).apply([largest, normalized(x, options)]);
}

function middle(x: SymbolicTensor, name: string): SymbolicTensor {
  const step = (y: SymbolicTensor, index: number) => separable(new ReLU().apply(y), `${name}_sepconv${index}`, 728);
  return new Add({ name }).apply([[1, 2, 3].reduce(step, x), x]);
}

function separable(x: SymbolicTensor, name: string, filters: number): SymbolicTensor {
  const options = { filters, kernelSize: 3, padding: "same", useBias: false, name } as const;
  return new BatchNormalization({ epsilon: EPSILON, name: `${name}_bn` }).apply(new SeparableConv2D(options).apply(x));
}
