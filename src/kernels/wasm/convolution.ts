import type { Axis } from "../../window.ts";
import type { Engine } from "./engine.ts";
import {
  convolveSingleChannel,
  kernelGradientSingleChannel,
  liesInOrder,
  prefersSingleChannel,
} from "./single-channel.ts";
import { convolveWinograd, kernelGradientWinograd, prefersWinograd, prefersWinogradGradient } from "./winograd.ts";

/** What assembly/convolution.ts must know of a convolution; sizes in numbers, `top` and `left` as in `Convolution`. */
export interface Geometry {
  images: number;
  sourceHeight: number;
  sourceWidth: number;
  groups: number;
  /** Of one group. */
  channels: number;
  filters: number;
  rows: Pick<Axis, "kernel" | "stride" | "dilation" | "before" | "output">;
  columns: Pick<Axis, "kernel" | "stride" | "dilation" | "before" | "output">;
}

/** How the filters of one convolution lie in a kernel tensor; steps in numbers. */
export interface KernelLayout {
  kernel: number;
  bias: number;
  groupStep: number;
  filterStep: number;
  rowStep: number;
  columnStep: number;
  channelStep: number;
}

/** Where the results go: the steps between images, rows and pixels, in numbers. */
export interface Destination {
  pointer: number;
  imageStep: number;
  rowStep: number;
  pixelStep: number;
}

/** A band of the source should leave room in the second-level cache for weights and results. */
const BAND_BYTES = 96 * 1024;
/** A tile of the kernel's gradient walks over a band and touches two cache lines a pixel: they fit into the first-level cache. */
const GRADIENT_PIXELS = 192;
/** What `Band` of assembly/convolution.ts takes of a worker's scratch memory. */
const BAND_RECORD = 128;

/** The filters of a group in whole vectors: blocks of 8, and one of 4 where at most 4 are left. */
export function paddedFilters(filters: number): number {
  const remainder = filters % 8;
  return filters - remainder + (remainder === 0 ? 0 : remainder > 4 ? 8 : 4);
}

