import { fail } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import type { Shape } from "../tensor.ts";
import type { Axis } from "../window.ts";

/** What a unit of the last layer sees of the image, along one direction. */
export interface Sight {
  /** How many pixels lie between its first and its last, both included; also beyond the image's border. */
  readonly size: number;
  /** By how many pixels the sight of the next unit is further on; less than one behind a transposed convolution. */
  readonly stride: number;
  /** The first pixel that unit 0 sees; negative, where it sees padding. */
  readonly first: number;
}

/**
 * The receptive field of the units of a network, by the recurrences along its windows from the image to the unit. B10
 *   size ← size + (span − 1)·stride     first ← first − before·stride     stride ← stride·s     span = d·(kernel − 1) + 1
 *
 * Behind a transposed convolution units are less than a pixel apart, and some see more pixels than others: size is what
 * any of them sees at most.
 *   size ← size + (⌈span / s⌉ − 1)·stride     first ← first − ⌊(span − 1 − before) / s⌋·stride     stride ← stride / s
 *
 * Of sequences the columns are the steps; there is one row. A layer without a window looks at each place by itself where the size stays; others, as Flatten and Dense, see all.
 *
 * ```ts
 * const three = () => new Conv2D({ filters: 1, kernelSize: 3 });
 * receptiveField([three(), three()], [1, 28, 28, 1]).rows;          // { size: 5, stride: 1, first: 0 }
 * receptiveField([three(), three(), three()], [1, 28, 28, 1]).rows; // { size: 7, stride: 1, first: 0 }
 * ```
 * @throws NeocogError for a layer that enlarges, such as UpSampling2D: its units do not all see alike; `pixelsSeen` knows.
 * Araujo, Norris & Sim, "Computing receptive fields of convolutional neural networks", Distill 2019.
 */
export function receptiveField(layers: readonly Layer[], inputShape: Shape): { rows: Sight; columns: Sight } {
  const axes = axesOf(layers, inputShape);
  const enlarging = layers[axes.findIndex(({ enlarges }) => enlarges)];
  if (enlarging) fail("receptiveField", "a layer", enlarging.name, "its units do not all see alike; ask pixelsSeen");
  return { rows: sight(axes.map(({ rows }) => rows)), columns: sight(axes.map(({ columns }) => columns)) };
}

/**
 * Exactly which pixels a unit sees, along both directions: gaps that dilation or a stride larger than the window leave
 * are left out, and so is what is outside of the image.
 *
 * ```ts
 * pixelsSeen([new Conv2D({ filters: 1, kernelSize: 2, dilationRate: 2 })], [1, 5, 5, 1], [1, 0]);
 * // { rows: [1, 3], columns: [0, 2] }
 * ```
 * @param unit row and column of the unit in the last layer's output
 */
export function pixelsSeen(
  layers: readonly Layer[],
  inputShape: Shape,
  [row, column]: readonly [number, number],
): { rows: number[]; columns: number[] } {
  const axes = axesOf(layers, inputShape);
  return { rows: seen(axes, "rows", row), columns: seen(axes, "columns", column) };
}

interface Axes {
  readonly rows: Along;
  readonly columns: Along;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly enlarges: boolean;
  /** The places of the input that one of the output reads, where no window says so. */
  reads(direction: "rows" | "columns", place: number): readonly number[] | undefined;
}

/** Of a transposed convolution: the window slides over its output. */
type Along = Axis & { readonly transposed?: boolean };

function axesOf(layers: readonly Layer[], inputShape: Shape): Axes[] {
  let shape = inputShape;
  return layers.map((layer) => {
    const output = asImages(layer.outputShape(shape));
    const axes = layer.windowOver(shape) ?? transposedAxes(layer, shape) ?? withoutWindow(asImages(shape), output);
    shape = layer.outputShape(shape);
    return axes;
    const input = shape;
    shape = layer.outputShape(input);
    const { rows, columns } = layer.windowOver(input) ?? withoutWindow(input, shape);
    const reads = layer.placesRead.bind(layer, input);
    return { rows, columns, reads, enlarges: reads("rows", 0) !== undefined };
  });
}

function transposedAxes(layer: Layer, shape: Shape): Axes | undefined {
  const window = layer.transposedWindowOver(shape);
  return window && { rows: { ...window.rows, transposed: true }, columns: { ...window.columns, transposed: true } };
}

/** Sequences [N,S,C] are images of one row. */
function asImages(shape: Shape): Shape {
  return shape.length === 3 ? [shape[0], 1, shape[1], shape[2]] : shape;
}

/** Pixel by pixel where the size stays, all of it where it does not; of a vector there is one place. */
function withoutWindow([, height = 1, width = 1, channels]: Shape, output: Shape): Pick<Axes, "rows" | "columns"> {
  const isImage = channels !== undefined;
  const stays = isImage && output.length === 4 && output[1] === height && output[2] === width;
  const along = (input: number): Axis => {
    const all = isImage ? input : 1;
    const alike = { input: all, stride: 1, dilation: 1, before: 0, after: 0 };
    return stays ? { ...alike, kernel: 1, output: all } : { ...alike, kernel: all, output: 1 };
  };
  return { rows: along(height), columns: along(width) };
}

function sight(axes: readonly Along[]): Sight {
  let [size, stride, first] = [1, 1, 0];
  for (const axis of axes) {
    const reach = axis.dilation * (axis.kernel - 1);
    if (axis.transposed) {
      size += (Math.ceil((reach + 1) / axis.stride) - 1) * stride;
      first -= Math.floor((reach - axis.before) / axis.stride) * stride;
      stride /= axis.stride;
    } else {
      size += reach * stride;
      first -= axis.before * stride;
      stride *= axis.stride;
    }
  }
  return { size, stride, first };
}

/** Backward from the unit: each layer's places become the places of the layer before that their windows read. */
function seen(axes: readonly Along[], unit: number): number[] {
  let places = new Set([unit]);
  for (const { input, output, kernel, stride, dilation, before, transposed } of [...axes].reverse()) {
    const read = new Set<number>();
    for (const place of places) {
      for (let p = 0; p < kernel; p++) {
        const at = transposed ? (place + before - p * dilation) / stride : place * stride + p * dilation - before;
        if (Number.isInteger(at) && at >= 0 && at < (transposed ? output : input)) read.add(at);
      }
    }
    places = read;
/** Backward from the unit: each layer's places become the places of the layer before that these read. */
function seen(axes: readonly Axes[], direction: "rows" | "columns", unit: number): number[] {
  let places = new Set([unit]);
  for (const { reads, [direction]: axis } of [...axes].reverse()) {
    places = new Set([...places].flatMap((place) => reads(direction, place) ?? readBy(axis, place)));
  }
  return [...places].sort((a, b) => a - b);
}

/** What is under the window of one place. */
function readBy({ input, kernel, stride, dilation, before }: Axis, place: number): number[] {
  const cells = Array.from({ length: kernel }, (_, p) => place * stride + p * dilation - before);
  return cells.filter((at) => at >= 0 && at < input);
}
