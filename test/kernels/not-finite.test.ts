import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Activation } from "../../src/kernels/kernels.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { type Geometry, geometries, integers, seeds, windowOf } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { implementations, wasm } from "../support/kernels.ts";

const LINEAR: Activation = { name: "linear", alpha: 0 };
const strange = fc.constantFrom(Number.NaN, Infinity, -Infinity);

/** Any way in which a convolution is computed: few channels, one channel and six filters, Winograd's. */
const winograd = fc
  .record({
    height: fc.integer({ min: 4, max: 9 }),
    width: fc.integer({ min: 4, max: 9 }),
    size: fc.constantFrom(3, 5),
  })
  .map(({ size, ...image }): Geometry => {
    const kernelSize = [size, size] as const;
    return { ...image, kernelSize, strides: [1, 1], dilationRate: [1, 1], padding: [1, 1, 1, 1] };
  });
const convolutions = fc.oneof(
  fc.record({
    geometry: geometries(),
    channels: fc.integer({ min: 1, max: 5 }),
    filters: fc.integer({ min: 2, max: 9 }),
  }),
  fc.record({ geometry: geometries({ stride: 1, output: 8 }), channels: fc.constant(1), filters: fc.constant(6) }),
  fc.record({ geometry: winograd, channels: fc.constant(16), filters: fc.constant(16) }),
);

/** The same numbers, but this one in one place. */
function spoilt(x: Tensor, value: number, at: number): Tensor {
  const copy = x.copy();
  copy.data[at % copy.size] = value;
  return copy;
}

function alongFirst(x: Tensor, index: number): Float32Array {
  const length = x.size / x.shape[0];
  return x.data.slice(index * length, (index + 1) * length) as Float32Array;
}

function alongLast(x: Tensor, index: number): Float32Array {
  const F = x.shape[x.shape.length - 1];
  return Float32Array.from({ length: x.size / F }, (_, e) => x.data[e * F + index]);
}

describe("what is not finite stays in its image and in its filter", () => {
  test("conv2dForward and conv2dBackwardInput: the other images keep their bits", () => {
    fc.assert(
      fc.property(convolutions, strange, fc.nat(), seeds, ({ geometry, channels, filters }, value, at, seed) => {
        const window = windowOf(geometry);
        const [xShape, yShape] = [window.inputShape(3, channels), window.outputShape(3, filters)];
        const kernel = integers([window.rows.kernel, window.columns.kernel, channels, filters], seed);
        const [x, dy] = [integers(xShape, seed + 1), integers(yShape, seed + 2)];
        const forward = (x: Tensor) => {
          const y = zeros(yShape);
          wasm.conv2dForward(y, x, kernel, undefined, window, LINEAR);
          return y;
        };
        const backward = (dy: Tensor) => {
          const dx = zeros(xShape);
          wasm.conv2dBackwardInput(dx, dy, kernel, window);
          return dx;
        };
        for (const [run, given] of [
          [forward, x],
          [backward, dy],
        ] as const) {
          const image = Math.floor((at % given.size) / (given.size / 3));
          const [clean, touched] = [run(given), run(spoilt(given, value, at))];
          for (const n of [0, 1, 2])
            if (n !== image) equalBits(alongFirst(touched, n), alongFirst(clean, n), `image ${n}`);
        }
      }),
    );
  });

  test("conv2dForward and conv2dBackwardKernel: the other filters keep their bits", () => {
    fc.assert(
      fc.property(convolutions, strange, fc.nat(), seeds, ({ geometry, channels, filters }, value, at, seed) => {
        const window = windowOf(geometry);
        const [xShape, yShape] = [window.inputShape(2, channels), window.outputShape(2, filters)];
        const kernelShape = [window.rows.kernel, window.columns.kernel, channels, filters];
        const x = integers(xShape, seed);
        const forward = (kernel: Tensor) => {
          const y = zeros(yShape);
          wasm.conv2dForward(y, x, kernel, undefined, window, LINEAR);
          return y;
        };
        const gradient = (dy: Tensor) => {
          const dkernel = zeros(kernelShape);
          wasm.conv2dBackwardKernel(dkernel, x, dy, window);
          return dkernel;
        };
        for (const [run, given] of [
          [forward, integers(kernelShape, seed + 1)],
          [gradient, integers(yShape, seed + 2)],
        ] as const) {
          const filter = (at % given.size) % filters;
          const [clean, touched] = [run(given), run(spoilt(given, value, at))];
          for (let f = 0; f < filters; f++)
            if (f !== filter) equalBits(alongLast(touched, f), alongLast(clean, f), `filter ${f}`);
        }
      }),
    );
  });
});

