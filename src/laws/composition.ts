/** What convolutions are made of, and what they make: B4, B7, B13. */
import fc from "fast-check";
import type { Conv2DOptions } from "../layers/index.ts";
import { type Tensor, zeros } from "../tensor.ts";
import { integers, seeds } from "./arbitraries.ts";
import { equal } from "./compare.ts";
import { channelsOf, imagesFrom, reader, stacked, transposed } from "./images.ts";
import { type Law, law } from "./law.ts";
import { conv2D, conv2dCases, type MakeConv2D } from "./layers.ts";
import { apply, float64, type LawOptions, trial } from "./subject.ts";

/**
 * The kernel of the single convolution that two convolutions without padding are:
 *   K[p,q,c,g] = Σ_f Σ k1[p1,q1,c,f] · k2[p2,q2,f,g] over p1 + s·p2 = p, q1 + t·q2 = q;  s, t the strides of the first
 */
export function composedKernel(first: Tensor, second: Tensor, [s, t]: readonly [number, number]): Tensor {
  const [[H1, W1, C, F], [H2, W2, , G]] = [first.shape, second.shape];
  const [H, W] = [H1 + s * (H2 - 1), W1 + t * (W2 - 1)];
  const result = zeros([H, W, C, G], first.dtype);
  const [one, two] = [reader(first), reader(second)];
  for (let p1 = 0; p1 < H1; p1++)
    for (let q1 = 0; q1 < W1; q1++)
      for (let p2 = 0; p2 < H2; p2++)
        for (let q2 = 0; q2 < W2; q2++)
          for (let c = 0; c < C; c++)
            for (let g = 0; g < G; g++) {
              const place = (((p1 + s * p2) * W + q1 + t * q2) * C + c) * G + g;
              for (let f = 0; f < F; f++) result.data[place] += one(p1, q1, c, f) * two(p2, q2, f, g);
            }
  return result;
}

/**
 * Two convolutions, one after the other, are a single one: its kernel is {@link composedKernel}, its stride the product,
 * its bias what the second makes of the first's. With a nonlinearity between them they are not: `activation: "relu"` is
 * to be refuted. B7
 */
export function composition(
  make: MakeConv2D = conv2D,
  options: LawOptions & { activation?: Conv2DOptions["activation"] } = {},
): Law {
  const [one, few] = [fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })];
  const pair = fc.tuple(few, few);
  const cases = fc.record({
    ...{ kernel1: pair, kernel2: pair, strides1: fc.tuple(one, one), strides2: fc.tuple(one, one), more: fc.nat(3) },
    ...{ channels: one, between: few, filters: one, seed: seeds },
  });
  const name = "two linear convolutions are a single one with the composed kernel";
  return law(["B7"], name, cases, ({ kernel1, kernel2, strides1, strides2, more, seed, ...depth }) => {
    const { dtype } = options.kernels ?? float64;
    const { activation = "linear" } = options;
    const draw = (shape: number[], index: number) => integers(shape, seed + index, dtype);
    const [k1, b1] = [draw([...kernel1, depth.channels, depth.between], 1), draw([depth.between], 2)];
    const [k2, b2] = [draw([...kernel2, depth.between, depth.filters], 3), draw([depth.filters], 4)];
    const kernel = composedKernel(k1, k2, strides1);
    const [KH, KW] = kernel.shape;
    const x = draw([1, KH + more, KW + more, depth.channels], 0);
    const run = (layer: Conv2DOptions, x: Tensor, weights: readonly Tensor[]) =>
      apply(make(layer), x, weights, options);
    const inner = run({ filters: depth.between, kernelSize: kernel1, strides: strides1, activation }, x, [k1, b1]);
    const twice = run({ filters: depth.filters, kernelSize: kernel2, strides: strides2 }, inner, [k2, b2]);
    // What the second convolution makes of an image that is the first's bias everywhere.
    const everywhere = imagesFrom([1, ...kernel2, depth.between], b1, (_, _u, _v, f) => b1.data[f]);
    const bias = run({ filters: depth.filters, kernelSize: kernel2 }, everywhere, [k2, b2]).reshape([depth.filters]);
    const strides = [strides1[0] * strides2[0], strides1[1] * strides2[1]] as const;
    const once = run({ filters: depth.filters, kernelSize: [KH, KW], strides }, x, [kernel, bias]);
    equal(twice, once, ["of two convolutions", "of the composed one"]);
  });
}

