/** Trainable subsampling: C4. */
import fc from "fast-check";
import { type Layer, Subsampling2D, type Subsampling2DOptions } from "../layers/index.ts";
import { geometries, seeds } from "./arbitraries.ts";
import { equal } from "./compare.ts";
import { imagesFrom } from "./images.ts";
import { type Law, law } from "./law.ts";
import { averagePooling2D, CELLS, conv2D, type MakeConv2D, type MakePooling2D, withoutPadding } from "./layers.ts";
import { apply, float64, type LawOptions, LayerCase, trial } from "./subject.ts";

export type MakeSubsampling2D = (options: Subsampling2DOptions) => Layer;
export const subsampling2D: MakeSubsampling2D = (options) => new Subsampling2D(options);

/** Subsamplings with windows that may overlap or leave gaps, on images for them. */
export function subsamplingCases(
  limits: { make?: MakeSubsampling2D; activation?: Subsampling2DOptions["activation"] } = {},
): fc.Arbitrary<LayerCase> {
  const { make = subsampling2D, activation = "linear" } = limits;
  const few = fc.integer({ min: 1, max: 3 });
  const geometry = geometries({ kernel: 3, stride: 3, output: 4 }).map(withoutPadding);
  return fc
    .record({ geometry, batch: few, channels: few, useBias: fc.boolean(), seed: seeds })
    .map(({ geometry, batch, channels, useBias, seed }) => {
      const { height, width, kernelSize: poolSize, strides } = geometry;
      const layer = () => make({ poolSize, strides, useBias, activation });
      // Multiples of the cells, so that the mean of a window is a whole number, and no larger, so that sums stay exact.
      return new LayerCase(layer, [batch, height, width, channels], seed, poolSize[0] * poolSize[1]);
    });
}

/** Subsampling is a depthwise convolution all of whose cells have one weight, the channel's coefficient. C4, B13 */
export function subsamplingIsConvolution(
  make: MakeSubsampling2D = subsampling2D,
  makeConv2D: MakeConv2D = conv2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "trainable subsampling is a depthwise convolution whose cells share their weight";
  return law(["C4", "B13"], name, subsamplingCases({ make, activation: "relu" }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const { poolSize: kernelSize = 2, ...options } = layer.options as Subsampling2DOptions;
      const { rows, columns } = layer.windowOver(x.shape)!;
      const [coefficient, ...bias] = layer.parameters.map(({ value }) => value);
      const C = x.shape[3];
      const tied = imagesFrom([rows.kernel, columns.kernel, 1, C], x, (_p, _q, _, c) => coefficient.data[c]);
      const depthwise = makeConv2D({ ...options, kernelSize, filters: C, groups: C });
      equal(forward(x), apply(depthwise, x, [tied, ...bias], { kernels }), ["of the layer", "of the convolution"]);
    });
  });
}

/** As it is made, subsampling is average pooling: the coefficients are 1 / (cells of a window), the biases 0. C4 */
export function subsamplingBeginsAsMean(
  make: MakeSubsampling2D = subsampling2D,
  pool: MakePooling2D = averagePooling2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "trainable subsampling begins as average pooling";
  return law(["C4"], name, subsamplingCases({ make }), ({ make, shape, seed }) => {
    const layer = make();
    const { poolSize, strides } = layer.options as Subsampling2DOptions;
    const own = new LayerCase(() => pool({ poolSize, strides }), shape, seed, CELLS);
    trial(own, { kernels }, ({ x, forward }) => {
      layer.build(shape);
      const weights = layer.getWeights();
      // A ninth of a sum is rounded; of small whole numbers it is known to 2⁻²⁰ of them.
      equal(
        apply(layer, x, weights, { kernels }),
        forward(x),
        ["of the layer", "of average pooling"],
        CELLS * 2 ** -17,
      );
    });
  });
}
