/** Layers that move numbers: padding and cropping, another order of the axes, larger images: B3, B4, C4, C5, C8. */
import fc from "fast-check";
import type { Sides } from "../layers/frame2d.ts";
import { Cropping2D, type Layer, UpSampling2D, ZeroPadding2D } from "../layers/index.ts";
import type { UpSampling2DOptions } from "../layers/up-sampling2d.ts";
import { Random } from "../random.ts";
import { type Shape, type Tensor, zeros } from "../tensor.ts";
import { Window } from "../window.ts";
import { filled, integers, seeds } from "./arbitraries.ts";
import { coordinates, equal, equalNumbers, innerProduct } from "./compare.ts";
import { imagesFrom, transposed } from "./images.ts";
import { type Law, law } from "./law.ts";
import { imageShapes, type MakeConv2D, type MakePooling2D } from "./layers.ts";
import { apply, casesOf, float64, type LawOptions, LayerCase, type Shapes, type Subject, trial } from "./subject.ts";

export type MakePadding2D = (padding: Sides) => Layer;
export const zeroPadding2D: MakePadding2D = (padding) => new ZeroPadding2D({ padding });
export type MakeCropping2D = (cropping: Sides) => Layer;
export const cropping2D: MakeCropping2D = (cropping) => new Cropping2D({ cropping });
export type MakeUpSampling2D = (options: UpSampling2DOptions) => Layer;
export const upSampling2D: MakeUpSampling2D = (options) => new UpSampling2D(options);

const edge = fc.nat(3);
const edges = fc.tuple(edge, edge, edge, edge);
const few = fc.integer({ min: 1, max: 3 });
const sizes = fc.tuple(few, few);

/** Zero paddings of up to three pixels an edge, on images. */
export function paddingCases(make: MakePadding2D = zeroPadding2D): fc.Arbitrary<LayerCase> {
  const cases = fc.record({ edges, shape: imageShapes(), seed: seeds });
  return cases.map(({ edges, shape, seed }) => new LayerCase(() => make(edges), shape, seed));
}

/** Croppings of up to three pixels an edge, on images of which something is left. */
export function croppingCases(make: MakeCropping2D = cropping2D): fc.Arbitrary<LayerCase> {
  const cases = fc.record({ edges, shape: imageShapes(), seed: seeds });
  return cases.map(({ edges, shape, seed }) => new LayerCase(() => make(edges), larger(shape, edges), seed));
}

function larger([N, H, W, C]: Shape, [top, bottom, left, right]: readonly number[]): Shape {
  return [N, H + top + bottom, W + left + right, C];
}

/**
 * Cropping undoes zero padding, and each is the other's adjoint: ⟨pad(x), y⟩ = ⟨x, crop(y)⟩, so that the backward pass of
 * one is the forward pass of the other. B3, C8
 */
export function croppingUndoesPadding(
  make: MakePadding2D = zeroPadding2D,
  makeCropping: MakeCropping2D = cropping2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const cases = fc.record({ edges, shape: imageShapes(), seed: seeds });
  const name = "cropping undoes zero padding, and each is the other's backward pass";
  return law(["B3", "C8"], name, cases, ({ edges, shape, seed }) => {
    const run = (layer: Layer, shape: Shape) =>
      trial(new LayerCase(() => layer, shape, seed), { kernels }, ({ x, forward, draw, gradients }) => {
        return { x, of: (z: Tensor) => forward(z).copy(), back: (dy: Tensor) => gradients(x, () => dy).dx, draw };
      });
    const [pad, crop] = [run(make(edges), shape), run(makeCropping(edges), larger(shape, edges))];
    const y = crop.draw(larger(shape, edges), 1);
    equal(crop.of(pad.of(pad.x)), pad.x, ["after padding and cropping", "before"]);
    equal(pad.back(y), crop.of(y), ["of padding's backward pass", "of cropping"]);
    equal(crop.back(pad.x), pad.of(pad.x), ["of cropping's backward pass", "of padding"]);
    const [left, right] = [innerProduct(pad.of(pad.x), y), innerProduct(pad.x, crop.of(y))];
    equalNumbers(left, right, ["= ⟨pad(x), y⟩", "= ⟨x, crop(y)⟩"]);
  });
}

