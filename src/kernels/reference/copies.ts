import { type Shape, sizeOf } from "../../tensor.ts";
import type { Kernels } from "../kernels.ts";

/** Numbers that move and stay what they are: padding, cropping, another order of the axes. */
export const copies: Pick<Kernels, "copyWindow2d" | "permute"> = {
  copyWindow2d(y, x, top, left) {
    const [Y, X] = [y.data, x.data];
    const [N, OH, OW, C] = y.shape;
    const [, H, W] = x.shape;
    Y.fill(0);
    if (y.size === 0) return;
    for (let n = 0; n < N; n++)
      for (let i = 0; i < OH; i++)
        for (let j = 0; j < OW; j++) {
          const [u, v] = [i + top, j + left];
          if (u < 0 || u >= H || v < 0 || v >= W) continue;
          for (let c = 0; c < C; c++) Y[((n * OH + i) * OW + j) * C + c] = X[((n * H + u) * W + v) * C + c];
        }
  },

  permute(y, x, axes) {
    const [Y, X] = [y.data, x.data];
    const steps = axes.map((axis) => sizeOf(x.shape.slice(axis + 1)));
    for (let e = 0; e < Y.length; e++) Y[e] = X[placeOf(e, y.shape, steps)];
  },
};

/** Where an element of y lies in x, whose neighbours along y's axis k are steps[k] numbers apart. */
function placeOf(element: number, shape: Shape, steps: readonly number[]): number {
  let [place, rest] = [0, element];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place += (rest % shape[axis]) * steps[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return place;
}
