import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import type { Layer } from "../../src/layers/layer.ts";
import { Pass, type PassOptions } from "../../src/pass.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats } from "./arbitraries.ts";
import { innerProduct, within } from "./compare.ts";

/** How far an element is moved to both sides; a power of two, so that moving is exact. */
const STEP = 2 ** -13;
/** How far from a kink every argument has to be, so that no step crosses it. */
export const MARGIN = 2 ** -8;

export function float64Pass(options: Omit<PassOptions, "kernels"> = {}): Pass {
  return new Pass({ kernels: referenceKernels("float64"), ...options });
}

/**
 * Fails unless the layer's gradients are those of L = Σ dy·y, a random dy, by central differences at every element:
 *   ∂L/∂e ≈ (L(e + h) − L(e − h)) / 2h
 * Parameters are set to random numbers first.
 */
export function checkGradients(
  layer: Layer,
  x: Tensor,
  seed: number,
  options: Omit<PassOptions, "kernels"> = {},
): void {
  const pass = float64Pass({ ...options, seed });
  randomWeights(layer, x, seed, pass);
  const y = layer.forward(x, pass);
  const dy = floats(y.shape, seed + 1, 1, "float64");
  const dx = layer.backward(dy, pass);
  // A fresh pass each time, so that dropout drops the same elements.
  const loss = () => innerProduct(dy, layer.forward(x, float64Pass({ ...options, seed, gradients: false })));
  compare(dx, differences(x, loss), `dx of ${layer.name}`);
  for (const { name, value, gradient, trainable } of layer.parameters) {
    if (trainable) compare(gradient, differences(value, loss), `the gradient of ${layer.name}/${name}`);
  }
}

export function randomWeights(layer: Layer, x: Tensor, seed: number, pass: Pass): void {
  layer.build(x.shape, pass);
  layer.setWeights(layer.parameters.map(({ value }, index) => floats(value.shape, seed + 10 + index, 1, "float64")));
}

function compare(gradient: Tensor, numeric: Float64Array, context: string): void {
  within(gradient, numeric, (index) => 1e-6 * Math.max(1, Math.abs(numeric[index])), context);
}

export function differences(of: Tensor, loss: () => number): Float64Array {
  const { data } = of;
  return Float64Array.from(data, (value, index) => {
    data[index] = value + STEP;
    const above = loss();
    data[index] = value - STEP;
    const below = loss();
    data[index] = value;
    return (above - below) / (2 * STEP);
  });
}
