import fc from "fast-check";
import { type Tensor, zeros } from "../tensor.ts";
import { equal, equalNumbers, innerProduct } from "./compare.ts";
import { type Law, law } from "./law.ts";
import { casesOf, float64, type LawOptions, type Shapes, type Subject, trial } from "./subject.ts";

/** ax + bz, element by element. */
function combination(a: number, x: Tensor, b: number, z: Tensor): Tensor {
  const result = zeros(x.shape, x.dtype);
  const [X, Z, R] = [x.data, z.data, result.data];
  for (let e = 0; e < R.length; e++) R[e] = a * X[e] + b * Z[e];
  return result;
}

/**
 * f(a·x + b·z) − f(0) = a·(f(x) − f(0)) + b·(f(z) − f(0)): a layer is linear but for its bias, which is f(0). B7
 * Exact: all numbers are small and whole.
 *
 * ```ts
 * check(linearity(new Conv2D({ filters: 2, kernelSize: 3 }), [1, 5, 5, 1]));
 * check(linearity(new ReLU(), [1, 4])); // Refutation: … f(ax + bz) …
 * ```
 */
export function linearity(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const factor = fc.integer({ min: -3, max: 3 });
  const cases = fc.record({ layer: casesOf("linearity", subject, shapes), a: factor, b: factor });
  return law(["B7"], "f(ax + bz) = a·f(x) + b·f(z), but for the bias", cases, ({ layer: drawn, a, b }) => {
    trial(drawn, { kernels }, ({ x, draw, forward }) => {
      const z = draw(x.shape, 1);
      const bias = forward(zeros(x.shape, x.dtype));
      const part = (x: Tensor) => combination(1, forward(x), -1, bias);
      equal(part(combination(a, x, b, z)), combination(a, part(x), b, part(z)), ["= f(ax + bz)", "= a·f(x) + b·f(z)"]);
    });
  });
}

/**
 * ⟨dy, f(x)⟩ = ⟨backward(dy), x⟩, and for each parameter w ⟨dy, f(x)⟩ = ⟨dw, w⟩, but for what f is without x or w: the
 * backward pass is the adjoint (the transposed matrix) of the forward pass. C8
 * For a layer that is linear in x and in each parameter this is an exact test of all gradients.
 */
export function adjointness(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const name = "⟨dy, f(x)⟩ = ⟨backward(dy), x⟩ = ⟨dw, w⟩, but for the bias";
  return law(["C8", "A2"], name, casesOf("adjointness", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, draw, forward, gradients }) => {
      const { y, dy, dx, parameters } = gradients(x, (shape) => draw(shape, 1));
      const without = (rest: Tensor) => innerProduct(dy, y) - innerProduct(dy, rest);
      const share = without(forward(zeros(x.shape, x.dtype)));
      equalNumbers(innerProduct(dx, x), share, ["= ⟨backward(dy), x⟩", "= ⟨dy, f(x) − f(0)⟩"]);
      layer.parameters.forEach((parameter, index) => {
        const gradient = parameters[index];
        if (!gradient) return;
        const { name, value } = parameter;
        parameter.value = zeros(value.shape, value.dtype);
        const share = without(forward(x));
        parameter.value = value;
        equalNumbers(innerProduct(gradient, value), share, [
          `= ⟨gradient, ${name}⟩`,
          `= ⟨dy, f(x) − f(x) without ${name}⟩`,
        ]);
      });
    });
  });
}
