/**
 * The rectangles of a depthwise convolution: pixels of the output whose windows have the same taps inside the image. One is
 * large, and around it there is one for each row and column of the border; taps outside are left out of a rectangle's list.
 *
 *      ┌─┬──────────┬─┐
 *      ├─┼──────────┼─┤      3 × 3, padded by 1:  corners have 4 taps,
 *      │ │          │ │                           edges 6,
 *      ├─┼──────────┼─┤                           the rest all 9
 *      └─┴──────────┴─┘
 */
import { Convolution } from "./band";
import { readAhead } from "./vectors";

/** In the worker's own memory: the rectangle at hand, and behind it the list of its taps. */
@unmanaged
export class Rectangle {
  /** Under the first tap of the first pixel's window (perhaps outside of the image); and that pixel's place in y or dy. */
  x: usize;
  y: usize;
  rows: i32;
  columns: i32;
  /** Where the list ends: a place and a number a tap. */
  end: usize;
  /** The band of an image that is gone through, and where its next rectangle begins. */
  image: i32;
  endRow: i32;
  nextRow: i32;
  nextColumn: i32;
}

/** src/kernels/wasm/depthwise.ts knows of them. */
export const LIST: usize = 40;
export const ENTRY: usize = 8;

/**
 * Begins with some rows of an image; then `nextRectangle` finds the first one. All that the band sees of x is read ahead,
 * because tiles jump between its rows: without that they take up to twice the time (`npm run bench -- conv2d --only
 * MobileNet`).
 */
export function beginBand(c: Convolution, image: i32, firstRow: i32, endRow: i32, scratch: usize): Rectangle {
  const r = changetype<Rectangle>(scratch);
  r.image = image;
  r.endRow = endRow;
  r.nextRow = firstRow;
  r.nextColumn = 0;
  const first = max(firstRow * c.strideHeight - c.top, 0);
  const below = (endRow - 1) * c.strideHeight - c.top + (c.kernelHeight - 1) * c.dilationHeight;
  const row = <usize>(c.sourceWidth * c.groups) << 2;
  const rows = max(min(below + 1, c.sourceHeight) - first, 0);
  readAhead(c.source + (image * c.sourceHeight + first) * row, rows * row, scratch);
  return r;
}

/** Goes on to the band's next rectangle, along its rows. @returns whether there was one */
export function nextRectangle(c: Convolution, r: Rectangle): bool {
  if (r.nextColumn == c.outputWidth) {
    r.nextColumn = 0;
    r.nextRow += r.rows;
  }
  const i = r.nextRow, j = r.nextColumn;
  if (i == r.endRow) return false;
  const u = i * c.strideHeight - c.top;
  const firstP = firstInside(u, c.dilationHeight);
  const endP = endInside(u, c.dilationHeight, c.kernelHeight, c.sourceHeight);
  const hasAllRows = firstP == 0 && endP == c.kernelHeight;
  const below = (c.sourceHeight - 1 - u - (c.kernelHeight - 1) * c.dilationHeight) / c.strideHeight;
  r.rows = hasAllRows ? min(r.endRow - i, below + 1) : 1;
  const v = j * c.strideWidth - c.left;
  const firstQ = firstInside(v, c.dilationWidth);
  const endQ = endInside(v, c.dilationWidth, c.kernelWidth, c.sourceWidth);
  const hasAllColumns = firstQ == 0 && endQ == c.kernelWidth;
  const behind = (c.sourceWidth - 1 - v - (c.kernelWidth - 1) * c.dilationWidth) / c.strideWidth;
  r.columns = hasAllColumns ? min(c.outputWidth - j, behind + 1) : 1;
  r.x = c.source + (<usize>((r.image * c.sourceHeight + u) * c.sourceWidth + v) * c.groups << 2);
  r.y = c.destination + r.image * c.imageStep + i * c.rowStep + j * c.pixelStep;
  r.nextColumn = j + r.columns;
  noteTaps(c, r, firstP, endP, firstQ, endQ);
  return true;
}

/** The first tap of a window that begins at `start` which is not before the image. */
function firstInside(start: i32, dilation: i32): i32 {
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** The end of its taps that are not behind the image. */
function endInside(start: i32, dilation: i32, kernel: i32, size: i32): i32 {
  return start < size ? min(kernel, (size - 1 - start) / dilation + 1) : 0;
}

/** Lists where the taps inside lie under a window, in bytes, and which they are; two more repeat the last. */
function noteTaps(c: Convolution, r: Rectangle, firstP: i32, endP: i32, firstQ: i32, endQ: i32): void {
  let entry = changetype<usize>(r) + LIST;
  for (let p = firstP; p < endP; p++) {
    for (let q = firstQ; q < endQ; q++) {
      const place = p * c.dilationHeight * c.sourceWidth + q * c.dilationWidth;
      store<usize>(entry, <usize>(place * c.groups) << 2);
      store<i32>(entry, p * c.kernelWidth + q, 4);
      entry += ENTRY;
    }
  }
  r.end = entry;
  const last = load<u64>(entry - ENTRY);
  store<u64>(entry, last);
  store<u64>(entry, last, ENTRY);
}
