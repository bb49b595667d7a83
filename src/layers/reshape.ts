import { fail } from "../errors.ts";
import { type Shape, sizeOf } from "../tensor.ts";
import type { LayerOptions } from "./layer.ts";
import { Reshaping } from "./reshaping.ts";

export interface ReshapeOptions extends LayerOptions {
  /** Of one example, without the batch; one length may be −1: what is left over for it. */
  targetShape: Shape;
}

/**
 * The numbers of each example under another shape, in the order of memory: nothing is copied.
 *   x [N,…]   y [N,…targetShape], as many numbers
 *   forward   y = x, backward  dx = dy, number by number
 *
 * ```ts
 * new Reshape({ targetShape: [2, -1] }).forward(tensor([[1, 2, 3, 4]])).toNested(); // [[[1, 2], [3, 4]]]
 * ```
 * @throws NeocogError for a targetShape with lengths that are not positive, more than one −1, or another number of numbers.
 */
export class Reshape extends Reshaping {
  declare readonly options: ReshapeOptions;

  constructor(options: ReshapeOptions) {
    super("Reshape", options, ["targetShape"]);
    const { targetShape } = options;
    const fits = Array.isArray(targetShape) && targetShape.every((length) => isLength(length) || length === -1);
    if (!fits || targetShape.filter((length) => length === -1).length > 1) {
      const remedy = "give a list of positive whole numbers without the batch, one of them −1 at most";
      fail("Reshape", "targetShape", targetShape, remedy);
    }
  }

  protected override exampleShape(shape: Shape): readonly number[] {
    const { targetShape } = this.options;
    const known = targetShape.filter((length) => length !== -1).reduce((size, length) => size * length, 1);
    const size = sizeOf(shape);
    const open = targetShape.includes(-1);
    if (open ? size % known !== 0 : size !== known) {
      const count = open ? `a multiple of ${known}` : known;
      fail(this.name, "the shape of x", [-1, ...shape], `for targetShape [${targetShape}] give ${count} numbers each`);
    }
    return targetShape.map((length) => (length === -1 ? size / known : length));
  }
}

function isLength(length: unknown): boolean {
  return Number.isSafeInteger(length) && (length as number) > 0;
}
