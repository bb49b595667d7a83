import type { Engine } from "./engine.ts";
import {
  bandsOf,
  convolutionRecord,
  type Destination,
  type Geometry,
  type KernelLayout,
  paddedFilters,
  placesBytes,
  TILE_BYTES,
  tapsBytes,
} from "./geometry.ts";

/** Of these a tile of the kernel's gradient reads 64 to 80 bytes a pixel: they fit into the first-level cache. */
const GRADIENT_PIXELS = 320;
/** Sums of slices may take this much memory: where two do not fit, the taps are divided instead. */
const SLICES_BYTES = 16 * 2 ** 20;
const SUM_BLOCK = 4096;
/** Taps that assembly/kernel-gradient.ts copies at a time, in the build that copies more. */
const PACKED_TAPS = 12;
/** Units of taps, of which there are up to eight, are a multiple of what either build copies: 8 or 12. */
const WHOLE_TAPS = 24;

/** Packs the filters and runs one convolution. */
export function convolveDirectly(
  engine: Engine,
  g: Geometry,
  source: number,
  layout: KernelLayout,
  to: Destination,
  activation: readonly [kind: number, alpha: number],
): void {
  const weights = packWeights(engine, g, layout);
  const bands = bandsOf(g);
  const record = convolutionRecord(g, source, weights, to, bands, activation);
  record.push(bands.scratchBytes);
  engine.run("convolution", g.images * bands.bands, record, bands.scratchBytes + placesBytes(g, bands));
}

/** The kernel as assembly/packing.ts arranges it, for this operation. */
export function packWeights(engine: Engine, g: Geometry, layout: KernelLayout): number {
  const taps = g.rows.kernel * g.columns.kernel * g.channels;
  const weights = engine.scratch(g.groups * paddedFilters(g.filters) * (taps + 1) * 4);
  const { kernel, bias, groupStep, filterStep, rowStep, columnStep, channelStep } = layout;
  engine.run("packWeights", g.groups * Math.ceil(g.filters / 8), [
    ...[weights, kernel, bias, g.groups, groupStep, g.filters, filterStep],
    ...[g.rows.kernel, rowStep, g.columns.kernel, columnStep, g.channels, channelStep],
  ]);
  return weights;
}

/** dw, from x and dy: slices of the images are summed on their own where the kernel is small, otherwise chunks of taps. */
export function kernelGradientDirectly(engine: Engine, g: Geometry, x: number, dy: number, dw: number): void {
  const taps = g.rows.kernel * g.columns.kernel * g.channels;
  const size = taps * g.groups * g.filters;
  const slices = slicesOf(g.images, size);
  const chunkTaps = slices > 1 ? taps : Math.ceil(taps / (8 * WHOLE_TAPS)) * WHOLE_TAPS;
  const tapChunks = Math.ceil(taps / chunkTaps);
  const sums = slices > 1 ? engine.scratch(slices * size * 4) : dw;
  const bands = bandsOf(g, GRADIENT_PIXELS);
  const pixels = bands.bandRows * g.columns.output;
  const table = bands.scratchBytes + placesBytes(g, bands);
  const packedX = table + tapsBytes(g);
  const packedDy = packedX + pixels * PACKED_TAPS * 4;
  const tile = packedDy + pixels * Math.ceil(g.filters / 8) * 32;
  const to = { pointer: sums, imageStep: 0, rowStep: 0, pixelStep: 0 };
  const record = [
    ...convolutionRecord(g, x, 0, to, bands, [0, 0]),
    ...[dy, g.images, slices, chunkTaps, tapChunks, bands.scratchBytes, table, packedX, packedDy, tile],
  ];
  engine.run("kernelGradient", slices * tapChunks, record, tile + TILE_BYTES);
  if (slices > 1) sumSlices(engine, sums, size, slices, dw);
}

/** How many slices of images have a sum of their own; it depends on shapes alone. */
export function slicesOf(images: number, size: number): number {
  return Math.max(1, Math.min(images, 8, Math.floor(SLICES_BYTES / (size * 4))));
}

/** Adds the slices' sums in their order. */
export function sumSlices(engine: Engine, sums: number, size: number, slices: number, to: number): void {
  engine.run("sumSlices", Math.ceil(size / SUM_BLOCK), [to, sums, size, slices, SUM_BLOCK]);
}
