/**
 * Maximum and mean over a sliding window, forward and backward: one loop nest over windows, inlined with a constant
 * direction. In it maxima go over the cells for four channels at a time; means go over the channels for each cell, since
 * all that a sum needs to remember lies in y.
 *
 * Cells in the padding are left out by shortening the loops over p and q. Gradients are added to dx window by window in
 * row-major order, the order of src/kernels/reference/pooling.ts, so the bits are the same; hence a unit is a whole image
 * backward and some output rows forward.
 */
import { Divided, endOf, firstOf } from "./units";
import { addNumbers, clearNumbers, divideNumbers, loadLanes, storeLanes } from "./vectors";

const MAXIMUM = 0;
const MAXIMUM_BACKWARD = 1;
const MEAN = 2;
const MEAN_BACKWARD = 3;
const PICK = 4;

/** `count` is output rows of all images forward, images backward. */
@unmanaged
class Pooling extends Divided {
  /** y, x and switches; backward dy, dx and switches; unpooling's backward dx, dy and switches. Forward switches may be 0. */
  y: usize;
  x: usize;
  switches: usize;
  channels: i32;
  height: i32;
  outputHeight: i32;
  kernelHeight: i32;
  strideHeight: i32;
  dilationHeight: i32;
  top: i32;
  width: i32;
  outputWidth: i32;
  kernelWidth: i32;
  strideWidth: i32;
  dilationWidth: i32;
  left: i32;
}

/** The window at hand, in the worker's own memory (src/kernels/wasm/pooling.ts gives it PLACE_BYTES). */
@unmanaged
class Place {
  /** Where cell (0, 0) lies, or would lie if it were inside the image. */
  x: usize;
  /** Bytes from one row of cells to the next, and from one cell to the next. */
  rowStep: usize;
  columnStep: usize;
  /** The cells inside the image. */
  firstP: i32;
  endP: i32;
  firstQ: i32;
  endQ: i32;
  /** All cells of a window of 2 × 2 are inside: no loops are needed. */
  isWholeSquareOfFour: bool;
}

/** Units: output rows. */
export function maxPooling2dForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  forward(MAXIMUM, changetype<Pooling>(record), begin, end, scratch);
}

/** Units: output rows. */
export function averagePooling2dForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  forward(MEAN, changetype<Pooling>(record), begin, end, scratch);
}

/** Units: rows of the pooled image. */
export function maxUnpooling2dBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  forward(PICK, changetype<Pooling>(record), begin, end, scratch);
}

/** Units: images. */
export function maxPooling2dBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  backward(MAXIMUM_BACKWARD, changetype<Pooling>(record), begin, end, scratch);
}

/** Units: images. */
export function averagePooling2dBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  backward(MEAN_BACKWARD, changetype<Pooling>(record), begin, end, scratch);
}

// @ts-ignore: decorator
@inline
function forward(direction: i32, g: Pooling, begin: i32, end: i32, scratch: usize): void {
  const last = endOf(g, end);
  for (let row = firstOf(g, begin); row < last; row++) eachWindow(direction, g, row, scratch);
}

// @ts-ignore: decorator
@inline
function backward(direction: i32, g: Pooling, begin: i32, end: i32, scratch: usize): void {
  const first = firstOf(g, begin);
  const last = endOf(g, end);
  const size = g.height * g.width * g.channels;
  clearNumbers(g.x + (<usize>(first * size) << 2), (last - first) * size);
  for (let row = first * g.outputHeight; row < last * g.outputHeight; row++) eachWindow(direction, g, row, scratch);
}

/** What Place takes; behind it lies one number a channel. */
const PLACE_BYTES = 32;

