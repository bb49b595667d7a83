/**
 * Enlarging images, by the nearest pixel or between four; the formulas are those of src/kernels/reference/up-sampling.ts,
 * and the weights are whole numbers as there. Gradients are added to dx in row-major order of dy, so a unit is a whole
 * image backward and some rows of y forward.
 */
import { Divided, endOf, firstOf } from "./units";
import { clearNumbers, loadLanes, storeLanes } from "./vectors";

/** `count` is rows of y of all images forward, images backward. */
@unmanaged
class UpSampling extends Divided {
  /** Backward dy and dx. */
  y: usize;
  x: usize;
  channels: i32;
  height: i32;
  width: i32;
  sizeHeight: i32;
  sizeWidth: i32;
  isBilinear: i32;
}

/** The two rows, or columns, that one of y is made of, in the worker's own memory. */
@unmanaged
class Taps {
  first: i32;
  /** Of the first and of the next; the next is not there where this is 0. */
  near: f32;
  far: f32;
}

/** Two `Taps`; src/kernels/wasm/up-sampling.ts gives so much to each worker. */
const COLUMNS: usize = 16;

/** Units: rows of y. */
export function upSampling2dForward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const g = changetype<UpSampling>(record);
  const last = endOf(g, end);
  for (let row = firstOf(g, begin); row < last; row++) eachPixel(false, g, row, scratch);
}

/** Units: images. */
export function upSampling2dBackward(record: usize, begin: i32, end: i32, scratch: usize): void {
  const g = changetype<UpSampling>(record);
  const first = firstOf(g, begin);
  const last = endOf(g, end);
  const size = g.height * g.width * g.channels;
  const dx = g.x + (<usize>(first * size) << 2);
  clearNumbers(dx, (last - first) * size);
  const rows = g.height * g.sizeHeight;
  for (let row = first * rows; row < last * rows; row++) eachPixel(true, g, row, scratch);
  if (g.isBilinear) divideNumbers(dx, (last - first) * size, whole(g));
}

/** What sums of weighted numbers are divided by. */
// @ts-ignore: decorator
@inline
function whole(g: UpSampling): f32 {
  return g.isBilinear ? <f32>(g.sizeHeight << 1) * <f32>(g.sizeWidth << 1) : 1;
}

/** All pixels of one row of y; `row` counts through the images. */
// @ts-ignore: decorator
@inline
function eachPixel(isBackward: bool, g: UpSampling, row: i32, scratch: usize): void {
  const rows = changetype<Taps>(scratch);
  const columns = changetype<Taps>(scratch + COLUMNS);
  const image = row / (g.height * g.sizeHeight);
  const outputWidth = g.width * g.sizeWidth;
  const pixel = <usize>g.channels << 2;
  const line = <usize>g.width * pixel;
  find(rows, row - image * g.height * g.sizeHeight, g.height, g.sizeHeight, g.isBilinear);
  const start = g.x + <usize>(image * g.height + rows.first) * line;
  let y = g.y + <usize>(row * outputWidth) * pixel;
  for (let j = 0; j < outputWidth; j++) {
    find(columns, j, g.width, g.sizeWidth, g.isBilinear);
    let x = start + <usize>columns.first * pixel;
    for (let c = 0; c < g.channels; c += 4) {
      const lanes = min(4, g.channels - c);
      if (isBackward) spread(y, x, pixel, line, rows, columns, lanes);
      else storeLanes(y, f32x4.div(sum(x, pixel, line, rows, columns, lanes), f32x4.splat(whole(g))), lanes);
      y += <usize>lanes << 2;
      x += 16;
    }
  }
}

/** What output i is made of along one direction. */
function find(taps: Taps, i: i32, input: i32, size: i32, isBilinear: i32): void {
  taps.near = 1;
  taps.far = 0;
  taps.first = i / size;
  if (!isBilinear) return;
  const double = 2 * size;
  const m = max(2 * i + 1 - size, 0);
  const place = m / double;
  const isLast = place >= input - 1;
  const far = isLast ? 0 : m - place * double;
  taps.first = isLast ? input - 1 : place;
  taps.near = <f32>(double - far);
  taps.far = <f32>far;
}

// @ts-ignore: decorator
@inline
function sum(x: usize, pixel: usize, line: usize, rows: Taps, columns: Taps, lanes: i32): v128 {
  let total = weighted(f32x4.splat(0), x, rows.near * columns.near, lanes);
  if (columns.far) total = weighted(total, x + pixel, rows.near * columns.far, lanes);
  if (rows.far) {
    total = weighted(total, x + line, rows.far * columns.near, lanes);
    if (columns.far) total = weighted(total, x + line + pixel, rows.far * columns.far, lanes);
  }
  return total;
}

// @ts-ignore: decorator
@inline
function weighted(total: v128, x: usize, weight: f32, lanes: i32): v128 {
  return f32x4.add(total, f32x4.mul(f32x4.splat(weight), loadLanes(x, lanes)));
}

// @ts-ignore: decorator
@inline
function spread(y: usize, x: usize, pixel: usize, line: usize, rows: Taps, columns: Taps, lanes: i32): void {
  const dy = loadLanes(y, lanes);
  addWeighted(x, dy, rows.near * columns.near, lanes);
  if (columns.far) addWeighted(x + pixel, dy, rows.near * columns.far, lanes);
  if (rows.far) {
    addWeighted(x + line, dy, rows.far * columns.near, lanes);
    if (columns.far) addWeighted(x + line + pixel, dy, rows.far * columns.far, lanes);
  }
}

// @ts-ignore: decorator
@inline
function addWeighted(to: usize, dy: v128, weight: f32, lanes: i32): void {
  storeLanes(to, f32x4.add(loadLanes(to, lanes), f32x4.mul(f32x4.splat(weight), dy)), lanes);
}

function divideNumbers(at: usize, count: i32, by: f32): void {
  for (; count > 0; count -= 4) {
    const lanes = min(4, count);
    storeLanes(at, f32x4.div(loadLanes(at, lanes), f32x4.splat(by)), lanes);
    at += 16;
  }
}
