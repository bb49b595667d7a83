import { checkOptions } from "../errors.ts";
import { Conv2D } from "../layers/conv2d.ts";
import { Dense } from "../layers/dense.ts";
import { Flatten } from "../layers/flatten.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { Sequential } from "../model/sequential.ts";
import type { Shape } from "../tensor.ts";

export interface LeNet5Options {
  /** Default: 10. */
  classes?: number;
  /** Default: [28, 28, 1]. */
  inputShape?: Shape;
  /** Default: 0. */
  seed?: number;
  /** Default: "lenet5". */
  name?: string;
}

/**
 * LeNet-5, the network that read cheques (LeCun, Bottou, Bengio & Haffner 1998), in the form it has today.
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
 * ```ts
 * leNet5().summary(); // Total params: 61,706
 * ```
 */
export function leNet5(options: LeNet5Options = {}): Sequential {
  checkOptions("leNet5", options, ["classes", "inputShape", "seed", "name"]);
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
