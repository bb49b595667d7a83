/** What Winograd's transforms make of rounding errors: bounds that are derived from their matrices. */
import type { Tensor } from "../../src/tensor.ts";
import type { Window } from "../../src/window.ts";
import type { Layer } from "./directions.ts";

type Matrix = readonly (readonly number[])[];

/** Rows and columns of the kernel. */
export type Size = 3 | 5;

/** The matrices of F(4×4, 3×3), Lavin & Gray 2015, and of F(2×2, 5×5), which takes the same points: 0, ±1, ±2, ∞. */
const B_T: Matrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];
const G: Record<Size, Matrix> = {
  3: [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
  ],
  5: [
    [1 / 4, 0, 0, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6, 1 / 3, 2 / 3],
    [1 / 24, -1 / 12, 1 / 6, -1 / 3, 2 / 3],
    [0, 0, 0, 0, 1],
  ],
};
const A_T: Record<Size, Matrix> = {
  3: [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
  ],
  5: [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 1],
  ],
};

/** Roundings on the way of one number through the three transforms, generously: two passes of at most six each. */
const TRANSFORM_ROUNDINGS = 40;

/** Where a convolution with stride 1 looks and what it gives: a window, or a phase of the gradient of the input. */
interface View {
  readonly rows: Pick<Window["rows"], "before" | "output">;
  readonly columns: Pick<Window["columns"], "before" | "output">;
}

/**
 * What the transforms make of magnitudes: |Aᵀ|(Σ_c |G||g||Gᵀ| ⊙ |Bᵀ||d||B|)|A| at every output. Every rounding error is
 * at most 2⁻²⁴ of a number that this bounds.
 */
export function magnitudes(
  size: Size,
  x: Tensor,
  kernel: (p: number, q: number, c: number, f: number) => number,
  filters: number,
  { rows, columns }: View,
): Float64Array {
  const [N, , , C] = x.shape;
  const [OH, OW] = [rows.output, columns.output];
  const side = A_T[size].length;
  const bound = new Float64Array(N * OH * OW * filters);
  const U = Array.from({ length: C }, (_, c) =>
    Array.from({ length: filters }, (_, f) =>
      sandwich(
        absolute(G[size]),
        square(size, (p, q) => Math.abs(kernel(p, q, c, f))),
      ).flat(),
    ),
  );
  for (let n = 0; n < N; n++)
    for (let i0 = 0; i0 < OH; i0 += side)
      for (let j0 = 0; j0 < OW; j0 += side) {
        const V = Array.from({ length: C }, (_, c) =>
          sandwich(absolute(B_T), patch(6, x, n, i0 - rows.before, j0 - columns.before, c)).flat(),
        );
        for (let f = 0; f < filters; f++) {
          const M = square(6, (r, s) => V.reduce((sum, plane, c) => sum + plane[6 * r + s] * U[c][f][6 * r + s], 0));
          const Y = sandwich(absolute(A_T[size]), M);
          for (let i = i0; i < Math.min(i0 + side, OH); i++)
            for (let j = j0; j < Math.min(j0 + side, OW); j++) {
              bound[((n * OH + i) * OW + j) * filters + f] = Y[i - i0][j - j0];
            }
        }
      }
  return bound;
}

/** |Gᵀ|(Σ over tiles |A||dy||Aᵀ| ⊙ |Bᵀ||d||B|)|G| at every weight. */
export function gradientMagnitudes({ x, dy, kernel, window }: Layer & { window: Window }): Float64Array {
  const [N, , , C] = x.shape;
  const [, OH, OW, F] = dy.shape;
  const size = kernel.shape[0] as Size;
  const side = A_T[size].length;
  const sums = Array.from({ length: C * F }, () => new Float64Array(36));
  for (let n = 0; n < N; n++)
    for (let i = 0; i < OH; i += side)
      for (let j = 0; j < OW; j += side) {
        const V = Array.from({ length: C }, (_, c) =>
          sandwich(absolute(B_T), patch(6, x, n, i - window.rows.before, j - window.columns.before, c)).flat(),
        );
        for (let f = 0; f < F; f++) {
          const D = sandwich(transpose(absolute(A_T[size])), patch(side, dy, n, i, j, f)).flat();
          for (let c = 0; c < C; c++) for (let k = 0; k < 36; k++) sums[c * F + f][k] += V[c][k] * D[k];
        }
      }
  const bound = new Float64Array(kernel.size);
  sums.forEach((sum, index) => {
    const W = sandwich(
      transpose(absolute(G[size])),
      square(6, (r, s) => sum[r * 6 + s]),
    ).flat();
    W.forEach((value, k) => void (bound[k * C * F + index] = value));
  });
  return bound;
}

/** |t| of an image and a channel, `size` rows and columns of it from here on; zero outside. */
function patch(size: number, t: Tensor, n: number, u0: number, v0: number, c: number): number[][] {
  const [, H, W, C] = t.shape;
  return square(size, (r, s) => {
    const [u, v] = [u0 + r, v0 + s];
    return u < 0 || v < 0 || u >= H || v >= W ? 0 : Math.abs(t.data[((n * H + u) * W + v) * C + c]);
  });
}

/** Sums of so many terms whose magnitudes are bounded by `magnitude` may be off by this. */
export const allowed = (terms: number, magnitude: number) => (terms + TRANSFORM_ROUNDINGS) * 2 ** -24 * magnitude;

function square(size: number, at: (row: number, column: number) => number): number[][] {
  return Array.from({ length: size }, (_, r) => Array.from({ length: size }, (_, s) => at(r, s)));
}

function absolute(m: Matrix): number[][] {
  return m.map((row) => row.map(Math.abs));
}

function transpose(m: Matrix): number[][] {
  return m[0].map((_, column) => m.map((row) => row[column]));
}

function multiply(a: Matrix, b: Matrix): number[][] {
  return a.map((row) => b[0].map((_, column) => row.reduce((sum, value, k) => sum + value * b[k][column], 0)));
}

/** m x mᵀ. */
function sandwich(m: Matrix, x: Matrix): number[][] {
  return multiply(multiply(m, x), transpose(m));
}