for (const kernels of implementations) {
  describe(`${kernels.name}: numbers that are not finite`, () => {
    const apply = (name: Activation["name"], x: number[]) => {
      const y = zeros([x.length]);
      kernels.activationForward(y, tensor(x), { name, alpha: 0.5 });
      return y;
    };

    test("NaN goes through every activation; relu of −0 is 0; sigmoid and tanh end where they should", () => {
      for (const name of ["linear", "relu", "leakyRelu", "elu", "sigmoid", "tanh", "scaledTanh"] as const) {
        assert.ok(Number.isNaN(apply(name, [1, 2, Number.NaN]).data[2]), name);
      }
      equalBits(apply("relu", [-0, -Infinity, Infinity, 1e-45]), tensor([0, 0, Infinity, Math.fround(1e-45)]));
      equalBits(apply("sigmoid", [-Infinity, Infinity]), tensor([0, 1]));
      equalBits(apply("tanh", [-Infinity, Infinity, -0]), tensor([-1, 1, -0]));
    });

    test("a NaN wins max pooling wherever it is, and the gradient goes to it", () => {
      for (const channels of [1, 4]) {
        for (let cell = 0; cell < 4; cell++) {
          const x = integers([1, 2, 2, channels], 7);
          x.data[cell * channels] = Number.NaN;
          const [y, switches, dx] = [zeros([1, 1, 1, channels]), zeros([1, 1, 1, channels]), zeros(x.shape)];
          const window = windowOf({
            height: 2,
            width: 2,
            kernelSize: [2, 2],
            strides: [2, 2],
            dilationRate: [1, 1],
            padding: [0, 0, 0, 0],
          });
          kernels.maxPooling2dForward(y, switches, x, window);
          kernels.maxPooling2dBackward(dx, tensor(new Float32Array(channels).fill(3), y.shape), switches, window);
          assert.deepEqual([y.data[0], switches.data[0], dx.data[cell * channels]], [Number.NaN, cell, 3]);
        }
      }
    });

    test("softmax: −∞ is a probability of 0; NaN and +∞ make a row NaN, and no other row", () => {
      const y = zeros([3, 2]);
      kernels.softmaxForward(
        y,
        tensor([
          [-Infinity, 0],
          [Number.NaN, 0],
          [Infinity, 0],
        ]),
      );
      equalBits(
        y,
        tensor([
          [0, 1],
          [Number.NaN, Number.NaN],
          [Number.NaN, Number.NaN],
        ]),
      );
    });

    test("an enlarged pixel that lies on one of x is made of it alone, whatever is beside it", () => {
      const y = zeros([1, 3, 6, 1]);
      kernels.upSampling2dForward(y, tensor([5, Infinity], [1, 1, 2, 1]), "bilinear");
      equalBits(y.data.slice(0, 3), Float32Array.of(5, 5, Infinity));
    });

    test("a target that is no class makes the loss of its row 0, and is no reason to read elsewhere", () => {
      const [losses, dx] = [zeros([4]), zeros([4, 2])];
      const targets = tensor([-1, 2, 0.5, Number.NaN]);
      kernels.loss(
        "categoricalCrossEntropy",
        losses,
        dx,
        tensor(new Float32Array(8).fill(0.5), [4, 2]),
        targets,
        tensor([1, 1, 1, 1]),
      );
      assert.deepEqual([...losses.data].map(Math.abs), [0, 0, 0, 0]);
    });
  });
}
