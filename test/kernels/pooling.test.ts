import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { pooling } from "../../src/kernels/wasm/pooling.ts";
import { Random } from "../../src/random.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import type { Window } from "../../src/window.ts";
import { filled, floats, type Geometry, geometries, integers, seeds, windowOf } from "../support/arbitraries.ts";
import { equalBits, innerProduct, placed } from "../support/compare.ts";
import { implementations, reference32, wasm } from "../support/kernels.ts";

interface Case {
  readonly geometry: Geometry;
  readonly images: number;
  readonly channels: number;
  readonly seed: number;
  /** The share of −0 among the numbers, as gradients behind ReLU have it: sums of it alone are 0. */
  readonly zeros: number;
}

const zeroShares = fc.constantFrom(0, 0.9);

function casesWith(dilation: number): fc.Arbitrary<Case> {
  const any = fc.record({
    geometry: geometries({ dilation }),
    images: fc.integer({ min: 1, max: 2 }),
    // Sixteen channels at a time, and what is left.
    channels: fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.constantFrom(15, 16, 17, 22, 35)),
    seed: seeds,
    zeros: zeroShares,
  });
  return fc.oneof({ weight: 3, arbitrary: any }, { weight: 1, arbitrary: halving });
}

const size = fc.integer({ min: 2, max: 9 });
/** Windows of 2 × 2 with stride 2, which have a kernel of their own from four channels on; rows and columns may be left over. */
const halving: fc.Arbitrary<Case> = fc
  .record({
    height: size,
    width: size,
    images: fc.integer({ min: 1, max: 3 }),
    channels: size,
    seed: seeds,
    zeros: zeroShares,
  })
  .map(({ height, width, ...others }) => ({
    geometry: {
      ...{ height, width, kernelSize: [2, 2], strides: [2, 2], dilationRate: [1, 1], padding: [0, 0, 0, 0] },
    },
    ...others,
  }));

/** Every window has a cell inside the image. */
const cases = casesWith(1);

function maxForward(kernels: Kernels, x: Tensor, window: Window): { y: Tensor; switches: Tensor } {
  const shape = window.outputShape(x.shape[0], x.shape[3]);
  const [y, switches] = [zeros(shape), zeros(shape)];
  kernels.maxPooling2dForward(y, switches, placed(kernels, x), window);
  return { y, switches };
}

function maxBackward(kernels: Kernels, dy: Tensor, switches: Tensor, window: Window): Tensor {
  const dx = zeros(window.inputShape(dy.shape[0], dy.shape[3]));
  kernels.maxPooling2dBackward(dx, dy, switches, window);
  return dx;
}

function averageForward(kernels: Kernels, x: Tensor, window: Window): Tensor {
  const y = zeros(window.outputShape(x.shape[0], x.shape[3]));
  kernels.averagePooling2dForward(y, placed(kernels, x), window);
  return y;
}

function averageBackward(kernels: Kernels, dy: Tensor, window: Window): Tensor {
  const dx = zeros(window.inputShape(dy.shape[0], dy.shape[3]));
  kernels.averagePooling2dBackward(dx, dy, window);
  return dx;
}

/** Runs a law for both implementations on tensors of small integers. */
function forAll(cases: fc.Arbitrary<Case>, law: (kernels: Kernels, x: Tensor, dy: Tensor, window: Window) => void) {
  const check = ({ geometry, images, channels, seed }: Case) => {
    const window = windowOf(geometry);
    const x = integers(window.inputShape(images, channels), seed);
    const dy = integers(window.outputShape(images, channels), seed + 1);
    for (const kernels of implementations) law(kernels, x, dy, window);
  };
  fc.assert(fc.property(cases, check), { numRuns: 200 });
}