/** All windows of one output row; `row` counts through the images. */
// @ts-ignore: decorator
@inline
function eachWindow(direction: i32, g: Pooling, row: i32, scratch: usize): void {
  const at = changetype<Place>(scratch);
  const image = row / g.outputHeight;
  const u = (row - image * g.outputHeight) * g.strideHeight - g.top;
  const pixel = <usize>g.channels << 2;
  const line = <usize>g.width * pixel;
  at.firstP = firstInside(u, g.dilationHeight);
  at.endP = endInside(u, g.dilationHeight, g.kernelHeight, g.height);
  at.rowStep = <usize>g.dilationHeight * line;
  at.columnStep = <usize>g.dilationWidth * pixel;
  const start = g.x + <usize>(image * g.height + u) * line;
  let offset = <usize>(row * g.outputWidth) * pixel;
  for (let j = 0; j < g.outputWidth; j++) {
    const v = j * g.strideWidth - g.left;
    at.firstQ = firstInside(v, g.dilationWidth);
    at.endQ = endInside(v, g.dilationWidth, g.kernelWidth, g.width);
    at.isWholeSquareOfFour = isWholeSquareOfFour(g, at);
    at.x = start + <usize>v * pixel;
    if (direction == MEAN) average(g, at, g.y + offset);
    else if (direction == MEAN_BACKWARD) spread(g, at, g.y + offset, scratch + PLACE_BYTES);
    else eachChannel(direction, g, at, offset);
    offset += pixel;
  }
}

// @ts-ignore: decorator
@inline
function eachChannel(direction: i32, g: Pooling, at: Place, offset: usize): void {
  let c = 0;
  for (; c + 4 <= g.channels; c += 4) {
    fourChannels(direction, g, at, offset, 4);
    offset += 16;
    at.x += 16;
  }
  if (c < g.channels) fourChannels(direction, g, at, offset, g.channels - c);
}

/** One window of up to four channels; `offset` is where its output lies in y. */
// @ts-ignore: decorator
@inline
function fourChannels(direction: i32, g: Pooling, at: Place, offset: usize, lanes: i32): void {
  if (direction == MAXIMUM) maximum(g, at, offset, lanes);
  if (direction == MAXIMUM_BACKWARD) route(g, at, offset, lanes);
  if (direction == PICK) pick(g, at, offset, lanes);
}

/** The first cell of a window that begins at `start` which is not before the image. */
// @ts-ignore: decorator
@inline
function firstInside(start: i32, dilation: i32): i32 {
  let cell = 0;
  while (start + cell * dilation < 0) cell++;
  return cell;
}

/** The end of its cells that are not behind the image. */
// @ts-ignore: decorator
@inline
function endInside(start: i32, dilation: i32, kernel: i32, size: i32): i32 {
  let cell = kernel;
  while (cell > 0 && start + (cell - 1) * dilation >= size) cell--;
  return cell;
}

function isWholeSquareOfFour(g: Pooling, at: Place): bool {
  const isSquareOfFour = g.kernelHeight == 2 && g.kernelWidth == 2;
  return isSquareOfFour && at.firstP == 0 && at.endP == 2 && at.firstQ == 0 && at.endQ == 2;
}

/** How many cells are inside; 1 where none is, because it is divided by. */
// @ts-ignore: decorator
@inline
function cells(at: Place): v128 {
  return f32x4.splat(<f32>max(1, max(0, at.endP - at.firstP) * max(0, at.endQ - at.firstQ)));
}

// @ts-ignore: decorator
@inline
function maximum(g: Pooling, at: Place, offset: usize, lanes: i32): void {
  if (at.isWholeSquareOfFour) maximumOfFour(g, at, offset, lanes);
  else maximumOfInside(g, at, offset, lanes);
}

// @ts-ignore: decorator
@inline
function maximumOfFour(g: Pooling, at: Place, offset: usize, lanes: i32): void {
  const below = at.x + at.rowStep;
  const topLeft = loadLanes(at.x, lanes);
  const topRight = loadLanes(at.x + at.columnStep, lanes);
  const bottomLeft = loadLanes(below, lanes);
  const bottomRight = loadLanes(below + at.columnStep, lanes);
  const rightOfTop = wins(topRight, topLeft);
  const rightOfBottom = wins(bottomRight, bottomLeft);
  const top = v128.bitselect(topRight, topLeft, rightOfTop);
  const bottom = v128.bitselect(bottomRight, bottomLeft, rightOfBottom);
  const isBottom = wins(bottom, top);
  const topCell = v128.and(f32x4.splat(1), rightOfTop);
  const bottomCell = v128.bitselect(f32x4.splat(3), f32x4.splat(2), rightOfBottom);
  storeLanes(g.y + offset, v128.bitselect(bottom, top, isBottom), lanes);
  if (g.switches) storeLanes(g.switches + offset, v128.bitselect(bottomCell, topCell, isBottom), lanes);
}

