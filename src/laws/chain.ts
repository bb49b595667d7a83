import { Layer } from "../layers/layer.ts";
import { defaultPass, type Pass } from "../pass.ts";
import type { Shape, Tensor } from "../tensor.ts";

/**
 * Layers in a row as one layer: what holds for a layer can be asked of a network.
 *   forward   y = f_k(… f_1(x))      backward  dx = the layers' backward passes, last first
 *
 * ```ts
 * check(gradients(() => new Chain([new Flatten(), new Dense({ units: 3, activation: "tanh" }), new Dense({ units: 2 })]), [2, 4, 4, 1]));
 * ```
 */
export class Chain extends Layer {
  constructor(readonly layers: readonly Layer[]) {
    super("Chain", {}, []);
  }

  override outputShape(inputShape: Shape): number[] {
    return [...this.layers.reduce((shape: Shape, layer) => layer.outputShape(shape), inputShape)];
  }

  override forward(x: Tensor, pass: Pass = defaultPass()): Tensor {
    return this.layers.reduce((value, layer) => layer.forward(value, pass), x);
  }

  override backward(dy: Tensor, pass: Pass = defaultPass()): Tensor {
    return this.layers.reduceRight((gradient, layer) => layer.backward(gradient, pass), dy);
  }

  protected override make(inputShape: Shape, pass: Pass) {
    let shape = inputShape;
    return this.layers.flatMap((layer) => {
      layer.build(shape, pass);
      shape = layer.outputShape(shape);
      return layer.parameters;
    });
  }
}

/** How a layer is made: `new Conv2D({"filters":1,"kernelSize":2})`. */
export function layerText(layer: Layer): string {
  if (layer instanceof Chain) return `new Chain([${layer.layers.map(layerText).join(", ")}])`;
  return `new ${layer.kind}(${JSON.stringify(layer.options)})`;
}