describe("pooling", () => {
  test("both implementations have the same bits for any geometry, also where windows miss the image", () => {
    const check = ({ geometry, images, channels, seed, zeros }: Case) => {
      const window = windowOf(geometry);
      const x = floats(window.inputShape(images, channels), seed);
      const dy = floats(window.outputShape(images, channels), seed + 1);
      const random = new Random(seed);
      for (const { data } of [x, dy]) for (let e = 0; e < data.length; e++) if (random.uniform() < zeros) data[e] = -0;
      const expected = maxForward(reference32, x, window);
      const actual = maxForward(wasm, x, window);
      equalBits(actual.y, expected.y, "max forward");
      equalBits(actual.switches, expected.switches, "switches");
      const { switches } = expected;
      equalBits(
        maxBackward(wasm, dy, switches, window),
        maxBackward(reference32, dy, switches, window),
        "max backward",
      );
      equalBits(averageForward(wasm, x, window), averageForward(reference32, x, window), "average forward");
      equalBits(averageBackward(wasm, dy, window), averageBackward(reference32, dy, window), "average backward");
    };
    fc.assert(fc.property(casesWith(3), check), { numRuns: 500 });
  });

  test("⟨dy, average(x)⟩ = ⟨averageBackward(dy), x⟩, with overlapping windows too", () => {
    forAll(cases, (kernels, x, dy, window) => {
      const [left, right] = [
        innerProduct(dy, averageForward(kernels, x, window)),
        innerProduct(averageBackward(kernels, dy, window), x),
      ];
      // Every product is rounded twice by 2⁻²⁴: in the quotient and in a sum of at most 16 terms.
      const scale = 8 * 8 * dy.size + 8 * 8 * 16 * x.size;
      assert.ok(Math.abs(left - right) <= 20 * 2 ** -24 * scale, `${left} ≠ ${right}`);
    });
  });

  test("⟨dy, max(x)⟩ = ⟨maxBackward(dy), x⟩ with the switches of x, with overlapping windows too", () => {
    forAll(cases, (kernels, x, dy, window) => {
      const { y, switches } = maxForward(kernels, x, window);
      assert.equal(innerProduct(dy, y), innerProduct(maxBackward(kernels, dy, switches, window), x));
    });
  });

  test("⟨dz, unpool(y)⟩ = ⟨unpoolBackward(dz), y⟩ for any geometry, where windows miss the image too", () => {
    forAll(casesWith(3), (kernels, x, y, window) => {
      const { switches } = maxForward(kernels, x, window);
      const z = maxBackward(kernels, y, switches, window);
      const dz = integers(z.shape, 5);
      const dy = zeros(y.shape);
      kernels.maxUnpooling2dBackward(dy, placed(kernels, dz), switches, window);
      assert.equal(innerProduct(dz, z), innerProduct(dy, y), kernels.name);
    });
  });

  test("a maximum and a mean lie between the extremes of x, also where all of x is negative", () => {
    forAll(cases, (kernels, x, _, window) => {
      const negative = tensor(
        x.data.map((value) => value - 100),
        x.shape,
      );
      const values = new Set(negative.data);
      for (const value of maxForward(kernels, negative, window).y.data) assert.ok(values.has(value), `${value}`);
      for (const value of averageForward(kernels, negative, window).data) assert.ok(value >= -108 && value <= -92);
    });
  });

  test("the switch names the first of the largest values", () => {
    forAll(cases, (kernels, { shape }, _, window) => {
      const { rows, columns } = window;
      const { switches } = maxForward(
        kernels,
        filled(shape, 0, "float32", () => -3),
        window,
      );
      for (let e = 0; e < switches.size; e++) {
        const j = Math.floor(e / shape[3]) % columns.output;
        const i = Math.floor(e / shape[3] / columns.output) % rows.output;
        const p = Math.max(0, rows.before - i * rows.stride);
        const q = Math.max(0, columns.before - j * columns.stride);
        assert.equal(switches.data[e], p * columns.kernel + q, `${kernels.name} at output (${i}, ${j})`);
      }
    });
  });

  test("the maximum is the same with and without switches", () => {
    forAll(cases, (kernels, x, _, window) => {
      const { y } = maxForward(kernels, x, window);
      const alone = zeros(y.shape);
      kernels.maxPooling2dForward(alone, undefined, x, window);
      equalBits(alone, y, kernels.name);
    });
  });

  test("both implementations find the same maxima where some numbers are infinite or none", () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 3];
    const check = ({ geometry, images, channels, seed }: Case) => {
      const window = windowOf(geometry);
      const share = [0.02, 0.3][seed % 2];
      const x = filled(window.inputShape(images, channels), seed, "float32", (random) =>
        random.uniform() < share ? odd[random.below(odd.length)] : random.below(9) - 4,
      );
      const [expected, actual] = [reference32, wasm].map((kernels) => maxForward(kernels, x, window));
      equalBits(actual.y, expected.y, "maxima");
      equalBits(actual.switches, expected.switches, "switches");
    };
    fc.assert(fc.property(casesWith(2), check), { numRuns: 300 });
  });

  test("nothing is written where no switches are wanted", () => {
    const engine = new Engine();
    // An address that is not given is 0, where the words are that threads tell each other their work with.
    const words = new Uint8Array(engine.heap.memory.buffer, 0, 256);
    const before = words.slice();
    const geometry = { height: 5, width: 4, strides: [1, 1], dilationRate: [1, 1], padding: [0, 0, 0, 0] } as const;
    for (const kernelSize of [[2, 2] as const, [3, 2] as const]) {
      for (const channels of [3, 4, 20]) {
        const window = windowOf({ ...geometry, kernelSize });
        const x = floats(window.inputShape(1, channels), 1);
        pooling(engine).maxPooling2dForward(zeros(window.outputShape(1, channels)), undefined, x, window);
        assert.deepEqual(words, before, `${kernelSize}, ${channels} channels`);
      }
    }
  });

  test("a window of nothing but padding gives 0 and takes no gradient", () => {
    const window = windowOf({
      ...{ height: 1, width: 1, kernelSize: [1, 1], strides: [1, 1], dilationRate: [1, 1], padding: [1, 0, 0, 0] },
    });
    const x = tensor([[[[-5]]]]);
    const dy = tensor([[[[7]], [[2]]]], [1, 2, 1, 1]);
    for (const kernels of implementations) {
      const { y, switches } = maxForward(kernels, x, window);
      equalBits(y, Float32Array.of(0, -5), kernels.name);
      equalBits(averageForward(kernels, x, window), y, kernels.name);
      equalBits(maxBackward(kernels, dy, switches, window), Float32Array.of(2), kernels.name);
      equalBits(averageBackward(kernels, dy, window), Float32Array.of(2), kernels.name);
    }
  });

  test("what is not a number wins, wherever in the window it is", () => {
    for (const kernelSize of [[2, 2] as const, [1, 4] as const]) {
      const [height, width] = kernelSize;
      const window = windowOf({
        ...{ height, width, kernelSize, strides: kernelSize, dilationRate: [1, 1], padding: [0, 0, 0, 0] },
      });
      // From four channels on, windows of 2 × 2 have a kernel of their own; of others, sixteen are looked at together.
      for (const channels of [1, 4, 7, 18]) {
        for (let place = 0; place < 4; place++) {
          const x = integers([1, height, width, channels], 3);
          x.data.fill(Number.NaN, place * channels, (place + 1) * channels);
          for (const kernels of implementations) {
            const { y, switches } = maxForward(kernels, x, window);
            equalBits(y, new Float32Array(channels).fill(Number.NaN), kernels.name);
            equalBits(switches, new Float32Array(channels).fill(place), kernels.name);
          }
        }
      }
    }
  });
});
