import type { Axis } from "../../window.ts";

/** What assembly/band.ts must know of a convolution; sizes in numbers, `top` and `left` as in `Convolution`. */
export interface Geometry {
  images: number;
  sourceHeight: number;
  sourceWidth: number;
  groups: number;
  /** Of one group. */
  channels: number;
  filters: number;
  rows: Pick<Axis, "kernel" | "stride" | "dilation" | "before" | "output">;
  columns: Pick<Axis, "kernel" | "stride" | "dilation" | "before" | "output">;
}

/** How the filters of one convolution lie in a kernel tensor; steps in numbers. */
export interface KernelLayout {
  kernel: number;
  bias: number;
  groupStep: number;
  filterStep: number;
  rowStep: number;
  columnStep: number;
  channelStep: number;
}

/** Where the results go: the steps between images, rows and pixels, in numbers. */
export interface Destination {
  pointer: number;
  imageStep: number;
  rowStep: number;
  pixelStep: number;
}

/** A band of the source should leave room in the second-level cache for weights and results. */
const BAND_BYTES = 128 * 1024;
/** What `Band` of assembly/band.ts takes of a worker's scratch memory. */
const BAND_RECORD = 128;

/** The filters of a group in whole vectors: blocks of 8, and one of 4 where at most 4 are left. */
export function paddedFilters(filters: number): number {
  const remainder = filters % 8;
  return filters - remainder + (remainder === 0 ? 0 : remainder > 4 ? 8 : 4);
}

/** How a convolution is cut into bands of rows, and what a copied band takes; `copied`: even if no window hangs over. */
export function bandsOf(g: Geometry, mostPixels = Infinity, copied = false) {
  const { rows, columns } = g;
  const channels = g.groups * g.channels;
  const reach = (axis: Geometry["rows"], outputs: number) =>
    (outputs - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
  const rowBytes = reach(columns, columns.output) * channels * 4;
  const fitting = Math.floor((BAND_BYTES / rowBytes - reach(rows, 1)) / rows.stride) + 1;
  const bandRows = Math.max(1, Math.min(rows.output, fitting, Math.floor(mostPixels / columns.output)));
  const beyond = (axis: Geometry["rows"], size: number) =>
    axis.before > 0 || reach(axis, axis.output) - axis.before > size;
  const padded = copied || beyond(rows, g.sourceHeight) || beyond(columns, g.sourceWidth);
  return {
    bandRows,
    bands: Math.ceil(rows.output / bandRows),
    padded,
    /** Of a copied band. */
    rowBytes,
    scratchBytes: BAND_RECORD + (padded ? reach(rows, bandRows) * rowBytes : 0),
  };
}

/** Images that are larger have probably left the second-level cache since they were written, and are read ahead. */
const CACHE_BYTES = 2 ** 20;

/** The vectors of the tallest tile, 6 × 8. */
export const TILE_BYTES = 192;

/** What `notePlaces` of assembly/band.ts writes for a band, and `noteTaps` for a group. */
export function placesBytes({ columns }: Geometry, { bandRows }: Pick<ReturnType<typeof bandsOf>, "bandRows">): number {
  return (bandRows * columns.output + 5) * 8;
}

export function tapsBytes({ rows, columns, channels }: Geometry): number {
  return (rows.kernel * columns.kernel * channels + 3) * 8;
}

/** The words of `Convolution`. */
export function convolutionRecord(
  g: Geometry,
  source: number,
  weights: number,
  to: Destination,
  { bandRows, bands, padded }: Pick<ReturnType<typeof bandsOf>, "bandRows" | "bands" | "padded">,
  activation: readonly [kind: number, alpha: number],
): number[] {
  const { rows, columns } = g;
  const C = g.groups * g.channels;
  const readsAhead = !padded && g.images * g.sourceHeight * g.sourceWidth * C * 4 >= CACHE_BYTES;
  return [
    ...[source, to.pointer, weights, g.sourceHeight, g.sourceWidth, C],
    ...[g.groups, g.channels, g.filters, rows.kernel, columns.kernel, rows.stride, columns.stride],
    ...[rows.dilation, columns.dilation, rows.before, columns.before, rows.output, columns.output],
    ...[to.imageStep * 4, to.rowStep * 4, to.pixelStep * 4],
    ...[bandRows, bands, Number(padded), Number(readsAhead), ...activation],
  ];
}
