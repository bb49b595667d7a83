import { fail } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import type { LayerOptions } from "./layer.ts";
import { Merge } from "./merge.ts";

export interface ConcatenateOptions extends LayerOptions {
  /** Along which axis, counted with the batch (0) from the front, or from the end (−1). Default: −1, the channels. */
  axis?: number;
}

interface Note {
  readonly shapes: readonly Shape[];
  readonly shape: Shape;
}

/**
 * Its inputs side by side along an axis: the maps of several branches become the channels of one image.
 *   x₁ [N,H,W,C₁]   x₂ [N,H,W,C₂]   …   y [N,H,W,C₁+C₂+…]                     D3 · Szegedy et al. 2014, Ronneberger 2015
 *   forward   y[n,i,j, C₁+…+Cₖ₋₁+c] = xₖ[n,i,j,c]
 *   backward  dxₖ[n,i,j,c] = dy[n,i,j, C₁+…+Cₖ₋₁+c]
 *
 * ```ts
 * new Concatenate().forwardAll([tensor([[1], [2]]), tensor([[10, 11], [20, 21]])]).toNested(); // [[1, 10, 11], [2, 20, 21]]
 * ```
 * @throws NeocogError for fewer than two inputs, an axis they have not, and shapes that differ elsewhere.
 */
export class Concatenate extends Merge {
  declare readonly options: ConcatenateOptions;
  readonly #along: number;

  constructor(options: ConcatenateOptions = {}) {
    super("Concatenate", options, ["axis"]);
    const { axis = -1 } = options;
    const remedy = "use a whole number: −1 for the last axis; 0 would be the batch";
    if (!Number.isInteger(axis) || axis === 0) fail("Concatenate", "axis", axis, remedy);
    this.#along = axis;
  }

  override outputShapeAll(inputShapes: readonly Shape[]): number[] {
    this.checkCount(inputShapes);
    const [first] = inputShapes;
    const axis = this.#axis(first);
    inputShapes.forEach((shape, index) => {
      const fits = shape.length === first.length && shape.every((length, a) => a === axis || length === first[a]);
      const remedy = `the first has [${first}]; only axis ${axis} may differ`;
      if (!fits) fail(this.name, `the shape of input ${index + 1}`, shape, remedy);
    });
    return first.map((length, a) => (a === axis ? inputShapes.reduce((sum, shape) => sum + shape[axis], 0) : length));
  }

  override forwardAll(xs: readonly Tensor[], pass: Pass = defaultPass()): Tensor {
    const shapes = xs.map((x) => x.shape);
    const shape = this.outputShapeAll(shapes);
    const y = pass.allocate(shape);
    pass.kernels.concatenate(y, xs, this.#rows(shape));
    pass.remember(this, { shapes, shape } satisfies Note);
    return y;
  }

  override backwardAll(dy: Tensor, pass: Pass = defaultPass(), wanted?: readonly boolean[]): (Tensor | undefined)[] {
    const { shapes, shape } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, shape);
    const rows = this.#rows(shape);
    let from = 0;
    return shapes.map((own, k) => {
      const begin = from;
      from += sizeOf(own) / rows;
      if (wanted && !wanted[k]) return undefined;
      const dx = pass.allocate(own);
      pass.kernels.slice(dx, dy, rows, begin);
      return dx;
    });
  }

  /** From the front. */
  #axis(shape: Shape): number {
    const axis = this.#along;
    const place = axis < 0 ? shape.length + axis : axis;
    const remedy = `inputs of shape [${shape}] have the axes 1 to ${shape.length - 1}`;
    if (place < 1 || place >= shape.length) fail(this.name, "axis", axis, remedy);
    return place;
  }

  /** All axes before the one that grows. */
  #rows(shape: Shape): number {
    return sizeOf(shape.slice(0, this.#axis(shape)));
  }
}
