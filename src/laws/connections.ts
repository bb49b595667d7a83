/** Convolutions by a table of connections: B5, B13. */
import fc from "fast-check";
import { type Conv2DOptions, type Layer, TableConv2D, type TableConv2DOptions } from "../layers/index.ts";
import { Random } from "../random.ts";
import { type Tensor, zeros } from "../tensor.ts";
import { geometries, seeds } from "./arbitraries.ts";
import { equal } from "./compare.ts";
import { type Law, law } from "./law.ts";
import { conv2D, type MakeConv2D } from "./layers.ts";
import { apply, float64, type LawOptions, LayerCase, trial } from "./subject.ts";

export type MakeTableConv2D = (options: TableConv2DOptions) => Layer;
export const tableConv2D: MakeTableConv2D = (options) => new TableConv2D(options);

/** Convolutions of any geometry by tables in which each filter sees one channel at least, on images for them. */
export function tableCases(
  limits: { make?: MakeTableConv2D; activation?: Conv2DOptions["activation"] } = {},
): fc.Arbitrary<LayerCase> {
  const { make = tableConv2D, activation = "linear" } = limits;
  const few = fc.integer({ min: 1, max: 3 });
  const geometry = geometries({ kernel: 3, stride: 3, dilation: 2, output: 3 });
  return fc
    .record({ geometry, batch: few, channels: few, filters: few, useBias: fc.boolean(), seed: seeds })
    .map(({ geometry: { height, width, ...geometry }, batch, channels, filters, useBias, seed }) => {
      const connections = drawnTable(channels, filters, seed);
      const layer = () => make({ ...geometry, connections, useBias, activation });
      return new LayerCase(layer, [batch, height, width, channels], seed);
    });
}

function drawnTable(channels: number, filters: number, seed: number): boolean[][] {
  const random = new Random(seed);
  const table = Array.from({ length: channels }, () => Array.from({ length: filters }, () => random.below(2) === 0));
  for (let f = 0; f < filters; f++) table[random.below(channels)][f] = true;
  return table;
}

/** The kernel [KH,KW,C,F] with zeros where the table has no connection. */
export function spreadKernel(kernel: Tensor, connections: TableConv2DOptions["connections"]): Tensor {
  const [KH, KW] = kernel.shape;
  const flat = connections.flat();
  const result = zeros([KH, KW, connections.length, connections[0].length], kernel.dtype);
  let own = 0;
  for (let e = 0; e < result.size; e++) if (flat[e % flat.length]) result.data[e] = kernel.data[own++];
  return result;
}

/** A convolution by a table is one over all channels, with zeros in its kernel where there is no connection. B13 */
export function tableIsSparse(
  make: MakeTableConv2D = tableConv2D,
  makeConv2D: MakeConv2D = conv2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a convolution by a table is one whose kernel is zero where nothing is connected";
  return law(["B5", "B13"], name, tableCases({ make, activation: "relu" }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const { connections, ...options } = layer.options as TableConv2DOptions;
      const [kernel, ...bias] = layer.parameters.map(({ value }) => value);
      const whole = makeConv2D({ ...options, filters: connections[0].length });
      const y = apply(whole, x, [spreadKernel(kernel, connections), ...bias], { kernels });
      equal(forward(x), y, ["of the layer", "of the convolution with zeros"]);
    });
  });
}
