import type { Activation } from "../kernels.ts";

/** The numbers by which assembly/activation.ts knows the activations. */
const KINDS: Record<Activation["name"], number> = {
  ...{ linear: 0, relu: 1, leakyRelu: 2, elu: 3, sigmoid: 4, tanh: 5, scaledTanh: 6 },
};

export function kindOf(activation: Activation): number {
  return KINDS[activation.name];
}
