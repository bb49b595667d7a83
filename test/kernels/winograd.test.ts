import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { conv2d, forwardGeometry, phases } from "../../src/kernels/wasm/conv2d.ts";
import { prefersWinograd } from "../../src/kernels/wasm/convolution.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { kernelsOn, wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { kernelGradientWinograd, prefersFewTiles } from "../../src/kernels/wasm/winograd.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { Window } from "../../src/window.ts";
import { floats, seeds } from "../support/arbitraries.ts";
import { equalBits, within } from "../support/compare.ts";
import { convolutionLayer, directions, names, type Operations } from "../support/directions.ts";
import { reference64, wake } from "../support/kernels.ts";
import { relaxedEngine } from "../support/relaxed.ts";
import { allowed, gradientMagnitudes, magnitudes, type Size } from "../support/winograd.ts";

const sizes = fc.constantFrom<Size>(3, 5);
const relu = { name: "relu", alpha: 0 } as const;

interface Case {
  readonly size: Size;
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly padding: "same" | "valid" | [number, number, number, number];
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  size: sizes,
  images: fc.integer({ min: 1, max: 6 }),
  height: side(),
  // More tiles side by side than are transformed together.
  width: fc.oneof({ weight: 4, arbitrary: side() }, { weight: 1, arbitrary: fc.integer({ min: 33, max: 45 }) }),
  // More than are transformed together, too.
  channels: fc.constantFrom(8, 16, 20, 36),
  filters: fc.constantFrom(16, 24, 40),
  padding: fc.oneof(fc.constantFrom("same" as const, "valid" as const), fc.tuple(pad(), pad(), pad(), pad())),
  seed: seeds,
});

function side() {
  return fc.integer({ min: 5, max: 14 });
}

function pad() {
  return fc.integer({ min: 0, max: 4 });
}

function tensorsOf({ size, height, width, padding, ...sizes }: Case, strides = 1) {
  const window = Window.over("test", height, width, { kernelSize: size, strides, padding });
  return convolutionLayer(window, { ...sizes, groups: 1 }, floats);
}

/** The kernels of an engine, with Winograd's gradient of the kernel, which is chosen for more tiles than there are here. */
function winograd(engine: Engine): Operations {
  return {
    allocate: (shape) => engine.allocate(shape),
    ...conv2d(engine),
    conv2dBackwardKernel(dkernel, x, dy, window) {
      engine.operation(() => {
        const g = forwardGeometry(x.shape, dkernel.shape, window);
        kernelGradientWinograd(engine, g, engine.input(x), engine.input(dy), engine.output(dkernel));
      });
    },
  };
}

