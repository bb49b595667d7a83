import { fail, wholeNumber } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { type Axis, Window } from "../window.ts";
import { imageWithPixels } from "./images.ts";
import { Layer, type LayerOptions } from "./layer.ts";

/** Pixels at the edges: one number for all four, `[rows, columns]` on both sides, or `[top, bottom, left, right]`. */
export type Sides = number | readonly [number, number] | readonly [number, number, number, number];

interface Note {
  readonly shape: Shape;
  readonly window: Window;
}

/** Kernels count in 32 bits. */
const LARGEST = 2 ** 31 - 1;

/** What padding and cropping share: a window over the image whose edges lie so many pixels outside, or inside, of its. */
export abstract class Frame2D extends Layer {
  readonly #argument: string;
  readonly #given: Sides;
  /** Pixels that y has more at each edge: top, bottom, left, right. */
  readonly #more: readonly number[];

  protected constructor(kind: string, options: LayerOptions, argument: string, sides: Sides, sign: 1 | -1) {
    super(kind, options, [argument]);
    this.#argument = argument;
    this.#given = sides;
    this.#more = fourSides(kind, argument, sides).map((pixels) => sign * pixels);
  }

  override outputShape(inputShape: Shape): number[] {
    return this.windowOver(inputShape).outputShape(inputShape[0], inputShape[3]);
  }

  /** One pixel that slides over all of the frame. */
  override windowOver(inputShape: Shape): Window {
    const [, height, width] = imageWithPixels(this.name, inputShape);
    const [top, bottom, left, right] = this.#more;
    return new Window(this.#axis(height, top, bottom), this.#axis(width, left, right));
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const window = this.windowOver(x.shape);
    const y = pass.allocate(window.outputShape(x.shape[0], x.shape[3]));
    pass.kernels.copyWindow2d(y, x, -window.rows.before, -window.columns.before);
    pass.remember(this, { shape: x.shape, window } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape, window } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, window.outputShape(shape[0], shape[3]));
    const dx = pass.allocate(shape);
    pass.kernels.copyWindow2d(dx, dy, window.rows.before, window.columns.before);
    return dx;
  }

  #axis(input: number, before: number, after: number): Axis {
    const output = input + before + after;
    if (output < 1 || output > LARGEST) {
      const remedy = output < 1 ? "nothing would be left; use less" : "y would be longer than 2^31 − 1; use less";
      fail(this.name, this.#argument, this.#given, `of ${input} pixels ${remedy}`);
    }
    return { input, kernel: 1, stride: 1, dilation: 1, before, after, output };
  }
}

function fourSides(kind: string, argument: string, sides: unknown): readonly number[] {
  const given: readonly unknown[] = Array.isArray(sides) ? sides : [sides];
  if (![1, 2, 4].includes(given.length)) {
    fail(kind, argument, sides, "give a number, [rows, columns], or [top, bottom, left, right]");
  }
  const each = given.map((pixels) => wholeNumber(kind, argument, pixels, 0));
  if (each.length === 4) return each;
  const [rows, columns = rows] = each;
  return [rows, rows, columns, columns];
}
