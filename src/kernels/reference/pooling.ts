import type { Window } from "../../window.ts";
import type { Kernels } from "../kernels.ts";

type Pooling = Pick<
  Kernels,
  | "maxPooling2dForward"
  | "maxPooling2dBackward"
  | "maxUnpooling2dBackward"
  | "averagePooling2dForward"
  | "averagePooling2dBackward"
>;

/**
 * Calls `visit` with the places of y and x for each cell p·KW + q of each window that lies inside the image, in row-major
 * order. Maximum and mean, forward and backward, run over this one loop nest. C2, C4, C9
 *   x [N,H,W,C]   y [N,OH,OW,C]
 */
function eachCell(
  [N, H, W, C]: readonly number[],
  { rows, columns }: Window,
  visit: (y: number, x: number, cell: number) => void,
): void {
  for (let n = 0; n < N; n++)
    for (let i = 0; i < rows.output; i++)
      for (let j = 0; j < columns.output; j++)
        for (let p = 0; p < rows.kernel; p++) {
          const u = i * rows.stride + p * rows.dilation - rows.before;
          if (u < 0 || u >= H) continue;
          for (let q = 0; q < columns.kernel; q++) {
            const v = j * columns.stride + q * columns.dilation - columns.before;
            if (v < 0 || v >= W) continue;
            const y = ((n * rows.output + i) * columns.output + j) * C;
            const x = ((n * H + u) * W + v) * C;
            for (let c = 0; c < C; c++) visit(y + c, x + c, p * columns.kernel + q);
          }
        }
}

/** How many cells of the window of each output lie inside the image; 1 where none does, because it is divided by. */
function cellCounts(xShape: readonly number[], window: Window, outputs: number): Float32Array {
  const counts = new Float32Array(outputs);
  eachCell(xShape, window, (y) => counts[y]++);
  return counts.map((count) => Math.max(count, 1));
}

/** A window that lies in the padding altogether gives 0 and passes no gradient on (its switch is −1). */
const NOWHERE = -1;

export const pooling: Pooling = {
  maxPooling2dForward(y, switches, x, window) {
    const [Y, X] = [y.data, x.data];
    const winner = switches?.data ?? new Float32Array(y.size);
    Y.fill(0);
    winner.fill(NOWHERE);
    eachCell(x.shape, window, (y, x, cell) => {
      // The first cell, then whatever is greater; not a number is greater than all numbers, so that errors are seen.
      if (winner[y] !== NOWHERE && !(X[x] > Y[y] || Number.isNaN(X[x]))) return;
      Y[y] = X[x];
      winner[y] = cell;
    });
  },

  maxPooling2dBackward(dx, dy, switches, window) {
    const [dX, dY, winner] = [dx.data, dy.data, switches.data];
    dX.fill(0);
    eachCell(dx.shape, window, (y, x, cell) => {
      if (winner[y] === cell) dX[x] += dY[y];
    });
  },

  maxUnpooling2dBackward(dx, dy, switches, window) {
    const [dX, dY, winner] = [dx.data, dy.data, switches.data];
    dX.fill(0);
    eachCell(dy.shape, window, (pooled, place, cell) => {
      if (winner[pooled] === cell) dX[pooled] = dY[place];
    });
  },

  averagePooling2dForward(y, x, window) {
    const [Y, X] = [y.data, x.data];
    const counts = cellCounts(x.shape, window, y.size);
    Y.fill(0);
    eachCell(x.shape, window, (y, x) => {
      Y[y] += X[x];
    });
    for (let e = 0; e < y.size; e++) Y[e] /= counts[e];
  },

  averagePooling2dBackward(dx, dy, window) {
    const [dX, dY] = [dx.data, dy.data];
    const counts = cellCounts(dx.shape, window, dy.size);
    const shares = dY.map((value, e) => value / counts[e]);
    dX.fill(0);
    eachCell(dx.shape, window, (y, x) => {
      dX[x] += shares[y];
    });
  },
};
