import { fail, wholeNumber } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { checkPadding, type Padding, type Pair, pair, Window, type WindowOptions } from "../window.ts";
import { imageShape } from "./images.ts";
import type { Parameter } from "./layer.ts";
import { Weighted, type WeightedOptions } from "./weighted.ts";

export interface Conv2DOptions extends WeightedOptions {
  /** How many filters, which is how many channels y has. */
  filters: number;
  kernelSize: Pair;
  /** Default: 1. */
  strides?: Pair;
  /** Default: "valid". */
  padding?: Padding;
  /** Distance between the inputs that neighbouring kernel cells read. Default: 1. */
  dilationRate?: Pair;
  /** Filters and channels are cut into this many groups that do not see each other. Default: 1. */
  groups?: number;
}

const KNOWN = ["filters", "kernelSize", "strides", "padding", "dilationRate", "groups"];

interface Note {
  readonly x: Tensor;
  readonly shape: Shape;
  readonly y: Tensor | undefined;
  readonly window: Window;
}

/**
 * 2-D convolution (cross-correlation: the kernel is not flipped).                          B2 · Dumoulin & Visin 2016
 *   x [N,H,W,C]   kernel w [KH,KW,C/groups,F]   bias b [F]   y [N,OH,OW,F]   s stride; d dilation; t, l padding top, left
 *   forward   z[n,i,j,f] = b[f] + Σ_pqc x[n, i·s+p·d−t, j·s+q·d−l, c] · w[p,q,c,f]                  y = activation(z)
 *   backward  dz = dy · activation′;  each product above sends dz·w to its x and dz·x to its w;  db[f] = Σ_nij dz[n,i,j,f]
 *   c runs over the C/groups channels of f's group
 *
 * ```ts
 * const conv = new Conv2D({ filters: 1, kernelSize: 2, kernelInitializer: "ones" });
 * conv.forward(tensor([[[[1], [2], [3]], [[4], [5], [6]]]])).toNested(); // [[[[12], [16]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C], channels that groups do not divide, a kernel larger than the padded x.
 */
export class Conv2D extends Weighted {
  declare readonly options: Conv2DOptions;
  readonly #window: WindowOptions;
  readonly #groups: number;

  constructor(options: Conv2DOptions) {
    super("Conv2D", options, KNOWN);
    wholeNumber("Conv2D", "filters", options.filters, 1);
    const { kernelSize, strides = 1, padding = "valid", dilationRate = 1 } = options;
    pair("Conv2D", "kernelSize", kernelSize);
    pair("Conv2D", "strides", strides);
    pair("Conv2D", "dilationRate", dilationRate);
    this.#window = { kernelSize, strides, padding: checkPadding("Conv2D", padding), dilationRate };
    this.#groups = wholeNumber("Conv2D", "groups", options.groups ?? 1, 1);
    if (options.filters % this.#groups !== 0) {
      fail("Conv2D", "filters", options.filters, `use a multiple of groups, which is ${this.#groups}`);
    }
  }

  override outputShape(inputShape: Shape): number[] {
    return this.windowOver(inputShape).outputShape(inputShape[0], this.options.filters);
  }

  override windowOver(inputShape: Shape): Window {
    const [, height, width, channels] = imageShape(this.name, inputShape);
    if (channels % this.#groups !== 0 || channels === 0) {
      fail(this.name, "the number of channels of x", channels, `give a multiple of groups, which is ${this.#groups}`);
    }
    const expected = this.built ? this.kernel.value.shape[2] * this.#groups : channels;
    if (channels !== expected) {
      fail(
        this.name,
        "the shape of x",
        inputShape,
        `it was built for ${expected} channels; give those, or make a new layer`,
      );
    }
    return Window.over(this.name, height, width, this.#window);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    this.build(x.shape, pass);
    const window = this.windowOver(x.shape);
    const z = pass.allocate(window.outputShape(x.shape[0], this.options.filters));
    pass.kernels.conv2dForward(z, x, this.kernel.value, this.bias?.value, window, this.activation.fused);
    const y = this.activation.finish(z, pass);
    pass.remember(this, { x, y: this.activation.needed(y), shape: y.shape, window } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { dz, x, window } = this.#gradients(dy, pass);
    const dx = pass.allocate(x.shape);
    pass.kernels.conv2dBackwardInput(dx, dz, this.kernel.value, window);
    return dx;
  }

  override backwardParameters(dy: Tensor, pass: Pass): void {
    this.#gradients(dy, pass);
  }

  protected override make([, , , channels]: Shape, pass: Pass): Parameter[] {
    const { filters, kernelSize } = this.options;
    return this.weights([...pair(this.name, "kernelSize", kernelSize), channels / this.#groups, filters], pass);
  }

  #gradients(dy: Tensor, pass: Pass): { dz: Tensor; x: Tensor; window: Window } {
    const { x, y, shape, window } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, shape);
    const dz = this.activation.backward(dy, y, pass);
    this.gradient(this.kernel, pass, (dw) => pass.kernels.conv2dBackwardKernel(dw, x, dz, window));
    this.biasGradient(dz, pass);
    return { dz, x, window };
  }
}
