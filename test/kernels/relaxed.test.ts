import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import v8 from "node:v8";
import fc from "fast-check";
import { conv2d as referenceConv2d } from "../../src/kernels/reference/conv2d.ts";
import { conv2d } from "../../src/kernels/wasm/conv2d.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { zeros } from "../../src/tensor.ts";
import { floats, geometries, integers, seeds, windowOf } from "../support/arbitraries.ts";
import { equalBits, within } from "../support/compare.ts";

// Node 20 has relaxed SIMD behind a flag; from Node 22 on it is there, and the flag does nothing.
v8.setFlagsFromString("--experimental-wasm-relaxed-simd");

const linear = { name: "linear", alpha: 0 } as const;

describe("the relaxed build", () => {
  test("equals the reference on small integers, and rounds no worse than the plain build may on floats", () => {
    const kernels = conv2d(new Engine({ relaxed: true, threads: 2 }));
    const cases = fc.tuple(geometries({ kernel: 5, stride: 2, output: 6 }), fc.constantFrom(1, 3, 16), seeds);
    fc.assert(
      fc.property(cases, fc.constantFrom(6, 16, 19), fc.boolean(), ([geometry, channels, seed], filters, whole) => {
        const window = windowOf(geometry);
        const draw = whole && channels < 16 ? integers : (shape: number[], some: number) => floats(shape, some);
        const x = draw(window.inputShape(2, channels), seed);
        const kernel = draw([...geometry.kernelSize, channels, filters], seed + 1);
        const [y, dkernel] = [zeros(window.outputShape(2, filters)), zeros(kernel.shape)];
        kernels.conv2dForward(y, x, kernel, undefined, window, linear);
        kernels.conv2dBackwardKernel(dkernel, x, y, window);
        const [exactY, exactDkernel] = [zeros(y.shape, "float64"), zeros(kernel.shape, "float64")];
        referenceConv2d.conv2dForward(exactY, x, kernel, undefined, window, linear);
        referenceConv2d.conv2dBackwardKernel(exactDkernel, x, y, window);
        if (whole && channels < 16) equalBits(y, exactY, { geometry, channels, filters, seed });
        // Winograd's sums reach some hundred times the size of their result; 2⁻²⁴ · 100 · terms is far above both.
        const terms = kernel.size / filters;
        within(y, exactY, terms * 100 * 2 ** -24, { geometry, channels, filters, seed });
        within(dkernel, exactDkernel, y.size * terms * 100 * 2 ** -24, { geometry, channels, filters, seed });
      }),
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
