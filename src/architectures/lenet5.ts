import { checkOptions, fail } from "../errors.ts";
import { Conv2D } from "../layers/conv2d.ts";
import { Dense } from "../layers/dense.ts";
import { Flatten } from "../layers/flatten.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { Sequential } from "../model/sequential.ts";
import type { Shape } from "../tensor.ts";
import { leNet5Of1998 } from "./lenet5-1998.ts";

export interface LeNet5Options {
  /** "modern", or as in the paper: "1998". Default: "modern". */
  form?: "modern" | "1998";
  /** Default: 10, which are all that the form of 1998 has. */
  classes?: number;
  /** Default: [28, 28, 1]; in the form of 1998 [32, 32, 1]. */
  inputShape?: Shape;
  /** Default: 0. */
  seed?: number;
  /** Default: "lenet5". */
  name?: string;
}

/**
 * LeNet-5, the network that read cheques (LeCun, Bottou, Bengio & Haffner 1998), in the form it has today, or as it was.
 *
 *   layer   here                                  28×28×1 becomes   in the paper
 *   C1      6 filters 5×5, padding 2, relu        28×28×6           input 32×32, no padding; tanh
 *   S2      maximum of 2×2                        14×14×6           mean, with a weight and a bias each; sigmoid
 *   C3      16 filters 5×5 over all 6, relu       10×10×16          each filter sees 3 to 6 of the 6 maps
 *   S4      maximum of 2×2                        5×5×16
 *   C5      120 units, relu                       120               120 filters 5×5: the same on 5×5
 *   F6      84 units, relu                        84
 *   output  10 units, softmax                     10                distances to drawn digits
 *
 * `form: "1998"` is the right column: 60,000 weights that are trained and 340,908 connections.
 *
 *   C1      6 filters 5×5                         28×28×6           all up to F6 with 1.7159 · tanh(⅔ x)
 *   S2      a · sum of 2×2 + b                    14×14×6
 *   C3      16 filters 5×5, of 3, 4 or 6 maps     10×10×16          Table I of the paper
 *   S4      a · sum of 2×2 + b                    5×5×16
 *   C5      120 filters 5×5                       1×1×120
 *   F6      84 units: a picture of 7×12           84
 *   output  nearness to the pictures of 10 digits 10                softmax of the negative squared distances
 *
 * Its cross-entropy is the paper's criterion (9) without the class of rubbish, the constant e^−j in its sum. Otherwise it
 * differs in what is not of the network: any optimizer, not the paper's; subsampling begins as the mean. The paper's images
 * are −0.1 where they are white and 1.175 where they are black, 28×28 in the middle of 32×32.
 *
 * ```ts
 * leNet5().summary(); // Total params: 61,706
 * leNet5({ form: "1998" }).summary(); // Total params: 60,840, of which 840 are pixels of digits, which are not trained
 * ```
 * @throws NeocogError for other classes than 10 in the form of 1998, images that are too small.
 */
export function leNet5(options: LeNet5Options = {}): Sequential {
  checkOptions("leNet5", options, ["form", "classes", "inputShape", "seed", "name"]);
  const { form = "modern" } = options;
  if (form === "1998") return leNet5Of1998(options);
  if (form !== "modern") fail("leNet5", "form", form, 'use "modern" or "1998"');
  const { classes = 10, inputShape = [28, 28, 1], seed = 0, name = "lenet5" } = options;
  const activation = "relu";
  const kernelInitializer = "heNormal";
  return new Sequential(
    [
      new Conv2D({ filters: 6, kernelSize: 5, padding: 2, activation, kernelInitializer }),
      new MaxPooling2D({ poolSize: 2 }),
      new Conv2D({ filters: 16, kernelSize: 5, activation, kernelInitializer }),
      new MaxPooling2D({ poolSize: 2 }),
      new Flatten(),
      new Dense({ units: 120, activation, kernelInitializer }),
      new Dense({ units: 84, activation, kernelInitializer }),
      new Dense({ units: classes, activation: "softmax" }),
    ],
    { inputShape, seed, name },
  );
}
