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

/** The same, for layers that can do nothing with images that have no pixels or no channels. */
export function imageWithPixels(layer: string, shape: Shape): readonly [number, number, number, number] {
  const checked = imageShape(layer, shape);
  const [, height, width, channels] = checked;
  if (height * width * channels === 0) fail(layer, "the shape of x", shape, "give images with pixels and channels");
  return checked;
}
