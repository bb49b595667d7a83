/** Layers over sequences [N,S,C]: A5, B1, B3. */
import fc from "fast-check";
import { Conv1D, type Conv1DOptions, type Conv2DOptions, Layer } from "../layers/index.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import type { Window } from "../window.ts";
import { geometries, seeds } from "./arbitraries.ts";
import { equal, holds } from "./compare.ts";
import { type Law, law } from "./law.ts";
import { CELLS, conv2D, everyWindowTouches, type MakeConv2D } from "./layers.ts";
import { apply, float64, type LawOptions, LayerCase, trial } from "./subject.ts";

/** A layer over sequences as one over images of one row, so that what holds of images can be asked of it. */
export class OneRow extends Layer {
  constructor(readonly layer: Layer) {
    super(layer.kind, { ...layer.options }, Object.keys(layer.options));
  }

  override outputShape([batch, , ...shape]: Shape): number[] {
    const [, ...output] = this.layer.outputShape([batch, ...shape]);
    return [batch, 1, ...output];
  }

  override windowOver([batch, , ...shape]: Shape): Window | undefined {
    return this.layer.windowOver([batch, ...shape]);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    const [batch, , ...shape] = x.shape;
    return this.layer.forward(x.reshape([batch, ...shape]), pass).reshape(this.outputShape(x.shape));
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const [batch, , ...shape] = dy.shape;
    const dx = this.layer.backward(dy.reshape([batch, ...shape]), pass);
    return dx.reshape([batch, 1, ...dx.shape.slice(1)]);
  }

  protected override make([batch, , ...shape]: Shape, pass: Pass) {
    this.layer.build([batch, ...shape], pass);
    return this.layer.parameters;
  }
}

export type MakeConv1D = (options: Conv1DOptions) => Layer;
export const conv1D: MakeConv1D = (options) => new Conv1D(options);

/** Convolutions of sequences, as {@link OneRow}: of any stride, padding, dilation, groups and bias. */
export function conv1dCases(
  limits: { make?: MakeConv1D; activation?: Conv2DOptions["activation"] } = {},
): fc.Arbitrary<LayerCase> {
  const { make = conv1D, activation = "linear" } = limits;
  const few = fc.integer({ min: 1, max: 2 });
  return fc
    .record({
      geometry: geometries({ kernel: 3, stride: 3, dilation: 2, output: 4 }),
      ...{ batch: few, groups: few, channels: few, filters: few, useBias: fc.boolean(), causal: fc.boolean() },
      seed: seeds,
    })
    .map(({ geometry, batch, groups, channels, filters, useBias, causal, seed }) => {
      const [kernelSize, strides, dilationRate] = [
        geometry.kernelSize[1],
        geometry.strides[1],
        geometry.dilationRate[1],
      ];
      const [, , before, after] = geometry.padding;
      const padding = causal ? ("causal" as const) : ([before, after] as const);
      const options = { filters: filters * groups, kernelSize, strides, dilationRate, padding, groups, useBias };
      const shape = [batch, 1, geometry.width, channels * groups];
      return new LayerCase(() => new OneRow(make({ ...options, activation })), shape, seed);
    });
}

/** Makes a pooling of sequences. */
export type MakePooling1D = (options: { poolSize: number; strides: number; padding: [number, number] }) => Layer;

/** Poolings of sequences, as {@link OneRow}. */
export function pooling1dCases(make: MakePooling1D): fc.Arbitrary<LayerCase> {
  const some = fc.integer({ min: 1, max: 3 });
  const geometry = geometries({ kernel: 3, stride: 3, output: 4 }).filter(everyWindowTouches);
  return fc
    .record({ geometry, batch: some, channels: some, seed: seeds })
    .map(({ geometry, batch, channels, seed }) => {
      const { width, kernelSize, strides, padding } = geometry;
      const options = { poolSize: kernelSize[1], strides: strides[1] };
      const layer = () => new OneRow(make({ ...options, padding: [padding[2], padding[3]] }));
      return new LayerCase(layer, [batch, 1, width, channels], seed, CELLS);
    });
}

/** A convolution of a sequence is that of an image of one row. B1 */
export function sequenceIsRow(
  make: MakeConv1D = conv1D,
  makeConv2D: MakeConv2D = conv2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a convolution in one dimension is that of an image of one row";
  return law(["B1"], name, conv1dCases({ make, activation: "relu" }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const { kernelSize, strides = 1, padding, dilationRate = 1, ...options } = layer.options as Conv1DOptions;
      const [kernel, ...bias] = layer.parameters.map(({ value }) => value);
      const zeros = padding === "causal" ? [(kernelSize - 1) * dilationRate, 0] : (padding as readonly number[]);
      const row = makeConv2D({
        ...options,
        ...{ kernelSize: [1, kernelSize], strides: [1, strides], dilationRate: [1, dilationRate] },
        padding: [0, 0, zeros[0], zeros[1]],
      });
      const y = apply(row, x, [kernel.reshape([1, ...kernel.shape]), ...bias], { kernels });
      equal(forward(x), y, ["of the sequence", "of the image of one row"]);
    });
  });
}

/** Causal padding: there are ⌈steps / strides⌉ outputs, and output j changes with step j·strides, and with none after it. B3 */
export function causalSeesThePast(make: MakeConv1D = conv1D, { kernels = float64 }: LawOptions = {}): Law {
  const some = fc.integer({ min: 1, max: 4 });
  const options = { kernelSize: some, strides: some, dilationRate: some };
  const cases = fc.record({ ...options, steps: fc.integer({ min: 1, max: 9 }), step: fc.nat(8), seed: seeds });
  const name = 'padding "causal" gives ⌈steps / stride⌉ outputs, none of which sees a later step';
  return law(["B3"], name, cases, ({ steps, step, seed, ...options }) => {
    const layer = () => make({ filters: 1, padding: "causal", kernelInitializer: "ones", ...options });
    trial(new LayerCase(layer, [1, steps, 1], seed), { kernels }, ({ x, forward, layer }) => {
      // The last cell reads the present.
      layer.parameters[0].value.data[options.kernelSize - 1] = 1;
      const at = step % steps;
      const before = forward(x).copy();
      x.data[at] += 1000;
      const after = forward(x);
      const outputs = Math.ceil(steps / options.strides);
      holds(after.size === outputs, () => `${after.size} outputs, ${outputs} are expected`);
      for (let j = 0; j < outputs; j++) {
        const [now, changes] = [j * options.strides, after.data[j] !== before.data[j]];
        holds(!(changes && at > now), () => `output ${j}, at step ${now}, sees step ${at}`);
        holds(changes || at !== now, () => `output ${j}, at step ${now}, does not see it`);
      }
    });
  });
}
