import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import v8 from "node:v8";
import fc from "fast-check";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { kernelsOn } from "../../src/kernels/wasm/kernels.ts";
import { type Shape, type Tensor, zeros } from "../../src/tensor.ts";
import { Window } from "../../src/window.ts";
import { floats, type Geometry, geometries, integers, seeds, windowOf } from "../support/arbitraries.ts";
import { equalBits, placed, runPoisoned, within } from "../support/compare.ts";
import { reference64, wasm } from "../support/kernels.ts";

// Node 20 has relaxed SIMD behind a flag; from Node 22 on it is there, and the flag does nothing.
v8.setFlagsFromString("--experimental-wasm-relaxed-simd");

const relaxed = kernelsOn(new Engine({ relaxed: true, threads: 2 }), "relaxed");
const linear = { name: "linear", alpha: 0 } as const;
const relu = { name: "relu", alpha: 0 } as const;
const names = ["y", "dx", "dkernel"] as const;

interface Layer {
  readonly x: Tensor;
  readonly kernel: Tensor;
  readonly bias: Tensor;
  readonly dy: Tensor;
  /** Of a convolution; a dense layer has none. */
  readonly window?: Window;
}

type Draw = (shape: Shape, seed: number) => Tensor;

function dense(N: number, A: number, B: number, seed: number, draw: Draw): Layer {
  const [x, kernel, bias, dy] = [[N, A], [A, B], [B], [N, B]].map((shape, index) => draw(shape, seed + index));
  return { x, kernel, bias, dy };
}

interface Sizes {
  readonly images: number;
  readonly groups: number;
  readonly channels: number;
  readonly filters: number;
  readonly seed: number;
}

function convolution(window: Window, { images, groups, channels, filters, seed }: Sizes, draw: Draw): Layer {
  const x = draw(window.inputShape(images, groups * channels), seed);
  const kernel = draw([window.rows.kernel, window.columns.kernel, channels, groups * filters], seed + 1);
  const bias = draw([groups * filters], seed + 2);
  return { x, kernel, bias, dy: draw(window.outputShape(images, groups * filters), seed + 3), window };
}

/** All three directions, from poisoned destinations and with poison beside the inputs. */
function directions(kernels: Kernels, layer: Layer, activation: typeof relu | typeof linear = linear) {
  const { window } = layer;
  const [x, kernel, bias, dy] = [layer.x, layer.kernel, layer.bias, layer.dy].map((t) => placed(kernels, t));
  const [y] = runPoisoned(kernels, [x, kernel, bias], [dy.shape], (y) => {
    if (window) kernels.conv2dForward(y, x, kernel, bias, window, activation);
    else kernels.denseForward(y, x, kernel, bias, activation);
  });
  const [dx] = runPoisoned(kernels, [dy, kernel], [x.shape], (dx) => {
    if (window) kernels.conv2dBackwardInput(dx, dy, kernel, window);
    else kernels.denseBackwardInput(dx, dy, kernel);
  });
  const [dkernel] = runPoisoned(kernels, [x, dy], [kernel.shape], (dk) => {
    if (window) kernels.conv2dBackwardKernel(dk, x, dy, window);
    else kernels.denseBackwardKernel(dk, x, dy);
  });
  return { y, dx, dkernel };
}

/** On small whole numbers, which are summed without error fused or not, the two builds agree bit for bit. */
function agrees(layer: Layer, context: unknown, activation: typeof relu | typeof linear = linear): void {
  const [fused, plain] = [relaxed, wasm].map((kernels) => directions(kernels, layer, activation));
  for (const name of names) equalBits(fused[name], plain[name], { name, context, activation });
}

