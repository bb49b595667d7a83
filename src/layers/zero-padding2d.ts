import { Frame2D, type Sides } from "./frame2d.ts";
import type { LayerOptions } from "./layer.ts";

export interface ZeroPadding2DOptions extends LayerOptions {
  /** How many zeros at each edge. Default: 1. */
  padding?: Sides;
}

/**
 * Zeros around an image.                                                                                              B3
 *   x [N,H,W,C]   y [N,t+H+b,l+W+r,C]                                                     t b l r  zeros at top, bottom, left, right
 *   forward   y[n,i,j,c] = x[n, i−t, j−l, c] inside of x, 0 around it
 *   backward  dx[n,u,v,c] = dy[n, u+t, v+l, c]: cropping
 *
 * ```ts
 * new ZeroPadding2D({ padding: [0, 1] }).forward(tensor([[[[1], [2]]]])).toNested(); // [[[[0], [1], [2], [0]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C] or is empty, and padding that is no whole numbers of at least 0.
 */
export class ZeroPadding2D extends Frame2D {
  constructor(options: ZeroPadding2DOptions = {}) {
    super("ZeroPadding2D", options, "padding", options?.padding ?? 1, 1);
  }
}
