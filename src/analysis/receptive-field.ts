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
  const enlarging = layers[axes.findIndex(({ rows }) => rows.reads !== undefined)];
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
  return {
    rows: seen(
      axes.map((axis) => axis.rows),
      row,
    ),
    columns: seen(
      axes.map((axis) => axis.columns),
      column,
    ),
  };
}

interface Axes {
  readonly rows: Along;
  readonly columns: Along;
}

type Along = Axis & {
  /** Of a transposed convolution: the window slides over its output. */
  readonly transposed?: boolean;
  /** Of a layer that enlarges: the places of its input that one of its output is made of. */
  readonly reads?: (place: number) => readonly number[];
};

function axesOf(layers: readonly Layer[], inputShape: Shape): Axes[] {
  let shape = inputShape;
  return layers.map((layer) => {
    const input = shape;
    shape = layer.outputShape(input);
    return (
      layer.windowOver(input) ??
      transposedAxes(layer, input) ??
      enlargingAxes(layer, input, shape) ??
      withoutWindow(asImages(input), asImages(shape))
    );
  });
}

function transposedAxes(layer: Layer, shape: Shape): Axes | undefined {
  const window = layer.transposedWindowOver(shape);
  return window && { rows: { ...window.rows, transposed: true }, columns: { ...window.columns, transposed: true } };
}

function enlargingAxes(layer: Layer, input: Shape, output: Shape): Axes | undefined {
  if (layer.placesRead(input, "rows", 0) === undefined) return undefined;
  const { rows, columns } = withoutWindow(input, output);
  return {
    rows: { ...rows, reads: (place) => layer.placesRead(input, "rows", place)! },
    columns: { ...columns, reads: (place) => layer.placesRead(input, "columns", place)! },
  };
}

/** Sequences [N,S,C] are images of one row. */
function asImages(shape: Shape): Shape {
  return shape.length === 3 ? [shape[0], 1, shape[1], shape[2]] : shape;
}

/** Pixel by pixel where the size stays, all of it where it does not; of a vector there is one place. */
function withoutWindow([, height = 1, width = 1, channels]: Shape, output: Shape): Axes {
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
  for (const axis of [...axes].reverse()) {
    const reads = axis.reads ?? ((place: number) => readBy(axis, place));
    places = new Set([...places].flatMap(reads));
  }
  return [...places].sort((a, b) => a - b);
}

/** What is under the window of one place; of a transposed one, whose windows it is under. */
function readBy({ input, output, kernel, stride, dilation, before, transposed }: Along, place: number): number[] {
  const cells = Array.from({ length: kernel }, (_, p) =>
    transposed ? (place + before - p * dilation) / stride : place * stride + p * dilation - before,
  );
  return cells.filter((at) => Number.isInteger(at) && at >= 0 && at < (transposed ? output : input));
}
