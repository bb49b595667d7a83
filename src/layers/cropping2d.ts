import { Frame2D, type Sides } from "./frame2d.ts";
import type { LayerOptions } from "./layer.ts";

export interface Cropping2DOptions extends LayerOptions {
  /** How many pixels are cut off at each edge. Default: 1. */
  cropping?: Sides;
}

/**
 * An image without its edges.                                                                  D7 · Ronneberger et al. 2015
 *   x [N,H,W,C]   y [N,H−t−b,W−l−r,C]                                     t b l r  pixels at top, bottom, left, right
 *   forward   y[n,i,j,c] = x[n, i+t, j+l, c]
 *   backward  dx[n,u,v,c] = dy[n, u−t, v−l, c] inside of y, 0 around it: padding
 *
 * ```ts
 * new Cropping2D({ cropping: [0, 0, 1, 0] }).forward(tensor([[[[1], [2], [3]]]])).toNested(); // [[[[2], [3]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C] or would have no pixel left, and cropping that is no whole numbers.
 */
export class Cropping2D extends Frame2D {
  constructor(options: Cropping2DOptions = {}) {
    super("Cropping2D", options, "cropping", options?.cropping ?? 1, -1);
  }
}
