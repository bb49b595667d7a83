import { fail } from "../errors.ts";
import { checkShape, type Shape } from "../tensor.ts";

/** `[batch, height, width, channels]`, or an error that says what was received instead. */
export function imageShape(layer: string, shape: Shape): readonly [number, number, number, number] {
  checkShape(layer, "the shape of x", shape);
  if (shape.length !== 4) {
    const remedy =
      shape.length === 3
        ? `one image is [1, height, width, channels]: use x.reshape([1, ${shape.join(", ")}])`
        : "give images [batch, height, width, channels]";
    fail(layer, "the shape of x", shape, remedy);
  }
  return shape as unknown as readonly [number, number, number, number];
}
