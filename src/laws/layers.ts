/** Arbitraries of the library's layers together with images they take: what the laws are run over here. */
import fc from "fast-check";
import {
  AveragePooling2D,
  Conv2D,
  type Conv2DOptions,
  Conv2DTranspose,
  type Conv2DTransposeOptions,
  Dense,
  type Layer,
  MaxPooling2D,
} from "../layers/index.ts";
import type { Pooling2DOptions } from "../layers/pooling2d.ts";
import type { Shape } from "../tensor.ts";
import { type Geometry, type GeometryLimits, geometries, seeds } from "./arbitraries.ts";
import { LayerCase } from "./subject.ts";

/** Makes a convolution from Keras' options: `(options) => new Conv2D(options)`, or one of your own. */
export type MakeConv2D = (options: Conv2DOptions) => Layer;
export const conv2D: MakeConv2D = (options) => new Conv2D(options);

export interface ConvLimits extends GeometryLimits {
  make?: MakeConv2D;
  /** Set for all. Default: "linear". */
  activation?: Conv2DOptions["activation"];
  /** Set for all. Default: drawn. */
  useBias?: boolean;
  /** The most groups. Default: 2. */
  groups?: number;
  /** Default: any, on each side, smaller than the kernel's span. */
  padding?: "valid" | "any";
}

const few = fc.integer({ min: 1, max: 3 });

/**
 * Convolutions of any geometry with strides that need not divide, padding, dilation, groups and bias, on images for them.
 *
 * ```ts
 * check(linearity(conv2dCases()));
 * check(linearity(conv2dCases({ make: (options) => new MyConv2D(options), stride: 1 })));
 * ```
 */
export function conv2dCases(limits: ConvLimits = {}): fc.Arbitrary<LayerCase> {
  const { make = conv2D, activation = "linear", useBias: bias, groups: mostGroups = 2, padding = "any" } = limits;
  return fc
    .record({
      geometry: geometries({ kernel: 3, stride: 3, dilation: 2, output: 4, ...limits }),
      batch: fc.integer({ min: 1, max: 2 }),
      groups: fc.integer({ min: 1, max: mostGroups }),
      channels: fc.integer({ min: 1, max: 2 }),
      filters: few,
      useBias: bias === undefined ? fc.boolean() : fc.constant(bias),
      seed: seeds,
    })
    .map(({ geometry, batch, groups, channels, filters, useBias, seed }) => {
      const { kernelSize, strides, dilationRate } = geometry;
      const { height, width, padding: pads } = padding === "valid" ? withoutPadding(geometry) : geometry;
      const options = { filters: filters * groups, kernelSize, strides, padding: pads, dilationRate, groups, useBias };
      const shape = [batch, height, width, channels * groups];
      return new LayerCase(() => make({ ...options, activation }), shape, seed);
    });
}

export type MakeConv2DTranspose = (options: Conv2DTransposeOptions) => Layer;
export const conv2DTranspose: MakeConv2DTranspose = (options) => new Conv2DTranspose(options);

/** Transposed convolutions of any geometry, padding, dilation, groups and bias, on images for them. */
export function conv2dTransposeCases(
  limits: { make?: MakeConv2DTranspose; activation?: Conv2DOptions["activation"]; useBias?: boolean } = {},
): fc.Arbitrary<LayerCase> {
  const { make = conv2DTranspose, activation = "linear", useBias: bias } = limits;
  return fc
    .record({
      // Drawn as the convolution that it is the transposed of, from y to x.
      geometry: geometries({ kernel: 3, stride: 3, dilation: 2, output: 3 }),
      batch: fc.integer({ min: 1, max: 2 }),
      groups: fc.integer({ min: 1, max: 2 }),
      channels: fc.integer({ min: 1, max: 2 }),
      filters: few,
      useBias: bias === undefined ? fc.boolean() : fc.constant(bias),
      same: fc.boolean(),
      seed: seeds,
    })
    .map(({ geometry, batch, groups, channels, filters, useBias, same, seed }) => {
      const { kernelSize, strides, dilationRate, padding } = geometry;
      const along = [geometry.height, geometry.width].map((input, axis) => {
        const room =
          input + padding[2 * axis] + padding[2 * axis + 1] - dilationRate[axis] * (kernelSize[axis] - 1) - 1;
        return { outputs: Math.floor(room / strides[axis]) + 1, remainder: room % strides[axis] };
      });
      const sized = same
        ? { padding: "same" as const }
        : { padding, outputPadding: [along[0].remainder, along[1].remainder] as const };
      const options = { filters: filters * groups, kernelSize, strides, dilationRate, groups, useBias, ...sized };
      const shape = [batch, along[0].outputs, along[1].outputs, channels * groups];
      return new LayerCase(() => make({ ...options, activation }), shape, seed);
    });
}

/** Dense layers with and without bias, on rows for them. */
export function denseCases(): fc.Arbitrary<LayerCase> {
  return fc
    .record({ batch: few, inputs: fc.integer({ min: 1, max: 6 }), units: few, useBias: fc.boolean(), seed: seeds })
    .map(({ batch, inputs, units, useBias, seed }) => {
      return new LayerCase(() => new Dense({ units, useBias }), [batch, inputs], seed);
    });
}

export interface PoolingLimits extends GeometryLimits {
  /** Default: any, on each side, smaller than the window. */
  padding?: "valid" | "any";
}

export type MakePooling2D = (options: Pooling2DOptions) => Layer;
export const maxPooling2D: MakePooling2D = (options) => new MaxPooling2D(options);
export const averagePooling2D: MakePooling2D = (options) => new AveragePooling2D(options);

/** Divides all counts of cells of a window of up to 3 × 3: means of multiples of it are whole numbers. */
export const CELLS = 2520;

/** Poolings with windows that may overlap or leave gaps, with strides that need not divide, on images for them. */
export function poolingCases(make: MakePooling2D, limits: PoolingLimits = {}): fc.Arbitrary<LayerCase> {
  return fc
    .record({
      geometry: geometries({ kernel: 3, stride: 3, output: 4, ...limits }).filter(everyWindowTouches),
      batch: fc.integer({ min: 1, max: 2 }),
      channels: few,
      seed: seeds,
    })
    .map(({ geometry, batch, channels, seed }) => {
      const { height, width, kernelSize, strides, padding } =
        limits.padding === "valid" ? withoutPadding(geometry) : geometry;
      const shape = [batch, height, width, channels];
      return new LayerCase(() => make({ poolSize: kernelSize, strides, padding }), shape, seed, CELLS);
    });
}

/** Images [N,H,W,C] of up to 2 × 5 × 5 × 3. */
export function imageShapes(): fc.Arbitrary<Shape> {
  const side = fc.integer({ min: 1, max: 5 });
  return fc.tuple(fc.integer({ min: 1, max: 2 }), side, side, few);
}

/** The image with its padding for pixels, so that the output stays as large. */
export function withoutPadding({ height, width, padding, ...geometry }: Geometry): Geometry {
  const [top, bottom, left, right] = padding;
  return { ...geometry, height: height + top + bottom, width: width + left + right, padding: [0, 0, 0, 0] };
}

/** Padding is never read by pooling, so every window must have a cell inside the image. */
export function everyWindowTouches({ height, width, kernelSize, strides, padding }: Geometry): boolean {
  return [height, width].every((input, axis) => {
    const [before, after] = [padding[2 * axis], padding[2 * axis + 1]];
    const steps = Math.floor((input + before + after - kernelSize[axis]) / strides[axis]);
    return before < kernelSize[axis] && steps * strides[axis] - before < input;
  });
}
