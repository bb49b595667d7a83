import { sumSlices } from "./direct.ts";
import type { Engine } from "./engine.ts";
import {
  bandsOf,
  convolutionRecord,
  type Destination,
  type Geometry,
  type KernelLayout,
  tapsBytes,
} from "./geometry.ts";

/** Filters that assembly/single-channel.ts holds at a time, and that its gradient does. */
const FILTERS = 2;
const GRADIENT_FILTERS = 6;

/** One channel, and filters that fill vectors of six but not of eight: LeNet's first layer. */
export function prefersSingleChannel({ groups, channels, filters, columns }: Geometry): boolean {
  const shape = groups === 1 && channels === 1 && columns.stride === 1 && columns.output >= 4;
  return shape && filters % GRADIENT_FILTERS === 0 && filters % 8 !== 0;
}

/** Whether a kernel lies as [KH,KW,1,F], as this convolution reads it. */
export function liesInOrder(
  { filters, columns }: Geometry,
  { filterStep, columnStep, rowStep }: KernelLayout,
): boolean {
  return filterStep === 1 && columnStep === filters && rowStep === filters * columns.kernel;
}

export function convolveSingleChannel(
  engine: Engine,
  g: Geometry,
  source: number,
  layout: KernelLayout,
  to: Destination,
  activation: readonly [kind: number, alpha: number],
): void {
  const bands = bandsOf(g);
  const taps = g.rows.kernel * g.columns.kernel;
  const weights = engine.scratch(taps * g.filters * 16);
  const record = convolutionRecord(g, source, weights, to, bands, activation);
  record.push(layout.bias, layout.kernel, bands.scratchBytes);
  engine.run("spreadWeights", g.filters / FILTERS, record);
  engine.run("singleChannel", g.images * bands.bands, record, bands.scratchBytes + tapsBytes(g));
}

export function kernelGradientSingleChannel(engine: Engine, g: Geometry, x: number, dy: number, dw: number): void {
  const size = g.rows.kernel * g.columns.kernel * g.filters;
  const slices = Math.min(g.images, 8);
  const sums = slices > 1 ? engine.scratch(slices * size * 4) : dw;
  const bands = bandsOf(g);
  const to = { pointer: sums, imageStep: 0, rowStep: 0, pixelStep: 0 };
  const record = convolutionRecord(g, x, 0, to, bands, [0, 0]);
  const planeBytes = bands.bandRows * Math.ceil(g.columns.output / 4) * GRADIENT_FILTERS * 16;
  const more = [dy, g.images, slices, bands.scratchBytes];
  engine.run("singleChannelGradient", slices, [...record, ...more], bands.scratchBytes + planeBytes);
  if (slices > 1) sumSlices(engine, sums, size, slices, dw);
}
