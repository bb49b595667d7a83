import { type Shape, sizeOf } from "../../tensor.ts";
import type { Interpolation, Kernels } from "../kernels.ts";
import { arithmetic } from "./math.ts";

/** A number of x along one direction, and how much of it goes into a number of y; the weights are whole numbers. */
interface Tap {
  readonly place: number;
  readonly weight: number;
}

/**
 * What output i of an enlargement of `input` numbers by `size` is made of.
 *
 *   nearest    x[⌊i/size⌋]
 *   bilinear   i lies at u = (i + ½)/size − ½ = m/(2·size), m = 2i + 1 − size, between x[⌊u⌋] and x[⌊u⌋+1]: their weights
 *              are 2·size − a and a, a = m mod 2·size, to be divided by 2·size; beyond the first and the last x, these
 */
function tapsOf(i: number, input: number, size: number, interpolation: Interpolation): Tap[] {
  if (interpolation === "nearest") return [{ place: Math.floor(i / size), weight: 1 }];
  const whole = 2 * size;
  const m = Math.max(2 * i + 1 - size, 0);
  const place = Math.floor(m / whole);
  if (place >= input - 1) return [{ place: input - 1, weight: whole }];
  const far = m % whole;
  const near = { place, weight: whole - far };
  return far === 0 ? [near] : [near, { place: place + 1, weight: far }];
}

/**
 * Calls `visit` for each number of y with each number of x that it is made of, in row-major order of both. Forward and
 * backward run over this one loop nest.
 *   x [N,H,W,C]   y [N,s·H,t·W,C]
 * @returns what the sums of weighted numbers have to be divided by
 */
function eachTap(
  [, H, W]: Shape,
  [N, OH, OW, C]: Shape,
  interpolation: Interpolation,
  visit: (y: number, x: number, weight: number) => void,
): number {
  if (sizeOf([N, OH, OW, C]) === 0) return 1;
  const { round } = arithmetic("float32");
  const [s, t] = [OH / H, OW / W];
  const columns = Array.from({ length: OW }, (_, j) => tapsOf(j, W, t, interpolation));
  for (let n = 0; n < N; n++)
    for (let i = 0; i < OH; i++) {
      const rows = tapsOf(i, H, s, interpolation);
      for (let j = 0; j < OW; j++)
        for (const row of rows)
          for (const column of columns[j]) {
            const y = ((n * OH + i) * OW + j) * C;
            const x = ((n * H + row.place) * W + column.place) * C;
            for (let c = 0; c < C; c++) visit(y + c, x + c, round(row.weight * column.weight));
          }
    }
  return interpolation === "nearest" ? 1 : round(2 * s * 2 * t);
}

export const upSampling: Pick<Kernels, "upSampling2dForward" | "upSampling2dBackward"> = {
  upSampling2dForward(y, x, interpolation) {
    const [Y, X, { round }] = [y.data, x.data, arithmetic(y.dtype)];
    Y.fill(0);
    const whole = eachTap(x.shape, y.shape, interpolation, (y, x, weight) => {
      Y[y] += round(weight * X[x]);
    });
    for (let e = 0; e < Y.length; e++) Y[e] /= whole;
  },

  upSampling2dBackward(dx, dy, interpolation) {
    const [dX, dY, { round }] = [dx.data, dy.data, arithmetic(dx.dtype)];
    dX.fill(0);
    const whole = eachTap(dx.shape, dy.shape, interpolation, (y, x, weight) => {
      dX[x] += round(weight * dY[y]);
    });
    for (let e = 0; e < dX.length; e++) dX[e] /= whole;
  },
};
