/**
 * Maximum and mean over a sliding window, forward and backward: one loop nest over windows. What happens to a window's cells
 * is in pooling-cells.ts.
 *
 * Cells in the padding are left out by shortening the loops over p and q. Gradients are added to dx window by window in
 * row-major order, the order of src/kernels/reference/pooling.ts, so the bits are the same; hence a unit is a whole image
 * backward and some output rows forward.
 */
import { MAXIMUM_BACKWARD, Place, someChannels } from "./pooling-cells";
import { Divided, endOf, firstOf } from "./units";
import { clearNumbers } from "./vectors";

/** `count` is output rows of all images forward, images backward. */
@unmanaged
class Pooling extends Divided {
  /** One of those of pooling-cells.ts. */
  direction: i32;
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

/** Units: output rows, or images where what arrives is added to dx. */
export function pooling(record: usize, begin: i32, end: i32, scratch: usize): void {
  const g = changetype<Pooling>(record);
  let first = firstOf(g, begin), last = endOf(g, end);
  if (g.direction >= MAXIMUM_BACKWARD) {
    const size = g.height * g.width * g.channels;
    clearNumbers(g.x + (<usize>(first * size) << 2), (last - first) * size);
    first *= g.outputHeight;
    last *= g.outputHeight;
  }
  for (let row = first; row < last; row++) eachWindow(g, row, changetype<Place>(scratch));
}

/** All windows of one output row; `row` counts through the images. */
function eachWindow(g: Pooling, row: i32, at: Place): void {
  const image = row / g.outputHeight;
  const u = (row - image * g.outputHeight) * g.strideHeight - g.top;
  const pixel = <usize>g.channels << 2;
  const line = <usize>g.width * pixel;
  const p = firstInside(u, g.dilationHeight);
  at.rows = endInside(u, g.dilationHeight, g.kernelHeight, g.height) - p;
  at.columnStep = <usize>g.dilationWidth * pixel;
  const rowStep = <usize>g.dilationHeight * line;
  const start = g.x + <usize>(image * g.height + u) * line + p * rowStep;
  let output = <usize>(row * g.outputWidth) * pixel;
  for (let j = 0; j < g.outputWidth; j++) {
    const v = j * g.strideWidth - g.left;
    const q = firstInside(v, g.dilationWidth);
    at.columns = endInside(v, g.dilationWidth, g.kernelWidth, g.width) - q;
    at.x = start + <usize>v * pixel + q * at.columnStep;
    at.rowGap = rowStep - at.columns * at.columnStep;
    at.cell = p * g.kernelWidth + q;
    at.cellGap = g.kernelWidth - at.columns;
    at.y = g.y + output;
    at.switches = g.switches ? g.switches + output : 0;
    for (let left = g.channels; left > 0; ) {
      const done = someChannels(g.direction, at, left);
      left -= done;
      at.x += <usize>done << 2;
      at.y += <usize>done << 2;
      if (at.switches) at.switches += <usize>done << 2;
    }
    output += pixel;
  }
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