/** A grouped convolution is convolutions of slices, side by side; with as many groups as channels: depthwise. B13 */
export function groupsAreSlices(make: MakeConv2D = conv2D, { kernels = float64 }: LawOptions = {}): Law {
  const name = "a grouped (or depthwise) convolution is convolutions of slices of the channels, side by side";
  return law(["B13"], name, conv2dCases({ make, groups: 3 }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const options = layer.options as Conv2DOptions;
      const { groups = 1, filters } = options;
      const [kernel, bias] = layer.parameters.map(({ value }) => value);
      const [each, depth] = [filters / groups, kernel.shape[2]];
      const slices = Array.from({ length: groups }, (_, g) => {
        const weights = [channelsOf(kernel, g * each, each)];
        if (bias) weights.push(channelsOf(bias.reshape([1, 1, 1, filters]), g * each, each).reshape([each]));
        const slice = make({ ...options, filters: each, groups: 1 });
        return apply(slice, channelsOf(x, g * depth, depth), weights, { kernels });
      });
      equal(forward(x), stacked(slices), ["of the grouped convolution", "of the slices"]);
    });
  });
}

/** Dilation is a kernel with zeros between its cells: d − 1 of them. B13 */
export function dilationIsZeros(make: MakeConv2D = conv2D, { kernels = float64 }: LawOptions = {}): Law {
  const name = "a dilated convolution is one whose kernel has zeros between its cells";
  return law(["B13"], name, conv2dCases({ make, dilation: 3 }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const options = layer.options as Conv2DOptions;
      const [d, e] = options.dilationRate as readonly [number, number];
      const [kernel, ...bias] = layer.parameters.map(({ value }) => value);
      const [KH, KW, C, F] = kernel.shape;
      const [H, W] = [d * (KH - 1) + 1, e * (KW - 1) + 1];
      const at = reader(kernel);
      const spread = imagesFrom([H, W, C, F], kernel, (p, q, c, f) => (p % d || q % e ? 0 : at(p / d, q / e, c, f)));
      const plain = make({ ...options, kernelSize: [H, W], dilationRate: 1 });
      equal(forward(x), apply(plain, x, [spread, ...bias], { kernels }), [
        "of the dilated kernel",
        "of the spread one",
      ]);
    });
  });
}

/** Rows and columns are alike: with image, kernel, strides, padding and dilation transposed, so is the output. B4 */
export function transposition(make: MakeConv2D = conv2D, { kernels = float64 }: LawOptions = {}): Law {
  const name = "non-square kernels and strides: transposed in, transposed out";
  return law(["B4"], name, conv2dCases({ make }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const options = layer.options as Conv2DOptions;
      const swap = (pair: unknown) => [...(pair as number[])].reverse() as [number, number];
      const [top, bottom, left, right] = options.padding as readonly number[];
      const [kernel, ...bias] = layer.parameters.map(({ value }) => value);
      const [KH, KW, C, F] = kernel.shape;
      const at = reader(kernel);
      const turned = imagesFrom([KW, KH, C, F], kernel, (p, q, c, f) => at(q, p, c, f));
      const twin = make({
        ...options,
        ...{ kernelSize: swap(options.kernelSize), strides: swap(options.strides) },
        ...{ dilationRate: swap(options.dilationRate), padding: [left, right, top, bottom] },
      });
      const y = apply(twin, transposed(x), [turned, ...bias], { kernels });
      equal(transposed(y), forward(x), ["transposed in and out", "as it was"]);
    });
  });
}

/** A pointwise (1 × 1) convolution is a dense layer at each pixel, with the same weights everywhere. B13, C5 */
export function pointwiseIsDense(
  make: MakeConv2D,
  makeDense: (units: number) => ReturnType<MakeConv2D>,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a pointwise convolution is a dense layer at each pixel";
  const cases = conv2dCases({ make, kernel: 1, stride: 1, dilation: 1, groups: 1, padding: "valid", useBias: true });
  return law(["B13", "C5"], name, cases, (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const [kernel, bias] = layer.parameters.map(({ value }) => value);
      const [, , C, F] = kernel.shape;
      const y = forward(x);
      const rows = x.reshape([x.size / C, C]);
      const dense = apply(makeDense(F), rows, [kernel.reshape([C, F]), bias], { kernels });
      equal(y, dense.reshape(y.shape), ["of the convolution", "of the dense layer"]);
    });
  });
}
