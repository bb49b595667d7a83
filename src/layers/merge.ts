import { fail, NeocogError } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { type Shape, sameShape, type Tensor } from "../tensor.ts";
import { Layer } from "./layer.ts";

/**
 * A layer that makes one value of several: what joins the branches of a graph.
 *
 * A merging layer of one's own implements the three passes over lists; the forms with one input are there only to say
 * that they are not for it.
 */
export abstract class Merge extends Layer {
  abstract override outputShapeAll(inputShapes: readonly Shape[]): number[];
  abstract override forwardAll(xs: readonly Tensor[], pass?: Pass): Tensor;
  abstract override backwardAll(dy: Tensor, pass?: Pass, wanted?: readonly boolean[]): readonly (Tensor | undefined)[];

  override buildAll(inputShapes: readonly Shape[]): void {
    this.outputShapeAll(inputShapes);
  }

  override outputShape(inputShape: Shape): number[] {
    return this.outputShapeAll([inputShape]);
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    return this.forwardAll([x], pass);
  }

  override backward(): never {
    throw new NeocogError(`${this.name}: backward has one dx for each input; call backwardAll`);
  }

  protected checkCount(inputs: readonly unknown[]): void {
    const remedy = "give two at least: apply([a, b]), or forwardAll([a, b]) with numbers";
    if (inputs.length < 2) fail(this.name, "the number of inputs", inputs.length, remedy);
  }

  /** The shape that all inputs share. */
  protected sameShapeOf(inputShapes: readonly Shape[]): number[] {
    this.checkCount(inputShapes);
    const other = inputShapes.findIndex((shape) => !sameShape(shape, inputShapes[0]));
    if (other >= 0) {
      const remedy = `the first has [${inputShapes[0]}]; give inputs of one shape`;
      fail(this.name, `the shape of input ${other + 1}`, inputShapes[other], remedy);
    }
    return [...inputShapes[0]];
  }
}