/** A convolution with padding is one without it on the padded image. B3 */
export function paddingIsALayer(
  makeConv: MakeConv2D,
  make: MakePadding2D = zeroPadding2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const cases = fc.record({ edges, kernelSize: sizes, strides: sizes, shape: imageShapes(), seed: seeds });
  const name = "a convolution with padding is one without it on the padded image";
  return law(["B3"], name, cases, ({ edges, kernelSize, strides, shape, seed }) => {
    const [, H, W, C] = shape;
    const [height, width] = larger([1, H, W, C], edges).slice(1);
    fc.pre(kernelSize[0] <= height && kernelSize[1] <= width);
    const { dtype } = kernels;
    const x = integers(shape, seed, dtype);
    const weights = [integers([...kernelSize, C, 2], seed + 1, dtype), integers([2], seed + 2, dtype)];
    const conv = (padding: Sides | "valid") =>
      makeConv({ filters: 2, kernelSize, strides, padding: padding as "valid" });
    const padded = apply(make(edges), x, [], { kernels });
    const sides = ["of the layer with padding", "of padding, then the layer without"] as const;
    equal(apply(conv(edges), x, weights, { kernels }), apply(conv("valid"), padded, weights, { kernels }), sides);
  });
}

/** Reshaping keeps every number, in the order of memory, forward and backward. C5 */
export function reshapingKeepsOrder(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const name = "reshaping keeps all numbers in the order of memory, forward and backward";
  return law(["C5"], name, casesOf("reshapingKeepsOrder", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ x, draw, gradients }) => {
      const { y, dy, dx } = gradients(x, (shape) => draw(shape, 1));
      const row = (t: Tensor) => t.reshape([t.size]);
      equal(row(y), row(x), ["in y", "in x"]);
      equal(row(dx), row(dy), ["in dx", "in dy"]);
    });
  });
}

export type MakePermute = (dims: readonly number[]) => Layer;

/** Permuting the axes permutes the coordinates of every number; the inverse undoes it, and is the backward pass. C5 */
export function permutingAxes(make: MakePermute, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({ lengths: fc.array(few, { minLength: 1, maxLength: 5 }), batch: few, seed: seeds });
  const name = "permuting axes permutes the coordinates of each number, and the inverse undoes it";
  return law(["C5"], name, cases, ({ lengths, batch, seed }) => {
    const dims = [...new Random(seed).permutation(lengths.length)].map((axis) => axis + 1);
    const inverse = dims.map((_, axis) => dims.indexOf(axis + 1) + 1);
    const shape = [batch, ...lengths];
    trial(new LayerCase(() => make(dims), shape, seed), { kernels }, ({ x, draw, gradients }) => {
      const { y, dy, dx } = gradients(x, (shape) => draw(shape, 1));
      const moved = zeros(y.shape, y.dtype);
      for (let e = 0; e < y.size; e++) {
        const [n, ...place] = coordinates(e, y.shape);
        moved.data[e] = x.data[elementAt([n, ...inverse.map((axis) => place[axis - 1])], shape)];
      }
      equal(y, moved, ["in y", "in x, at the permuted place"]);
      equal(apply(make(inverse), y, [], { kernels }), x, ["after permuting back", "before"]);
      equal(dx, apply(make(inverse), dy, [], { kernels }), ["in dx", "in dy, permuted back"]);
    });
  });
}

function elementAt(place: readonly number[], shape: Shape): number {
  return place.reduce((element, index, axis) => element * shape[axis] + index, 0);
}

/** Exchanging rows and columns of image, filter and strides exchanges those of the map: no direction is special. B4 */
export function exchangedDirections(makeConv: MakeConv2D, make: MakePermute, options: LawOptions = {}): Law {
  const cases = fc.record({
    kernelSize: sizes,
    strides: sizes,
    more: fc.tuple(edge, edge),
    channels: few,
    seed: seeds,
  });
  const name = "rows and columns of image, filter and strides exchanged, those of the map are exchanged";
  return law(["B4"], name, cases, ({ kernelSize: [KH, KW], strides: [s, t], more, channels, seed }) => {
    const { dtype } = options.kernels ?? float64;
    const x = integers([1, KH + more[0], KW + more[1], channels], seed, dtype);
    const [kernel, bias] = [integers([KH, KW, channels, 2], seed + 1, dtype), integers([2], seed + 2, dtype)];
    const exchange = (image: Tensor) => apply(make([2, 1, 3]), image, [], options);
    // The kernel [KH,KW,C,F] with its directions exchanged: as KH·KW images would be, had they four axes.
    const turned = transposed(kernel.reshape([1, KH, KW, channels * 2])).reshape([KW, KH, channels, 2]);
    const y = apply(makeConv({ filters: 2, kernelSize: [KH, KW], strides: [s, t] }), x, [kernel, bias], options);
    const conv = makeConv({ filters: 2, kernelSize: [KW, KH], strides: [t, s] });
    equal(apply(conv, exchange(x), [turned, bias], options), exchange(y), [
      "of all exchanged",
      "of the map, exchanged",
    ]);
  });
}

