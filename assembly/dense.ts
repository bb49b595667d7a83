/**
 * Matrix products of the dense layer: y = x·w + b, dx = dy·wᵀ, dw = xᵀ·dy, with x [N][A], w [A][B], y [N][B].
 *
 * All three use the tiles of product.ts. What a tile reads again and again is first copied to lie one after the other in
 * the first-level cache: rows of a large matrix that are a power of two apart all fall into the same few cache lines. Such
 * a matrix is read and written in pieces of whole cache lines, since each of its rows is in another page of memory.
 *
 *   y    per 32 columns, 512 inputs at a time: w packed as [4][inputs][8]; rows of x in fours
 *   dx   per block of 8 inputs: w turned to [B][8]; for one or two rows of dy 128 columns at a time
 *   dw   per 64 inputs, 128 rows at a time: x copied as [rows][64], and per 32 columns dy as [4][rows][8]
 *
 * Rows of y that fill no tile, and batches of less than four, go along four rows of w as they lie. A matrix that is in no
 * cache is then best read, and written, from its start to its end, row by row: y takes 0.6 of the time, dw 0.3. And while
 * there are fewer than 12 rows, its dw is written in longer pieces: per 128 columns, 12 inputs at a time.
 *
 * Every number of y is summed over the inputs in their order, from the bias on, however many rows there are; every number
 * of dw over the rows in theirs.
 */
import { applyActivation } from "./activation";
import { outerProducts } from "./outer-product";
import { packEights, packLanes } from "./packing";
import { products } from "./product";
import { clearNumbers, copyMatrix, copyNumbers, loadLanes, madd, storeLanes } from "./vectors";

/** Inputs of y that are packed at a time: 64 KB with 32 columns. */
const DEPTH = 512;
/** Inputs of one unit of dw, and rows that are packed at a time. */
const CHUNK = 64;
const ROWS = 128;
/** Rows of dw that are written together, two or three tiles, where more columns than PANEL are packed at a time. */
const STRIPE = 12;
const PANEL = 32;
/** Columns of w that are turned at a time for a dx of one or two rows. */
const STRETCH = 128;

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
  /** Columns of one unit of y; all of them: w is read row by row. Columns of dy that are packed at a time for dw. */
  width: i32;
}

/** Units: `width` columns. Scratch, from four rows on: width × 512 packed numbers and one tile. */
export function denseForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const d = changetype<Dense>(record);
  for (let unit = begin; unit < end; unit++) {
    const first = unit * d.width;
    const width = min(d.width, d.columns - first);
    const bias = d.bias ? d.bias + (<usize>first << 2) : 0;
    const step = <usize>d.columns << 2;
    const y = d.destination + (<usize>first << 2);
    if (bias) copyMatrix(bias, 0, y, step, d.rows, width);
    else for (let n = 0; n < d.rows; n++) clearNumbers(y + n * step, width);
    if (d.rows >= 4) addTiles(d, first, width, y, scratch);
    addRows(d, d.rows & ~3, first, width, y);
    if (d.activation > 0) {
      for (let n = 0, to = y; n < d.rows; n++, to += step) applyActivation(to, to, width, d.activation, d.alpha);
    }
  }
}

/** y += x·w for `width` columns from `column` on and all rows that fill tiles. */
function addTiles(d: Dense, column: i32, width: i32, y: usize, scratch: usize): void {
  const xStep = <usize>d.inputs << 2;
  const yStep = <usize>d.columns << 2;
  const tile = scratch + (<usize>(d.width * min(DEPTH, d.inputs)) << 2);
  const rows = d.rows & ~3;
  for (let first = 0; first < d.inputs; first += DEPTH) {
    const depth = min(DEPTH, d.inputs - first);
    packEights(d.right + (<usize>(first * d.columns + column) << 2), yStep, width, depth, scratch);
    let packed = scratch;
    for (let c = 0; c < width; c += 8) {
      let x = d.left + (<usize>first << 2);
      let to = y + (<usize>c << 2);
      if (c + 8 <= width) {
        products(x, xStep, <usize>depth << 2, rows, packed, to, yStep, true);
      } else {
        for (let n = 0; n < rows; n += 4) {
          copyMatrix(to, yStep, tile, 32, 4, width - c);
          products(x, xStep, <usize>depth << 2, 4, packed, tile, 32, true);
          copyMatrix(tile, 32, to, yStep, 4, width - c);
          x += 4 * xStep;
          to += 4 * yStep;
        }
      }
      packed += <usize>depth << 5;
    }
  }
}

/** The rows of y += x·w from `first` on, which fill no tile: along rows of w, four at a time or each by itself. */
function addRows(d: Dense, first: i32, column: i32, width: i32, y: usize): void {
  const step = <usize>d.columns << 2;
  let w = d.right + (<usize>column << 2);
  for (let input = 0; input < d.inputs; ) {
    const inputs = d.width == d.columns || input + 4 > d.inputs ? 1 : 4;
    for (let n = first; n < d.rows; n++) {
      const x = d.left + (<usize>(n * d.inputs + input) << 2);
      if (inputs == 4) addFourInputs(x, w, step, y + n * step, width);
      else addScaled(y + n * step, x, w, width);
    }
    input += inputs;
    w += inputs * step;
  }
}