describe("Winograd's F(4×4, 3×3) and F(2×2, 5×5)", () => {
  const engine = new Engine();
  // A fused multiplication and addition rounds once where the bound allows for two roundings.
  const builds = fc.constantFrom(engine, relaxedEngine());

  test("stay within their derived bound of the float64 formula, in all three directions, at every size and padding", () => {
    fc.assert(
      fc.property(cases, builds, (drawn, build) => {
        const t = tensorsOf(drawn);
        const fast = directions(winograd(build), t, relu);
        const exact = directions(reference64, t, relu);
        const { size } = drawn;
        const [, , C, F] = t.kernel.shape;
        const at = (p: number, q: number, c: number, f: number) => t.kernel.data[((p * size + q) * C + c) * F + f];
        const y = magnitudes(size, t.x, at, F, t.window);
        // dx is the convolution of dy with the turned kernel, its window starting size − 1 − padding further out.
        const turn = ({ input, before }: Window["rows"]) => ({ before: size - 1 - before, output: input });
        const turned = { rows: turn(t.window.rows), columns: turn(t.window.columns) };
        const dx = magnitudes(size, t.dy, (p, q, f, c) => at(size - 1 - p, size - 1 - q, c, f), C, turned);
        const dkernel = gradientMagnitudes(t);
        const side = 7 - size; // of the 6 × 6 numbers of a tile, what a kernel leaves
        const tiles = Math.ceil(t.window.rows.output / side) * Math.ceil(t.window.columns.output / side) * drawn.images;
        within(fast.y, exact.y, (e) => allowed(C, y[e] + Math.abs(t.bias.data[e % F])), { y: drawn });
        within(fast.dx, exact.dx, (e) => allowed(F, dx[e]), { dx: drawn });
        within(fast.dkernel, exact.dkernel, (e) => allowed(tiles, dkernel[e]), { dkernel: drawn });
      }),
      { numRuns: 40 },
    );
  });

  test("with strides, where each phase of dx is a convolution of its own, and only some are Winograd's", () => {
    // 5 = 3 + 2 taps and 6 = 3 + 3 with stride 2; 9 = 3 + 3 + 3 and 13 = 5 + 4 + 4 with stride 3.
    const strided = fc.constantFrom([5, 2], [6, 2], [9, 2], [9, 3], [13, 3]);
    fc.assert(
      fc.property(strided, cases, ([kernel, strides], drawn) => {
        const common = { ...drawn, height: drawn.height + 6, width: drawn.width + 6, size: kernel as Size };
        const t = tensorsOf({ ...common, padding: "same", channels: 16 }, strides);
        const [dx, expected] = [zeros(t.x.shape), zeros(t.x.shape, "float64")];
        conv2d(engine).conv2dBackwardInput(dx, t.dy, t.kernel, t.window);
        reference64.conv2dBackwardInput(expected, t.dy, t.kernel, t.window);
        const [N, H, W, C] = t.x.shape;
        const F = t.dy.shape[3];
        for (const rows of phases(t.window.rows))
          for (const columns of phases(t.window.columns)) {
            const tap = ({ lastTap, tapStep }: typeof rows, p: number) => lastTap - p * tapStep;
            const at = (p: number, q: number, f: number, c: number) =>
              t.kernel.data[((tap(rows, p) * kernel + tap(columns, q)) * C + c) * F + f];
            const size = rows.kernel as Size;
            const isWinograd = rows.kernel === columns.kernel && (size === 3 || size === 5);
            const bound = isWinograd ? magnitudes(size, t.dy, at, C, { rows, columns }) : undefined;
            for (let e = 0; e < N * rows.output * columns.output * C; e++) {
              const [c, j, i, n] = places(e, C, columns.output, rows.output);
              const [u, v] = [rows.first + i * strides, columns.first + j * strides];
              const k = ((n * H + u) * W + v) * C + c;
              // The direct sum: numbers up to 1, and as many roundings as terms.
              const terms = rows.kernel * columns.kernel * F;
              const most = bound ? allowed(F, bound[e]) : terms * terms * 2 ** -24;
              const error = Math.abs(dx.data[k] - expected.data[k]);
              assert.ok(error <= most, `dx is off by ${error} at ${[n, u, v, c]}, more than ${most}`);
            }
          }
      }),
      { numRuns: 20 },
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

  test("an image alone has the bits that it has in a batch, whose tiles are too many for a unit to take all of them", async () => {
    const kernels = kernelsOn(new Engine({ threads: 3 }), "winograd");
    await wake(kernels); // units begin somewhere
    const sides = fc.integer({ min: 5, max: 8 });
    const drawn = fc.record({
      size: sizes,
      channels: fc.constantFrom(16, 128, 132, 260),
      filters: fc.constantFrom(16, 40),
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

  test("gives the same bits with 1, 2, 3, 4 and 7 threads", async () => {
    const engines = [1, 2, 3, 4, 7].map((threads) => new Engine({ threads }));
    await wake(...engines.map((each) => kernelsOn(each, "winograd")));
    fc.assert(
      fc.property(cases, (drawn) => {
        const t = tensorsOf(drawn);
        const [one, ...others] = engines.map((each) => directions(winograd(each), t, relu));
        for (const other of others) {
          for (const name of names) equalBits(other[name], one[name], { name, drawn });
        }
      }),
      { numRuns: 20 },
    );
  });

  test("are what most of the drawn shapes use, with many tiles and with few", () => {
    const drawn = fc.sample(cases, { numRuns: 400, seed: 1 });
    for (const size of [3, 5]) {
      const geometries = drawn
        .filter((each) => each.size === size)
        .map((each) => {
          const { x, kernel, window } = tensorsOf(each);
          return forwardGeometry(x.shape, kernel.shape, window);
        });
      const share = (holds: (g: (typeof geometries)[number]) => boolean) =>
        geometries.filter(holds).length / geometries.length;
      const [chosen, few] = [share(prefersWinograd), share(prefersFewTiles)];
      assert.ok(chosen > 0.6 && few > 0.03 && few < 0.9, `${size} × ${size}: ${chosen}, of few tiles ${few}`);
    }
  });
});

/** The indices of an element, last axis first. */
function places(element: number, ...sizes: readonly number[]): number[] {
  return [...sizes, Infinity].map((size) => {
    const place = element % size;
    element = Math.floor(element / size);
    return place;
  });
}
