/** Depthwise and separable convolutions: B13. */
import fc from "fast-check";
import {
  type Conv2DOptions,
  DepthwiseConv2D,
  type DepthwiseConv2DOptions,
  type Layer,
  SeparableConv2D,
  type SeparableConv2DOptions,
} from "../layers/index.ts";
import { type Tensor, zeros } from "../tensor.ts";
import { geometries, seeds } from "./arbitraries.ts";
import { equal } from "./compare.ts";
import { reader } from "./images.ts";
import { type Law, law } from "./law.ts";
import { conv2D, type MakeConv2D } from "./layers.ts";
import { apply, float64, type LawOptions, LayerCase, trial } from "./subject.ts";

export type MakeDepthwiseConv2D = (options: DepthwiseConv2DOptions) => Layer;
export const depthwiseConv2D: MakeDepthwiseConv2D = (options) => new DepthwiseConv2D(options);
export type MakeSeparableConv2D = (options: SeparableConv2DOptions) => Layer;
export const separableConv2D: MakeSeparableConv2D = (options) => new SeparableConv2D(options);

interface Limits<Make> {
  make?: Make;
  activation?: Conv2DOptions["activation"];
}

const few = fc.integer({ min: 1, max: 3 });
const drawn = fc.record({
  geometry: geometries({ kernel: 3, stride: 3, dilation: 2, output: 3 }),
  ...{ batch: fc.integer({ min: 1, max: 2 }), channels: few, depthMultiplier: few, filters: few },
  ...{ useBias: fc.boolean(), seed: seeds },
});

function casesOf(make: (options: SeparableConv2DOptions) => Layer): fc.Arbitrary<LayerCase> {
  return drawn.map(({ geometry: { height, width, ...geometry }, batch, channels, seed, ...options }) => {
    return new LayerCase(() => make({ ...geometry, ...options }), [batch, height, width, channels], seed);
  });
}

/** Depthwise convolutions of any geometry, with one to three filters a channel, on images for them. */
export function depthwiseCases(limits: Limits<MakeDepthwiseConv2D> = {}): fc.Arbitrary<LayerCase> {
  const { make = depthwiseConv2D, activation = "linear" } = limits;
  return casesOf(({ filters: _, ...options }) => make({ ...options, activation }));
}

/** Separable convolutions of any geometry, on images for them. */
export function separableCases(limits: Limits<MakeSeparableConv2D> = {}): fc.Arbitrary<LayerCase> {
  const { make = separableConv2D, activation = "linear" } = limits;
  return casesOf((options) => make({ ...options, activation }));
}

/** A depthwise convolution is a grouped one with a group a channel, and the kernel [KH,KW,C,M] is its [KH,KW,1,C·M]. B13 */
export function depthwiseIsGrouped(
  make: MakeDepthwiseConv2D = depthwiseConv2D,
  makeConv2D: MakeConv2D = conv2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a depthwise convolution is a grouped one with as many groups as channels";
  return law(["B13"], name, depthwiseCases({ make, activation: "relu" }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const { depthMultiplier, ...options } = layer.options as DepthwiseConv2DOptions;
      const [kernel, ...bias] = layer.parameters.map(({ value }) => value);
      const [KH, KW, C, M] = kernel.shape;
      const grouped = makeConv2D({ ...options, filters: C * M, groups: C });
      const y = apply(grouped, x, [kernel.reshape([KH, KW, 1, C * M]), ...bias], { kernels });
      equal(forward(x), y, ["of the depthwise convolution", "of the grouped one"]);
    });
  });
}

/** A separable convolution is a depthwise one without bias, then a pointwise (1 × 1) one. B13 */
export function separableIsComposition(
  make: MakeSeparableConv2D = separableConv2D,
  makeDepthwise: MakeDepthwiseConv2D = depthwiseConv2D,
  makeConv2D: MakeConv2D = conv2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a separable convolution is a depthwise one, then a pointwise one";
  return law(["B13"], name, separableCases({ make, activation: "relu" }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const { filters, useBias, activation, ...options } = layer.options as SeparableConv2DOptions;
      const [within, across, ...bias] = layer.parameters.map(({ value }) => value);
      const middle = apply(makeDepthwise({ ...options, useBias: false }), x, [within], { kernels });
      const pointwise = makeConv2D({ filters, useBias, activation, kernelSize: 1 });
      const y = apply(pointwise, middle, [across, ...bias], { kernels });
      equal(forward(x), y, ["of the separable convolution", "of the two"]);
    });
  });
}

/** The kernel Σ_m d[p,q,c,m]·w[0,0,c·M+m,f] of the convolution that a separable one is. */
export function mixedKernel(depthwise: Tensor, pointwise: Tensor): Tensor {
  const [KH, KW, C, M] = depthwise.shape;
  const F = pointwise.shape[3];
  const [within, across] = [reader(depthwise), reader(pointwise)];
  const result = zeros([KH, KW, C, F], depthwise.dtype);
  let e = 0;
  for (let p = 0; p < KH; p++)
    for (let q = 0; q < KW; q++)
      for (let c = 0; c < C; c++)
        for (let f = 0; f < F; f++, e++)
          for (let m = 0; m < M; m++) result.data[e] += within(p, q, c, m) * across(0, 0, c * M + m, f);
  return result;
}

/** As both halves are linear, a separable convolution is a single one whose kernel is an outer product. B13, B7 */
export function separableIsConvolution(
  make: MakeSeparableConv2D = separableConv2D,
  makeConv2D: MakeConv2D = conv2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a separable convolution is one whose kernel is the outer product of its two";
  return law(["B13", "B7"], name, separableCases({ make }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const { depthMultiplier, ...options } = layer.options as SeparableConv2DOptions;
      const [within, across, ...bias] = layer.parameters.map(({ value }) => value);
      const single = apply(makeConv2D(options), x, [mixedKernel(within, across), ...bias], { kernels });
      equal(forward(x), single, ["of the separable convolution", "of the single one"]);
    });
  });
}
