import { fail } from "../errors.ts";
import type { RandomKey } from "../random.ts";
import type { DType, Shape, Tensor } from "../tensor.ts";
import type { Window } from "../window.ts";

/** A function applied to every element; `alpha` is leakyRelu's slope below zero and elu's limit. C1 */
export interface Activation {
  readonly name: "linear" | "relu" | "leakyRelu" | "elu" | "sigmoid" | "tanh" | "scaledTanh";
  readonly alpha: number;
}

/** How an image is enlarged: each pixel several times, or pixels between their neighbours. */
export type Interpolation = "nearest" | "bilinear";

/** How local response normalisation looks at `size` neighbouring channels; k > 0. */
export interface ResponseNormalization {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

export interface SGDSettings {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Added to the gradient as weightDecay · value (L2). */
  readonly weightDecay: number;
}

export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** true: AdamW, the value shrinks by learningRate · weightDecay; false: the decay is added to the gradient. */
  readonly decoupled: boolean;
  /** 1 − beta1ᵗ and 1 − beta2ᵗ at step t = 1, 2, … */
  readonly correction1: number;
  readonly correction2: number;
}

export interface RMSpropSettings {
  readonly learningRate: number;
  readonly rho: number;
  readonly epsilon: number;
}

export interface PenaltySettings {
  readonly l1: number;
  readonly l2: number;
}

/** The losses that have a kernel; the names say what `x` is: logits for the first two, probabilities for the next two. */
export type LossKind =
  | "softmaxCrossEntropy"
  | "sigmoidCrossEntropy"
  | "categoricalCrossEntropy"
  | "binaryCrossEntropy"
  | "squaredError";

/**
 * The contract of all number crunching: one signature an operation, implemented twice.
 *
 * `reference/` is the formula of the book in plain loops (float32 or float64), `wasm/` the fast kernels (float32); tests
 * own the sentence "the two are the same". Layers call nothing else.
 *
 * - The destination comes first. A kernel writes all of its destination, never reads it, never changes an input;
 *   destination and inputs must not overlap. (`add`, `multiply`, `affineForward`, `clip` and the optimizers are the exceptions: they may work in place.)
 * - Images are [N,H,W,C], convolution kernels [KH,KW,C/groups,F], dense kernels [units in, units out]. Shapes are right
 *   when they arrive here: layers check, kernels do not.
 * - Index letters: n image, i j output row and column, p q kernel row and column, u v input row and column, c channel,
 *   f filter.
 * - Tensors may live in any memory: an implementation copies what it does not find in its own.
 *
 * Numbers that are not finite. Two promises hold for every operation: NaN is never hidden (where the formula gives NaN, so
 * does every implementation; what gradients leave out is said below), and nothing is read or written outside the tensors,
 * whatever is in them. Beyond that:
 *
 * - All operations but the convolutions and the dense layer give the reference's NaN, infinities and denormals exactly.
 *   NaN is the largest of a window and of a row: it wins in max pooling (the last of several), and a softmax with a NaN
 *   in its row is NaN. relu(NaN) is NaN; as its derivative looks at the output y, and y > 0 is false, it passes nothing
 *   back there. What the formula leaves out is 0, NaN or not: a cross-entropy's term with target 0, what dropout drops.
 * - Convolutions and the dense layer may multiply padding, and add and subtract neighbours before they multiply (Winograd):
 *   where the formula gives an infinity, or reads only finite numbers next to one that is not, the result may be NaN. It
 *   stays within the image and the filter (the channel, of dx) to which the number belongs; all others keep their bits.
 *   Their gradients may leave out the terms in which dy is 0, also those where it would meet an infinity or a NaN: most of
 *   what comes back through ReLU and max pooling is zero, and a zero says that nothing is to be sent.
 *   Sums whose parts come near the largest float32 may overflow in one implementation and not in another.
 * - A zero that is a sum, or dx of max pooling, has either sign. Elsewhere −0 is kept as IEEE 754 has it; relu(−0) is 0.
 */
export interface Kernels {
  /** For reports: "wasm simd, 1 thread" or "reference float64". */
  readonly name: string;
  readonly dtype: DType;
  /** A tensor of zeros that lives as long as it is referred to, in the memory where these kernels work without copying. */
  allocate(shape: Shape): Tensor;

  /** y[n,i,j,f] = activation(bias[f] + Σ_pqc x[n, i·s+p·d−top, j·s+q·d−left, c] · kernel[p,q,c,f]); no bias: 0. B2 */
  conv2dForward(
    y: Tensor,
    x: Tensor,
    kernel: Tensor,
    bias: Tensor | undefined,
    window: Window,
    activation: Activation,
  ): void;
  /** dx[n,u,v,c] = Σ dy[n,i,j,f] · kernel[p,q,c,f] over all products in which x[n,u,v,c] takes part. */
  conv2dBackwardInput(dx: Tensor, dy: Tensor, kernel: Tensor, window: Window): void;
  /** dkernel[p,q,c,f] = Σ_nij dy[n,i,j,f] · x[n, i·s+p·d−top, j·s+q·d−left, c]. */
  conv2dBackwardKernel(dkernel: Tensor, x: Tensor, dy: Tensor, window: Window): void;

