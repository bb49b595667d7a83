import { checkOptions, fail, wholeNumber } from "./errors.ts";

/** One number for both directions, or `[height, width]`. */
export type Pair = number | readonly [number, number];
/** `"valid"`, `"same"`, one number for all four sides, or `[top, bottom, left, right]`. */
export type Padding = "valid" | "same" | number | readonly [number, number, number, number];

export interface WindowOptions {
  kernelSize: Pair;
  strides?: Pair;
  padding?: Padding;
  dilationRate?: Pair;
}

/** What a sliding window does along one direction. */
export interface Axis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the first and after the last input: top and bottom, or left and right. */
  readonly before: number;
  readonly after: number;
  readonly output: number;
}

/**
 * The geometry of a sliding window over an image: everything that convolution and pooling must agree on. B3
 *
 *   output = floor((input + before + after − dilation·(kernel − 1) − 1) / stride) + 1
 *   the window of output i reads the inputs i·stride + p·dilation − before, for p = 0 … kernel − 1
 *
 * `"same"` pads so that output = ceil(input / stride); where the padding is odd, the extra zero is at the bottom or the
 * right, as in Keras (PyTorch's explicit padding is symmetric: with strides the two differ).
 */
export class Window {
  constructor(
    readonly rows: Axis,
    readonly columns: Axis,
  ) {}

  /**
   * Lays a window over an image of `height` × `width`.
   *
   * ```ts
   * const w = Window.over("Conv2D", 224, 224, { kernelSize: 11, strides: 4, padding: 2 });
   * w.rows.output; // 55
   * ```
   * @param size what the layer calls its kernelSize, for errors
   * @throws NeocogError where the window does not fit into the padded input.
   */
  static over(owner: string, height: number, width: number, options: WindowOptions, size = "kernelSize"): Window {
    checkOptions(owner, options, ["kernelSize", "strides", "padding", "dilationRate"]);
    wholeNumber(owner, "the height", height, 0);
    wholeNumber(owner, "the width", width, 0);
    const kernel = pair(owner, size, options.kernelSize);
    const stride = pair(owner, "strides", options.strides ?? 1);
    const dilation = pair(owner, "dilationRate", options.dilationRate ?? 1);
    const padding = checkPadding(owner, options.padding ?? "valid");
    const along = (index: 0 | 1, input: number): Axis => {
      const span = dilation[index] * (kernel[index] - 1) + 1;
      const [before, after] = pads(padding, index, input, span, stride[index]);
      if (input + before + after > LARGEST) {
        fail(owner, "padding", options.padding, `with ${input} inputs it makes more than 2^31 − 1; use less`);
      }
      const room = input + before + after - span;
      if (room < 0) {
        fail(
          owner,
          size,
          [...kernel],
          `it spans ${span} ${index === 0 ? "rows" : "columns"}, but the padded input has only ${input + before + after}; use a smaller one, or more padding`,
        );
      }
      const output = Math.floor(room / stride[index]) + 1;
      return { input, kernel: kernel[index], stride: stride[index], dilation: dilation[index], before, after, output };
    };
    return new Window(along(0, height), along(1, width));
  }

  /** `[batch, outputHeight, outputWidth, channels]`. */
  outputShape(batch: number, channels: number): number[] {
    return [batch, this.rows.output, this.columns.output, channels];
  }

  /** `[batch, inputHeight, inputWidth, channels]`. */
  inputShape(batch: number, channels: number): number[] {
    return [batch, this.rows.input, this.columns.input, channels];
  }
}

/** Kernels count in 32 bits. */
const LARGEST = 2 ** 31 - 1;

/** `[height, width]` of positive whole numbers, from one number or a pair. */
export function pair(owner: string, argument: string, value: unknown): readonly [number, number] {
  if (Array.isArray(value)) {
    if (value.length !== 2) fail(owner, argument, value, "give one number or [height, width]");
    return [length(owner, argument, value[0]), length(owner, argument, value[1])];
  }
  const both = length(owner, argument, value);
  return [both, both];
}

function length(owner: string, argument: string, value: unknown): number {
  const checked = wholeNumber(owner, argument, value, 1);
  if (checked > LARGEST) fail(owner, argument, value, "use a whole number below 2^31");
  return checked;
}

/** Checks a padding before any image is known, so that a constructor can refuse it. */
export function checkPadding(owner: string, padding: unknown): Padding {
  if (padding === "valid" || padding === "same") return padding;
  if (Array.isArray(padding) && padding.length === 4) {
    for (const side of padding) wholeNumber(owner, "padding", side, 0);
    return padding as unknown as Padding;
  }
  if (typeof padding === "number") return wholeNumber(owner, "padding", padding, 0);
  return fail(owner, "padding", padding, 'use "valid", "same", a number, or [top, bottom, left, right]');
}

function pads(padding: Padding, index: 0 | 1, input: number, span: number, stride: number): readonly [number, number] {
  if (padding === "valid") return [0, 0];
  if (padding === "same") {
    const total = Math.max((Math.ceil(input / stride) - 1) * stride + span - input, 0);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  }
  if (typeof padding === "number") return [padding, padding];
  return index === 0 ? [padding[0], padding[1]] : [padding[2], padding[3]];
}
