import { describe, test } from "node:test";
import fc from "fast-check";
import { conv2d as referenceConv2d } from "../../src/kernels/reference/conv2d.ts";
import { conv2d } from "../../src/kernels/wasm/conv2d.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { prefersFewTiles, prefersWinograd } from "../../src/kernels/wasm/winograd.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { Window } from "../../src/window.ts";
import { floats, seeds } from "../support/arbitraries.ts";
import { equalBits, placed, runPoisoned, within } from "../support/compare.ts";

type Matrix = readonly (readonly number[])[];

/** The three matrices of F(4×4, 3×3), Lavin & Gray 2015. */
const B_T: Matrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];
const G: Matrix = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];
const A_T: Matrix = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

/** Roundings on the way of one number through the three transforms, generously: two passes of at most six each. */
const TRANSFORM_ROUNDINGS = 40;

interface Case {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly padding: "same" | "valid" | [number, number, number, number];
  readonly seed: number;
}

const side = fc.integer({ min: 4, max: 14 });
const cases: fc.Arbitrary<Case> = fc
  .record({
    images: fc.integer({ min: 1, max: 4 }),
    height: side,
    width: side,
    channels: fc.constantFrom(16, 20, 24, 40),
    filters: fc.constantFrom(16, 24, 40),
    padding: fc.oneof(fc.constantFrom("same" as const, "valid" as const), fc.tuple(pad(), pad(), pad(), pad())),
    seed: seeds,
  })
  .filter((drawn) => drawn.height + drawn.width >= 12);

function pad() {
  return fc.integer({ min: 0, max: 4 });
}

function tensorsOf({ images, height, width, channels, filters, padding, seed }: Case) {
  const window = Window.over("test", height, width, { kernelSize: 3, padding });
  return {
    window,
    x: floats(window.inputShape(images, channels), seed),
    kernel: floats([3, 3, channels, filters], seed + 1),
    bias: floats([filters], seed + 2),
    dy: floats(window.outputShape(images, filters), seed + 3),
  };
}

function directions(engine: Engine, t: ReturnType<typeof tensorsOf>) {
  const kernels = { allocate: (shape: readonly number[]) => engine.allocate(shape), ...conv2d(engine) };
  const [x, kernel, bias, dy] = [t.x, t.kernel, t.bias, t.dy].map((tensor) => placed(kernels, tensor));
  const [y] = runPoisoned(kernels, [x, kernel, bias], [dy.shape], (y) =>
    kernels.conv2dForward(y, x, kernel, bias, t.window, { name: "relu", alpha: 0 }),
  );
  const [dx] = runPoisoned(kernels, [dy, kernel], [x.shape], (dx) =>
    kernels.conv2dBackwardInput(dx, dy, kernel, t.window),
  );
  const [dkernel] = runPoisoned(kernels, [x, dy], [kernel.shape], (dk) =>
    kernels.conv2dBackwardKernel(dk, x, dy, t.window),
  );
  return { y, dx, dkernel };
}

function exactly(t: ReturnType<typeof tensorsOf>) {
  const [y, dx, dkernel] = [t.dy, t.x, t.kernel].map((tensor) => zeros(tensor.shape, "float64"));
  referenceConv2d.conv2dForward(y, t.x, t.kernel, t.bias, t.window, { name: "relu", alpha: 0 });
  referenceConv2d.conv2dBackwardInput(dx, t.dy, t.kernel, t.window);
  referenceConv2d.conv2dBackwardKernel(dkernel, t.x, t.dy, t.window);
  return { y, dx, dkernel };
}

/**
 * What the transforms make of magnitudes: |Aᵀ|(Σ_c |G||g||Gᵀ| ⊙ |Bᵀ||d||B|)|A| at every output. Every rounding error is
 * at most 2⁻²⁴ of a number that this bounds.
 */
