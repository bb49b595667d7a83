import { convolveDirectly, kernelGradientDirectly } from "./direct.ts";
import type { Engine } from "./engine.ts";
import { convolveFewFilters, fewFiltersCost, prefersFewFilters } from "./few-filters.ts";
import { type Destination, type Geometry, type KernelLayout, paddedFilters } from "./geometry.ts";
import { density, kernelGradientOfNonzeros, paddedRun } from "./nonzeros.ts";
import {
  convolveSingleChannel,
  kernelGradientSingleChannel,
  liesInOrder,
  prefersSingleChannel,
} from "./single-channel.ts";
import { convolveWinograd, kernelGradientWinograd, prefersWinograd, prefersWinogradGradient } from "./winograd.ts";

/** What a list of numbers of dy costs besides its multiply-adds with 32 lanes each, in such numbers. */
const LIST_COST = 20;

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
  else if (prefersSingleChannel(g)) kernelGradientSingleChannel(engine, g, x, dy, dw);
  else kernelGradientDirectly(engine, g, x, dy, dw);
}

const FORCE = globalThis.process?.env.FORCE ?? "";
function prefersNonzeros(engine: Engine, g: Geometry, dy: number): boolean {
  const { rows, columns, channels, filters } = g;
  if (g.groups !== 1 || columns.dilation !== 1) return false;
  if (FORCE.includes("k")) return true;
  if (FORCE.includes("-")) return false;
  const share = density(engine, dy, g.images * rows.output * columns.output * filters);
  return share < 0.25 && channels > 1;
}

/** Whether dx costs less by sending every dy to its window than by a convolution of the padded dy: multiplications, in lanes. */
export function prefersSending(engine: Engine, g: Geometry, dy: number): boolean {
  const { rows, columns, channels, filters } = g;
  if (g.groups !== 1 || columns.dilation !== 1 || rows.dilation !== 1) return false;
  if (FORCE.includes("i")) return true;
  if (FORCE.includes("-")) return false;
  const few = fewFiltersOf(g);
  if (few) {
    const cost = g.sourceHeight * g.sourceWidth * fewFiltersCost(few);
    // Counting is not for nothing only if zeros can save half.
    if (2 * sendingCost(g, 0) > cost) return false;
    return sendingCost(g, density(engine, dy, g.images * rows.output * columns.output * filters)) < cost;
  }
  const share = density(engine, dy, g.images * rows.output * columns.output * filters);
  if (share < 0.25) return true;
  if (prefersWinograd(g)) return false;
  const inputs = (g.sourceHeight * g.sourceWidth) / (rows.stride * columns.stride);
  const convolving = inputs * rows.kernel * columns.kernel * filters * paddedFilters(channels);
  const sending = rows.output * columns.output * rows.kernel * filters * paddedRun(g) * share;
  return sending < convolving;
}

/** Multiply-adds, and what a list of dy's numbers costs before its first one. */
function sendingCost(g: Geometry, share: number): number {
  const { rows, columns, filters, sourceHeight } = g;
  return columns.output * paddedRun(g) * (rows.output * rows.kernel * filters * share + LIST_COST * sourceHeight);
}

/** A phase of the gradient of the input (see conv2d.ts), if that is a convolution for assembly/few-filters.ts. */
function fewFiltersOf(g: Geometry): Geometry | undefined {
  const phase = ({ kernel, stride }: Geometry["rows"], input: number) => ({
    ...{ kernel: Math.ceil(kernel / stride), stride: 1, dilation: 1, before: 0 },
    output: Math.floor(input / stride),
  });
  const [rows, columns] = [phase(g.rows, g.sourceHeight), phase(g.columns, g.sourceWidth)];
  const backward = { ...g, channels: g.filters, filters: g.channels, rows, columns };
  return prefersFewFilters(backward) ? backward : undefined;
}
