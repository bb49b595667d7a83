import { checkOptions, fail, finiteNumber } from "../errors.ts";
import type { Activation } from "../kernels/kernels.ts";
import type { Pass } from "../pass.ts";
import type { Tensor } from "../tensor.ts";

const NAMES = ["linear", "relu", "leakyRelu", "elu", "sigmoid", "tanh", "scaledTanh", "softmax"] as const;
export type ActivationName = (typeof NAMES)[number];

/** How a layer's `activation` is given: a name, or a name with its number (`{ name: "leakyRelu", negativeSlope: 0.1 }`). */
export type ActivationOption =
  | ActivationName
  | {
      readonly name: ActivationName;
      /** leakyRelu: y = negativeSlope · x for x < 0. Default: 0.3. */
      readonly negativeSlope?: number;
      /** elu: y → −alpha for x → −∞. Default: 1. */
      readonly alpha?: number;
    };

export const LINEAR: Activation = { name: "linear", alpha: 0 };

/**
 * The nonlinearity at the end of a layer.                                                                      C1, C6
 *   linear x   relu max(x, 0)   leakyRelu max(x, 0) + negativeSlope·min(x, 0)   elu x > 0 ? x : alpha·(exp x − 1)
 *   sigmoid 1 / (1 + exp(−x))   tanh   scaledTanh 1.7159·tanh(⅔x)   softmax exp(x[k]) / Σ exp(x[·]) along the last axis
 *
 * Elementwise functions are applied by the layer's own kernel (`fused`); softmax needs a whole row and is a step of its
 * own. Both go backward from their output y, so z = the weighted sum need not be kept.
 */
export class LayerActivation {
  readonly name: ActivationName;
  readonly #elementwise: Activation | undefined;

  constructor(owner: string, option: ActivationOption = "linear") {
    const { name, negativeSlope, alpha } = checked(owner, option);
    this.name = name;
    if (name !== "softmax") this.#elementwise = { name, alpha: negativeSlope ?? alpha ?? DEFAULTS[name] ?? 0 };
  }

  /** What the kernel that computes z has to apply to it. */
  get fused(): Activation {
    return this.#elementwise ?? LINEAR;
  }

  /** y from what the layer's kernel wrote: already y, or the z of a softmax. */
  finish(z: Tensor, pass: Pass): Tensor {
    return this.#elementwise ? z : this.forward(z, pass);
  }

  /** y from z, as a step of its own. */
  forward(z: Tensor, pass: Pass): Tensor {
    if (this.name === "linear") return z;
    const y = pass.allocate(z.shape);
    if (this.#elementwise) pass.kernels.activationForward(y, z, this.#elementwise);
    else pass.kernels.softmaxForward(y, z);
    return y;
  }

  /** What backward will need of y: nothing where the function is linear, and then y's memory is free again. */
  needed(y: Tensor): Tensor | undefined {
    return this.name === "linear" ? undefined : y;
  }

  /** dz = ∂loss/∂z from dy and what was `needed` of y. */
  backward(dy: Tensor, y: Tensor | undefined, pass: Pass): Tensor {
    if (!y) return dy;
    const dz = pass.allocate(dy.shape);
    if (this.#elementwise) pass.kernels.activationBackward(dz, dy, y, this.#elementwise);
    else pass.kernels.softmaxBackward(dz, dy, y);
    return dz;
  }

  /** What a loss that takes logits makes superfluous. */
  get closing(): "softmax" | "sigmoid" | undefined {
    return this.name === "softmax" || this.name === "sigmoid" ? this.name : undefined;
  }
}

const DEFAULTS: Partial<Record<ActivationName, number>> = { leakyRelu: 0.3, elu: 1 };

function checked(owner: string, option: ActivationOption): Exclude<ActivationOption, string> {
  const given = typeof option === "string" ? { name: option } : option;
  if (typeof given !== "object" || given === null || !NAMES.includes(given.name)) {
    fail(owner, "activation", option, `use one of ${NAMES.map((name) => `"${name}"`).join(", ")}, or { name, … }`);
  }
  const numbers = given.name === "leakyRelu" ? ["negativeSlope"] : given.name === "elu" ? ["alpha"] : [];
  checkOptions(`${owner}: activation ${given.name}`, given, ["name", ...numbers]);
  for (const argument of ["negativeSlope", "alpha"] as const) {
    if (given[argument] !== undefined) finiteNumber(owner, argument, given[argument], 0);
  }
  return given;
}