/** How a convolution is cut into bands of rows, and what a copied band takes. */
export function bandsOf(g: Geometry, mostPixels = Infinity) {
  const { rows, columns } = g;
  const channels = g.groups * g.channels;
  const reach = (axis: Geometry["rows"], outputs: number) =>
    (outputs - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
  const rowBytes = reach(columns, columns.output) * channels * 4;
  const fitting = Math.floor((BAND_BYTES / rowBytes - reach(rows, 1)) / rows.stride) + 1;
  const bandRows = Math.max(1, Math.min(rows.output, fitting, Math.floor(mostPixels / columns.output)));
  const beyond = (axis: Geometry["rows"], size: number) =>
    axis.before > 0 || reach(axis, axis.output) - axis.before > size;
  const padded = beyond(rows, g.sourceHeight) || beyond(columns, g.sourceWidth);
  return {
    bandRows,
    bands: Math.ceil(rows.output / bandRows),
    padded,
    scratchBytes: BAND_RECORD + (padded ? reach(rows, bandRows) * rowBytes : 0),
  };
}

/** The words of `Convolution`. */
export function convolutionRecord(
  g: Geometry,
  source: number,
  weights: number,
  to: Destination,
  { bandRows, bands, padded }: Pick<ReturnType<typeof bandsOf>, "bandRows" | "bands" | "padded">,
  chunkFilters: number,
  activation: readonly [kind: number, alpha: number],
): number[] {
  const { rows, columns } = g;
  return [
    ...[source, to.pointer, weights, g.sourceHeight, g.sourceWidth, g.groups * g.channels],
    ...[g.groups, g.channels, g.filters, rows.kernel, columns.kernel, rows.stride, columns.stride],
    ...[rows.dilation, columns.dilation, rows.before, columns.before, rows.output, columns.output],
    ...[to.imageStep * 4, to.rowStep * 4, to.pixelStep * 4],
    ...[bandRows, bands, chunkFilters, Math.ceil(g.filters / chunkFilters), padded ? 1 : 0, ...activation],
  ];
}

/** Packs the filters and runs one convolution. `parallelFilters`: units are chunks of filters too (small images, dense). */
export function convolve(
  engine: Engine,
  g: Geometry,
  source: number,
  layout: KernelLayout,
  to: Destination,
  activation: readonly [kind: number, alpha: number] = [0, 0],
  parallelFilters = false,
): void {
  if (prefersWinograd(g)) return convolveWinograd(engine, g, source, layout, to, activation);
  if (prefersSingleChannel(g) && liesInOrder(g, layout)) {
    return convolveSingleChannel(engine, g, source, layout, to, activation);
  }
  const taps = g.rows.kernel * g.columns.kernel * g.channels;
  const weights = engine.scratch(g.groups * paddedFilters(g.filters) * (taps + 1) * 4);
  const { kernel, bias, groupStep, filterStep, rowStep, columnStep, channelStep } = layout;
  engine.run("packWeights", g.groups * Math.ceil(g.filters / 8), [
    ...[weights, kernel, bias, g.groups, groupStep, g.filters, filterStep],
    ...[g.rows.kernel, rowStep, g.columns.kernel, columnStep, g.channels, channelStep, 1],
  ]);
  const bands = bandsOf(g);
  const chunkFilters = parallelFilters && g.groups === 1 ? Math.max(8, Math.ceil(g.filters / 64) * 8) : g.filters;
  const record = convolutionRecord(g, source, weights, to, bands, chunkFilters, activation);
  const units = g.images * bands.bands * Math.ceil(g.filters / chunkFilters);
  engine.run("convolution", units, record, bands.scratchBytes);
}

/** dw, from x and dy: slices of the images are summed on their own where the kernel is small, otherwise chunks of taps. */
export function kernelGradient(engine: Engine, g: Geometry, x: number, dy: number, dw: number): void {
  if (g.images === 0) return engine.clear(dw, g.rows.kernel * g.columns.kernel * g.channels * g.groups * g.filters);
  if (prefersWinogradGradient(g)) return kernelGradientWinograd(engine, g, x, dy, dw);
  if (prefersSingleChannel(g)) return kernelGradientSingleChannel(engine, g, x, dy, dw);
  const taps = g.rows.kernel * g.columns.kernel * g.channels;
  const size = taps * g.groups * g.filters;
  const slices = size >= LARGE_KERNEL ? 1 : Math.min(g.images, 8);
  const chunkTaps = slices > 1 ? taps : Math.max(8, Math.ceil(taps / 64) * 8);
  const tapChunks = Math.ceil(taps / chunkTaps);
  const sums = slices > 1 ? engine.scratch(slices * size * 4) : dw;
  const bands = bandsOf(g, GRADIENT_PIXELS);
  const copied = paddedFilters(g.filters) === g.filters ? 0 : paddedFilters(g.filters);
  const copyBytes = bands.bandRows * g.columns.output * g.groups * copied * 4;
  const to = { pointer: sums, imageStep: 0, rowStep: 0, pixelStep: 0 };
  const record = [
    ...convolutionRecord(g, x, 0, to, bands, g.filters, [0, 0]),
    ...[dy, g.images, slices, chunkTaps, tapChunks, copied, bands.scratchBytes, bands.scratchBytes + copyBytes],
  ];
  engine.run("kernelGradient", slices * tapChunks, record, bands.scratchBytes + copyBytes + (taps + 7) * 4);
  if (slices > 1) sumSlices(engine, sums, size, slices, dw);
}

/** Adds the slices' sums in their order. */
export function sumSlices(engine: Engine, sums: number, size: number, slices: number, to: number): void {
  engine.run("sumSlices", Math.ceil(size / SUM_BLOCK), [to, sums, size, slices, SUM_BLOCK]);
}

/** Whether dx costs less by sending every dy to its window than by a convolution of the padded dy: multiplications, in lanes. */
export function prefersSending(g: Geometry): boolean {
  const { rows, columns, channels, filters } = g;
  if (g.groups !== 1 || rows.output * columns.output < 4 || prefersWinograd(g)) return false;
  const taps = rows.kernel * columns.kernel;
  const inputs = (g.sourceHeight * g.sourceWidth) / (rows.stride * columns.stride);
  const convolving = inputs * taps * filters * paddedFilters(channels);
  const sending = rows.output * columns.output * Math.ceil((taps * channels) / 8) * 8 * (1.15 * filters + 2);
  return sending < convolving;
}

/** dx, from dy and the kernel as it lies, by assembly/input-gradient.ts. `g` is the forward pass' geometry. */
export function sendToInput(engine: Engine, g: Geometry, dy: number, kernel: number, dx: number): void {
  const { rows, columns, channels, filters } = g;
  const taps = rows.kernel * columns.kernel * channels;
  const paddedTaps = Math.ceil(taps / 8) * 8;
  const weights = engine.scratch(paddedTaps * (filters + 1) * 4);
  const units = paddedTaps / 8;
  engine.run("packWeights", units, [weights, kernel, 0, 1, 0, taps, filters, 1, 0, 1, 0, filters, 1, 0]);
  const chunkPixels = Math.max(4, Math.floor(COLUMNS_BYTES / (paddedTaps * 16)) * 4);
  const to = { pointer: dx, imageStep: 0, rowStep: 0, pixelStep: 0 };
  const size = { ...g, sourceHeight: rows.output, sourceWidth: columns.output };
  const record = convolutionRecord(size, dy, weights, to, { bandRows: 0, bands: 0, padded: false }, taps, [0, 0]);
  record[SOURCE_CHANNELS] = filters;
  record[FILTERS] = taps;
  const more = [g.sourceHeight, g.sourceWidth, chunkPixels];
  engine.run("inputGradient", g.images, [...record, ...more], (chunkPixels + 3) * paddedTaps * 4);
}

/** The columns of some pixels should leave room in the first-level cache. */
const COLUMNS_BYTES = 20 * 1024;
/** Places in the record of `Convolution`. */
const [SOURCE_CHANNELS, FILTERS] = [5, 8];

/** From this many weights on, sums of slices would cost more memory than dividing the taps. */
const LARGE_KERNEL = 32768;
const SUM_BLOCK = 4096;
