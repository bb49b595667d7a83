import type { Engine } from "./engine.ts";
import { bandsOf, convolutionRecord, type Destination, type Geometry, type KernelLayout } from "./geometry.ts";

/** Twice that is a table of the pixels' places, in eight bytes each. */
const BAND_PIXELS = 2048;
const TILE_BYTES = 128;

/** Few filters, and numbers under a row of the window that fill at least a vector. */
export function prefersFewFilters({ groups, channels, filters, columns }: Geometry): boolean {
  const shape = groups === 1 && columns.stride === 1 && columns.dilation === 1 && columns.output > 1;
  return shape && columns.kernel * channels >= 4 && filters <= Number(process.env.MAXF ?? 3);
}

export function convolveFewFilters(
  engine: Engine,
  g: Geometry,
  source: number,
  layout: KernelLayout,
  to: Destination,
  activation: readonly [kind: number, alpha: number],
): void {
  const bands = bandsOf(g, BAND_PIXELS);
  const pairs = Math.ceil(g.filters / 2);
  // Vectors under the window of a single filter, which is a column wider.
  const vectors = g.rows.kernel * Math.ceil(((g.columns.kernel + 1) * g.channels) / 4);
  const weights = engine.scratch(pairs * vectors * 32);
  const { kernel, bias, filterStep, rowStep, columnStep, channelStep } = layout;
  const sums = bands.scratchBytes;
  const table = sums + TILE_BYTES;
  const places = table + vectors * 4;
  const record = [
    ...convolutionRecord(g, source, weights, to, bands, activation),
    ...[bias, kernel, filterStep, rowStep, columnStep, channelStep, sums, table, places],
  ];
  engine.run("packPairs", pairs, record);
  engine.run("fewFilters", g.images * bands.bands, record, places + (bands.bandRows * g.columns.output + 3) * 8);
}
