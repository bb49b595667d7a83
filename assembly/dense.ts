/**
 * Matrix products of the dense layer: y = x·w + b, dx = dy·wᵀ, dw = xᵀ·dy, with x [N][A], w [A][B], y [N][B].
 *
 * All three use the tiles of product.ts. What a tile reads again and again is first copied to lie one after the other in
 * the first-level cache: rows of a large matrix that are a power of two apart all fall into the same few cache lines. Such
 * a matrix is read and written in pieces of whole cache lines, since each of its rows is in another page of memory.
 *
 *   y    per 32 columns, 512 inputs at a time: w packed as [4][inputs][8]; rows of x in fours.
 *        Rows that fill no tile, and batches of less than four: along the rows of w as they lie, at the memory's speed
 *   dx   per block of 8 inputs: w turned to [B][8]
 *   dw   per 64 inputs, 128 rows at a time: x copied as [rows][64], and per 32 columns dy as [4][rows][8]
 *
 * Every number of y is summed over the inputs in their order, from the bias on, however many rows there are; every number
 * of dw over the rows in theirs.
 */
import { applyActivation } from "./activation";
import { copyTile, outerProducts } from "./outer-product";
import { products } from "./product";
import { clearNumbers, copyNumbers, loadLanes, madd, storeLanes, turn4x4 } from "./vectors";

/** Columns that are packed at a time: whole cache lines of w. */
const PANEL = 32;
/** Inputs of y that are packed at a time: 64 KB with 32 columns. */
const DEPTH = 512;
/** Inputs of one unit of dw, and rows that are packed at a time. */
const CHUNK = 64;
const ROWS = 128;

@unmanaged
class Dense {
  /** y, dx or dw. */
  destination: usize;
  /** x, dy or x. */
  left: usize;
  /** w, w or dy. */
  right: usize;
  /** One number a column; 0: none. */
  bias: usize;
  rows: i32;
  inputs: i32;
  columns: i32;
  activation: i32;
  alpha: f32;
  /** Columns of one unit of y: PANEL, or any number where there are fewer than four rows. */
  width: i32;
}

/** Units: `width` columns. Scratch, from four rows on: 32 × 512 packed numbers and one tile. */
export function denseForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const d = changetype<Dense>(record);
  for (let unit = begin; unit < end; unit++) {
    const first = unit * d.width;
    const width = min(d.width, d.columns - first);
    const bias = d.bias ? d.bias + (<usize>first << 2) : 0;
    const step = <usize>d.columns << 2;
    const y = d.destination + (<usize>first << 2);
    for (let n = 0, to = y; n < d.rows; n++, to += step) {
      if (bias) copyNumbers(to, bias, width);
      else clearNumbers(to, width);
    }
    if (d.rows >= 4) addTiles(d, first, width, y, scratch);
    for (let n = 0, to = y; n < d.rows; n++, to += step) {
      if (n >= (d.rows & ~3)) addRow(d, d.left + (<usize>(n * d.inputs) << 2), first, width, to);
      if (d.activation > 0) applyActivation(to, to, width, d.activation, d.alpha);
    }
  }
}

/** y += x·w for up to 32 columns from `column` on and all rows that fill tiles. */
function addTiles(d: Dense, column: i32, width: i32, y: usize, scratch: usize): void {
  const xStep = <usize>d.inputs << 2;
  const yStep = <usize>d.columns << 2;
  const tile = scratch + (<usize>(PANEL * min(DEPTH, d.inputs)) << 2);
  const rows = d.rows & ~3;
  for (let first = 0; first < d.inputs; first += DEPTH) {
    const depth = min(DEPTH, d.inputs - first);
    packColumns(d.right + (<usize>(first * d.columns + column) << 2), yStep, depth, width, scratch);
    let packed = scratch;
    for (let c = 0; c < width; c += 8) {
      let x = d.left + (<usize>first << 2);
      let to = y + (<usize>c << 2);
      if (c + 8 <= width) {
        products(x, xStep, <usize>depth << 2, rows, packed, to, yStep, true);
      } else {
        for (let n = 0; n < rows; n += 4) {
          copyTile(to, yStep, tile, 32, 4, width - c);
          products(x, xStep, <usize>depth << 2, 4, packed, tile, 32, true);
          copyTile(tile, 32, to, yStep, 4, width - c);
          x += 4 * xStep;
          to += 4 * yStep;
        }
      }
      packed += <usize>depth << 5;
    }
  }
}

/** Rows of up to 32 numbers, `step` bytes apart, as [width / 8][rows][8], with zeros where the last eight are not full. */
function packColumns(from: usize, step: usize, rows: i32, width: i32, to: usize): void {
  const next = <usize>rows << 5;
  for (let row = rows; row > 0; --row) {
    let at = to;
    let c = 0;
    for (; c + 8 <= width; c += 8) {
      const source = from + (<usize>c << 2);
      v128.store(at, v128.load(source));
      v128.store(at, v128.load(source, 16), 16);
      at += next;
    }
    if (c < width) {
      copyNumbers(at, from + (<usize>c << 2), width - c);
      clearNumbers(at + (<usize>(width - c) << 2), c + 8 - width);
    }
    from += step;
    to += 32;
  }
}