// @ts-ignore: decorator
@inline
function maximumOfInside(g: Pooling, at: Place, offset: usize, lanes: i32): void {
  let best = f32x4.splat(0);
  let winner = f32x4.splat(-1);
  let isFirst = i32x4.splat(-1);
  for (let p = at.firstP; p < at.endP; p++) {
    let from = at.x + p * at.rowStep + at.firstQ * at.columnStep;
    let cell = <f32>(p * g.kernelWidth + at.firstQ);
    for (let q = at.firstQ; q < at.endQ; q++) {
      const value = loadLanes(from, lanes);
      const won = v128.or(isFirst, wins(value, best));
      best = v128.bitselect(value, best, won);
      winner = v128.bitselect(f32x4.splat(cell), winner, won);
      isFirst = i32x4.splat(0);
      from += at.columnStep;
      cell += 1;
    }
  }
  storeLanes(g.y + offset, best, lanes);
  if (g.switches) storeLanes(g.switches + offset, winner, lanes);
}

/** True where `value` takes the place of `best`: where it is greater, or not a number. */
// @ts-ignore: decorator
@inline
function wins(value: v128, best: v128): v128 {
  return v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
}

/** Adds each dy to the x that its switch names. */
// @ts-ignore: decorator
@inline
function route(g: Pooling, at: Place, offset: usize, lanes: i32): void {
  const dy = loadLanes(g.y + offset, lanes);
  const winner = loadLanes(g.switches + offset, lanes);
  for (let p = at.firstP; p < at.endP; p++) {
    let to = at.x + p * at.rowStep + at.firstQ * at.columnStep;
    let cell = <f32>(p * g.kernelWidth + at.firstQ);
    for (let q = at.firstQ; q < at.endQ; q++) {
      addLanes(to, v128.and(dy, f32x4.eq(winner, f32x4.splat(cell))), lanes);
      to += at.columnStep;
      cell += 1;
    }
  }
}

/** What lies where the switch says; 0 where it names no cell inside the image. */
// @ts-ignore: decorator
@inline
function pick(g: Pooling, at: Place, offset: usize, lanes: i32): void {
  const winner = loadLanes(g.switches + offset, lanes);
  let found = f32x4.splat(0);
  for (let p = at.firstP; p < at.endP; p++) {
    let from = at.x + p * at.rowStep + at.firstQ * at.columnStep;
    let cell = <f32>(p * g.kernelWidth + at.firstQ);
    for (let q = at.firstQ; q < at.endQ; q++) {
      found = v128.bitselect(loadLanes(from, lanes), found, f32x4.eq(winner, f32x4.splat(cell)));
      from += at.columnStep;
      cell += 1;
    }
  }
  storeLanes(g.y + offset, found, lanes);
}

/** The sum over the cells inside, in their order, and then its share. */
function average(g: Pooling, at: Place, y: usize): void {
  clearNumbers(y, g.channels);
  for (let p = at.firstP; p < at.endP; p++) {
    let from = at.x + p * at.rowStep + at.firstQ * at.columnStep;
    for (let q = at.firstQ; q < at.endQ; q++) {
      addNumbers(y, from, g.channels);
      from += at.columnStep;
    }
  }
  divideNumbers(y, y, g.channels, cells(at));
}

/** Adds its share of dy to each cell inside. */
function spread(g: Pooling, at: Place, dy: usize, share: usize): void {
  divideNumbers(share, dy, g.channels, cells(at));
  for (let p = at.firstP; p < at.endP; p++) {
    let to = at.x + p * at.rowStep + at.firstQ * at.columnStep;
    for (let q = at.firstQ; q < at.endQ; q++) {
      addNumbers(to, share, g.channels);
      to += at.columnStep;
    }
  }
}

// @ts-ignore: decorator
@inline
function addLanes(to: usize, value: v128, lanes: i32): void {
  storeLanes(to, f32x4.add(loadLanes(to, lanes), value), lanes);
}
