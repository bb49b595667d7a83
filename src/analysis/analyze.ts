import { checkOptions, fail, wholeNumber } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import type { Graph } from "../model/graph.ts";
import { labelledValues } from "../model/labels.ts";
import { Model } from "../model/model.ts";
import { type Shape, sizeOf } from "../tensor.ts";
import { counts } from "./counts.ts";
import { pixelsSeen, receptiveField, type Sight } from "./receptive-field.ts";

export interface AnalyzeOptions {
  /** How many images are in memory at once. Default: 1. */
  batchSize?: number;
}

/** What a unit sees of the image, downward and across. */
export interface Sights {
  readonly rows: Sight;
  readonly columns: Sight;
}

/** One application of a layer; all counts are of one image, but for the memory. */
export interface LayerAnalysis {
  /** "conv2d", and "conv2d[1]" where a shared layer is applied for the second time. */
  readonly name: string;
  /** "Conv2D". */
  readonly kind: string;
  /** The names of what it takes. */
  readonly inputs: readonly string[];
  /** Without the batch. */
  readonly outputShape: Shape;
  /** Its weights, biases and statistics; 0 where they were counted at the layer's first application. */
  readonly parameters: number;
  /** Numbers in y where they are sums or maxima of a window, or of all of x; 0 in layers that only change or move numbers. */
  readonly neurons: number;
  /** What those numbers are connected to, biases and padding included. */
  readonly connections: number;
  /** Products of a weight and a number of x, those with padding included, each with its addition. */
  readonly multiplyAdds: number;
  /** Bytes of y in float32, for the whole batch. */
  readonly activationBytes: number;
  /** What a unit sees of the image; nothing, where no image leads to it. */
  readonly receptiveField: Sights | undefined;
}

export interface Analysis {
  readonly batchSize: number;
  /** In the order of the model's graph. */
  readonly rows: readonly LayerAnalysis[];
  /** Sums over all rows. */
  readonly totals: Pick<LayerAnalysis, "parameters" | "neurons" | "connections" | "multiplyAdds" | "activationBytes">;
}

/**
 * Counts and measures every layer of a model. B10, B12
 *   multiplyAdds   convolution OH·OW·(KH·KW·C/groups)·F,  transposed H·W·(KH·KW·F)·C,  dense A·B
 *   connections    those and the biases; a pooling window of KH·KW cells has so many for each number of y
 *
 * The activations' memory is that of all y together, which is what training without a plan would keep; what a step
 * really takes is `model.memory`. Where branches meet, a unit sees what any of them sees.
 *
 * ```ts
 * const { rows, totals } = analyze(leNet5(), { batchSize: 32 });
 * rows[2].receptiveField?.rows; // { size: 14, stride: 2, first: -2 }
 * totals.multiplyAdds;          // 416520
 * totals.parameters;            // 61706
 * ```
 * @throws NeocogError for a Sequential that has no shape yet.
 */
export function analyze(model: Model, options: AnalyzeOptions = {}): Analysis {
  if (!(model instanceof Model)) fail("analyze", "model", model, "give a Model or a Sequential");
  checkOptions("analyze", options, ["batchSize"]);
  const batchSize = wholeNumber("analyze", "batchSize", options.batchSize ?? 1, 1);
  const { connection } = model;
  const { graph } = connection;
  const values = labelledValues(connection);
  const sights = sightsOf(graph);
  const rows = graph.nodes.map(({ layer, inputs, shape }, index): LayerAnalysis => {
    const value = graph.valueOf(index);
    const { label: name, kind, parameters, shared } = values[value];
    return {
      name,
      kind,
      inputs: inputs.map((input) => values[input].label),
      outputShape: shape,
      parameters: shared ? 0 : parameters,
      ...workOf(layer, [1, ...graph.shapeOf(inputs[0])], shape),
      activationBytes: batchSize * sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT,
      receptiveField: sights[value],
    };
  });
  const total = (name: keyof Analysis["totals"]) => rows.reduce((sum, row) => sum + row[name], 0);
  const totals = {
    parameters: total("parameters"),
    neurons: total("neurons"),
    connections: total("connections"),
    multiplyAdds: total("multiplyAdds"),
    activationBytes: total("activationBytes"),
  };
  return { batchSize, rows, totals };
}

