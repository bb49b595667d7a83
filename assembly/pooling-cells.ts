/**
 * What pooling.ts does with the cells of a window that are inside the image, in their order: some channels at a time, whose
 * maxima or sums stay in registers while the cells pass by.
 *
 *      x[cell 0][c .. c+15]   x[cell 1][c .. c+15]   …        four vectors of each cell, or one that may have fewer lanes
 *
 * Four vectors share what it takes to get from cell to cell.
 */
import { wins } from "./pooling-halves";
import { loadLanes, storeLanes } from "./vectors";

/** Directions, as src/kernels/wasm/pooling.ts names them; those to dx come last. PICK: unpooling's backward. */
const MAXIMUM = 0;
const MEAN = 1;
const PICK = 2;
export const MAXIMUM_BACKWARD = 3;
const MEAN_BACKWARD = 4;

/** The window at hand, in the worker's own memory (src/kernels/wasm/pooling.ts gives it PLACE_BYTES). */
@unmanaged
export class Place {
  /** The channels at hand of the first cell inside the image, of the output, and of its switches (0: none). */
  x: usize;
  y: usize;
  switches: usize;
  /** Cells inside (0 or less: none); from one to the next; from the end of a row of them to the next row. */
  rows: i32;
  columns: i32;
  columnStep: usize;
  rowGap: usize;
  /** The number of the first; how many of a row are outside. */
  cell: i32;
  cellGap: i32;
}

/**
 * Up to sixteen channels of a window, of which `channels` are left: a function for each direction, with registers of its own.
 * @returns how many are done
 */
// @ts-ignore: decorator
@inline
export function someChannels(direction: i32, at: Place, channels: i32): i32 {
  if (direction == MAXIMUM) return maxima(at, channels);
  if (direction == MEAN) return means(at, channels);
  if (direction == PICK) return picks(at, channels);
  if (direction == MAXIMUM_BACKWARD) return routes(at, channels);
  return spreads(at, channels);
}

function maxima(at: Place, channels: i32): i32 {
  return some(MAXIMUM, at, channels);
}

function means(at: Place, channels: i32): i32 {
  return some(MEAN, at, channels);
}

function picks(at: Place, channels: i32): i32 {
  return few(PICK, at, min(4, channels));
}

function routes(at: Place, channels: i32): i32 {
  return some(MAXIMUM_BACKWARD, at, channels);
}

function spreads(at: Place, channels: i32): i32 {
  return some(MEAN_BACKWARD, at, channels);
}

// @ts-ignore: decorator
@inline
function some(direction: i32, at: Place, channels: i32): i32 {
  if (channels >= 16 && at.rows > 0 && at.columns > 0 && sixteen(direction, at)) return 16;
  return few(direction, at, min(4, channels));
}

/**
 * Sixteen channels of a window that has a cell.
 * @returns false where nothing is done: there may be something that is not a number
 */