/** to += s · from */
function addScaled(to: usize, s: usize, from: usize, count: i32): void {
  const factor = v128.load32_splat(s);
  for (const end = to + (<usize>(count & ~3) << 2); to < end; to += 16, from += 16) {
    v128.store(to, madd(v128.load(to), factor, v128.load(from)));
  }
  const lanes = count & 3;
  if (lanes) storeLanes(to, madd(loadLanes(to, lanes), factor, loadLanes(from, lanes)), lanes);
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
  const restOf = d.rows & ~3;
  // What a tile reads behind them is not copied back.
  if (d.rows > 2) copyNumbers(rest, d.left + restOf * row, (d.rows & 3) * d.columns);
  for (let block = begin; block < end; block++) {
    const input = block << 3;
    const lanes = min(8, d.inputs - input);
    const to = d.destination + (<usize>input << 2);
    let w = d.right + input * row;
    if (d.rows < 3) {
      clearNumbers(tile, 16);
      for (let column = 0; column < d.columns; column += STRETCH, w += STRETCH << 2) {
        const columns = min(STRETCH, d.columns - column);
        packLanes(w, row, 4, columns, scratch, lanes, 8);
        for (let n = 0; n < d.rows; n++) {
          addEights(d.left + n * row + (<usize>column << 2), scratch, columns, tile + (<usize>n << 5));
        }
      }
      copyMatrix(tile, 32, to, x, d.rows, lanes);
      continue;
    }
    packLanes(w, row, 4, d.columns, scratch, lanes, 8);
    const whole = lanes == 8 ? restOf : 0;
    products(d.left, row, row, whole, scratch, to, x, false);
    for (let n = whole; n < d.rows; n += 4) {
      products(n < restOf ? d.left + n * row : rest, row, row, 4, scratch, tile, 32, false);
      copyMatrix(tile, 32, to + n * x, x, min(4, d.rows - n), lanes);
    }
  }
}

/** to[8] += x · w: one row of x times 8 columns packed as [length][8]. */
function addEights(x: usize, w: usize, length: i32, to: usize): void {
  let sum0 = v128.load(to), sum1 = v128.load(to, 16);
  for (const end = x + (<usize>length << 2); x < end; x += 4, w += 32) {
    const s = v128.load32_splat(x);
    sum0 = madd(sum0, s, v128.load(w));
    sum1 = madd(sum1, s, v128.load(w, 16));
  }
  v128.store(to, sum0);
  v128.store(to, sum1, 16);
}

/** Units: chunks of 64 inputs. Scratch: x as [rows][64], dy as [width / 8][rows][8], for up to 128 rows, and one tile. */
export function denseBackwardKernel(record: usize, begin: i32, end: i32, scratch: usize): void {
  const d = changetype<Dense>(record);
  const row = <usize>d.columns << 2;
  const most = min(ROWS, d.rows);
  const packed = scratch + (<usize>(CHUNK * most) << 2);
  const tile = packed + (<usize>(d.width * most) << 2);
  const stripe = d.width > PANEL ? STRIPE : CHUNK;
  for (let chunk = begin; chunk < end; chunk++) {
    const input = chunk * CHUNK;
    const inputs = min(CHUNK, d.inputs - input);
    if (d.width > PANEL && d.rows < 4) {
      for (let a = input; a < input + inputs; a++) {
        const to = d.destination + a * row;
        clearNumbers(to, d.columns);
        for (let n = 0; n < d.rows; n++) {
          addScaled(to, d.left + (<usize>(n * d.inputs + a) << 2), d.right + n * row, d.columns);
        }
      }
      continue;
    }
    for (let first = 0; first < d.rows; first += ROWS) {
      const rows = min(ROWS, d.rows - first);
      copyMatrix(d.left + (<usize>(first * d.inputs + input) << 2), <usize>d.inputs << 2, scratch, CHUNK << 2, rows, inputs);
      for (let column = 0; column < d.columns; column += d.width) {
        const width = min(d.width, d.columns - column);
        packEights(d.right + (<usize>(first * d.columns + column) << 2), row, width, rows, packed);
        const to = d.destination + (<usize>(input * d.columns + column) << 2);
        for (let i = 0; i < inputs; i += stripe) {
          const x = scratch + (<usize>i << 2);
          const height = min(stripe, inputs - i);
          let at = to + i * row;
          let dy = packed;
          for (let c = 0; c < width; c += 8) {
            outerProducts(x, CHUNK << 2, height, dy, 32, rows, at, row, min(8, width - c), tile, first == 0);
            dy += <usize>rows << 5;
            at += 32;
          }
        }
      }
    }
  }
}
