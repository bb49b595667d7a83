import { fail, finiteNumber, trueOrFalse } from "../errors.ts";
import type { Initializer } from "../initializers.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { checkRegularizer, type Regularizer } from "../regularizers.ts";
import { checkShape, type Shape, type Tensor } from "../tensor.ts";
import { LINEAR } from "./activation-option.ts";
import { Layer, type LayerOptions, type Parameter } from "./layer.ts";

export interface BatchNormalizationOptions extends LayerOptions {
  /** Added to the variance, so that a channel that is constant divides by no zero. Default: 0.001. */
  epsilon?: number;
  /** How much of the moving statistics stays in a step, from 0 to 1. Default: 0.99. */
  momentum?: number;
  /** Whether there is a shift β. Default: true. */
  center?: boolean;
  /** Whether there is a factor γ. Default: true. */
  scale?: boolean;
  /** A penalty on γ, such as `l2(0.001)`. Default: nothing. */
  gammaRegularizer?: Regularizer;
  betaRegularizer?: Regularizer;
}

interface Note {
  /** x − μ. */
  readonly centred: Tensor;
  /** 1 / √(σ² + ε), and γ times it. */
  readonly inverse: Tensor;
  readonly factor: Tensor;
  /** Whether μ and σ² are those of x, and change with it. */
  readonly own: boolean;
}

/**
 * Every channel with mean 0 and variance 1 over the batch, then with a mean and a spread that are learnt.
 *   x and y [N,…,C]   γ, β, moving mean and moving variance [C]   M = how many numbers a channel has    C10 · Ioffe & Szegedy 2015
 *   forward   y[…,c] = γ[c]·x̂[…,c] + β[c],   x̂[…,c] = (x[…,c] − μ[c]) / √(σ²[c] + ε)
 *             training: μ = Σx / M, σ² = Σ(x − μ)² / M of the batch;  moving ← momentum·moving + (1 − momentum)·batch's
 *             otherwise: μ and σ² are the moving ones; so they are in training where the layer is frozen (trainable: false)
 *   backward  dβ[c] = Σ dy[…,c]   dγ[c] = Σ dy[…,c]·x̂[…,c]
 *             dx = γ/√(σ² + ε) · (dy − dβ/M − x̂·dγ/M);  where μ and σ² do not depend on x: dx = γ/√(σ² + ε) · dy
 *
 * As in Keras. PyTorch's momentum is 1 − momentum here, its epsilon is 1e-5, and its moving variance is the unbiased one,
 * M/(M − 1) times as large.
 *
 * ```ts
 * const pass = new Pass({ training: true });
 * new BatchNormalization({ epsilon: 0 }).forward(tensor([[1], [3]]), pass).toNested(); // [[-1], [1]]
 * ```
 * @throws NeocogError for x that is not [batch, …, channels], or has other channels than the layer was built for.
 */
export class BatchNormalization extends Layer {
  declare readonly options: BatchNormalizationOptions;
  readonly #epsilon: number;
  readonly #momentum: number;

  constructor(options: BatchNormalizationOptions = {}) {
    const regularizers = ["gammaRegularizer", "betaRegularizer"] as const;
    super("BatchNormalization", options, ["epsilon", "momentum", "center", "scale", ...regularizers]);
    this.#epsilon = finiteNumber(this.kind, "epsilon", options.epsilon ?? 0.001, 0);
    this.#momentum = finiteNumber(this.kind, "momentum", options.momentum ?? 0.99, 0, 1);
    trueOrFalse(this.kind, "center", options.center ?? true);
    trueOrFalse(this.kind, "scale", options.scale ?? true);
    for (const name of regularizers) checkRegularizer(this.kind, name, options[name]);
  }