// @ts-ignore: decorator
@inline
function sixteen(direction: i32, at: Place): bool {
  const y = at.y;
  const zero = f32x4.splat(0), one = f32x4.splat(1), gap = f32x4.splat(<f32>at.cellGap);
  let x = at.x;
  let cell = f32x4.splat(<f32>at.cell);
  // Sums; or the largest so far, and which cells they are of; or dy or its share, and which cells it is for.
  let a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = cell, b1 = cell, b2 = cell, b3 = cell;
  if (direction == MAXIMUM) {
    a0 = v128.load(x); a1 = v128.load(x, 16); a2 = v128.load(x, 32); a3 = v128.load(x, 48);
  } else if (direction != MEAN) {
    a0 = v128.load(y); a1 = v128.load(y, 16); a2 = v128.load(y, 32); a3 = v128.load(y, 48);
  }
  const cells = f32x4.splat(<f32>(at.rows * at.columns));
  if (direction == MEAN_BACKWARD) {
    a0 = f32x4.div(a0, cells); a1 = f32x4.div(a1, cells); a2 = f32x4.div(a2, cells); a3 = f32x4.div(a3, cells);
  }
  if (direction == MAXIMUM_BACKWARD) {
    const from = at.switches;
    b0 = v128.load(from); b1 = v128.load(from, 16); b2 = v128.load(from, 32); b3 = v128.load(from, 48);
  }
  let sum = zero;
  const columnStep = at.columnStep, columns = at.columns;
  for (let p = at.rows; p > 0; --p) {
    for (let q = columns; q > 0; --q) {
      const v0 = v128.load(x), v1 = v128.load(x, 16), v2 = v128.load(x, 32), v3 = v128.load(x, 48);
      if (direction == MAXIMUM) {
        // Cells are counted upwards: the last one that was greater is the greatest of those that were.
        b0 = f32x4.pmax(b0, v128.and(cell, f32x4.gt(v0, a0)));
        b1 = f32x4.pmax(b1, v128.and(cell, f32x4.gt(v1, a1)));
        b2 = f32x4.pmax(b2, v128.and(cell, f32x4.gt(v2, a2)));
        b3 = f32x4.pmax(b3, v128.and(cell, f32x4.gt(v3, a3)));
        a0 = f32x4.pmax(a0, v0); a1 = f32x4.pmax(a1, v1); a2 = f32x4.pmax(a2, v2); a3 = f32x4.pmax(a3, v3);
        sum = f32x4.add(sum, f32x4.add(f32x4.add(v0, v1), f32x4.add(v2, v3)));
      } else if (direction == MEAN) {
        a0 = f32x4.add(a0, v0); a1 = f32x4.add(a1, v1); a2 = f32x4.add(a2, v2); a3 = f32x4.add(a3, v3);
      } else {
        v128.store(x, f32x4.add(v0, direction == MEAN_BACKWARD ? a0 : v128.and(a0, f32x4.eq(b0, cell))));
        v128.store(x, f32x4.add(v1, direction == MEAN_BACKWARD ? a1 : v128.and(a1, f32x4.eq(b1, cell))), 16);
        v128.store(x, f32x4.add(v2, direction == MEAN_BACKWARD ? a2 : v128.and(a2, f32x4.eq(b2, cell))), 32);
        v128.store(x, f32x4.add(v3, direction == MEAN_BACKWARD ? a3 : v128.and(a3, f32x4.eq(b3, cell))), 48);
      }
      x += columnStep;
      cell = f32x4.add(cell, one);
    }
    x += at.rowGap;
    cell = f32x4.add(cell, gap);
  }
  // pmax passes over what is not a number.
  if (direction == MAXIMUM && v128.any_true(f32x4.ne(sum, sum))) return false;
  if (direction == MEAN) {
    a0 = f32x4.div(a0, cells); a1 = f32x4.div(a1, cells); a2 = f32x4.div(a2, cells); a3 = f32x4.div(a3, cells);
  }
  if (direction == MAXIMUM || direction == MEAN) {
    v128.store(y, a0); v128.store(y, a1, 16); v128.store(y, a2, 32); v128.store(y, a3, 48);
  }
  if (direction == MAXIMUM && at.switches) {
    const to = at.switches;
    v128.store(to, b0); v128.store(to, b1, 16); v128.store(to, b2, 32); v128.store(to, b3, 48);
  }
  return true;
}

/** Up to four channels of any window. */
// @ts-ignore: decorator
@inline
function few(direction: i32, at: Place, lanes: i32): i32 {
  let x = at.x;
  let cell = <f32>at.cell;
  // 1 where no cell is inside, because it is divided by.
  const cells = f32x4.splat(<f32>max(1, at.rows * at.columns));
  let a = f32x4.splat(0), b = f32x4.splat(-1), isFirst = i32x4.splat(-1);
  if (direction >= MAXIMUM_BACKWARD) a = loadLanes(at.y, lanes);
  if (direction == MEAN_BACKWARD) a = f32x4.div(a, cells);
  if (direction == MAXIMUM_BACKWARD || direction == PICK) b = loadLanes(at.switches, lanes);
  const columnStep = at.columnStep, columns = at.columns;
  for (let p = at.rows; p > 0; --p) {
    for (let q = columns; q > 0; --q) {
      const value = loadLanes(x, lanes);
      if (direction == MAXIMUM) {
        const won = v128.or(isFirst, wins(value, a));
        a = v128.bitselect(value, a, won);
        b = v128.bitselect(f32x4.splat(cell), b, won);
        isFirst = i32x4.splat(0);
      } else if (direction == MEAN) {
        a = f32x4.add(a, value);
      } else if (direction == PICK) {
        a = v128.bitselect(value, a, f32x4.eq(b, f32x4.splat(cell)));
      } else {
        const share = direction == MEAN_BACKWARD ? a : v128.and(a, f32x4.eq(b, f32x4.splat(cell)));
        storeLanes(x, f32x4.add(value, share), lanes);
      }
      x += columnStep;
      cell += 1;
    }
    x += at.rowGap;
    cell += <f32>at.cellGap;
  }
  if (direction == MEAN) a = f32x4.div(a, cells);
  if (direction < MAXIMUM_BACKWARD) storeLanes(at.y, a, lanes);
  if (direction == MAXIMUM && at.switches) storeLanes(at.switches, b, lanes);
  return lanes;
}
