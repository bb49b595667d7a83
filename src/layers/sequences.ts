import { fail, wholeNumber } from "../errors.ts";
import { checkShape, type Shape } from "../tensor.ts";
import { type Padding, pair } from "../window.ts";

/** `"valid"`, `"same"`, one number for both ends, or `[before, after]`. */
export type SequencePadding = "valid" | "same" | number | readonly [number, number];

/** `[batch, steps, channels]` as images of one row, `[batch, 1, steps, channels]`, or an error that says what was received. */
export function rowShape(layer: string, shape: Shape): readonly [number, number, number, number] {
  checkShape(layer, "the shape of x", shape);
  if (shape.length !== 3) fail(layer, "the shape of x", shape, "give sequences [batch, steps, channels]");
  return [shape[0], 1, shape[1], shape[2]];
}

/** The way back: images of one row as sequences. */
export function sequenceShape([batch, , steps, channels]: Shape): number[] {
  return [batch, steps, channels];
}

/** An option of a window along one row: a whole number of at least 1. */
export function alongSteps(kind: string, argument: string, value: unknown): readonly [number, number] {
  if (Array.isArray(value)) fail(kind, argument, value, "give one number");
  return [1, pair(kind, argument, value)[1]];
}

/** The padding of a row. */
export function rowPadding(kind: string, padding: unknown): Padding {
  if (padding === "valid" || padding === "same") return padding;
  const ends: readonly unknown[] = Array.isArray(padding) ? padding : [padding, padding];
  if (ends.length !== 2 || ends.some((end) => typeof end !== "number")) {
    fail(kind, "padding", padding, 'use "valid", "same", a number, or [before, after]');
  }
  return [0, 0, wholeNumber(kind, "padding", ends[0], 0), wholeNumber(kind, "padding", ends[1], 0)];
}
