import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { conv2d as reference } from "../../src/kernels/reference/conv2d.ts";
import { conv2d, forwardGeometry } from "../../src/kernels/wasm/conv2d.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { kernelsOn } from "../../src/kernels/wasm/kernels.ts";
import { density, kernelGradientOfNonzeros, sendToInput } from "../../src/kernels/wasm/nonzeros.ts";
import type { Tensor } from "../../src/tensor.ts";
import { zeros } from "../../src/tensor.ts";
import { filled, floats, geometries, integers, seeds, windowOf } from "../support/arbitraries.ts";
import { equalBits, placed, runPoisoned } from "../support/compare.ts";
import { wake } from "../support/kernels.ts";

const engine = new Engine();
const kernels = { allocate: (shape: readonly number[]) => engine.allocate(shape) };

/** Whole numbers, of which this share is drawn and the rest is zero. */
function sparse(shape: readonly number[], seed: number, share: number): Tensor {
  return filled(shape, seed, "float32", (random) => (random.uniform() < share ? random.below(17) - 8 : 0));
}

const cases = fc.record({
  geometry: geometries({ kernel: 7, stride: 3, output: 9 }),
  // Eight slices, most of one image, or of several that are listed together.
  images: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.constantFrom(16, 33)),
  channels: fc.oneof(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 12 }), fc.constantFrom(31, 32, 33, 64)),
  filters: fc.integer({ min: 1, max: 11 }),
  share: fc.constantFrom(0, 0.1, 0.5, 1),
  seed: seeds,
});

describe("gradients over lists of what is not zero", () => {
  test("send to the input what the formula sends, for any share of zeros", () => {
    fc.assert(
      fc.property(cases, ({ geometry, images, channels, filters, share, seed }) => {
        const window = windowOf(geometry);
        const kernel = integers([...geometry.kernelSize, channels, filters], seed);
        const dy = sparse(window.outputShape(images, filters), seed + 1, share);
        const shape = window.inputShape(images, channels);
        const expected = zeros(shape);
        reference.conv2dBackwardInput(expected, dy, kernel, window);
        const inputs = [dy, kernel].map((tensor) => placed(kernels, tensor));
        const [dx] = runPoisoned(kernels, inputs, [shape], (dx) => {
          engine.operation(() => {
            const g = forwardGeometry(shape, kernel.shape, window);
            sendToInput(engine, g, engine.input(inputs[0]), engine.input(inputs[1]), engine.output(dx));
          });
        });
        equalBits(dx, expected, { name: "dx" });
      }),
      { numRuns: 300 },
    );
  });

  test("sum for the kernel what the formula sums, for any share of zeros", () => {
    fc.assert(
      fc.property(cases, ({ geometry, images, channels, filters, share, seed }) => {
        const window = windowOf(geometry);
        const x = integers(window.inputShape(images, channels), seed);
        const dy = sparse(window.outputShape(images, filters), seed + 1, share);
        const shape = [...geometry.kernelSize, channels, filters];
        const expected = zeros(shape);
        reference.conv2dBackwardKernel(expected, x, dy, window);
        const inputs = [x, dy].map((tensor) => placed(kernels, tensor));
        const [dw] = runPoisoned(kernels, inputs, [shape], (dw) => {
          engine.operation(() => {
            const g = forwardGeometry(x.shape, shape, window);
            kernelGradientOfNonzeros(engine, g, engine.input(inputs[0]), engine.input(inputs[1]), engine.output(dw));
          });
        });
        equalBits(dw, expected, { name: "dw" });
      }),
      { numRuns: 300 },
    );
  });

  test("divide the filters of a large kernel, and the rows of a large image", () => {
    const dense = { strides: [1, 1], dilationRate: [1, 1] } as const;
    const common = { ...dense, kernelSize: [3, 3], padding: [1, 1, 1, 1] } as const;
    const large = [
      { geometry: { ...common, height: 4, width: 5 }, channels: 96, filters: 90 },
      // Bands of 34 and of 44 rows; the last ones are shorter.
      { geometry: { ...common, height: 41, width: 30 }, channels: 5, filters: 6 },
      { geometry: { ...common, height: 145, width: 45, strides: [2, 2] }, channels: 5, filters: 6 },
      // Bands of 12 rows, 48 numbers at a time.
      { geometry: { ...common, height: 30, width: 30 }, channels: 32, filters: 5 },
      // Bands of 25 rows, five kernel rows at a time.
      {
        geometry: { ...dense, kernelSize: [5, 5], padding: [2, 2, 2, 2], height: 60, width: 40 },
        channels: 1,
        filters: 6,
      },
    ] as const;
    for (const { geometry, channels, filters } of large) {
      const window = windowOf(geometry);
      const x = integers(window.inputShape(2, channels), 1);
      const dy = sparse(window.outputShape(2, filters), 2, 0.2);
      const shape = [...geometry.kernelSize, channels, filters];
      const [expected, dw] = [zeros(shape), kernels.allocate(shape)];
      reference.conv2dBackwardKernel(expected, x, dy, window);
      engine.operation(() => {
        const g = forwardGeometry(x.shape, dw.shape, window);
        kernelGradientOfNonzeros(engine, g, engine.input(x), engine.input(dy), engine.output(dw));
      });
      equalBits(dw, expected, { geometry });
    }
  });

  test("count what is not zero, of many numbers the first 1,024 of every 8,192; negative zeros are zeros", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 140_000 })),
        seeds,
        (size, seed) => {
          const x = kernels.allocate([size + 3]);
          x.data.set(sparse([size], seed, 0.3).data);
          x.data.fill(1, size); // not to be counted
          // In the midst of a vector, and among the numbers behind the last whole one.
          for (const place of [size >> 1, size - 1]) x.data[place] = -0;
          const seen = [...x.data].filter((_, place) => place < size && (size <= 32768 || place % 8192 < 1024));
          const nonzero = seen.filter((value) => value !== 0).length;
          let share = 0;
          engine.operation(() => {
            share = density(engine, engine.input(x), size);
          });
          assert.equal(share, nonzero / seen.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("give the same bits on 1, 2, 3 and 7 threads, and whatever lay in memory before", async () => {
    const engines = [1, 2, 3, 7].map((threads) => new Engine({ threads }));
    await wake(...engines.map((each) => kernelsOn(each, "nonzeros")));
    const window = windowOf({
      ...{ height: 12, width: 9, kernelSize: [3, 3], strides: [1, 1], dilationRate: [1, 1], padding: [1, 1, 1, 1] },
    });
    const [x, kernel] = [floats(window.inputShape(9, 32), 3), floats([3, 3, 32, 24], 4)];
    const dy = floats(window.outputShape(9, 24), 5);
    for (let e = 0; e < dy.size; e++) if (e % 9 !== 0) dy.data[e] = 0;
    const results = engines.map((other) => {
      const [dx, dw] = [other.allocate(x.shape), other.allocate(kernel.shape)];
      const operations = conv2d(other);
      for (let round = 0; round < 20; round++) {
        operations.conv2dBackwardInput(dx, dy, kernel, window);
        operations.conv2dBackwardKernel(dw, x, dy, window);
      }
      return { dx, dw };
    });
    for (const { dx, dw } of results) {
      equalBits(dx, results[0].dx, { name: "dx" });
      equalBits(dw, results[0].dw, { name: "dw" });
    }
  });
});
