import { ReLU } from "../layers/activation.ts";
import { BatchNormalization } from "../layers/batch-normalization.ts";
import { Conv2D, type Conv2DOptions } from "../layers/conv2d.ts";
import type { SymbolicTensor } from "../layers/symbolic.ts";

export interface NormalizedOptions extends Conv2DOptions {
  name: string;
  /** Of the variance. */
  epsilon: number;
}

/** Convolution without a bias, whose place batch normalization takes: called `name` and `name_bn`. Ioffe & Szegedy 2015 */
export function normalized(x: SymbolicTensor, { epsilon, ...options }: NormalizedOptions): SymbolicTensor {
  const y = new Conv2D({ kernelInitializer: "heUniform", ...options, useBias: false }).apply(x);
  return new BatchNormalization({ epsilon, name: `${options.name}_bn` }).apply(y);
}

/** The same with a relu behind it. */
export function normalizedRelu(x: SymbolicTensor, options: NormalizedOptions): SymbolicTensor {
  return new ReLU().apply(normalized(x, options));
}
