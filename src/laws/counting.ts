/** Counts of weights, neurons and connections against what is there: A3, B5, B12, B13. */
import fc from "fast-check";
import { connectionsInside, counts } from "../analysis/counts.ts";
import type { Layer } from "../layers/layer.ts";
import type { SeparableConv2D } from "../layers/separable-conv2d.ts";
import { type Shape, zeros } from "../tensor.ts";
import { filled } from "./arbitraries.ts";
import { holds } from "./compare.ts";
import { type Law, law } from "./law.ts";
import { conv2D, conv2dCases, type MakeConv2D } from "./layers.ts";
import { depthwiseConv2D, type MakeDepthwiseConv2D, type MakeSeparableConv2D, separableCases, separableConv2D } from "./separable.ts"; // biome-ignore format: names
import { casesOf, float64, type LawOptions, type Shapes, type Subject, trial } from "./subject.ts";

/**
 * Weights per neuron, neurons, connections and parameters, counted one by one: a neuron is a number of y, and it is
 * connected to a weight where that weight gets a gradient from it. With x = 1 everywhere, all those have one whose input
 * is not padding. B12
 */
export function countsAreThere(
  subject: Subject = conv2dCases(),
  shapes?: Shapes,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "weights per neuron, neurons, connections and parameters are as many as are found one by one";
  return law(["B12"], name, casesOf("countsAreThere", subject, shapes), (drawn) => {
    const shape = [1, ...drawn.shape.slice(1)];
    const ones = (shape: Shape) => filled(shape, 0, kernels.dtype, () => 1);
    trial(drawn, { kernels }, ({ layer, forward, gradients }) => {
      const expected = counts(layer, shape);
      const y = forward(ones(shape));
      const parameters = layer.parameters.reduce((sum, { value }) => sum + value.size, 0);
      let [connections, most] = [0, 0];
      for (let e = 0; e < y.size; e++) {
        const unit = (shape: Shape) => {
          const dy = zeros(shape, kernels.dtype);
          dy.data[e] = 1;
          return dy;
        };
        const found = gradients(ones(shape), unit).parameters.reduce(
          (sum, gradient) => sum + (gradient?.data.filter((value) => value !== 0).length ?? 0),
          0,
        );
        connections += found;
        most = Math.max(most, found);
      }
      const is = (what: string, found: number, said: number) =>
        holds(found === said, () => `${found} ${what} are found, ${said} are counted`);
      is("neurons", y.size, expected.neurons);
      is("parameters", parameters, expected.parameters);
      is("connections inside of the image", connections, connectionsInside(layer, shape));
      const hasPadding = connections !== expected.connections;
      const fits = hasPadding ? most <= expected.weightsPerNeuron : most === expected.weightsPerNeuron;
      holds(fits, () => `a neuron has ${most} weights, counted are ${expected.weightsPerNeuron}`);
      holds(expected.connections === expected.neurons * expected.weightsPerNeuron, () => `${expected.connections}`);
    });
  });
}

/**
 * A separable convolution has the parameters and connections of a depthwise one without bias and of a pointwise one, those
 * inside of the image too, and the neurons of the second; a neuron has so many weights in the mean. B12, B13
 */
export function separableCountsBothHalves(
  make: MakeSeparableConv2D = separableConv2D,
  makeDepthwise: MakeDepthwiseConv2D = depthwiseConv2D,
  makeConv2D: MakeConv2D = conv2D,
): Law {
  const name = "a separable convolution has the parameters and connections of its two halves";
  return law(["B12", "B13"], name, separableCases({ make }), (drawn) => {
    const layer = drawn.layer as SeparableConv2D;
    const { filters, useBias, activation, ...options } = layer.options;
    const depthwise = makeDepthwise({ ...options, useBias: false });
    const pointwise = makeConv2D({ filters, useBias, activation, kernelSize: 1 });
    const middle = depthwise.outputShape(drawn.shape);
    const all = counts(layer, drawn.shape);
    const [first, second] = [counts(depthwise, drawn.shape), counts(pointwise, middle)];
    const is = (what: string, found: number, expected: number) =>
      holds(found === expected, () => `${found} ${what} are counted, the two halves have ${expected}`);
    is("parameters", all.parameters, first.parameters + second.parameters);
    is("connections", all.connections, first.connections + second.connections);
    is("neurons", all.neurons, second.neurons);
    const inside = connectionsInside(depthwise, drawn.shape) + connectionsInside(pointwise, middle);
    is("connections inside of the image", connectionsInside(layer, drawn.shape), inside);
    is("weights of all filters", Math.round(filters * all.weightsPerNeuron), all.parameters);
  });
}

/**
 * A convolution has 1 + L·M·N parameters a filter, whatever the size of the image and the stride (27 + 1 for 3 × 3 × 3):
 * all neurons of an activation map share them. B5, B12
 */
export function parametersAreShared(make: MakeConv2D = conv2D): Law {
  const some = fc.integer({ min: 1, max: 5 });
  const cases = fc.record({
    L: some,
    M: some,
    N: some,
    filters: some,
    size: fc.integer({ min: 5, max: 40 }),
    strides: some,
  });
  const name = "1 + L·M·N parameters a filter, whatever the stride and the size of the image";
  return law(["B5", "B12"], name, cases, ({ L, M, N, filters, size, strides }) => {
    const { parameters } = counts(make({ filters, kernelSize: [M, N], strides }), [1, size, size, L]);
    const expected = filters * (1 + L * M * N);
    holds(parameters === expected, () => `${parameters} parameters, expected ${expected}`);
  });
}

/**
 * A dense layer on an image has (height·width·channels + 1)·neurons parameters: 196,608 weights a neuron for 256 × 256 × 3,
 * 12,582,912 for a hidden layer of 64. A3
 *
 * @param make flattens images and connects them to so many neurons
 */
export function denseExplodes(make: (units: number) => Layer): Law {
  const side = fc.integer({ min: 1, max: 16 });
  const cases = fc.record({ height: side, width: side, channels: fc.integer({ min: 1, max: 3 }), neurons: side });
  const name = "a dense layer on an image has (height·width·channels + 1)·neurons parameters";
  return law(["A3"], name, cases, ({ height, width, channels, neurons }) => {
    const layer = make(neurons);
    layer.build([1, height, width, channels]);
    const parameters = layer.parameters.reduce((sum, { value }) => sum + value.size, 0);
    const expected = (height * width * channels + 1) * neurons;
    holds(parameters === expected, () => `${parameters} parameters, expected ${expected}`);
  });
}
