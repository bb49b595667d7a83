import fc from "fast-check";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { referenceKernels } from "../kernels/reference/kernels.ts";
import { Layer } from "../layers/layer.ts";
import { Pass, type PassOptions } from "../pass.ts";
import { type Shape, type Tensor, zeros } from "../tensor.ts";
import { integers, seeds } from "./arbitraries.ts";
import { layerText } from "./chain.ts";

/** One case of a law about layers: a layer, the shape of an x for it, and the seed of all numbers. */
export class LayerCase {
  #layer: Layer | undefined;

  constructor(
    readonly make: () => Layer,
    readonly shape: Shape,
    readonly seed: number,
    /** x and dy are multiples of it; where a mean is taken, it is a multiple of what is divided by. */
    readonly unit = 1,
  ) {}

  get layer(): Layer {
    this.#layer ??= this.make();
    return this.#layer;
  }

  /** `new Conv2D({"filters":1,"kernelSize":2}) on x [1,3,3,1], seed 0`. */
  toString(): string {
    return `${layerText(this.layer)} on x [${this.shape}], seed ${this.seed}`;
  }
}

/** What a law is about: a layer, a function that makes one, or an arbitrary that draws layers together with shapes. */
export type Subject = Layer | (() => Layer) | fc.Arbitrary<LayerCase>;
/** The shape of x with its batch, or an arbitrary of shapes. Left out where the subject draws them. */
export type Shapes = Shape | fc.Arbitrary<Shape>;

export interface LawOptions {
  /** What computes. Default: the reference in float64. */
  kernels?: Kernels;
}

export const float64 = referenceKernels("float64");

/** The cases of a subject. @throws NeocogError where a layer comes without a shape. */
export function casesOf(law: string, subject: Subject, shapes?: Shapes): fc.Arbitrary<LayerCase> {
  if (subject instanceof fc.Arbitrary) return subject;
  if (!(subject instanceof Layer) && typeof subject !== "function") {
    fail(law, "the layer", subject, "give a layer, a function that makes one, or an arbitrary such as conv2dCases()");
  }
  if (shapes === undefined) fail(law, "shape", shapes, "give the shape of x with its batch, as in [2, 5, 5, 1]");
  const make = subject instanceof Layer ? () => subject : subject;
  const drawn = shapes instanceof fc.Arbitrary ? shapes : fc.constant(shapes);
  return fc.tuple(drawn, seeds).map(([shape, seed]) => new LayerCase(make, shape, seed));
}

/** A layer at work on drawn numbers. */
export interface Trial {
  readonly layer: Layer;
  readonly x: Tensor;
  /** More numbers like those of x; each `index` gives others. */
  draw(shape: Shape, index: number): Tensor;
  /** y of any x, from a fresh pass: dropout drops the same elements each time. */
  forward(x: Tensor): Tensor;
  /** y of x, and what goes back for a dy, which may depend on y's shape. */
  gradients(x: Tensor, dy: (shape: Shape) => Tensor): Gradients;
}

export interface Gradients {
  readonly y: Tensor;
  readonly dy: Tensor;
  readonly dx: Tensor;
  /** In the order of the layer's parameters; nothing for those that are not trained. */
  readonly parameters: readonly (Tensor | undefined)[];
}

/** How the numbers of a trial are drawn. Default: whole numbers from −8 to 8, for which every sum is exact. */
export type Draw = (shape: Shape, seed: number, dtype: Kernels["dtype"]) => Tensor;

export interface TrialOptions extends Omit<PassOptions, "seed" | "gradients"> {
  readonly kernels: Kernels;
  readonly weights?: Draw;
  readonly numbers?: Draw;
}

/**
 * Runs an action with the layer of a case, whose parameters are drawn numbers meanwhile; afterwards it has its own again.
 * What is not trained (moving statistics) stays as it is.
 */
export function trial<Result>(
  { layer, shape, seed, unit }: LayerCase,
  { weights = integers, numbers = multiplesOf(unit), ...options }: TrialOptions,
  action: (trial: Trial) => Result,
): Result {
  const { dtype } = options.kernels;
  const passOf = (gradients: boolean) => new Pass({ ...options, seed, gradients });
  layer.build(shape, passOf(false));
  const draw = (shape: Shape, index: number) => numbers(shape, seed + 101 * index, dtype);
  const own = layer.parameters.map(({ value, gradient }) => ({ value, gradient }));
  try {
    layer.parameters.forEach((parameter, index) => {
      const { value, gradient } = own[index];
      parameter.value = parameter.learns ? weights(value.shape, seed + 10 + index, dtype) : converted(value, dtype);
      parameter.gradient = zeros(gradient.shape, dtype);
    });
    return action({
      layer,
      x: draw(shape, 0),
      draw,
      forward: (x) => layer.forward(x, passOf(false)),
      gradients(x, cotangent) {
        const pass = passOf(true);
        const y = layer.forward(x, pass);
        const dy = cotangent(y.shape);
        const dx = layer.backward(dy, pass);
        const parameters = layer.parameters.map(({ gradient, trainable }) => (trainable ? gradient.copy() : undefined));
        return { y, dy, dx, parameters };
      },
    });
  } finally {
    layer.parameters.forEach((parameter, index) => {
      Object.assign(parameter, own[index]);
    });
  }
}

/** y of a layer with these weights, in Keras' order. */
export function apply(layer: Layer, x: Tensor, weights: readonly Tensor[], { kernels = float64 }: LawOptions): Tensor {
  const pass = new Pass({ kernels, gradients: false });
  layer.build(x.shape, pass);
  layer.setWeights(weights);
  return layer.forward(x, pass);
}

/** A copy in another precision. */
export function converted(tensor: Tensor, dtype: Kernels["dtype"]): Tensor {
  const result = zeros(tensor.shape, dtype);
  result.data.set(tensor.data);
  return result;
}

function multiplesOf(unit: number): Draw {
  return (shape, seed, dtype) => {
    const result = integers(shape, seed, dtype);
    const { data } = result;
    for (let e = 0; e < data.length; e++) data[e] *= unit;
    return result;
  };
}