  override outputShape(inputShape: Shape): number[] {
    checkShape(this.name, "the shape of x", inputShape);
    const channels = inputShape[inputShape.length - 1];
    if (inputShape.length < 2 || channels === 0)
      fail(this.name, "the shape of x", inputShape, "give [batch, …, channels]");
    const expected = this.built ? this.#named("movingMean")!.size : channels;
    if (channels !== expected) {
      const remedy = `it was built for ${expected} channels; give those, or make a new layer`;
      fail(this.name, "the shape of x", inputShape, remedy);
    }
    return [...inputShape];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    this.build(x.shape, pass);
    const { kernels } = pass;
    const C = x.shape[x.shape.length - 1];
    const count = x.size / C;
    const own = pass.training && this.trainable && count > 0;
    const [minusMean, inverse, factor] = [pass.allocate([C]), pass.allocate([C]), pass.allocate([C])];
    const centred = pass.allocate(x.shape);
    if (own) kernels.backwardBias(minusMean, x);
    // Sums over images are the kernels'; what is left to do is one number a channel.
    const moving = this.parameters.slice(-2).map(({ value }) => value);
    for (let c = 0, shift = minusMean.data, mean = moving[0].data; c < C; c++)
      shift[c] = own ? -shift[c] / count : -mean[c];
    kernels.affineForward(centred, x, undefined, minusMean, LINEAR);
    if (own) kernels.affineBackwardScale(inverse, centred, centred);
    for (let c = 0, square = inverse.data, variance = moving[1].data; c < C; c++) {
      square[c] = own ? square[c] / count : variance[c];
    }
    if (own) pass.keep(() => this.#move(minusMean, inverse));
    const gamma = this.#named("gamma")?.value.data;
    for (let c = 0, inverses = inverse.data, factors = factor.data; c < C; c++) {
      inverses[c] = 1 / Math.sqrt(inverses[c] + this.#epsilon);
      factors[c] = gamma ? gamma[c] * inverses[c] : inverses[c];
    }
    const y = pass.gradients ? pass.allocate(x.shape) : centred;
    kernels.affineForward(y, centred, factor, this.#named("beta")?.value, LINEAR);
    pass.remember(this, { centred, inverse, factor, own } satisfies Note);
    return y;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { note, sums, products } = this.#gradients(dy, pass);
    const { centred, inverse, factor, own } = note;
    const { kernels } = pass;
    const dx = pass.allocate(dy.shape);
    if (!own) {
      kernels.affineForward(dx, dy, factor, undefined, LINEAR);
      return dx;
    }
    // dx = factor·dy − factor·Σdy/M − (x − μ)·factor·Σdy(x − μ)/(σ² + ε)/M
    const count = dy.size / factor.size;
    const [F, V, S, P] = [factor.data, inverse.data, sums.data, products.data];
    for (let c = 0; c < F.length; c++) {
      S[c] = -(F[c] * S[c]) / count;
      P[c] = -(F[c] * V[c] * V[c] * P[c]) / count;
    }
    const share = pass.allocate(dy.shape);
    kernels.affineForward(dx, dy, factor, sums, LINEAR);
    kernels.affineForward(share, centred, products, undefined, LINEAR);
    kernels.add(dx, dx, share);
    return dx;
  }

  override backwardParameters(dy: Tensor, pass: Pass): void {
    this.#gradients(dy, pass);
  }

  protected override make(inputShape: Shape, pass: Pass): Parameter[] {
    const shape = inputShape.slice(-1);
    const { center = true, scale = true, gammaRegularizer, betaRegularizer } = this.options;
    const trained = (name: string, initializer: Initializer, regularizer?: Regularizer) =>
      Object.assign(this.parameter(name, shape, initializer, pass), { regularizer });
    return [
      ...(scale ? [trained("gamma", "ones", gammaRegularizer)] : []),
      ...(center ? [trained("beta", "zeros", betaRegularizer)] : []),
      this.parameter("movingMean", shape, "zeros", pass, false),
      this.parameter("movingVariance", shape, "ones", pass, false),
    ];
  }

  /** Σ dy and Σ dy·(x − μ), a number a channel, and the gradients that they are. */
  #gradients(dy: Tensor, pass: Pass): { note: Note; sums: Tensor; products: Tensor } {
    const note = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, note.centred.shape);
    const { kernels } = pass;
    const [sums, products] = [pass.allocate(note.inverse.shape), pass.allocate(note.inverse.shape)];
    kernels.backwardBias(sums, dy);
    kernels.affineBackwardScale(products, dy, note.centred);
    const [gamma, beta] = [this.#named("gamma"), this.#named("beta")];
    if (gamma) this.gradient(gamma, pass, (dgamma) => kernels.multiply(dgamma, products, note.inverse));
    if (beta) this.gradient(beta, pass, (dbeta) => kernels.backwardBias(dbeta, sums));
    return { note, sums, products };
  }

  #named(name: string): Parameter | undefined {
    return this.parameters.find((parameter) => parameter.name === name);
  }

  /** Moves the moving statistics towards those of the batch. */
  #move({ data: minusMean }: Tensor, { data: variance }: Tensor): void {
    const [mean, square] = this.parameters.slice(-2).map(({ value }) => value.data);
    const [stays, comes] = [this.#momentum, 1 - this.#momentum];
    for (let c = 0; c < mean.length; c++) {
      mean[c] = stays * mean[c] - comes * minusMean[c];
      square[c] = stays * square[c] + comes * variance[c];
    }
  }
}
