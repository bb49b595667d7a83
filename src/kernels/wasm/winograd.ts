import type { Engine } from "./engine.ts";
import type { Destination, Geometry, KernelLayout } from "./geometry.ts";

/**
 * The planes of a block of tiles should stay in the second-level cache. The gradient wants longer blocks, because its
 * tiles load and store their sums once a block (of 64 KB to 1 MB, these were the best: npm run bench -- conv2d).
 */
const PLANES_BYTES = 256 * 1024;
const GRADIENT_PLANES_BYTES = 768 * 1024;
/**
 * Up to so many tiles for each filter, weights are transformed for a few channels and filters at a time: of shapes of
 * ResNet-18 and AlexNet with one image and with eight, 0.008 tiles a filter take 0.45 of the time, 0.06 0.8, 0.25 as long.
 */
const FEW_TILES = 0.25;
const CHUNK_CHANNELS = 128;
const UNIT_FILTERS = 16;
/** `LINES` of assembly/winograd.ts, and as much again for the second pass of the weights' transforms. */
const LINES = 576;
/** Sums of slices, for the gradient of the kernel, may take this much memory. */
const SLICES_BYTES = 16 * 2 ** 20;

/** Whether a convolution is one that Winograd's F(4×4, 3×3) can do, and does faster than the direct tile (measured: bench/variants). */
export function prefersWinograd(g: Geometry): boolean {
  const { rows, columns, groups, channels, filters } = g;
  const possible = [rows, columns].every((axis) => axis.kernel === 3 && axis.stride === 1 && axis.dilation === 1);
  if (!possible || groups !== 1 || channels % 4 !== 0 || filters % 8 !== 0) return false;
  return channels >= 16 && filters >= 16 && rows.output * columns.output >= 16;
}

/** As in assembly/winograd.ts. */
const planeBytes = (rows: number, depth: number) => rows * depth * 4 + 64;

type Pointers = readonly [source: number, to: number, weights: number, bias: number];

function tilesOf({ images, rows, columns }: Geometry): number {
  return images * Math.ceil(rows.output / 4) * Math.ceil(columns.output / 4);
}

/** The words of `Winograd`. */
function recordOf(g: Geometry, pointers: Pointers, blockTiles: number): number[] {
  const { channels, filters, rows, columns } = g;
  return [
    ...[...pointers, g.sourceHeight, g.sourceWidth, channels, filters, rows.before, columns.before],
    ...[rows.output, columns.output, Math.ceil(rows.output / 4), Math.ceil(columns.output / 4), tilesOf(g), blockTiles],
  ];
}

/** The words of `WinogradWeights`. */
function weightsRecord({ channels, filters }: Geometry, layout: KernelLayout, destination: number): number[] {
  const { kernel, channelStep, filterStep, rowStep, columnStep } = layout;
  return [destination, kernel, channels, channelStep, filters, filterStep, rowStep, columnStep];
}

/** Blocks of tiles, the words of `Winograd`, and what one unit of work takes. */
function blocksOf(g: Geometry, pointers: Pointers, planesBytes: number) {
  const { channels, filters } = g;
  const tiles = tilesOf(g);
  const fitting = Math.floor(planesBytes / (36 * 4 * (channels + filters)));
  const blockTiles = Math.max(4, Math.min(fitting, Math.ceil(tiles / 8)) & ~3);
  return {
    blocks: Math.ceil(tiles / blockTiles),
    scratchBytes: LINES + 36 * (channels * 4 + planeBytes(blockTiles, channels) + planeBytes(blockTiles, filters)),
    words: recordOf(g, pointers, blockTiles),
  };
}

/** Whether the weights are transformed a few filters at a time, for all tiles: assembly/winograd-few-tiles.ts. */
export function prefersFewTiles(g: Geometry): boolean {
  return tilesOf(g) <= FEW_TILES * g.filters;
}

/** A convolution with 3 × 3 kernels and stride 1; the results lie one after the other. */
export function convolveWinograd(
  engine: Engine,
  g: Geometry,
  source: number,
  layout: KernelLayout,
  to: Destination,
  activation: readonly [kind: number, alpha: number],
): void {
  const { channels, filters } = g;
  if (prefersFewTiles(g)) {
    const tiles = tilesOf(g);
    const filled = Math.ceil(tiles / 4) * 4;
    const planes = engine.scratch(36 * planeBytes(filled, channels));
    const shared = [...recordOf(g, [source, to.pointer, 0, layout.bias], filled), ...activation];
    const words = [...shared, planes, CHUNK_CHANNELS, UNIT_FILTERS, ...weightsRecord(g, layout, 0)];
    engine.run("winogradTiles", tiles, words, LINES + 36 * channels * 4);
    const scratchBytes = 2 * LINES + 36 * (planeBytes(CHUNK_CHANNELS, 8) + (UNIT_FILTERS / 8) * planeBytes(filled, 8));
    engine.run("winogradFilters", Math.ceil(filters / UNIT_FILTERS), words, scratchBytes);
    return;
  }
  const weights = engine.scratch(36 * planeBytes(channels, filters));
  engine.run("winogradWeights", filters / 8, weightsRecord(g, layout, weights), 2 * LINES);
  const { blocks, scratchBytes, words } = blocksOf(g, [source, to.pointer, weights, layout.bias], PLANES_BYTES);
  engine.run("winograd", blocks, [...words, ...activation], scratchBytes);
}

/** Whether the gradient of the kernel is faster by Winograd: as the forward pass, and sums of two slices fit. */
export function prefersWinogradGradient(g: Geometry): boolean {
  return prefersWinograd(g) && 2 * 36 * g.channels * g.filters * 4 <= SLICES_BYTES;
}

/** dw [3,3,C,F] from x and dy. */
export function kernelGradientWinograd(engine: Engine, g: Geometry, x: number, dy: number, dw: number): void {
  const { channels, filters } = g;
  const size = 36 * channels * filters * 4;
  const { blocks, scratchBytes, words } = blocksOf(g, [x, 0, 0, 0], GRADIENT_PLANES_BYTES);
  const slices = Math.min(8, blocks, Math.floor(SLICES_BYTES / size));
  const sums = engine.scratch(slices * size);
  words[1] = sums;
  engine.run("winogradGradient", slices, [...words, 0, 0, dy, slices], scratchBytes + 16 * filters * 4);
  engine.run("winogradGradientSum", channels, [dw, sums, channels, filters, slices], 2 * LINES);
}