type Work = Pick<LayerAnalysis, "neurons" | "connections" | "multiplyAdds">;

function workOf(layer: Layer, inputShape: Shape, shape: Shape): Work {
  const neurons = sizeOf(shape);
  const biases = layer.parameters.some(({ name }) => name === "bias") ? neurons : 0;
  // A separable convolution has two kernels, which work one after the other.
  const kernels = layer.parameters.filter(({ name }) => /kernel$/i.test(name));
  if (kernels.length > 0) {
    const [, ...swept] = layer.kind.endsWith("Transpose") ? inputShape : [1, ...shape];
    const places = sizeOf(swept.slice(0, -1));
    const multiplyAdds = kernels.reduce((sum, { size }) => sum + size * places, 0);
    return { neurons, connections: counts(layer, inputShape).connections, multiplyAdds };
  }
  const window = layer.windowOver(inputShape);
  const cells = window ? window.rows.kernel * window.columns.kernel : 1;
  // A window of one cell without weights moves numbers: padding, cropping.
  if (cells === 1 && biases === 0) return { neurons: 0, connections: 0, multiplyAdds: 0 };
  return { neurons, connections: neurons * cells + biases, multiplyAdds: 0 };
}

/** For each value of the graph what its units see of an input, by the sights of the layers one behind the other. */
function sightsOf(graph: Graph): (Sights | undefined)[] {
  const sights = graph.inputShapes.map((shape) => (shape.length === 3 ? { rows: PIXEL, columns: PIXEL } : undefined));
  for (const { layer, inputs } of graph.nodes) {
    const seen = inputs.flatMap((input) => sights[input] ?? []);
    if (seen.length === 0) {
      sights.push(undefined);
      continue;
    }
    const before = seen.reduce(both(union));
    const own = inputs.length === 1 ? sightsThrough(layer, [1, ...graph.shapeOf(inputs[0])]) : undefined;
    sights.push(own ? both(behind)(before, own) : before);
  }
  return sights;
}

const PIXEL: Sight = { size: 1, stride: 1, first: 0 };

/** What a unit sees of its layer's input; where the layer enlarges, and not all see alike, what any of them sees at most. */
function sightsThrough(layer: Layer, shape: Shape): Sights {
  const output = layer.outputShape(shape);
  const isWindow = layer.windowOver(shape) !== undefined || layer.kind.endsWith("Transpose");
  const enlarges = shape.length === 4 && output.length === 4 && (output[1] > shape[1] || output[2] > shape[2]);
  if (isWindow || !enlarges) return receptiveField([layer], shape);
  const along = (axis: 1 | 2): Sight => {
    let [size, first] = [1, 0];
    for (let unit = output[axis] - 1; unit >= 0; unit--) {
      const { rows, columns } = pixelsSeen([layer], shape, axis === 1 ? [unit, 0] : [0, unit]);
      const seen = axis === 1 ? rows : columns;
      if (seen.length === 0) continue;
      first = seen[0];
      size = Math.max(size, seen[seen.length - 1] - first + 1);
    }
    return { size, stride: shape[axis] / output[axis], first };
  };
  return { rows: along(1), columns: along(2) };
}

function both(combine: (a: Sight, b: Sight) => Sight) {
  return (a: Sights, b: Sights): Sights => ({ rows: combine(a.rows, b.rows), columns: combine(a.columns, b.columns) });
}

/** What is seen through two layers, one behind the other. */
function behind(before: Sight, own: Sight): Sight {
  return {
    size: before.size + (own.size - 1) * before.stride,
    stride: before.stride * own.stride,
    first: before.first + own.first * before.stride,
  };
}

/** What is seen through one branch or the other. */
function union(a: Sight, b: Sight): Sight {
  const first = Math.min(a.first, b.first);
  const end = Math.max(a.first + a.size, b.first + b.size);
  return { size: end - first, stride: Math.max(a.stride, b.stride), first };
}
