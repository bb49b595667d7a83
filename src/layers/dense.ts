import { fail, wholeNumber } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { checkShape, type Shape, type Tensor } from "../tensor.ts";
import type { Parameter } from "./layer.ts";
import { Weighted, type WeightedOptions } from "./weighted.ts";

export interface DenseOptions extends WeightedOptions {
  /** How many numbers of y an image has. */
  units: number;
}

interface Note {
  readonly x: Tensor;
  readonly shape: Shape;
  readonly y: Tensor | undefined;
}

/**
 * Fully connected layer: every output sees every input.                                                            C5
 *   x [N,A]   kernel w [A,B]   bias b [B]   y [N,B]
 *   forward   z[n,b] = bias[b] + Σ_a x[n,a] · w[a,b]                                               y = activation(z)
 *   backward  dz = dy · activation′;  dx[n,a] = Σ_b dz[n,b] · w[a,b];  dw[a,b] = Σ_n x[n,a] · dz[n,b];  db[b] = Σ_n dz[n,b]
 *
 * ```ts
 * const dense = new Dense({ units: 1, kernelInitializer: "ones" });
 * dense.forward(tensor([[1, 2, 3]])).toNested(); // [[6]]
 * ```
 * @throws NeocogError for x that is not [N,A], or has another A than the layer was built for.
 */
export class Dense extends Weighted {
  declare readonly options: DenseOptions;

  constructor(options: DenseOptions) {
    super("Dense", options, ["units"]);
    wholeNumber("Dense", "units", options.units, 1);
  }

  override outputShape(inputShape: Shape): number[] {
    checkRows(this, inputShape);
    return [inputShape[0], this.options.units];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    this.build(x.shape, pass);
    const z = pass.allocate([x.shape[0], this.options.units]);
    pass.kernels.denseForward(z, x, this.kernel.value, this.bias?.value, this.activation.fused);
    const y = this.activation.finish(z, pass);
    pass.remember(this, { x, y: this.activation.needed(y), shape: y.shape } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { dz, x } = this.#gradients(dy, pass);
    const dx = pass.allocate(x.shape);
    pass.kernels.denseBackwardInput(dx, dz, this.kernel.value);
    return dx;
  }

  override backwardParameters(dy: Tensor, pass: Pass): void {
    this.#gradients(dy, pass);
  }

  protected override make([, inputs]: Shape, pass: Pass): Parameter[] {
    return this.weights([inputs, this.options.units], pass);
  }

  #gradients(dy: Tensor, pass: Pass): { dz: Tensor; x: Tensor } {
    const { x, y, shape } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, shape);
    const dz = this.activation.backward(dy, y, pass);
    this.gradient(this.kernel, pass, (dw) => pass.kernels.denseBackwardKernel(dw, x, dz));
    this.biasGradient(dz, pass);
    return { dz, x };
  }
}

/** Refuses an x that is not [N,A], or has another A than the layer was built for. */
export function checkRows(layer: Weighted, inputShape: Shape): void {
  checkShape(layer.name, "the shape of x", inputShape);
  if (inputShape.length !== 2)
    fail(layer.name, "the shape of x", inputShape, "give [batch, inputs]; put a Flatten before");
  const expected = layer.built ? layer.kernel.shape[0] : inputShape[1];
  if (inputShape[1] !== expected) {
    const remedy = `it was built for [batch, ${expected}]; give that, or make a new layer`;
    fail(layer.name, "the shape of x", inputShape, remedy);
  }
}
