import { defaultPass, type Pass } from "../pass.ts";
import type { RandomKey } from "../random.ts";
import { checkShape, type Shape, type Tensor } from "../tensor.ts";
import { Layer } from "./layer.ts";

interface Note {
  readonly shape: Shape;
  /** Left out where nothing was changed. */
  readonly key: RandomKey | undefined;
}

/** A layer that changes x at random while training, and hands it on as it is otherwise. */
export abstract class WhileTraining extends Layer {
  /** Whether there is anything that it would change. */
  protected abstract readonly isActive: boolean;

  /** y of the random numbers of a key. */
  protected abstract changed(x: Tensor, key: RandomKey, pass: Pass): Tensor;

  /** dx of the same. */
  protected abstract changedBackward(dy: Tensor, key: RandomKey, pass: Pass): Tensor;

  override outputShape(inputShape: Shape): number[] {
    checkShape(this.name, "the shape of x", inputShape);
    return [...inputShape];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    this.outputShape(x.shape);
    const key = pass.training && this.isActive ? pass.nextKey() : undefined;
    pass.remember(this, { shape: x.shape, key } satisfies Note);
    return key ? this.changed(x, key, pass) : x;
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape, key } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, shape);
    return key ? this.changedBackward(dy, key, pass) : dy;
  }
}
