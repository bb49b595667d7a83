/**
 * Matrix products of the dense layer: y = x·w + b, dx = dy·wᵀ, dw = xᵀ·dy, with x [N][A], w [A][B], y [N][B].
 *
 * All three use tiles of 4 × 8 numbers. What a tile reads again and again is first copied to lie one after the other in
 * the first-level cache: rows of a large matrix that are a power of two apart all fall into the same few cache lines.
 *
 *   y    per 8 columns, 512 inputs at a time: w packed as [inputs][8]; rows of x in fours, the rest one by one
 *   dx   per block of 8 inputs: w turned to [B][8]
 *   dw   per 64 inputs: x copied as [N][64]
 *
 * Every number of y is summed over the inputs in their order, from the bias on, however many rows there are.
 */
import { applyActivation } from "./activation";
import { outer4x8, products4x8 } from "./product";
import { clearNumbers, copyNumbers, loadLanes, madd, storeLanes, turn4x4 } from "./vectors";

/** Columns of one unit of y: whole cache lines of w. */
const WIDTH = 32;
/** Inputs that are packed at a time: 16 KB. */
const DEPTH = 512;
/** Inputs of one unit of dw. */
const CHUNK = 64;

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
}

/** Units: 32 columns. Scratch: 512 × 8 packed numbers and one tile. */
export function denseForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const d = changetype<Dense>(record);
  for (let unit = begin; unit < end; unit++) {
    const first = unit * WIDTH;
    const width = min(WIDTH, d.columns - first);
    const bias = d.bias ? d.bias + (<usize>first << 2) : 0;
    for (let n = 0; n < d.rows; n++) {
      const to = d.destination + (<usize>(n * d.columns + first) << 2);
      if (bias) copyNumbers(to, bias, width);
      else clearNumbers(to, width);
    }
    if (d.rows >= 4) {
      for (let column = first; column < first + width; column += 8) {
        addColumns(d, column, min(8, first + width - column), scratch);
      }
    }
    for (let n = 0; n < d.rows; n++) {
      const to = d.destination + (<usize>(n * d.columns + first) << 2);
      if (n >= (d.rows & ~3)) addRow(d, d.left + (<usize>(n * d.inputs) << 2), first, width, to);
      if (d.activation > 0) applyActivation(to, to, width, d.activation, d.alpha);
    }
  }
}

/** y += x·w for eight columns and all rows that fill tiles. */
function addColumns(d: Dense, column: i32, lanes: i32, scratch: usize): void {
  const step = <usize>d.columns << 2;
  const to = d.destination + (<usize>column << 2);
  for (let first = 0; first < d.inputs; first += DEPTH) {
    const depth = min(DEPTH, d.inputs - first);
    packColumns(d.right + (<usize>(first * d.columns + column) << 2), step, depth, lanes, scratch);
    addTiles(d, first, depth, to, lanes, scratch);
  }
}

/** y += x·w for whole tiles of rows, over `depth` inputs from `first` on. */
function addTiles(d: Dense, first: i32, depth: i32, to: usize, lanes: i32, scratch: usize): void {
  const row = <usize>d.inputs << 2;
  const y = <usize>d.columns << 2;
  const tile = scratch + (DEPTH << 5);
  let x = d.left + (<usize>first << 2);
  for (let n = d.rows >> 2; n > 0; --n) {
    if (lanes == 8) {
      products4x8(x, row, <usize>depth << 2, 1, scratch, to, y, true);
    } else {
      copyTile(to, y, tile, 32, 4, lanes);
      products4x8(x, row, <usize>depth << 2, 1, scratch, tile, 32, true);
      copyTile(tile, 32, to, y, 4, lanes);
    }
    x += 4 * row;
    to += 4 * y;
  }
}

function copyTile(from: usize, fromStep: usize, to: usize, toStep: usize, rows: i32, lanes: i32): void {
  for (; rows > 0; --rows) {
    copyNumbers(to, from, lanes);
    from += fromStep;
    to += toStep;
  }
}

/** Rows of up to eight numbers, `step` bytes apart, as [rows][8]. */
function packColumns(from: usize, step: usize, rows: i32, lanes: i32, to: usize): void {
  const end = to + (<usize>rows << 5);
  if (lanes == 8) {
    for (; to < end; to += 32) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += step;
    }
  } else {
    for (; to < end; to += 32) {
      copyNumbers(to, from, lanes);
      clearNumbers(to + (<usize>lanes << 2), 8 - lanes);
      from += step;
    }
  }
}

