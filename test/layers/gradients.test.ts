import { describe, test } from "node:test";
import fc from "fast-check";
import {
  Activation,
  type ActivationOption,
  AveragePooling2D,
  Conv2D,
  type Conv2DOptions,
  Dense,
  Dropout,
  Flatten,
  type Layer,
  MaxPooling2D,
} from "../../src/layers/index.ts";
import type { Shape, Tensor } from "../../src/tensor.ts";
import { filled, floats, type Geometry, geometries, seeds } from "../support/arbitraries.ts";
import { checkGradients, float64Pass, MARGIN, randomWeights } from "../support/gradients.ts";

const activations: fc.Arbitrary<ActivationOption> = fc.constantFrom<ActivationOption[]>(
  "linear",
  "relu",
  "leakyRelu",
  { name: "leakyRelu", negativeSlope: 0.1 } as const,
  "elu",
  { name: "elu", alpha: 0.5 } as const,
  "sigmoid",
  "tanh",
  "softmax",
);
const small = fc.integer({ min: 1, max: 3 });

/** Numbers that are no closer to 0 than MARGIN, where the kinks of activations are. */
function awayFromZero(shape: Shape, seed: number): Tensor {
  return filled(shape, seed, "float64", (random) => {
    const value = 2 * random.uniform() - 1;
    return value + Math.sign(value) * MARGIN;
  });
}

/** Numbers no two of which are closer than MARGIN, so that no maximum is about to change. */
function apart(shape: Shape, seed: number): Tensor {
  const result = floats(shape, seed, 1, "float64");
  const order = [...result.data.keys()].sort((a, b) => result.data[a] - result.data[b]);
  order.forEach((index, rank) => {
    result.data[index] = rank * 2 * MARGIN;
  });
  return result;
}

/** Leaves cases out in which the weighted sum of a fused activation comes close to its kink. */
function awayFromKinks(linear: Layer, x: Tensor, seed: number): void {
  const pass = float64Pass({ seed });
  randomWeights(linear, x, seed, pass);
  fc.pre(linear.forward(x, pass).data.every((z) => Math.abs(z) > MARGIN));
}

function image({ height, width }: Geometry, batch: number, channels: number): Shape {
  return [batch, height, width, channels];
}

describe("gradients are those of central differences in float64, at every element, for a random cotangent", () => {
  test("Conv2D with any geometry, groups, bias and activation", () => {
    const cases = fc.record({
      geometry: geometries({ kernel: 3, stride: 3, dilation: 2, output: 3 }),
      batch: fc.integer({ min: 1, max: 2 }),
      groups: fc.constantFrom(1, 1, 2),
      channels: fc.integer({ min: 1, max: 2 }),
      filters: fc.integer({ min: 1, max: 2 }),
      useBias: fc.boolean(),
      activation: activations,
      seed: seeds,
    });
    fc.assert(
      fc.property(cases, ({ geometry, batch, groups, channels, filters, useBias, activation, seed }) => {
        const { kernelSize, strides, padding, dilationRate } = geometry;
        const options: Conv2DOptions = {
          filters: filters * groups,
          ...{ kernelSize, strides, padding, dilationRate, groups, useBias, activation },
        };
        const x = floats(image(geometry, batch, channels * groups), seed, 1, "float64");
        awayFromKinks(new Conv2D({ ...options, activation: "linear" }), x, seed);
        checkGradients(new Conv2D(options), x, seed);
      }),
    );
  });

  test('Conv2D with padding "same", and strides that do not divide the input', () => {
    const cases = fc.record({
      height: small,
      width: fc.integer({ min: 1, max: 7 }),
      strides: fc.tuple(small, small),
      seed: seeds,
    });
    fc.assert(
      fc.property(cases, ({ height, width, strides, seed }) => {
        const x = floats([1, height, width, 2], seed, 1, "float64");
        checkGradients(new Conv2D({ filters: 2, kernelSize: [2, 3], strides, padding: "same" }), x, seed);
      }),
    );
  });

  test("Dense with any activation", () => {
    const cases = fc.record({
      batch: small,
      inputs: fc.integer({ min: 1, max: 6 }),
      units: small,
      useBias: fc.boolean(),
      activation: activations,
      seed: seeds,
    });
    fc.assert(
      fc.property(cases, ({ batch, inputs, units, useBias, activation, seed }) => {
        const x = floats([batch, inputs], seed, 1, "float64");
        awayFromKinks(new Dense({ units, useBias }), x, seed);
        checkGradients(new Dense({ units, useBias, activation }), x, seed);
      }),
    );
  });

  test("MaxPooling2D and AveragePooling2D with overlapping windows and padding", () => {
    const cases = fc.record({
      geometry: geometries({ kernel: 3, stride: 3, output: 3 }),
      batch: small,
      channels: small,
      seed: seeds,
    });
    fc.assert(
      fc.property(cases, ({ geometry, batch, channels, seed }) => {
        const { kernelSize: poolSize, strides, padding } = geometry;
        fc.pre(everyWindowTouches(geometry));
        const x = apart(image(geometry, batch, channels), seed);
        checkGradients(new MaxPooling2D({ poolSize, strides, padding }), x, seed);
        checkGradients(new AveragePooling2D({ poolSize, strides, padding }), x, seed);
      }),
    );
  });

  test("Activation of each kind, on any shape", () => {
    const shapes = fc.array(small, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shapes, activations, seeds, (shape, activation, seed) => {
        checkGradients(new Activation({ activation }), awayFromZero(shape, seed), seed);
      }),
    );
  });

  test("Dropout while training, with the mask of the forward pass", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.9, noNaN: true }), seeds, (rate, seed) => {
        checkGradients(new Dropout({ rate }), floats([3, 7], seed, 1, "float64"), seed, { training: true });
      }),
    );
  });

  test("Flatten", () => {
    fc.assert(
      fc.property(fc.tuple(small, small, small, small), seeds, (shape, seed) => {
        checkGradients(new Flatten(), floats(shape, seed, 1, "float64"), seed);
      }),
    );
  });
});

function everyWindowTouches({ height, width, kernelSize, strides, padding }: Geometry): boolean {
  return [height, width].every((input, axis) => {
    const [before, after] = [padding[2 * axis], padding[2 * axis + 1]];
    const steps = Math.floor((input + before + after - kernelSize[axis]) / strides[axis]);
    return before < kernelSize[axis] && steps * strides[axis] - before < input;
  });
}
