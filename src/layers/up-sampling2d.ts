import { fail } from "../errors.ts";
import type { Interpolation } from "../kernels/kernels.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { type Pair, pair } from "../window.ts";
import { imageWithPixels } from "./images.ts";
import { Layer, type LayerOptions } from "./layer.ts";

export interface UpSampling2DOptions extends LayerOptions {
  /** How many times as high and as wide. Default: 2. */
  size?: Pair;
  /** Default: "nearest". */
  interpolation?: Interpolation;
}

interface Note {
  readonly shape: Shape;
}

/**
 * A larger image: each pixel s × t times, or pixels between their neighbours.                              D3, D7 · U-Net
 *   x [N,H,W,C]   y [N,s·H,t·W,C]
 *   nearest   y[n,i,j,c] = x[n, ⌊i/s⌋, ⌊j/t⌋, c]
 *   bilinear  pixel i has its centre at u = (i+½)/s − ½ (PyTorch: align_corners=False), kept within 0 … H−1, and j so at v;
 *             y[n,i,j,c] = Σ_pq (1−|u−p|)·(1−|v−q|) · x[n,p,q,c] over the pixels p, q less than 1 away
 *   backward  dx[n,p,q,c] = Σ_ij (the same weight) · dy[n,i,j,c]
 *
 * ```ts
 * const x = tensor([[[[1], [2]]]]);
 * new UpSampling2D({ size: [1, 2] }).forward(x).toNested(); // [[[[1], [1], [2], [2]]]]
 * new UpSampling2D({ size: [1, 2], interpolation: "bilinear" }).forward(x).toNested(); // [[[[1], [1.25], [1.75], [2]]]]
 * ```
 * @throws NeocogError for x that is not [N,H,W,C] or is empty, a size that is no whole numbers, another interpolation.
 */
export class UpSampling2D extends Layer {
  readonly #size: readonly [number, number];
  readonly #interpolation: Interpolation;

  constructor(options: UpSampling2DOptions = {}) {
    super("UpSampling2D", options, ["size", "interpolation"]);
    const { size = 2, interpolation = "nearest" } = options;
    this.#size = pair("UpSampling2D", "size", size);
    if (interpolation !== "nearest" && interpolation !== "bilinear") {
      fail("UpSampling2D", "interpolation", interpolation, 'use "nearest" or "bilinear"');
    }
    this.#interpolation = interpolation;
  }

  override outputShape(inputShape: Shape): number[] {
    const [batch, height, width, channels] = imageWithPixels(this.name, inputShape);
    return [batch, height * this.#size[0], width * this.#size[1], channels];
  }

  override placesRead(inputShape: Shape, direction: "rows" | "columns", place: number): readonly number[] {
    const axis = direction === "rows" ? 0 : 1;
    const size = this.#size[axis];
    if (this.#interpolation === "nearest") return [Math.floor(place / size)];
    const centre = Math.min(Math.max((2 * place + 1 - size) / (2 * size), 0), inputShape[axis + 1] - 1);
    return [...new Set([Math.floor(centre), Math.ceil(centre)])];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    const y = pass.allocate(this.outputShape(x.shape));
    pass.kernels.upSampling2dForward(y, x, this.#interpolation);
    pass.remember(this, { shape: x.shape } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, this.outputShape(shape));
    const dx = pass.allocate(shape);
    pass.kernels.upSampling2dBackward(dx, dy, this.#interpolation);
    return dx;
  }
}
