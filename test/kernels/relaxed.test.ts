import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import fc from "fast-check";
import { kernelsOn } from "../../src/kernels/wasm/kernels.ts";
import { Window } from "../../src/window.ts";
import { type Geometry, geometries, seeds, windowOf } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import {
  convolutionLayer,
  denseLayer,
  directions,
  type Layer,
  linear,
  names,
  type Sizes,
} from "../support/directions.ts";
import { wasm } from "../support/kernels.ts";
import { relaxedEngine } from "../support/relaxed.ts";

const relaxed = kernelsOn(relaxedEngine(2), "relaxed");
const relu = { name: "relu", alpha: 0 } as const;
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
      channels: fc.integer({ min: 1, max: 11 }), // with more of them Winograd's algorithm would have fractions
      filters: fc.oneof(fc.constant(6), fc.integer({ min: 1, max: 19 })),
      seed: seeds,
    });
    const check = ({ geometry, ...sizes }: Sizes & { geometry: Geometry }, activation: typeof relu | typeof linear) =>
      agrees(convolutionLayer(windowOf(geometry), sizes), { geometry, ...sizes }, activation);
    fc.assert(fc.property(cases, fc.constantFrom(relu, linear), check), { numRuns: 200 });
  });

  test("does every size around its tiles: 1 … 13 pixels and taps, 1 … 17 filters", () => {
    for (let width = 1; width <= 13; width++) {
      for (let filters = 1; filters <= 17; filters++) {
        const sizes = { images: 2, groups: 1, channels: 14 - width, filters, seed: width };
        const window = Window.over("test", 1, width, { kernelSize: 1 });
        agrees(convolutionLayer(window, sizes), { width, filters });
      }
    }
  });

  test("equals the plain one on small integers: dense layers of all sizes around its tiles", () => {
    for (let N = 0; N <= 26; N++) {
      for (let A = 1; A <= 13; A++) {
        agrees(denseLayer([N, A, 1 + ((N + A) % 17)], N), { N, A });
      }
    }
    const sizes = fc.tuple(fc.nat(150), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 70 }));
    fc.assert(
      fc.property(sizes, seeds, ([N, A, B], seed) => agrees(denseLayer([N, A, B], seed), { N, A, B, seed })),
      { numRuns: 40 },
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
