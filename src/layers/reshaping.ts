import { fail } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { checkShape, type Shape, type Tensor } from "../tensor.ts";
import { Layer } from "./layer.ts";

interface Note {
  readonly shape: Shape;
}

/** The same numbers in the order of memory under another shape, forward and backward: nothing is copied. */
export abstract class Reshaping extends Layer {
  /** The shape of one example, from that of one x. */
  protected abstract exampleShape(shape: Shape): readonly number[];

  override outputShape(inputShape: Shape): number[] {
    checkShape(this.name, "the shape of x", inputShape);
    if (inputShape.length < 1) fail(this.name, "the shape of x", inputShape, "give at least [batch, …]");
    return [inputShape[0], ...this.exampleShape(inputShape.slice(1))];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    this.checkInput(x);
    pass.remember(this, { shape: x.shape } satisfies Note);
    return x.reshape(this.outputShape(x.shape));
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    const { shape } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dy, this.outputShape(shape));
    return dy.reshape(shape);
  }
}