function magnitudes(
  x: Tensor,
  kernel: (c: number, f: number) => Matrix,
  filters: number,
  window: Window,
): Float64Array {
  const [N, H, W, C] = x.shape;
  const [top, left] = [window.rows.before, window.columns.before];
  const [OH, OW] = [window.rows.output, window.columns.output];
  const bound = new Float64Array(N * OH * OW * filters);
  const U = Array.from({ length: C * filters }, (_, index) =>
    sandwich(absolute(G), absolute(kernel(Math.floor(index / filters), index % filters))),
  );
  for (let n = 0; n < N; n++)
    for (let i0 = 0; i0 < OH; i0 += 4)
      for (let j0 = 0; j0 < OW; j0 += 4) {
        const V = Array.from({ length: C }, (_, c) =>
          sandwich(
            absolute(B_T),
            square(6, (r, s) => {
              const [u, v] = [i0 + r - top, j0 + s - left];
              return u < 0 || v < 0 || u >= H || v >= W ? 0 : Math.abs(x.data[((n * H + u) * W + v) * C + c]);
            }),
          ),
        );
        for (let f = 0; f < filters; f++) {
          const M = square(6, (r, s) => V.reduce((sum, plane, c) => sum + plane[r][s] * U[c * filters + f][r][s], 0));
          const Y = sandwich(absolute(A_T), M);
          for (let i = i0; i < Math.min(i0 + 4, OH); i++)
            for (let j = j0; j < Math.min(j0 + 4, OW); j++) {
              bound[((n * OH + i) * OW + j) * filters + f] = Y[i - i0][j - j0];
            }
        }
      }
  return bound;
}

/** |Gᵀ|(Σ over tiles |A||dy||Aᵀ| ⊙ |Bᵀ||d||B|)|G| at every weight. */
function gradientMagnitudes({ x, dy, kernel, window }: ReturnType<typeof tensorsOf>): Float64Array {
  const [N, H, W, C] = x.shape;
  const [, OH, OW, F] = dy.shape;
  const sums = Array.from({ length: C * F }, () => new Float64Array(36));
  for (let n = 0; n < N; n++)
    for (let i = 0; i < OH; i += 4)
      for (let j = 0; j < OW; j += 4) {
        const patch = (t: Tensor, size: number, [h, w, depth]: number[], u0: number, v0: number, c: number) =>
          square(size, (r, s) => {
            const [u, v] = [u0 + r, v0 + s];
            return u < 0 || v < 0 || u >= h || v >= w ? 0 : Math.abs(t.data[((n * h + u) * w + v) * depth + c]);
          });
        const V = Array.from({ length: C }, (_, c) =>
          sandwich(absolute(B_T), patch(x, 6, [H, W, C], i - window.rows.before, j - window.columns.before, c)).flat(),
        );
        for (let f = 0; f < F; f++) {
          const D = sandwich(transpose(absolute(A_T)), patch(dy, 4, [OH, OW, F], i, j, f)).flat();
          for (let c = 0; c < C; c++) for (let k = 0; k < 36; k++) sums[c * F + f][k] += V[c][k] * D[k];
        }
      }
  const bound = new Float64Array(kernel.size);
  sums.forEach((sum, index) => {
    const W = sandwich(
      transpose(absolute(G)),
      square(6, (r, s) => sum[r * 6 + s]),
    );
    for (let k = 0; k < 9; k++) bound[k * C * F + index] = W[Math.floor(k / 3)][k % 3];
  });
  return bound;
}