  /** y[n,b] = activation(bias[b] + Σ_a x[n,a] · kernel[a,b]). C5 */
  denseForward(y: Tensor, x: Tensor, kernel: Tensor, bias: Tensor | undefined, activation: Activation): void;
  /** dx[n,a] = Σ_b dy[n,b] · kernel[a,b]. */
  denseBackwardInput(dx: Tensor, dy: Tensor, kernel: Tensor): void;
  /** dkernel[a,b] = Σ_n x[n,a] · dy[n,b]. */
  denseBackwardKernel(dkernel: Tensor, x: Tensor, dy: Tensor): void;

  /** dbias[f] = Σ dy[…,f] over all other axes: the same for a convolution and for a dense layer. */
  backwardBias(dbias: Tensor, dy: Tensor): void;

  /** y[…,c] = activation(x[…,c] · scale[c] + shift[c]); no scale: 1, no shift: 0; y may be x. C4, C8, C10 */
  affineForward(
    y: Tensor,
    x: Tensor,
    scale: Tensor | undefined,
    shift: Tensor | undefined,
    activation: Activation,
  ): void;
  /** dscale[c] = Σ dy[…,c] · x[…,c] over all other axes. (dx is affineForward of dy without shift, dshift backwardBias.) */
  affineBackwardScale(dscale: Tensor, dy: Tensor, x: Tensor): void;

  /**
   * y[n,i,j,c] = max over the window of x[n,·,·,c], never reading padding; switches[n,i,j,c] = p·KW + q of the first
   * maximum in row-major order (left out where no backward pass follows). C2, C9
   */
  maxPooling2dForward(y: Tensor, switches: Tensor | undefined, x: Tensor, window: Window): void;
  /** dx[n,u,v,c] = Σ dy[n,i,j,c] over the outputs whose maximum was there. */
  maxPooling2dBackward(dx: Tensor, dy: Tensor, switches: Tensor, window: Window): void;
  /**
   * dx[n,i,j,c] = dy[n,·,·,c] where that window's maximum was, 0 where it had none: the gradient of unpooling, which itself
   * is maxPooling2dBackward with values for dy. C9
   */
  maxUnpooling2dBackward(dx: Tensor, dy: Tensor, switches: Tensor, window: Window): void;
  /** y[n,i,j,c] = mean of x[n,·,·,c] over the window's cells inside the image. C4 */
  averagePooling2dForward(y: Tensor, x: Tensor, window: Window): void;
  /** dx[n,u,v,c] = Σ dy[n,i,j,c] / (cells of that window inside the image). */
  averagePooling2dBackward(dx: Tensor, dy: Tensor, window: Window): void;

  /** y = activation(x), element by element. C1 */
  activationForward(y: Tensor, x: Tensor, activation: Activation): void;
  /** dx = dy · activation′, with the derivative expressed through the output y; at relu's kink it is 0. */
  activationBackward(dx: Tensor, dy: Tensor, y: Tensor, activation: Activation): void;

  /** y[…,k] = exp(x[…,k] − max) / Σ exp(x[…,·] − max) along the last axis. C6 */
  softmaxForward(y: Tensor, x: Tensor): void;
  /** dx = y · (dy − Σ dy·y). */
  softmaxBackward(dx: Tensor, dy: Tensor, y: Tensor): void;
  /** y[…,k] = x[…,k] − max − log Σ exp(x[…,·] − max). */
  logSoftmaxForward(y: Tensor, x: Tensor): void;
  /** dx = dy − exp(y) · Σ dy. */
  logSoftmaxBackward(dx: Tensor, dy: Tensor, y: Tensor): void;

  /**
   * y[…,c] = x[…,c] · s[c]^−β along the last axis, s[c] = k + α/size · Σ x[…,d]² over d from c − ⌊size/2⌋ to
   * c + ⌊(size−1)/2⌋. C10
   */
  localResponseNormalizationForward(y: Tensor, x: Tensor, settings: ResponseNormalization): void;
  /** dx[c] = dy[c]·s[c]^−β − 2·β·α/size · x[c] · Σ dy[d]·x[d]·s[d]^−β−1 over the d whose neighbourhood has c. */
  localResponseNormalizationBackward(dx: Tensor, dy: Tensor, x: Tensor, settings: ResponseNormalization): void;

  /**
   * A loss with its gradient, one row of x (all but the last axis) at a time: losses[r] = weights[r] · loss(x[r], t[r])
   * and dx[r] = weights[r] · ∂loss/∂x[r] (dx left out: only the losses). The mean over a batch is weights[r] = 1/rows.
   *
   *   softmaxCrossEntropy      −Σ_k t[k] · logSoftmax(x)[k]          t: class index per row, or one value per element
   *   categoricalCrossEntropy  −Σ_k t[k] · log(max(x[k], tiny))      same; tiny = 1e-7
   *   sigmoidCrossEntropy      mean_k max(x,0) − x·t + log(1 + exp(−|x|))
   *   binaryCrossEntropy       mean_k −t·log(max(x,tiny)) − (1−t)·log(max(1−x,tiny))
   *   squaredError             mean_k (x − t)²
   *
   * `targets` has one axis less than x (class indices) or the same shape as x.
   */
  loss(kind: LossKind, losses: Tensor, dx: Tensor | undefined, x: Tensor, targets: Tensor, weights: Tensor): void;

