import type { Tensor } from "../../tensor.ts";
import type { Activation } from "../kernels.ts";
import { type Arithmetic, arithmetic } from "./math.ts";

/**
 * Functions that are applied to every element. C1 · LeCun, Bottou, Orr & Müller 1998; Nair & Hinton 2010; Clevert 2016
 *
 *               y = f(x)                            f′ through y
 *   linear      x                                   1
 *   relu        max(x, 0)                           1 where y > 0, else 0
 *   leakyRelu   x where x > 0, else α·x             1 where y > 0, else α
 *   elu         x where x > 0, else α·(exp x − 1)   1 where y > 0, else y + α
 *   sigmoid     1 / (1 + exp(−x))                   y·(1 − y)
 *   tanh        tanh x                              1 − y²
 *   scaledTanh  1.7159 · tanh(⅔ x)                  1.7159 · ⅔ − ⅔ / 1.7159 · y²
 */
export function activation({ name, alpha }: Activation, math: Arithmetic): (x: number) => number {
  const { round, expm1, tanh } = math;
  const slope = round(alpha);
  switch (name) {
    case "linear":
      return (x) => x;
    case "relu":
      return (x) => Math.max(x, 0);
    case "leakyRelu":
      return (x) => (x > 0 ? x : round(slope * x));
    case "elu":
      return (x) => (x > 0 ? x : round(slope * expm1(x)));
    case "sigmoid":
      return (x) => sigmoid(x, math);
    case "tanh":
      return tanh;
    case "scaledTanh": {
      const [amplitude, steepness] = [round(AMPLITUDE), round(2 / 3)];
      return (x) => round(amplitude * tanh(round(steepness * x)));
    }
  }
}

/** f′ from the output y of {@link activation}; the two one-sided derivatives at a kink: that of the left side. */
export function derivative({ name, alpha }: Activation, { round }: Arithmetic): (y: number) => number {
  const slope = round(alpha);
  switch (name) {
    case "linear":
      return () => 1;
    case "relu":
      return (y) => (y > 0 ? 1 : 0);
    case "leakyRelu":
      return (y) => (y > 0 ? 1 : slope);
    case "elu":
      return (y) => (y > 0 ? 1 : round(y + slope));
    case "sigmoid":
      return (y) => round(y * round(1 - y));
    case "tanh":
      return (y) => round(1 - round(y * y));
    case "scaledTanh": {
      const [top, fall] = [round((AMPLITUDE * 2) / 3), round(2 / (3 * AMPLITUDE))];
      return (y) => round(top - round(fall * round(y * y)));
    }
  }
}

/** So that f(1) = 1 and f(−1) = −1, where f″ is largest: what a unit is to learn then does not saturate it. LeCun et al. 1998 */
const AMPLITUDE = 1.7159;

/** 1 / (1 + exp(−x)), and for negative x exp x / (1 + exp x): exp never overflows. */
export function sigmoid(x: number, { round, exp }: Arithmetic): number {
  const z = exp(-Math.abs(x));
  return round((x < 0 ? z : 1) / round(1 + z));
}

/** Applies an activation in place, to what a convolution or a dense layer has summed. */
export function activate(tensor: Tensor, kind: Activation): void {
  const f = activation(kind, arithmetic(tensor.dtype));
  const { data } = tensor;
  for (let e = 0; e < data.length; e++) data[e] = f(data[e]);
}