describe("Winograd's F(4×4, 3×3)", () => {
  const engine = new Engine();

  test("stays within its derived bound of the float64 formula, in all three directions, at every size and padding", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const t = tensorsOf(drawn);
        fc.pre(t.window.rows.output * t.window.columns.output >= 16);
        const fast = directions(engine, t);
        const exact = exactly(t);
        const [, , C, F] = t.kernel.shape;
        const at = (p: number, q: number, c: number, f: number) => t.kernel.data[((p * 3 + q) * C + c) * F + f];
        const y = magnitudes(t.x, (c, f) => square(3, (p, q) => at(p, q, c, f)), F, t.window);
        // dx is the convolution of dy with the turned kernel, its window starting 2 − padding further out.
        const turn = ({ input, output, before }: Window["rows"]) => ({
          before: 2 - before,
          input: output,
          output: input,
        });
        const turned = { rows: turn(t.window.rows), columns: turn(t.window.columns) } as unknown as Window;
        const dx = magnitudes(t.dy, (f, c) => square(3, (p, q) => at(2 - p, 2 - q, c, f)), C, turned);
        const dkernel = gradientMagnitudes(t);
        const tiles = Math.ceil(t.window.rows.output / 4) * Math.ceil(t.window.columns.output / 4) * drawn.images;
        const allowed = (terms: number, size: number) => (terms + TRANSFORM_ROUNDINGS) * 2 ** -24 * size;
        within(fast.y, exact.y, (e) => allowed(C, y[e] + Math.abs(t.bias.data[e % F])), { y: drawn });
        within(fast.dx, exact.dx, (e) => allowed(F, dx[e]), { dx: drawn });
        within(fast.dkernel, exact.dkernel, (e) => allowed(tiles, dkernel[e]), { dkernel: drawn });
      }),
      { numRuns: 25 },
    );
  });

  test("an activation is the same in the convolution as behind it, bit for bit", () => {
    const kernels = wasmKernels({ threads: 1 });
    const activations = ["relu", "leakyRelu", "elu", "sigmoid", "tanh", "scaledTanh"] as const;
    fc.assert(
      fc.property(cases, fc.constantFrom(...activations), (drawn, name) => {
        const { x, kernel, bias, window, dy } = tensorsOf(drawn);
        const [within, z, behind] = [dy, dy, dy].map(({ shape }) => zeros(shape));
        kernels.conv2dForward(within, x, kernel, bias, window, { name, alpha: 0.3 });
        kernels.conv2dForward(z, x, kernel, bias, window, { name: "linear", alpha: 0 });
        kernels.activationForward(behind, z, { name, alpha: 0.3 });
        equalBits(within, behind, { drawn, name });
      }),
      { numRuns: 25 },
    );
  });

  test("an image alone has the bits that it has in a batch, whose tiles are too many for a unit to take all of them", () => {
    const kernels = conv2d(engine);
    const sides = fc.integer({ min: 5, max: 8 });
    const alone = { channels: fc.constantFrom(16, 128, 132, 260), filters: fc.constantFrom(16, 40) };
    const drawn = fc.record({
      ...alone,
      images: fc.integer({ min: 4, max: 6 }),
      height: sides,
      width: sides,
      seed: seeds,
    });
    fc.assert(
      fc.property(drawn, fc.constantFrom("relu" as const, "tanh" as const), (each, name) => {
        const { x, kernel, bias, dy, window } = tensorsOf({ ...each, padding: "same" });
        const forward = (image: Tensor) => {
          const y = zeros([image.shape[0], ...dy.shape.slice(1)]);
          kernels.conv2dForward(y, image, kernel, bias, window, { name, alpha: 0 });
          return y.data;
        };
        const backward = (gradient: Tensor) => {
          const dx = zeros([gradient.shape[0], ...x.shape.slice(1)]);
          kernels.conv2dBackwardInput(dx, gradient, kernel, window);
          return dx.data;
        };
        const first = ({ shape, data }: Tensor) =>
          tensor(data.slice(0, data.length / shape[0]), [1, ...shape.slice(1)]);
        for (const [pass, all] of [
          [forward, x],
          [backward, dy],
        ] as const) {
          const one = pass(first(all));
          equalBits(one, pass(all).slice(0, one.length), { each, pass: pass.name });
        }
      }),
      { numRuns: 25 },
    );
  });

  test("gives the same bits with 1, 2, 3, 4 and 7 threads", () => {
    const engines = [1, 2, 3, 4, 7].map((threads) => new Engine({ threads }));
    fc.assert(
      fc.property(cases, (drawn) => {
        const t = tensorsOf(drawn);
        const [one, ...others] = engines.map((each) => directions(each, t));
        for (const other of others) {
          for (const name of ["y", "dx", "dkernel"] as const) equalBits(other[name], one[name], { name, drawn });
        }
      }),
      { numRuns: 20 },
    );
  });

  test("is what the drawn shapes use", () => {
    const axis = { kernel: 3, stride: 1, dilation: 1, before: 1, output: 8 };
    const g = {
      images: 1,
      sourceHeight: 8,
      sourceWidth: 8,
      groups: 1,
      channels: 16,
      filters: 16,
      rows: axis,
      columns: axis,
    };
    if (!prefersWinograd(g)) throw new Error("the cases of this file are too small for Winograd to be chosen");
    const ways = [1, 2].map((images) => prefersFewTiles({ ...g, images }));
    if (ways.join() !== "true,false")
      throw new Error("the cases of this file do not go both ways with many tiles and few");
  });
});

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
