/** Sums of products: the dense layer and the convolutions. */
import fc from "fast-check";
import type { Activation } from "../../src/kernels/kernels.ts";
import { type Geometry, geometries, windowOf } from "../support/arbitraries.ts";
import { activations, batches, LINEAR, operation } from "./operations.ts";

const units = fc.integer({ min: 1, max: 40 });
const products = fc.record({
  N: fc.integer({ min: 0, max: 9 }),
  A: fc.integer({ min: 0, max: 70 }),
  B: units,
  bias: fc.boolean(),
  activation: fc.oneof(fc.constant(LINEAR), activations),
});
export const dense = [
  operation("denseForward", products, ({ N, A, B, bias, activation }) => ({
    inputs: bias
      ? [[N, A], [A, B], [B]]
      : [
          [N, A],
          [A, B],
        ],
    ...{ outputs: [[N, B]], sums: A * Math.max(1, activation.alpha) },
    run: (k, y, x, kernel, b) => k.denseForward(y, x, kernel, b, activation),
  })),
  operation("denseBackwardInput", products, ({ N, A, B }) => ({
    ...{
      inputs: [
        [N, B],
        [A, B],
      ],
      outputs: [[N, A]],
      sums: B,
    },
    run: (k, dx, dy, kernel) => k.denseBackwardInput(dx, dy, kernel),
  })),
  operation("denseBackwardKernel", products, ({ N, A, B }) => ({
    ...{
      inputs: [
        [N, A],
        [N, B],
      ],
      outputs: [[A, B]],
      sums: N,
    },
    run: (k, dkernel, x, dy) => k.denseBackwardKernel(dkernel, x, dy),
  })),
];

interface Convolution {
  readonly geometry: Geometry;
  readonly N: number;
  readonly groups: number;
  readonly channels: number;
  readonly filters: number;
  readonly bias: boolean;
  readonly activation: Activation;
}
const biases = { bias: fc.boolean(), activation: fc.oneof(fc.constant(LINEAR), activations) };
/** Of every size, and those for which there are special ways: one channel and six filters, Winograd's, also in phases. */
const convolutions: fc.Arbitrary<Convolution> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      geometry: geometries({ kernel: 3, dilation: 2 }),
      N: batches,
      groups: fc.constantFrom(1, 1, 2),
      channels: fc.integer({ min: 1, max: 5 }),
      filters: fc.integer({ min: 1, max: 9 }),
      ...biases,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      geometry: geometries({ kernel: 5, stride: 1, output: 8 }),
      N: batches,
      groups: fc.constant(1),
      channels: fc.constant(1),
      filters: fc.constantFrom(6, 12),
      ...biases,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      geometry: fc
        .record({
          height: fc.integer({ min: 4, max: 9 }),
          width: fc.integer({ min: 4, max: 9 }),
          padding: fc.tuple(...[0, 0, 0, 0].map(() => fc.nat(2))),
          window: fc.constantFrom([3, 1], [3, 1], [5, 1], [5, 1], [5, 2], [6, 2]),
        })
        .map(({ window: [size, stride], ...drawn }): Geometry => {
          const padding = drawn.padding as unknown as Geometry["padding"];
          const [height, width] = [drawn.height, drawn.width].map((side) => Math.max(side, size));
          return { height, width, padding, kernelSize: [size, size], strides: [stride, stride], dilationRate: [1, 1] };
        }),
      ...{
        N: fc.nat(2),
        groups: fc.constant(1),
        channels: fc.constantFrom(8, 16, 20),
        filters: fc.constantFrom(16, 24),
        ...biases,
      },
    }),
  },
);

function shapesOf({ geometry, N, groups, channels, filters }: Convolution) {
  const window = windowOf(geometry);
  const kernel = [window.rows.kernel, window.columns.kernel, channels, filters * groups];
  const [x, y] = [window.inputShape(N, channels * groups), window.outputShape(N, filters * groups)];
  const cells = window.rows.kernel * window.columns.kernel;
  return {
    window,
    kernel,
    x,
    y,
    taps: cells * channels,
    sent: cells * filters,
    seen: N * window.rows.output * window.columns.output,
  };
}

export const conv2d = [
  operation("conv2dForward", convolutions, (settings) => {
    const { window, kernel, x, y, taps } = shapesOf(settings);
    return {
      inputs: settings.bias ? [x, kernel, y.slice(-1)] : [x, kernel],
      ...{ outputs: [y], sums: taps * Math.max(1, settings.activation.alpha) },
      run: (k, y, x, kernel, bias) => k.conv2dForward(y, x, kernel, bias, window, settings.activation),
    };
  }),
  operation("conv2dBackwardInput", convolutions, (settings) => {
    const { window, kernel, x, y, sent } = shapesOf(settings);
    return {
      inputs: [y, kernel],
      outputs: [x],
      sums: sent,
      gradient: 0,
      run: (k, dx, dy, kernel) => k.conv2dBackwardInput(dx, dy, kernel, window),
    };
  }),
  operation("conv2dBackwardKernel", convolutions, (settings) => {
    const { window, kernel, x, y, seen } = shapesOf(settings);
    return {
      inputs: [x, y],
      outputs: [kernel],
      sums: seen,
      gradient: 1,
      run: (k, dkernel, x, dy) => k.conv2dBackwardKernel(dkernel, x, dy, window),
    };
  }),
];
