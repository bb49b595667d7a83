import { wholeNumber } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { checkRows } from "./dense.ts";
import type { Parameter } from "./layer.ts";
import { Weighted, type WeightedOptions } from "./weighted.ts";

export interface EuclideanRBFOptions extends WeightedOptions {
  /** How many prototypes x is compared with. */
  units: number;
}

interface Note {
  readonly x: Tensor;
  readonly shape: Shape;
  readonly y: Tensor | undefined;
}

/**
 * How near x is to each of some prototypes: the output layer of LeNet-5.                       LeCun et al. 1998, equation 7
 *   x [N,A]   kernel w [A,B], a prototype a column   bias b [B]   y [N,B]
 *   forward   z[n,b] = bias[b] − Σ_a (x[n,a] − w[a,b])²                                             y = activation(z)
 *   backward  dz = dy · activation′;  dw[a,b] = Σ_n 2·dz[n,b]·(x[n,a] − w[a,b]);  db[b] = Σ_n dz[n,b]
 *             dx[n,a] = −Σ_b 2·dz[n,b]·(x[n,a] − w[a,b])
 *
 * The paper's output is the square itself, a penalty, which is small where a class fits; with its sign turned the largest
 * wins, softmax is Gaussian classes' probability, and a bias says which are frequent. The paper has none: `useBias: false`.
 *
 * ```ts
 * const near = new EuclideanRBF({ units: 2, kernelInitializer: () => [1, -1, 1, 1] }); // prototypes (1, 1) and (−1, 1)
 * near.forward(tensor([[1, 1]])).toNested(); // [[0, -4]]
 * ```
 * @throws NeocogError for x that is not [N,A], or has another A than the layer was built for.
 */
export class EuclideanRBF extends Weighted {
  declare readonly options: EuclideanRBFOptions;

  constructor(options: EuclideanRBFOptions) {
    super("EuclideanRBF", options, ["units"]);
    wholeNumber("EuclideanRBF", "units", options.units, 1);
  }

  override outputShape(inputShape: Shape): number[] {
    checkRows(this, inputShape);
    return [inputShape[0], this.options.units];
  }

  // A class for each unit: too few to need a kernel of their own. Sums are kept in float64 and rounded once.
  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    this.build(x.shape, pass);
    const [N, A, B] = [...x.shape, this.options.units];
    const z = pass.allocate([N, B]);
    const [X, Z, W, bias] = [x.data, z.data, this.kernel.value.data, this.bias?.value.data];
    for (let n = 0; n < N; n++)
      for (let b = 0; b < B; b++) {
        let squares = 0;
        for (let a = 0; a < A; a++) squares += (X[n * A + a] - W[a * B + b]) * (X[n * A + a] - W[a * B + b]);
        Z[n * B + b] = (bias ? bias[b] : 0) - squares;
      }
    const y = this.activation.forward(z, pass);
    pass.remember(this, { x, y: this.activation.needed(y), shape: y.shape } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { dz, x } = this.#gradients(dy, pass);
    const [N, A, B] = [...x.shape, this.options.units];
    const dx = pass.allocate(x.shape);
    const [X, DX, DZ, W] = [x.data, dx.data, dz.data, this.kernel.value.data];
    for (let n = 0; n < N; n++)
      for (let a = 0; a < A; a++) {
        let sum = 0;
        for (let b = 0; b < B; b++) sum -= 2 * DZ[n * B + b] * (X[n * A + a] - W[a * B + b]);
        DX[n * A + a] = sum;
      }
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
    const [N, A, B] = [...x.shape, this.options.units];
    this.gradient(this.kernel, pass, (dw) => {
      const [X, DZ, W, DW] = [x.data, dz.data, this.kernel.value.data, dw.data];
      for (let a = 0; a < A; a++)
        for (let b = 0; b < B; b++) {
          let sum = 0;
          for (let n = 0; n < N; n++) sum += 2 * DZ[n * B + b] * (X[n * A + a] - W[a * B + b]);
          DW[a * B + b] = sum;
        }
    });
    this.biasGradient(dz, pass);
    return { dz, x };
  }
}
