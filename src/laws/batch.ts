import type { Kernels } from "../kernels/kernels.ts";
import { sameShape, type Tensor, zeros } from "../tensor.ts";
import { equal } from "./compare.ts";
import { imageOf } from "./images.ts";
import { type Law, law } from "./law.ts";
import { casesOf, float64, type LawOptions, type Shapes, type Subject, trial } from "./subject.ts";

/**
 * A batch is its images one by one: each image's y and dx are what they are for the image alone, and the gradients of the
 * parameters are the sums over the images. A network is a function of the image, not of the company it is in. A1
 *
 * @param options parameters: false leaves the gradients of the parameters out, which are sums in another order: equal only
 *   where nothing is rounded, as in a layer of sums, products and maxima
 */
export function batchInvariance(
  subject: Subject,
  shapes?: Shapes,
  { kernels = float64, parameters = true }: LawOptions & { parameters?: boolean } = {},
): Law {
  const name = "a batch is its images one by one";
  return law(["A1"], name, casesOf("batchInvariance", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, draw, gradients }) => {
      const all = gradients(x, (shape) => draw(shape, 1));
      const sums = all.parameters.map((gradient) => gradient && zeros(gradient.shape, gradient.dtype));
      for (let n = 0; n < x.shape[0]; n++) {
        const alone = gradients(imageOf(x, n), () => imageOf(all.dy, n));
        equal(imageOf(all.y, n), alone.y, [`in y of the batch, image ${n}`, "in y of the image alone"]);
        equal(imageOf(all.dx, n), alone.dx, [`in dx of the batch, image ${n}`, "in dx of the image alone"]);
        alone.parameters.forEach((gradient, index) => {
          if (gradient) add(sums[index]!, gradient);
        });
      }
      all.parameters.forEach((gradient, index) => {
        const { name } = layer.parameters[index];
        if (gradient && parameters)
          equal(gradient, sums[index]!, [`in the ${name}'s gradient of the batch`, "in the images' sum"]);
      });
    });
  });
}

function add(sum: Tensor, term: Tensor): void {
  const [S, T] = [sum.data, term.data];
  for (let e = 0; e < S.length; e++) S[e] += T[e];
}

/**
 * Two implementations agree: y, dx and all gradients are the same numbers, whichever computes. On small whole numbers
 * there is nothing to round, so they must be equal, except where a bound is given.
 *
 * ```ts
 * check(agreement([wasmKernels(), referenceKernels("float32")], conv2dCases()));
 * ```
 */
export function agreement(
  [one, other]: readonly [Kernels, Kernels],
  subject: Subject,
  shapes?: Shapes,
  { bound = 0, training = false }: { bound?: number; training?: boolean } = {},
): Law {
  const name = `${one.name} and ${other.name} give the same numbers, forward and backward`;
  return law(["A2"], name, casesOf("agreement", subject, shapes), (drawn) => {
    const run = (kernels: Kernels) =>
      trial(drawn, { kernels, training }, ({ x, draw, gradients }) => gradients(x, (shape) => draw(shape, 1)));
    const [first, second] = [run(one), run(other)];
    const compare = (a: Tensor, b: Tensor, what: string) =>
      equal(a, b, [`in ${what} by ${one.name}`, `by ${other.name}`], bound);
    compare(first.y, second.y, "y");
    if (sameShape(first.dy.shape, second.dy.shape)) compare(first.dx, second.dx, "dx");
    first.parameters.forEach((gradient, index) => {
      if (gradient)
        compare(gradient, second.parameters[index]!, `the gradient of ${drawn.layer.parameters[index].name}`);
    });
  });
}