/** One row of y += x·w: four inputs at a time, along four rows of w. */
function addRow(d: Dense, x: usize, column: i32, width: i32, to: usize): void {
  const step = <usize>d.columns << 2;
  let w = d.right + (<usize>column << 2);
  let input = 0;
  for (; input + 4 <= d.inputs; input += 4) {
    addFourInputs(x, w, step, to, width);
    x += 16;
    w += 4 * step;
  }
  for (; input < d.inputs; input++) {
    const s = v128.load32_splat(x);
    for (let c = 0; c < width; c += 4) {
      const lanes = min(4, width - c);
      const at = <usize>c << 2;
      storeLanes(to + at, madd(loadLanes(to + at, lanes), s, loadLanes(w + at, lanes)), lanes);
    }
    x += 4;
    w += step;
  }
}

function addFourInputs(x: usize, w: usize, step: usize, to: usize, width: i32): void {
  const s0 = v128.load32_splat(x), s1 = v128.load32_splat(x, 4);
  const s2 = v128.load32_splat(x, 8), s3 = v128.load32_splat(x, 12);
  let w1 = w + step, w2 = w1 + step, w3 = w2 + step;
  const end = to + (<usize>(width & ~3) << 2);
  while (to < end) {
    let sum = madd(v128.load(to), s0, v128.load(w));
    sum = madd(sum, s1, v128.load(w1));
    sum = madd(sum, s2, v128.load(w2));
    v128.store(to, madd(sum, s3, v128.load(w3)));
    to += 16; w += 16; w1 += 16; w2 += 16; w3 += 16;
  }
  const lanes = width & 3;
  if (lanes) {
    let sum = madd(loadLanes(to, lanes), s0, loadLanes(w, lanes));
    sum = madd(sum, s1, loadLanes(w1, lanes));
    sum = madd(sum, s2, loadLanes(w2, lanes));
    storeLanes(to, madd(sum, s3, loadLanes(w3, lanes)), lanes);
  }
}

/** Units: blocks of 8 inputs. Scratch: the turned block [B][8], one tile, and four rows of dy. */
export function denseBackwardInput(record: usize, begin: i32, end: i32, scratch: usize): void {
  const d = changetype<Dense>(record);
  const row = <usize>d.columns << 2;
  const x = <usize>d.inputs << 2;
  const tile = scratch + (row << 3);
  const rest = tile + 128;
  const ragged = d.rows & 3;
  const restOf = d.rows & ~3;
  copyNumbers(rest, d.left + restOf * row, ragged * d.columns);
  clearNumbers(rest + ragged * row, (4 - ragged) * d.columns);
  for (let block = begin; block < end; block++) {
    const input = block << 3;
    const lanes = min(8, d.inputs - input);
    turnRows(d.right + (<usize>(input * d.columns) << 2), d.columns, lanes, scratch);
    const to = d.destination + (<usize>input << 2);
    if (lanes == 8) {
      products(d.left, row, row, restOf, scratch, to, x, false);
    } else {
      for (let n = 0; n < restOf; n += 4) {
        products(d.left + n * row, row, row, 4, scratch, tile, 32, false);
        copyTile(tile, 32, to + n * x, x, 4, lanes);
      }
    }
    if (ragged) {
      products(rest, row, row, 4, scratch, tile, 32, false);
      copyTile(tile, 32, to + restOf * x, x, ragged, lanes);
    }
  }
}

/** Up to eight rows of `length` numbers as [length][8]. */
function turnRows(from: usize, length: i32, lanes: i32, to: usize): void {
  const step = <usize>length << 2;
  let k = 0;
  if (lanes == 8) {
    for (; k + 4 <= length; k += 4) {
      turn4x4(from, step, to);
      turn4x4(from + 4 * step, step, to + 16);
      from += 16;
      to += 128;
    }
  }
  for (; k < length; k++) {
    for (let lane = 0; lane < 8; lane++) {
      store<f32>(to + (<usize>lane << 2), lane < lanes ? load<f32>(from + lane * step) : 0);
    }
    from += 4;
    to += 32;
  }
}

/** Units: chunks of 64 inputs. Scratch: x as [rows][64], dy as [4][rows][8], for up to 128 rows, and one tile. */
export function denseBackwardKernel(record: usize, begin: i32, end: i32, scratch: usize): void {
  const d = changetype<Dense>(record);
  const row = <usize>d.columns << 2;
  const most = min(ROWS, d.rows);
  const packed = scratch + (<usize>(CHUNK * most) << 2);
  const tile = packed + (<usize>(PANEL * most) << 2);
  for (let chunk = begin; chunk < end; chunk++) {
    const input = chunk * CHUNK;
    const inputs = min(CHUNK, d.inputs - input);
    for (let first = 0; first < d.rows; first += ROWS) {
      const rows = min(ROWS, d.rows - first);
      copyTile(d.left + (<usize>(first * d.inputs + input) << 2), <usize>d.inputs << 2, scratch, CHUNK << 2, rows, inputs);
      for (let column = 0; column < d.columns; column += PANEL) {
        const width = min(PANEL, d.columns - column);
        packColumns(d.right + (<usize>(first * d.columns + column) << 2), row, rows, width, packed);
        const to = d.destination + (<usize>(input * d.columns + column) << 2);
        let dy = packed;
        for (let c = 0; c < width; c += 8) {
          const at = to + (<usize>c << 2);
          outerProducts(scratch, CHUNK << 2, inputs, dy, 32, rows, at, row, min(8, width - c), tile, first == 0);
          dy += <usize>rows << 5;
        }
      }
    }
  }
}
