import fc from "fast-check";
import { Random } from "../random.ts";
import { type DType, type Shape, type Tensor, zeros } from "../tensor.ts";
import { Window } from "../window.ts";

/** Tensors are drawn as a shape and a seed: what a failure prints stays short, and shrinks. */
export const seeds = fc.nat(0xffff);

/** Whole numbers from −8 to 8: every float32 sum of their products is exact, so implementations must agree bit for bit. */
export function integers(shape: Shape, seed: number, dtype: DType = "float32"): Tensor {
  return filled(shape, seed, dtype, (random) => random.below(17) - 8);
}

/** Numbers in [−scale, scale) that float32 represents. */
export function floats(shape: Shape, seed: number, scale = 1, dtype: DType = "float32"): Tensor {
  return filled(shape, seed, dtype, (random) => Math.fround((2 * random.uniform() - 1) * scale));
}

/** Whole numbers in [0, classes), one an element. */
export function labels(shape: Shape, seed: number, classes: number, dtype: DType = "float32"): Tensor {
  return filled(shape, seed, dtype, (random) => random.below(classes));
}

export function filled(shape: Shape, seed: number, dtype: DType, draw: (random: Random) => number): Tensor {
  const random = new Random(seed);
  const result = zeros(shape, dtype);
  const { data } = result;
  for (let index = 0; index < result.size; index++) data[index] = draw(random);
  return result;
}

/** The same numbers in another precision. */
export function as(dtype: DType, tensor: Tensor): Tensor {
  const result = zeros(tensor.shape, dtype);
  result.data.set(tensor.data);
  return result;
}

/** A window over an image, spelt out so that a failure can be read and repeated. */
export interface Geometry {
  readonly height: number;
  readonly width: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilationRate: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
}

export function windowOf({ height, width, ...options }: Geometry): Window {
  return Window.over("test", height, width, options);
}

export interface GeometryLimits {
  readonly kernel?: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly output?: number;
}

/**
 * Geometries drawn from the output side with a remainder, so that strides that do not divide the input occur as often as
 * they can. Padding is smaller than the window's span, the input is never empty.
 */
export function geometries(limits: GeometryLimits = {}): fc.Arbitrary<Geometry> {
  return fc.tuple(axis(limits), axis(limits)).map(([rows, columns]) => ({
    height: rows.input,
    width: columns.input,
    kernelSize: [rows.kernel, columns.kernel],
    strides: [rows.stride, columns.stride],
    dilationRate: [rows.dilation, columns.dilation],
    padding: [rows.before, rows.after, columns.before, columns.after],
  }));
}

function axis({ kernel = 4, stride = 3, dilation = 1, output = 4 }: GeometryLimits) {
  return fc
    .record({
      kernel: fc.integer({ min: 1, max: kernel }),
      stride: fc.integer({ min: 1, max: stride }),
      dilation: fc.integer({ min: 1, max: dilation }),
      output: fc.integer({ min: 1, max: output }),
      before: fc.nat(kernel * dilation),
      after: fc.nat(kernel * dilation),
      remainder: fc.nat(stride - 1),
    })
    .map((drawn) => {
      const span = drawn.dilation * (drawn.kernel - 1) + 1;
      const padded = (drawn.output - 1) * drawn.stride + span + (drawn.remainder % drawn.stride);
      const before = Math.min(drawn.before % span, padded - 1);
      const after = Math.min(drawn.after % span, padded - 1 - before);
      return { ...drawn, before, after, input: padded - before - after };
    });
}
