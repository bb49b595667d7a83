import { checkOptions, fail, trueOrFalse } from "../errors.ts";
import type { LossKind } from "../kernels/kernels.ts";
import { type Shape, sameShape, Tensor } from "../tensor.ts";

export interface CrossentropyOptions {
  /** Whether the model's output are logits: numbers that no softmax or sigmoid has been applied to. Default: false. */
  fromLogits?: boolean;
}

/**
 * What a model is trained to make small: a number per row of y (all axes but the last), averaged over the rows.
 *
 *   L = Σ_r weight[r] · loss(y[r], t[r]) / rows,   dy = ∂L/∂y
 */
export abstract class Loss {
  readonly fromLogits: boolean;

  protected constructor(
    /** As in `compile({ loss: name })`. */
    readonly name: string,
    /** The kernel that takes y as the layers give it, and that which takes logits. */
    readonly kinds: { readonly probabilities: LossKind; readonly logits?: LossKind },
    /** The activation whose output this loss is made for: the two are computed in one stable step. */
    readonly closing: "softmax" | "sigmoid" | undefined,
    options: CrossentropyOptions = {},
  ) {
    checkOptions(name, options, closing ? ["fromLogits"] : []);
    this.fromLogits = trueOrFalse(name, "fromLogits", options.fromLogits ?? false);
  }

  /** Whether a target is one class index, not a value for each element. */
  get sparse(): boolean {
    return false;
  }

  /** The kernel, for a y that is logits or not. */
  kind(logits: boolean): LossKind {
    return logits && this.kinds.logits ? this.kinds.logits : this.kinds.probabilities;
  }

  /**
   * The targets in the shape that the kernel wants for a model whose output has this shape.
   * @throws NeocogError where shape or values cannot be targets of such an output.
   */
  prepare(targets: Tensor, outputShape: Shape): Tensor {
    const shape = this.sparse ? outputShape.slice(0, -1) : [...outputShape];
    // [n] and [n, 1] hold the same numbers; everything else has to be as it is.
    if (!sameShape(withoutOnes(shape), withoutOnes(targets.shape))) {
      fail(
        this.name,
        "the shape of y",
        targets.shape,
        `the model's output is [${outputShape}]; ${this.remedy(shape, targets)}`,
      );
    }
    this.checkValues(targets, outputShape);
    return sameShape(shape, targets.shape) ? targets : new Tensor(shape, targets.storage);
  }

  protected remedy(shape: Shape, _targets: Tensor): string {
    return `give [${shape}]`;
  }

  /** Refuses values that cannot be targets. */
  protected checkValues(_targets: Tensor, _outputShape: Shape): void {}

  protected checkEach(targets: Tensor, allowed: (value: number) => boolean, remedy: string): void {
    const { data } = targets;
    for (let e = 0; e < data.length; e++) {
      if (!allowed(data[e])) fail(this.name, `y[${e}]`, data[e], remedy);
    }
  }
}

function withoutOnes(shape: Shape): number[] {
  return shape.filter((length, axis) => axis === 0 || length !== 1);
}
