import { packWeights, sumSlices } from "./direct.ts";
import type { Engine } from "./engine.ts";
import { convolutionRecord, type Destination, type Geometry, type KernelLayout } from "./geometry.ts";

/** Numbers of y in one band of rows: with the rows of x around it, it stays in the second-level cache. */
const BAND_NUMBERS = 32768;
/** Bytes before the list of taps in a worker's memory, and of an entry, which has two more at its end. */
const LIST = 40;
const ENTRY = 8;

/** Whether every channel has one filter of its own. */
export function prefersDepthwise({ groups, channels, filters }: Geometry): boolean {
  return groups > 1 && channels === 1 && filters === 1;
}

export function convolveDepthwise(
  engine: Engine,
  g: Geometry,
  source: number,
  layout: KernelLayout,
  to: Destination,
  activation: readonly [kind: number, alpha: number],
): void {
  const weights = packWeights(
    engine,
    { ...g, groups: 1, filters: g.groups },
    { ...layout, filterStep: layout.groupStep },
  );
  const bands = bandsOf(g);
  const record = convolutionRecord(g, source, weights, to, bands, activation);
  engine.run("depthwise", g.images * bands.bands, record, scratchBytes(g));
}

export function kernelGradientDepthwise(engine: Engine, g: Geometry, x: number, dy: number, dw: number): void {
  const { groups, rows, columns } = g;
  const size = rows.kernel * columns.kernel * groups;
  const slices = Math.min(g.images, 8);
  const sums = slices > 1 ? engine.scratch(slices * size * 4) : dw;
  const rowStep = columns.output * groups;
  const passing = { pointer: dy, imageStep: rows.output * rowStep, rowStep, pixelStep: groups };
  const record = convolutionRecord(g, x, sums, passing, bandsOf(g), [0, 0]);
  engine.run("depthwiseGradient", slices, [...record, g.images, slices], scratchBytes(g));
  if (slices > 1) sumSlices(engine, sums, size, slices, dw);
}

/** Nothing is copied, so bands may be as large as the cache likes them. */
function bandsOf({ groups, rows, columns }: Geometry) {
  const bandRows = Math.max(1, Math.min(rows.output, Math.floor(BAND_NUMBERS / (columns.output * groups))));
  return { bandRows, bands: Math.ceil(rows.output / bandRows), padded: false };
}

function scratchBytes({ rows, columns }: Geometry): number {
  return LIST + (rows.kernel * columns.kernel + 2) * ENTRY;
}
