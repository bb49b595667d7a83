import type { Engine } from "./engine.ts";
import type { Destination, Geometry, KernelLayout } from "./geometry.ts";

/**
 * The planes of a block of tiles should stay in the second-level cache, but fewer than 12 tiles are not worth reading all
 * weights for (28×28, 128 channels and filters: 0.90 of the time with 12 instead of 4, 0.83 with fused multiply-add; 16 and
 * 24 are as good), and a multiple of 12 is one of the rows of both tiles of assembly/product.ts (32×32, 32 → 32, fused: 0.98
 * of the time with 24 instead of 28). The gradient wants longer blocks, because its tiles load and store their sums once a
 * block: blocks as large as the sums, within these bounds (of 64 KB to 3 MB, these were the best: npm run bench -- conv2d.
 * 27×27, 96 → 256, 5×5: 0.91 of the time with 1 MB instead of 768 KB).
 */
const PLANES_BYTES = 256 * 1024;
const BLOCK_TILES = 12;
const GRADIENT_PLANES_BYTES = [768 * 1024, 1024 * 1024];
/**
 * Up to so many tiles for each filter, weights are transformed for a few channels and filters at a time: of shapes of
 * ResNet-18 and AlexNet with one image and with eight, 0.008 tiles a filter take 0.45 of the time, 0.06 0.8, 0.25 as long.
 */
const FEW_TILES = 0.25;
/**
 * Channels and filters of a chunk. Where filters are neighbours in the kernel, 64 of them are pieces of 256 bytes of its rows;
 * where channels are, in gradients of inputs, 128 (7×7, 512 → 512, whose kernel comes from memory: 0.8 of the time forward
 * with 32 × 64 instead of 128 × 16, and 1.14 backward).
 */
const CHUNKS = { filters: [32, 64], channels: [128, 16] } as const;
/** `LINES` of assembly/winograd-tiles.ts, and what the two steps of a transform of weights need. */
const LINES = 26240;
const WEIGHTS_LINES = 2 * 576;
/**
 * For the gradient of the kernel: least tiles of a block, which loads and stores all sums once, and of a slice, which has
 * sums of its own; and what these may take. (14×14, 64 channels and filters, 4 images: 0.6 of the direct tile's time in
 * blocks of 32, 1.3 in blocks of 8. 128 of each, 8 images: 0.57 of the time with 2 slices instead of 7.)
 */
const GRADIENT_TILES = 32;
const SLICE_TILES = 64;
const SLICES_BYTES = 16 * 2 ** 20;

/** Whether a convolution is one that Winograd's F(4×4, 3×3) or F(2×2, 5×5) can do. */
export function allowsWinograd({ rows, columns, groups, channels, filters }: Geometry): boolean {
  const size = rows.kernel;
  if ((size !== 3 && size !== 5) || groups !== 1 || channels % 4 !== 0 || filters % 8 !== 0) return false;
  return [rows, columns].every((axis) => axis.kernel === size && axis.stride === 1 && axis.dilation === 1);
}

/** As in assembly/winograd-tiles.ts. */
const planeBytes = (rows: number, depth: number) => rows * depth * 4 + 64;

/** Outputs of a tile in each direction: F(4×4, 3×3) and F(2×2, 5×5) both take 6 × 6 numbers. */
const sideOf = ({ rows }: Geometry) => 7 - rows.kernel;

interface Pointers {
  readonly source: number;
  readonly to: Destination;
  readonly weights?: number;
  readonly bias?: number;
}

export function tilesOf(g: Geometry): number {
  const { images, rows, columns } = g;
  const side = sideOf(g);
  return images * Math.ceil(rows.output / side) * Math.ceil(columns.output / side);
}

/** The words of `Winograd`. */
function recordOf(g: Geometry, { source, to, weights = 0, bias = 0 }: Pointers, blockTiles: number): number[] {
  const { channels, filters, rows, columns } = g;
  const side = sideOf(g);
  return [
    ...[source, to.pointer, weights, bias, to.imageStep * 4, to.rowStep * 4, to.pixelStep * 4],
    ...[g.sourceHeight, g.sourceWidth, channels, filters, rows.before, columns.before],
    ...[rows.output, columns.output, side, Math.ceil(rows.output / side), Math.ceil(columns.output / side)],
    ...[tilesOf(g), blockTiles],
  ];
}

