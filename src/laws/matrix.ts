/** A convolution as a matrix: B5, B8. */
import fc from "fast-check";
import { type Tensor, zeros } from "../tensor.ts";
import type { Axis, Window } from "../window.ts";
import { equal, holds } from "./compare.ts";
import { reader } from "./images.ts";
import { type Law, law } from "./law.ts";
import { conv2D, conv2dCases, type MakeConv2D } from "./layers.ts";
import { apply, casesOf, float64, type LawOptions, type Shapes, type Subject, trial } from "./subject.ts";
import { windowOf } from "./translation.ts";

/**
 * The matrix of a convolution of one image: y, in one row, is x, in one row, times it. B8
 *   M [H·W·C, OH·OW·F]   M[(u,v,c), (i,j,f)] = w[p,q,c,f] where p·d = u − i·s + top and q·d = v − j·s + left, else 0
 *
 * With one channel, one filter and stride 1 it is a block Toeplitz matrix whose blocks are Toeplitz matrices: constant
 * along diagonals. It is sparse (most entries are 0) and tied (the others repeat the few weights).
 */
export function convolutionMatrix(kernel: Tensor, { rows, columns }: Window, channels: number): Tensor {
  const [, , depth, F] = kernel.shape;
  const weight = reader(kernel);
  const matrix = zeros([rows.input * columns.input * channels, rows.output * columns.output * F], kernel.dtype);
  let e = 0;
  for (let u = 0; u < rows.input; u++)
    for (let v = 0; v < columns.input; v++)
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < rows.output; i++)
          for (let j = 0; j < columns.output; j++)
            for (let f = 0; f < F; f++, e++) {
              const [p, q] = [cell(rows, u, i), cell(columns, v, j)];
              const sameGroup = Math.floor(c / depth) === Math.floor((f * channels) / depth / F);
              if (p >= 0 && q >= 0 && sameGroup) matrix.data[e] = weight(p, q, c % depth, f);
            }
  return matrix;
}

/** Which cell of the kernel output i lays on input u, or −1. */
function cell({ kernel, stride, dilation, before }: Axis, u: number, i: number): number {
  const distance = u - i * stride + before;
  const p = distance / dilation;
  return distance >= 0 && distance % dilation === 0 && p < kernel ? p : -1;
}

/** x [N,A] · M [A,B] and a bias for every column, repeated. */
function product(x: Tensor, matrix: Tensor, bias: Tensor | undefined): Tensor {
  const [A, B] = matrix.shape;
  const y = zeros([x.shape[0], B], x.dtype);
  for (let n = 0; n < x.shape[0]; n++)
    for (let b = 0; b < B; b++) {
      let sum = bias?.data[b % bias.size] ?? 0;
      for (let a = 0; a < A; a++) sum += x.data[n * A + a] * matrix.data[a * B + b];
      y.data[n * B + b] = sum;
    }
  return y;
}

/** A convolution is a dense layer with a sparse, tied matrix: build the matrix, multiply, compare. B8 */
export function toeplitz(
  subject: Subject = conv2dCases(),
  shapes?: Shapes,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a convolution is the product with a sparse, tied matrix (doubly blocked Toeplitz)";
  return law(["B8"], name, casesOf("toeplitz", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const [kernel, bias] = layer.parameters.map(({ value }) => value);
      const matrix = convolutionMatrix(kernel, windowOf(layer, x.shape), x.shape[3]);
      const y = forward(x);
      const rows = product(x.reshape([x.shape[0], matrix.shape[0]]), matrix, bias);
      equal(y, rows.reshape(y.shape), ["of the layer", "of the matrix"]);
    });
  });
}

/**
 * From J inputs to J − M + 1 outputs in one dimension there are J·(J − M + 1) weights where all are connected,
 * M·(J − M + 1) where each output sees M inputs, and M where all share them: 15, 9 and 3 for J = 5, M = 3. A6, B5
 *
 * Each number is counted in the matrix that the layer is, found by feeding it one unit vector after the other.
 */
export function sharedWeights(make: MakeConv2D = conv2D, { kernels = float64 }: LawOptions = {}): Law {
  const name =
    "J inputs and kernels of M have J·(J − M + 1) weights when dense, M·(J − M + 1) when local, M when shared";
  const cases = fc.record({ M: fc.integer({ min: 1, max: 5 }), outputs: fc.integer({ min: 1, max: 6 }) });
  return law(["A6", "B5"], name, cases, ({ M, outputs }) => {
    const J = outputs + M - 1;
    const weights = zeros([1, M, 1, 1], kernels.dtype);
    // Powers of two are told apart.
    for (let q = 0; q < M; q++) weights.data[q] = 2 ** q;
    const columns = Array.from({ length: J }, (_, v) => {
      const unit = zeros([1, 1, J, 1], kernels.dtype);
      unit.data[v] = 1;
      const layer = make({ filters: 1, kernelSize: [1, M], useBias: false });
      return [...apply(layer, unit, [weights], { kernels }).data];
    });
    const entries = columns.flat();
    const found = [
      entries.length,
      entries.filter((entry) => entry !== 0).length,
      new Set(entries.filter(Boolean)).size,
    ];
    const expected = [J * (J - M + 1), M * (J - M + 1), M];
    holds(String(found) === String(expected), () => `for J = ${J}, M = ${M} there are ${found}, expected ${expected}`);
  });
}
