import { convolveDepthwise, kernelGradientDepthwise, prefersDepthwise } from "./depthwise.ts";
import { convolveDirectly, kernelGradientDirectly } from "./direct.ts";
import type { Engine } from "./engine.ts";
import { convolveFewFilters, fewFiltersCost, prefersFewFilters } from "./few-filters.ts";
import { type Destination, type Geometry, type KernelLayout, paddedFilters } from "./geometry.ts";
import { blocksOf, density, kernelGradientOfNonzeros, listedPixels, passesOf } from "./nonzeros.ts";
import {
  convolveSingleChannel,
  kernelGradientSingleChannel,
  liesInOrder,
  prefersSingleChannel,
} from "./single-channel.ts";
import {
  allowsWinograd,
  allowsWinogradGradient,
  convolveWinograd,
  kernelGradientWinograd,
  tilesOf,
} from "./winograd.ts";

/** Runs one convolution the way that suits its shape. */
export function convolve(
  engine: Engine,
  g: Geometry,
  source: number,
  layout: KernelLayout,
  to: Destination,
  activation: readonly [kind: number, alpha: number] = [0, 0],
): void {
  if (prefersWinograd(g)) convolveWinograd(engine, g, source, layout, to, activation);
  else if (prefersDepthwise(g)) convolveDepthwise(engine, g, source, layout, to, activation);
  else if (prefersSingleChannel(g) && liesInOrder(g, layout)) {
    convolveSingleChannel(engine, g, source, layout, to, activation);
  } else if (prefersFewFilters(g)) convolveFewFilters(engine, g, source, layout, to, activation);
  else convolveDirectly(engine, g, source, layout, to, activation);
}

/** dw from x and dy, the way that suits the shape and the zeros in dy. */
export function kernelGradient(engine: Engine, g: Geometry, x: number, dy: number, dw: number): void {
  if (g.images === 0) engine.clear(dw, g.rows.kernel * g.columns.kernel * g.channels * g.groups * g.filters);
  else if (prefersNonzeros(engine, g, dy)) kernelGradientOfNonzeros(engine, g, x, dy, dw);
  else if (prefersWinogradGradient(g)) kernelGradientWinograd(engine, g, x, dy, dw);
  else if (prefersDepthwise(g)) kernelGradientDepthwise(engine, g, x, dy, dw);
  else if (prefersSingleChannel(g)) kernelGradientSingleChannel(engine, g, x, dy, dw);
  else kernelGradientDirectly(engine, g, x, dy, dw);
}

/**
 * What the ways cost, in clock cycles on x86-64 (`npm run bench -- conv2d` and `-- variants`). Only their ratios matter:
 * they decide from shapes and from the zeros in dy, so all machines and threads choose alike.
 */
const CYCLES = {
  /** A multiplication of the direct tile. */
  direct: 1 / 7,
  /**
   * Winograd's: one of the 36 products of a tile for each channel and filter; the transforms of a tile for one channel or
   * filter; and how many tiles' products the transforms of the weights, or the sums of their gradient, take the time of.
   * Forward it is 6 for all images. It counts as if there were always 4 of them: an image alone shall have the bits that it
   * has in a batch.
   */
  winograd: { product: 1 / 6, transforms: 45, weights: 0, weightsPerImage: 1.5 },
  winogradGradient: { product: 1 / 5, transforms: 45, weights: 35, weightsPerImage: 0 },
  /** 32 multiplications with a number of a list; one list's start and end; writing down one number of dy. */
  entry: 6.5,
  list: 65,
  listing: { sending: 0.6, gradient: 1.2 },
};

function directCycles({ images, rows, columns, channels, filters }: Geometry): number {
  const pixels = images * rows.output * columns.output;
  return pixels * rows.kernel * columns.kernel * channels * paddedFilters(filters) * CYCLES.direct;
}

function winogradCycles(g: Geometry, costs = CYCLES.winograd): number {
  const { images, channels, filters } = g;
  const tiles = tilesOf(g);
  const all = tiles + costs.weights + images * costs.weightsPerImage;
  return all * 36 * channels * filters * costs.product + tiles * (channels + filters) * costs.transforms;
}

/** Whether Winograd's way is faster than the direct tile. */
export function prefersWinograd(g: Geometry): boolean {
  return allowsWinograd(g) && winogradCycles(g) < directCycles(g);
}

function prefersWinogradGradient(g: Geometry): boolean {
  return allowsWinogradGradient(g) && winogradCycles(g, CYCLES.winogradGradient) < directCycles(g);
}

/** How often lists are gone over, each of them and each number in them; and what writing one down costs. */
interface Lists {
  readonly walks: number;
  readonly passes: number;
  readonly listing: number;
}

/** Whether to go over lists of the numbers of dy that are not zero; they are counted only where that decides. */
function prefersLists(
  engine: Engine,
  g: Geometry,
  dy: number,
  { walks, passes, listing }: Lists,
  other: number,
): boolean {
  const size = g.images * g.rows.output * g.columns.output * g.filters;
  const fixed = walks * CYCLES.list + size * listing;
  const entries = size * passes * CYCLES.entry;
  if (fixed >= other) return false;
  return fixed + entries <= other || fixed + entries * density(engine, dy, size) < other;
}

function prefersNonzeros(engine: Engine, g: Geometry, dy: number): boolean {
  const { images, rows, columns, filters } = g;
  if (g.groups !== 1 || columns.dilation !== 1 || rows.dilation !== 1) return false;
  const pixels = images * rows.output * columns.output;
  const other = prefersWinogradGradient(g) ? winogradCycles(g, CYCLES.winogradGradient) : directCycles(g);
  const passes = passesOf(g);
  const walks = (pixels / listedPixels(g)) * filters * passes;
  return prefersLists(engine, g, dy, { walks, passes, listing: CYCLES.listing.gradient }, other);
}

/** Whether to send every dy that is not zero to its window, rather than to convolve the padded dy. */
export function prefersSending(engine: Engine, g: Geometry, dy: number): boolean {
  const { images, rows, columns, channels, filters, sourceHeight, sourceWidth } = g;
  if (g.groups !== 1 || columns.dilation !== 1 || rows.dilation !== 1) return false;
  const inputs = images * sourceHeight * sourceWidth;
  const taps = (rows.kernel * columns.kernel) / (rows.stride * columns.stride);
  const backward = backwardOf(g);
  const few = prefersFewFilters(backward);
  const perInput = few ? fewFiltersCost(backward) : taps * filters * paddedFilters(channels);
  const phases = rows.stride * columns.stride;
  const other = prefersWinograd(backward) ? phases * winogradCycles(backward) : inputs * perInput * CYCLES.direct;
  const blocks = blocksOf(g);
  const walks = images * sourceHeight * columns.output * blocks;
  return prefersLists(engine, g, dy, { walks, passes: rows.kernel * blocks, listing: CYCLES.listing.sending }, other);
}

/** The largest phase of the gradient of the input (see conv2d.ts) as a convolution. */
function backwardOf(g: Geometry): Geometry {
  const phase = ({ kernel, stride }: Geometry["rows"], input: number) => {
    return {
      kernel: Math.ceil(kernel / stride),
      stride: 1,
      dilation: 1,
      before: 0,
      output: Math.floor(input / stride),
    };
  };
  const [rows, columns] = [phase(g.rows, g.sourceHeight), phase(g.columns, g.sourceWidth)];
  return { ...g, channels: g.filters, filters: g.channels, rows, columns };
}
