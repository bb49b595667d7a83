import { slicesOf, sumSlices } from "./direct.ts";
import type { Engine } from "./engine.ts";
import { bandsOf, convolutionRecord, type Geometry } from "./geometry.ts";
import { aligned } from "./heap.ts";

/** What assembly/nonzeros.ts sums at a time: of one row, or of five rows each; and the bytes of its table of shuffles. */
const LANES = 32;
const MANY_LANES = 48;
const NARROW = 8;
const ROWS = 5;
/** What ten vectors of five rows, with their addresses, cost of the eight vectors of one. */
const ROWS_COST = 1.4;
const TABLE_BYTES = 256;
/** A list is written 16 bytes at a time. */
const LIST_SLACK = 16;
/**
 * Where there are many numbers, every eighth piece of them tells enough about their zeros. All channels are in a piece, and
 * pieces come from all images.
 */
const COUNT_BLOCK = 65536;
const COUNTED_WHOLE = 32768;
const PIECE = 1024;
const STEP = 8 * PIECE;
/**
 * Bands that are listed together should stay in the first-level cache: about so many numbers of the image; and at least and
 * at most so many pixels of dy.
 */
const BAND_NUMBERS = 12288;
const BAND_PIXELS = [384, 1024];

/** About which share of `size` numbers is not zero: the same for the same numbers, whatever the machine and the threads. */
export function density(engine: Engine, source: number, size: number): number {
  const units = Math.ceil(size / COUNT_BLOCK);
  const counts = engine.scratch(units * 4);
  const [step, piece] = size > COUNTED_WHOLE ? [STEP, PIECE] : [size, size];
  engine.run("countNonzeros", units, [counts, source, size, COUNT_BLOCK, step, piece]);
  const seen = Math.floor(size / step) * piece + Math.min(piece, size % step);
  return engine.words(counts, units).reduce((sum, count) => sum + count, 0) / seen;
}

/** How many blocks of 32 numbers one kernel row takes, which is what the costs are told of. */
export function blocksOf({ columns, channels }: Geometry): number {
  return Math.ceil((columns.kernel * channels) / LANES);
}

/** Whether the kernel's gradient sums five rows at a time. */
function isNarrow({ columns, channels }: Geometry): boolean {
  return columns.kernel * channels <= NARROW;
}

/** How often it goes over its lists, in passes with eight vectors. */
export function passesOf(g: Geometry): number {
  return isNarrow(g) ? Math.ceil(g.rows.kernel / ROWS) * ROWS_COST : g.rows.kernel * blocksOf(g);
}

/** How many pixels a list of the kernel's gradient is about, at most. */
function mostPixels({ channels }: Geometry): number {
  const [least, most] = BAND_PIXELS;
  return Math.max(least, Math.min(most, Math.floor(BAND_NUMBERS / channels)));
}

/** How many pixels of one band a list of the kernel's gradient is about; what is listed together with it is not counted. */
export function listedPixels(g: Geometry): number {
  return bandsOf(g, mostPixels(g)).bandRows * g.columns.output;
}

/** dx, from dy and the kernel as it lies, by assembly/input-gradient.ts. `g` is the forward pass' geometry. */
export function sendToInput(engine: Engine, g: Geometry, dy: number, kernel: number, dx: number): void {
  const { rows, columns, filters } = g;
  const run = blocksOf(g) * LANES;
  const weights = engine.scratch(rows.kernel * run * filters * 4);
  const to = { pointer: dx, imageStep: 0, rowStep: 0, pixelStep: 0 };
  const uncut = { bandRows: 0, bands: 0, padded: false };
  const row = aligned(TABLE_BYTES + columns.output * (rows.output + 1) * 4);
  const reached = (columns.output - 1) * columns.stride * g.channels + run;
  const length = Math.max(reached, (columns.before + g.sourceWidth) * g.channels);
  const list = row + length * 4 + LIST_SLACK;
  const distance = rows.output * columns.output * filters * 4 + LIST_SLACK;
  const record = [
    ...convolutionRecord(g, dy, weights, to, uncut, [0, 0]),
    ...[kernel, run, TABLE_BYTES, row, length, list, distance],
  ];
  engine.run("packRuns", rows.kernel, record);
  engine.run("inputGradient", g.images, record, list + 2 * distance);
}

/**
 * Blocks of 48 numbers where they fill one kernel row as well as those of 32 do, and the row filled up to whole ones. (For
 * dx, whose lists are shorter, they take 0.95 of the time on Node 20 and 1.03 on Node 24.)
 */
function runOf(g: Geometry): readonly [lanes: number, run: number] {
  const run = blocksOf(g) * LANES;
  const many = Math.ceil((g.columns.kernel * g.channels) / MANY_LANES) * MANY_LANES;
  return many <= run ? [MANY_LANES, many] : [LANES, run];
}

/** dw, from x and dy, by assembly/sparse-kernel-gradient.ts. */
export function kernelGradientOfNonzeros(engine: Engine, g: Geometry, x: number, dy: number, dw: number): void {
  const { rows, columns, images, filters } = g;
  const narrow = isNarrow(g);
  const [lanes, run] = narrow ? [NARROW, NARROW] : runOf(g);
  const height = narrow ? Math.ceil(rows.kernel / ROWS) * ROWS : rows.kernel;
  const size = filters * height * run;
  const slices = slicesOf(images, size);
  const chunkFilters = slices > 1 ? filters : Math.max(4, Math.ceil(filters / 32) * 4);
  const filterChunks = Math.ceil(filters / chunkFilters);
  const sums = engine.scratch(slices * size * 4);
  // Runs and rows are read to the end of their last block: beyond the image, where it is not copied.
  const most = mostPixels(g);
  const bands = bandsOf(g, most, run > columns.kernel * g.channels || height > rows.kernel);
  const pixels = bands.bandRows * columns.output;
  const together = Math.max(1, Math.floor(most / pixels));
  const lists = Math.ceil(chunkFilters / 4) * 4;
  const listBytes = together * pixels * 4 + LIST_SLACK;
  const table = together * bands.scratchBytes + (height - rows.kernel) * bands.rowBytes + lanes * 4;
  const ends = table + TABLE_BYTES;
  const list = ends + lists * 4;
  const record = [
    ...convolutionRecord(g, x, 0, { pointer: dw, imageStep: 0, rowStep: 0, pixelStep: 0 }, bands, [0, 0]),
    ...[dy, images, slices, chunkFilters, filterChunks, lanes, run, height, sums],
    ...[together, bands.scratchBytes, table, ends, list, listBytes, lists * listBytes],
  ];
  engine.run("sparseKernelGradient", slices * filterChunks, record, list + 2 * lists * listBytes);
  if (slices > 1) sumSlices(engine, sums, size, slices, sums);
  engine.run("turnSums", rows.kernel, record);
}
