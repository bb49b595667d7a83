import { convolveDirectly, kernelGradientDirectly } from "./direct.ts";
import type { Engine } from "./engine.ts";
import { convolveFewFilters, prefersFewFilters } from "./few-filters.ts";
import { type Destination, type Geometry, type KernelLayout, paddedFilters } from "./geometry.ts";
import { density, kernelGradientOfNonzeros, paddedRun } from "./nonzeros.ts";
import {
  convolveSingleChannel,
  kernelGradientSingleChannel,
  liesInOrder,
  prefersSingleChannel,
} from "./single-channel.ts";
import { convolveWinograd, kernelGradientWinograd, prefersWinograd, prefersWinogradGradient } from "./winograd.ts";

/** Runs one convolution the way that suits its shape. */
export function convolve(
  engine: Engine,
  g: Geometry,
  source: number,
  layout: KernelLayout,
  to: Destination,
  activation: readonly [kind: number, alpha: number] = [0, 0],
): void {
  if (prefersFewFilters(g)) convolveFewFilters(engine, g, source, layout, to, activation);
  else if (prefersWinograd(g)) convolveWinograd(engine, g, source, layout, to, activation);
  else if (prefersSingleChannel(g) && liesInOrder(g, layout)) {
    convolveSingleChannel(engine, g, source, layout, to, activation);
  } else convolveDirectly(engine, g, source, layout, to, activation);
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
  if (process.env.NOSEND) return false;
  const share = density(engine, dy, g.images * rows.output * columns.output * filters);
  if (share < 0.25) return true;
  if (prefersWinograd(g)) return false;
  const inputs = (g.sourceHeight * g.sourceWidth) / (rows.stride * columns.stride);
  const convolving = inputs * rows.kernel * columns.kernel * filters * paddedFilters(channels);
  const sending = rows.output * columns.output * rows.kernel * filters * paddedRun(g) * share;
  return sending < convolving;
}
