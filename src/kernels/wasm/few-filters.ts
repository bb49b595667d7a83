import type { Engine } from "./engine.ts";
import {
  bandsOf,
  convolutionRecord,
  type Destination,
  type Geometry,
  type KernelLayout,
  placesBytes,
  TILE_BYTES,
} from "./geometry.ts";

/** So that the table of the pixels' places, which takes eight bytes a pixel, leaves room in the first-level cache. */
const BAND_PIXELS = 2048;
/** What each filter of a pixel, and each pixel of the tile of eight filters, costs besides its multiply-adds, in these. */
const FILTER_COST = 33;
const PIXEL_COST = 65;

/** The multiply-adds of one pixel, lanes without a weight among them, and what is to be done besides. */
export function fewFiltersCost({ channels, filters, rows, columns }: Geometry): number {
  const pairs = Math.floor(filters / 2) * 2 * Math.ceil((columns.kernel * channels) / 4);
  const single = (filters % 2) * Math.ceil(((columns.kernel + 1) * channels) / 4);
  return 4 * rows.kernel * (pairs + single) + FILTER_COST * filters;
}

/**
 * Whether assembly/few-filters.ts is faster than the tiles of assembly/convolution.ts, which take as long for one filter
 * as for eight (the tile of four filters is half as fast).
 */
export function prefersFewFilters(g: Geometry): boolean {
  const { groups, channels, rows, columns } = g;
  const possible = groups === 1 && columns.stride === 1 && columns.dilation === 1 && columns.output > 1;
  if (!possible || columns.kernel * channels < 4) return false;
  return fewFiltersCost(g) < 8 * rows.kernel * columns.kernel * channels + PIXEL_COST;
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
  // Under the window of a single filter, which is a column wider.
  const vectors = g.rows.kernel * Math.ceil(((g.columns.kernel + 1) * g.channels) / 4);
  const weights = engine.scratch(pairs * vectors * 32);
  const { kernel, bias, filterStep, rowStep, columnStep, channelStep } = layout;
  const table = bands.scratchBytes + TILE_BYTES;
  const places = table + vectors * 4;
  const record = [
    ...convolutionRecord(g, source, weights, to, bands, activation),
    ...[bias, kernel, filterStep, rowStep, columnStep, channelStep, bands.scratchBytes, table, places],
  ];
  engine.run("packPairs", pairs, record);
  engine.run("fewFilters", g.images * bands.bands, record, places + placesBytes(g, bands));
}