  /**
   * Inverted dropout: y = x / (1 − rate) where kept, 0 where dropped; element e is kept when its 32 random bits are at
   * least rate · 2³². Bits of e: Philox with the counter [4·⌊e/16⌋ + e mod 4, 0, 0, 0], its word ⌊e/4⌋ mod 4. The same
   * call with dy for x is the backward pass. C7
   */
  dropout(y: Tensor, x: Tensor, rate: number, key: RandomKey): void;

  /** Dropout of whole channels: x[n,·,·,c] is kept when `dropout` would keep element n·C + c. C7 */
  spatialDropout2d(y: Tensor, x: Tensor, rate: number, key: RandomKey): void;
  /**
   * y = x + stddev · z, z normal: √2 · erfinv((2h + 1)/2²⁴ − 1) with the upper 24 bits h of the element's, which are those
   * of dropout.
   */
  gaussianNoise(y: Tensor, x: Tensor, stddev: number, key: RandomKey): void;

  /** y = a + b; y may be a. */
  add(y: Tensor, a: Tensor, b: Tensor): void;
  /** y = a · b, element by element; y may be a. */
  multiply(y: Tensor, a: Tensor, b: Tensor): void;
  /** y[r] = xs[0][r] ‖ xs[1][r] ‖ …: row after row, with each tensor cut into `rows` rows of the same length. */
  concatenate(y: Tensor, xs: readonly Tensor[], rows: number): void;
  /** y[r] = x[r][from …], as many numbers of each row as y has: what concatenate put there. */
  slice(y: Tensor, x: Tensor, rows: number, from: number): void;
  /**
   * y[n,i,j,c] = x[n, i+top, j+left, c], 0 where that is outside of x: crops, and pads where top or left is negative. Each
   * is the other's gradient.
   */
  copyWindow2d(y: Tensor, x: Tensor, top: number, left: number): void;
  /** y has the numbers of x, and for its axis k that of x which axes[k] names; backward with the inverse of axes. */
  permute(y: Tensor, x: Tensor, axes: readonly number[]): void;
  /**
   * y [N,s·H,t·W,C]: nearest x[n, ⌊i/s⌋, ⌊j/t⌋, c]; bilinear between the four pixels around (i+½)/s−½, (j+½)/t−½, weighted
   * by whole numbers whose sum the sum is divided by; beyond the outermost pixels' centres, what these are.
   */
  upSampling2dForward(y: Tensor, x: Tensor, interpolation: Interpolation): void;
  /** dx[n,u,v,c] = Σ dy[n,i,j,c] · (the weight of x[n,u,v,c] in y[n,i,j,c]). */
  upSampling2dBackward(dx: Tensor, dy: Tensor, interpolation: Interpolation): void;
  /** y[0] = Σ x. */
  sum(y: Tensor, x: Tensor): void;

  /** y[0] = Σ l1·|x| + l2·x². */
  penalty(y: Tensor, x: Tensor, settings: PenaltySettings): void;
  /** The gradient of the penalty, in place: gradient += l1·sign(value) + 2·l2·value, where the sign of 0 is 0. */
  regularize(gradient: Tensor, value: Tensor, settings: PenaltySettings): void;
  /** y = x, but at least −limit and at most limit; y may be x. */
  clip(y: Tensor, x: Tensor, limit: number): void;

  /**
   * In place: g = gradient + weightDecay·value; velocity = momentum·velocity + g; value −= learningRate · step, where step
   * is velocity, or g + momentum·velocity with nesterov, or g where there is no velocity (momentum 0).
   */
  sgd(value: Tensor, velocity: Tensor | undefined, gradient: Tensor, settings: SGDSettings): void;
  /**
   * In place (Kingma & Ba 2015; decoupled: Loshchilov & Hutter 2019): mean = β₁·mean + (1−β₁)·g; square = β₂·square +
   * (1−β₂)·g²; value −= learningRate/correction1 · mean / (√square/√correction2 + ε).
   */
  adam(value: Tensor, mean: Tensor, square: Tensor, gradient: Tensor, settings: AdamSettings): void;
  /** In place (Tieleman & Hinton 2012): square = ρ·square + (1−ρ)·g²; value −= learningRate · g / (√square + ε). */
  rmsprop(value: Tensor, square: Tensor, gradient: Tensor, settings: RMSpropSettings): void;
}

/** Refuses what cannot be an implementation of the contract. */
export function checkKernels(owner: string, kernels: Kernels): Kernels {
  if (typeof kernels !== "object" || kernels === null || typeof kernels.allocate !== "function") {
    fail(owner, "kernels", kernels, 'give wasmKernels() or referenceKernels("float64")');
  }
  return kernels;
}