/** Enlargements, on images whose numbers are multiples of what bilinear weights are divided by: nothing is rounded. */
export function upSamplingCases(
  interpolation: UpSampling2DOptions["interpolation"],
  make: MakeUpSampling2D = upSampling2D,
): fc.Arbitrary<LayerCase> {
  const cases = fc.record({ size: sizes, shape: imageShapes(), seed: seeds });
  return cases.map(({ size, shape, seed }) => {
    return new LayerCase(() => make({ size, interpolation }), shape, seed, 4 * size[0] * size[1]);
  });
}

/** Pooling what was enlarged by the nearest pixel, with windows as large as pixels have become, gives it back. C2, C4 */
export function poolingUndoesUpSampling(
  make: MakeUpSampling2D,
  makePooling: MakePooling2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const cases = fc.record({ size: sizes, shape: imageShapes(), seed: seeds });
  const name = "pooling what was enlarged by the nearest pixel gives it back";
  return law(["C2", "C4"], name, cases, ({ size, shape, seed }) => {
    const x = integers(shape, seed, kernels.dtype);
    const y = apply(make({ size, interpolation: "nearest" }), x, [], { kernels });
    equal(apply(makePooling({ poolSize: size }), y, [], { kernels }), x, ["after enlarging and pooling", "before"]);
  });
}

/** Enlarging by the nearest pixel is a depthwise transposed convolution whose weights are 1 and whose strides its size. C8 */
export function upSamplingIsTransposed(make: MakeUpSampling2D, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({ size: sizes, shape: imageShapes(), seed: seeds });
  const name = "enlarging by the nearest pixel is a transposed convolution with ones";
  return law(["C8"], name, cases, ({ size, shape, seed }) => {
    const [N, H, W, C] = shape;
    const x = integers(shape, seed, kernels.dtype);
    const window = Window.over("enlarging", H * size[0], W * size[1], { kernelSize: size, strides: size });
    const ones = filled([...size, 1, C], 0, kernels.dtype, () => 1);
    const y = zeros(window.inputShape(N, C), kernels.dtype);
    kernels.conv2dBackwardInput(y, x, ones, window);
    equal(apply(make({ size, interpolation: "nearest" }), x, [], { kernels }), y, [
      "of enlarging",
      "of the convolution",
    ]);
  });
}

/**
 * Bilinear enlarging by s × t gives (a·u + b)·(c·v + d) at the centres u = (i + ½)/s − ½, v = (j + ½)/t − ½ of the new
 * pixels, where the image is that at the centres of the old ones; beyond the outermost of them it stays what it is there.
 * This fixes all four weights. C8
 */
export function bilinearKeepsSlopes(make: MakeUpSampling2D, { kernels = float64 }: LawOptions = {}): Law {
  const number = fc.integer({ min: -8, max: 8 });
  const cases = fc.record({ size: sizes, shape: imageShapes(), slopes: fc.tuple(number, number, number, number) });
  const name = "bilinear enlarging continues (a·u + b)·(c·v + d) between the pixels, by their centres";
  return law(["C8"], name, cases, ({ size, shape, slopes: [a, b, c, d] }) => {
    const [N, H, W, C] = shape;
    const [s, t] = size;
    // In steps of 1/2s and 1/2t of a pixel all of this is whole.
    const f = (u: number, v: number) => (a * u + 2 * s * b) * (c * v + 2 * t * d);
    const like = zeros([0], kernels.dtype);
    const x = imagesFrom(shape, like, (_n, u, v) => f(2 * s * u, 2 * t * v));
    const centre = (i: number, size: number, input: number) => {
      return Math.min(Math.max(2 * i + 1 - size, 0), 2 * size * (input - 1));
    };
    const expected = imagesFrom([N, s * H, t * W, C], like, (_n, i, j) => f(centre(i, s, H), centre(j, t, W)));
    const y = apply(make({ size, interpolation: "bilinear" }), x, [], { kernels });
    equal(y, expected, ["of the enlarged image", "of the function"]);
  });
}