/** The words of `WinogradWeights`. */
function weightsRecord({ channels, filters, rows }: Geometry, layout: KernelLayout, destination: number): number[] {
  const { kernel, channelStep, filterStep, rowStep, columnStep } = layout;
  return [destination, kernel, channels, channelStep, filters, filterStep, rowStep, columnStep, rows.kernel];
}

/**
 * Blocks of tiles, and what one unit of work takes: as many tiles as fit, or `least`, but no more than `whole` where that
 * would be fewer than 8 blocks. Both are at least 4; the blocks are whole multiples of `multiple`, or of 4 if smaller.
 */
function blocksOf(g: Geometry, planesBytes: number, least: number, whole: number, multiple: number) {
  const { channels, filters } = g;
  const tiles = tilesOf(g);
  const fitting = Math.floor(planesBytes / (36 * 4 * (channels + filters)));
  const most = Math.min(Math.max(least, fitting), Math.max(whole, Math.ceil(tiles / 8)));
  const blockTiles = most - (most % (most < multiple ? 4 : multiple));
  const scratchBytes = LINES + 36 * (planeBytes(blockTiles, channels) + planeBytes(blockTiles, filters));
  return { blockTiles, blocks: Math.ceil(tiles / blockTiles), scratchBytes };
}

/** Whether the weights are transformed a few filters at a time, for all tiles: assembly/winograd-few-tiles.ts. */
export function prefersFewTiles(g: Geometry): boolean {
  return tilesOf(g) <= FEW_TILES * g.filters;
}

/** A convolution with 3 × 3 or 5 × 5 kernels and stride 1. */
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
    const shared = [...recordOf(g, { source, to, bias: layout.bias }, filled), ...activation];
    const [chunk, unit] = layout.filterStep === 1 ? CHUNKS.filters : CHUNKS.channels;
    const words = [...shared, planes, chunk, unit, ...weightsRecord(g, layout, 0)];
    engine.run("winogradTiles", tiles, words, LINES);
    const scratchBytes = LINES + 36 * (planeBytes(chunk, 8) + (unit / 8) * planeBytes(filled, 8));
    engine.run("winogradFilters", Math.ceil(filters / unit), words, scratchBytes);
    return;
  }
  const weights = engine.scratch(36 * planeBytes(channels, filters));
  engine.run("winogradWeights", filters / 8, weightsRecord(g, layout, weights), WEIGHTS_LINES);
  const { blocks, blockTiles, scratchBytes } = blocksOf(g, PLANES_BYTES, BLOCK_TILES, 4, BLOCK_TILES);
  const words = recordOf(g, { source, to, weights, bias: layout.bias }, blockTiles);
  engine.run("winograd", blocks, [...words, ...activation], scratchBytes);
}

/** Whether the gradient of the kernel can be Winograd's: as the forward pass, and the sums of two slices fit. */
export function allowsWinogradGradient(g: Geometry): boolean {
  return allowsWinograd(g) && 2 * 36 * g.channels * g.filters * 4 <= SLICES_BYTES;
}

/** dw [KH,KW,C,F] from x and dy. */
export function kernelGradientWinograd(engine: Engine, g: Geometry, x: number, dy: number, dw: number): void {
  const { channels, filters } = g;
  const size = 36 * channels * filters * 4;
  const [least, most] = GRADIENT_PLANES_BYTES;
  const { blocks, blockTiles, scratchBytes } = blocksOf(g, Math.max(least, Math.min(most, size)), 4, GRADIENT_TILES, 4);
  const longSlices = Math.max(2, Math.floor(tilesOf(g) / SLICE_TILES));
  const slices = Math.min(8, blocks, longSlices, Math.floor(SLICES_BYTES / size));
  const sums = engine.scratch(slices * size);
  const to = { pointer: sums, imageStep: 0, rowStep: 0, pixelStep: 0 };
  const words = recordOf(g, { source: x, to }, blockTiles);
  words.push(0, 0, dy, slices);
  engine.run("winogradGradient", slices, words, scratchBytes);
  engine.run("winogradGradientSum", channels, [dw, sums, channels, filters, slices, g.rows.kernel], WEIGHTS_LINES);
}