/** One row of y += x·w for up to 32 columns, w as it lies. */
function addRow(d: Dense, x: usize, column: i32, width: i32, to: usize): void {
  const step = <usize>d.columns << 2;
  const end = x + (<usize>d.inputs << 2);
  let w = d.right + (<usize>column << 2);
  if (width == WIDTH) {
    addWholeRow(x, end, w, step, to);
    return;
  }
  for (let c = 0; c < width; c += 4) {
    const lanes = min(4, width - c);
    let from = w;
    let sum = loadLanes(to, lanes);
    for (let at = x; at < end; at += 4) {
      sum = madd(sum, v128.load32_splat(at), loadLanes(from, lanes));
      from += step;
    }
    storeLanes(to, sum, lanes);
    w += 16;
    to += 16;
  }
}

function addWholeRow(x: usize, end: usize, w: usize, step: usize, to: usize): void {
  let a0 = v128.load(to), a1 = v128.load(to, 16), a2 = v128.load(to, 32), a3 = v128.load(to, 48);
  let a4 = v128.load(to, 64), a5 = v128.load(to, 80), a6 = v128.load(to, 96), a7 = v128.load(to, 112);
  for (; x < end; x += 4) {
    const input = v128.load32_splat(x);
    a0 = madd(a0, input, v128.load(w));
    a1 = madd(a1, input, v128.load(w, 16));
    a2 = madd(a2, input, v128.load(w, 32));
    a3 = madd(a3, input, v128.load(w, 48));
    a4 = madd(a4, input, v128.load(w, 64));
    a5 = madd(a5, input, v128.load(w, 80));
    a6 = madd(a6, input, v128.load(w, 96));
    a7 = madd(a7, input, v128.load(w, 112));
    w += step;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  v128.store(to, a4, 64);
  v128.store(to, a5, 80);
  v128.store(to, a6, 96);
  v128.store(to, a7, 112);
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
      products4x8(d.left, row, row, d.rows >> 2, scratch, to, x, false);
    } else {
      for (let n = 0; n < restOf; n += 4) {
        products4x8(d.left + n * row, row, row, 1, scratch, tile, 32, false);
        copyTile(tile, 32, to + n * x, x, 4, lanes);
      }
    }
    if (ragged) {
      products4x8(rest, row, row, 1, scratch, tile, 32, false);
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

/** Units: chunks of 64 inputs. Scratch: x as [N][64], and one tile. */
export function denseBackwardKernel(record: usize, begin: i32, end: i32, scratch: usize): void {
  const d = changetype<Dense>(record);
  const row = <usize>d.columns << 2;
  const tile = scratch + (<usize>d.rows << 8);
  for (let chunk = begin; chunk < end; chunk++) {
    const first = chunk * CHUNK;
    const inputs = min(CHUNK, d.inputs - first);
    for (let n = 0; n < d.rows; n++) {
      const to = scratch + (<usize>n << 8);
      copyNumbers(to, d.left + (<usize>(n * d.inputs + first) << 2), inputs);
      clearNumbers(to + (<usize>inputs << 2), CHUNK - inputs);
    }
    for (let b = 0; b < d.columns; b += 8) {
      const lanes = min(8, d.columns - b);
      const dy = d.right + (<usize>b << 2);
      let to = d.destination + (<usize>(first * d.columns + b) << 2);
      for (let a = 0; a < inputs; a += 4) {
        const x = scratch + (<usize>a << 2);
        const taps = min(4, inputs - a);
        if (lanes < 8) {
          outerRagged(x, dy, row, d.rows, lanes, tile);
          copyTile(tile, 32, to, row, taps, lanes);
        } else if (taps < 4) {
          outer4x8(x, CHUNK << 2, dy, row, d.rows, tile, 32, true);
          copyTile(tile, 32, to, row, taps, lanes);
        } else {
          outer4x8(x, CHUNK << 2, dy, row, d.rows, to, row, true);
        }
        to += 4 * row;
      }
    }
  }
}

/** A tile of dw with fewer than eight columns; four at a time, so that nothing beside dy is read. */
function outerRagged(x: usize, dy: usize, row: usize, rows: i32, lanes: i32, tile: usize): void {
  for (let half = 0; half < lanes; half += 4) {
    const some = min(4, lanes - half);
    let a0 = f32x4.splat(0);
    let a1 = a0, a2 = a0, a3 = a0;
    let from = x;
    let d = dy + (<usize>half << 2);
    for (let n = rows; n > 0; --n) {
      const v = loadLanes(d, some);
      a0 = madd(a0, v128.load32_splat(from), v);
      a1 = madd(a1, v128.load32_splat(from, 4), v);
      a2 = madd(a2, v128.load32_splat(from, 8), v);
      a3 = madd(a3, v128.load32_splat(from, 12), v);
      from += CHUNK << 2;
      d += row;
    }
    const to = tile + (<usize>half << 2);
    v128.store(to, a0);
    v128.store(to, a1, 32);
    v128.store(to, a2, 64);
    v128.store(to, a3, 96);
  }
}