describe("the relaxed build", () => {
  test("equals the plain one on small integers: convolutions of any geometry, in all three directions", () => {
    const cases = fc.record({
      geometry: geometries({ kernel: 5, stride: 3, dilation: 2, output: 7 }),
      images: fc.integer({ min: 1, max: 3 }),
      groups: fc.constantFrom(1, 1, 2),
      channels: fc.integer({ min: 1, max: 15 }), // with more of them Winograd's algorithm would have fractions
      filters: fc.oneof(fc.constant(6), fc.integer({ min: 1, max: 19 })),
      seed: seeds,
    });
    const check = ({ geometry, ...sizes }: Sizes & { geometry: Geometry }, activation: typeof relu | typeof linear) =>
      agrees(convolution(windowOf(geometry), sizes, integers), { geometry, ...sizes }, activation);
    fc.assert(fc.property(cases, fc.constantFrom(relu, linear), check), { numRuns: 200 });
  });

  test("does every size around its tiles: 1 … 13 pixels and taps, 1 … 17 filters", () => {
    for (let width = 1; width <= 13; width++) {
      for (let filters = 1; filters <= 17; filters++) {
        const sizes = { images: 2, groups: 1, channels: 14 - width, filters, seed: width };
        const window = Window.over("test", 1, width, { kernelSize: 1 });
        agrees(convolution(window, sizes, integers), { width, filters });
      }
    }
  });

  test("equals the plain one on small integers: dense layers of all sizes around its tiles", () => {
    for (let N = 0; N <= 26; N++) {
      for (let A = 1; A <= 13; A++) {
        agrees(dense(N, A, 1 + ((N + A) % 17), N, integers), { N, A });
      }
    }
    const sizes = fc.tuple(fc.nat(150), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 70 }));
    fc.assert(
      fc.property(sizes, seeds, ([N, A, B], seed) => agrees(dense(N, A, B, seed, integers), { N, A, B, seed })),
      { numRuns: 40 },
    );
  });

  test("rounds no worse than the plain build may, also in Winograd's algorithm", () => {
    const cases = fc.record({
      images: fc.integer({ min: 1, max: 4 }),
      groups: fc.constant(1),
      channels: fc.constantFrom(3, 16, 24, 40),
      filters: fc.constantFrom(6, 16, 24, 40),
      seed: seeds,
    });
    const sides = fc.tuple(fc.integer({ min: 4, max: 14 }), fc.integer({ min: 4, max: 14 }));
    fc.assert(
      fc.property(sides, cases, ([height, width], sizes) => {
        const window = Window.over("test", height, width, { kernelSize: 3, padding: "same" });
        const layer = convolution(window, sizes, floats);
        const fast = directions(relaxed, layer);
        const exact = {
          y: zeros(layer.dy.shape, "float64"),
          dx: zeros(layer.x.shape, "float64"),
          dkernel: zeros(layer.kernel.shape, "float64"),
        };
        reference64.conv2dForward(exact.y, layer.x, layer.kernel, layer.bias, window, linear);
        reference64.conv2dBackwardInput(exact.dx, layer.dy, layer.kernel, window);
        reference64.conv2dBackwardKernel(exact.dkernel, layer.x, layer.dy, window);
        // Terms below 1 each. Winograd's sums reach some hundred times their result; this is far above both.
        const pixels = sizes.images * height * width;
        const terms = { y: 9 * sizes.channels + 1, dx: 9 * sizes.filters, dkernel: pixels };
        for (const name of names)
          within(fast[name], exact[name], terms[name] * 100 * 2 ** -24, { name, ...sizes, height, width });
      }),
      { numRuns: 60 },
    );
  });

  test("is refused by name where the engine has none", { skip: !process.version.startsWith("v20.") }, () => {
    const url = JSON.stringify(new URL("../../src/kernels/wasm/kernels.ts", import.meta.url).href);
    const source = `const { wasmKernels } = await import(${url});
      try { wasmKernels({ relaxed: true }); } catch (error) { console.log(error.message); }`;
    const args = ["--import", "tsx", "--input-type=module", "--eval", source];
    const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.match(stdout, /^wasmKernels: relaxed is true; this engine has no relaxed SIMD; leave it out/);
  });
});
