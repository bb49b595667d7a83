import { fail } from "../errors.ts";
import type { Layer, Parameter } from "../layers/layer.ts";
import { type Shape, sizeOf } from "../tensor.ts";

/** How large a layer is, in the four numbers of the textbooks' exercises; all of one image. */
export interface Counts {
  /** Weights that one neuron has, its bias included. */
  readonly weightsPerNeuron: number;
  /** Numbers in y. */
  readonly neurons: number;
  /** neurons · weightsPerNeuron: a connection to padding or to the bias counts. */
  readonly connections: number;
  /** Independent weights: in a convolution all neurons of an activation map share theirs. */
  readonly parameters: number;
}

/**
 * Counts weights per neuron, neurons, connections and independent parameters of a convolution or a dense layer. B12
 *   convolution   KH·KW·C/groups + 1,  OH·OW·F,  their product,  (KH·KW·C/groups + 1)·F
 *   subsampling   KH·KW + 1,  OH·OW·C,  their product,  2·C: the cells of a window share their weight, too
 *   depthwise     KH·KW + 1,  OH·OW·C·M,  their product,  (KH·KW + 1)·C·M
 *   separable     of a filter in the mean, as they share the depthwise half: (KH·KW·C·M + C·M·F + F) / F,  OH·OW·F,  their
 *                 product: the connections of both halves,  KH·KW·C·M + C·M·F + F
 *   by a table  of a filter in the mean: (KH·KW·K + F) / F,  OH·OW·F,  their product,  KH·KW·K + F
 *   transposed    the same: it is a convolution of x with zeros between its pixels, which count as padding does
 *   dense         A + 1,               B,        their product,  (A + 1)·B
 *
 * ```ts
 * counts(new Conv2D({ filters: 6, kernelSize: 5 }), [1, 32, 32, 3]); // LeNet's first layer, on a colour image:
 * // { weightsPerNeuron: 76, neurons: 4704, connections: 357504, parameters: 456 }
 * counts(new Conv2D({ filters: 96, kernelSize: 11, strides: 4, padding: 2 }), [1, 224, 224, 3]); // AlexNet's first:
 * // { weightsPerNeuron: 364, neurons: 290400, connections: 105705600, parameters: 34944 }
 * ```
 * @param inputShape with its batch, of which the counts do not depend
 * @throws NeocogError for a layer without a kernel.
 */
export function counts(layer: Layer, inputShape: Shape): Counts {
  layer.build(inputShape);
  const kernel = layer.parameters.find((parameter) => isKernel(parameter) || parameter.name === "coefficient");
  if (!kernel) fail(layer.name, "the kernel", kernel, "give a layer that has one, such as Conv2D or Dense");
  const parameters = layer.parameters.reduce((sum, { size }) => sum + size, 0);
  const outputShape = layer.outputShape(inputShape);
  const filters = outputShape[outputShape.length - 1];
  const neurons = sizeOf(outputShape.slice(1));
  if (kernel.name === "coefficient") {
    const weightsPerNeuron = sharingWeights(layer, inputShape);
    return { weightsPerNeuron, neurons, connections: neurons * weightsPerNeuron, parameters };
  }
  // By places, because a mean need not be a whole number.
  const connections = (neurons / filters) * parameters;
  return { weightsPerNeuron: parameters / filters, neurons, connections, parameters };
}

/** Of a separable convolution there are two: the depthwise one is the first. */
const isKernel = ({ name }: Parameter) => /kernel$/i.test(name);

/** The connections of a neuron whose window has one weight for all cells: no window reaches into padding there. */
function sharingWeights(layer: Layer, inputShape: Shape): number {
  const { rows, columns } = layer.windowOver(inputShape)!;
  return rows.kernel * columns.kernel + layer.parameters.length - 1;
}

/**
 * Connections of one image that do not lead into padding: what a convolution multiplies, and the bias' where it has one.
 *
 * ```ts
 * connectionsInside(new Conv2D({ filters: 1, kernelSize: 3, padding: 1 }), [1, 2, 2, 1]); // 20: 4 of 9 cells, and a bias
 * ```
 */
export function connectionsInside(layer: Layer, inputShape: Shape): number {
  const { connections } = counts(layer, inputShape);
  const window = layer.windowOver(inputShape) ?? layer.transposedWindowOver(inputShape);
  const kernel = layer.parameters.find(isKernel);
  if (!window || !kernel) return connections;
  const [rows, columns] = [window.rows, window.columns].map(({ input, output, kernel, stride, dilation, before }) => {
    let cells = 0;
    for (let i = 0; i < output; i++)
      for (let p = 0; p < kernel; p++) {
        const u = i * stride + p * dilation - before;
        if (u >= 0 && u < input) cells++;
      }
    return { cells, kernel };
  });
  // A cell of the kernel inside of the image connects as many pairs of channels as it has weights.
  const pairs = kernel.size / (rows.kernel * columns.kernel);
  // Biases, and a separable convolution's second kernel, do not see padding: each place has all of them.
  const others = layer.parameters.reduce((sum, each) => sum + (each === kernel ? 0 : each.size), 0);
  const places = sizeOf(layer.outputShape(inputShape).slice(1, -1));
  return rows.cells * columns.cells * pairs + places * others;
}
