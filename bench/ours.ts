/** The library as the bench's networks and tasks need it. */
import {
  AveragePooling2D,
  Conv2D,
  Dense,
  Dropout,
  Flatten,
  type Kernels,
  Layer,
  MaxPooling2D,
  type Pass,
  Sequential,
  type Shape,
  type Tensor,
  tensor,
} from "../src/index.ts";
import { type NetworkData, type Shape3, shapeAfter } from "./networks.ts";
import type { LayerSpec, NetworkSpec } from "./protocol.ts";

const RELU = { name: "relu", alpha: 0 } as const;

/** relu(body(x) + shortcut(x)), a layer of one's own; forward only. */
class Residual extends Layer {
  readonly body: Sequential;
  readonly shortcut: Sequential | undefined;

  constructor(body: readonly Layer[], shortcut: readonly Layer[]) {
    super("Residual", {}, []);
    this.body = new Sequential(body);
    this.shortcut = shortcut.length > 0 ? new Sequential(shortcut) : undefined;
  }

  get chains(): Sequential[] {
    return this.shortcut ? [this.body, this.shortcut] : [this.body];
  }

  override outputShape(shape: Shape): number[] {
    return this.body.layers.reduce<number[]>((before, layer) => layer.outputShape(before), [...shape]);
  }

  protected override make(shape: Shape) {
    for (const chain of this.chains) chain.build(shape.slice(1));
    return this.chains.flatMap((chain) => chain.layers.flatMap((layer) => layer.parameters));
  }

  override forward(x: Tensor, pass: Pass): Tensor {
    const run = (chain: Sequential | undefined) => chain?.layers.reduce((y, layer) => layer.forward(y, pass), x) ?? x;
    const [body, shortcut] = [run(this.body), run(this.shortcut)];
    const y = pass.allocate(body.shape);
    pass.kernels.add(body, body, shortcut);
    pass.kernels.activationForward(y, body, RELU);
    return y;
  }

  override backward(): Tensor {
    throw new Error("Residual: inference only");
  }
}

/** The model with the weights of the data file; its last layer gives logits. */
export function buildNetwork(network: NetworkSpec, { weights }: NetworkData): Sequential {
  const model = new Sequential(layersOf(network.layers, network.input), { inputShape: network.input });
  model.setWeights(weights.map(({ shape, data }) => tensor(data, shape)));
  return model;
}

function layersOf(specs: readonly LayerSpec[], input: Shape3): Layer[] {
  let shape = input;
  return specs.map((spec) => {
    const layer = layerOf(spec, shape);
    shape = shapeAfter(shape, spec);
    return layer;
  });
}

function layerOf(spec: LayerSpec, shape: Shape3): Layer {
  switch (spec.type) {
    case "conv": {
      const { filters, kernel: kernelSize, stride: strides, padding, relu } = spec;
      return new Conv2D({ filters, kernelSize, strides, padding, activation: relu ? "relu" : "linear" });
    }
    case "dense":
      return new Dense({ units: spec.units, activation: spec.relu ? "relu" : "linear" });
    case "maxPool": {
      const { size: poolSize, stride: strides, padding } = spec;
      return new MaxPooling2D({ poolSize, strides, padding: padding === 0 ? "valid" : padding });
    }
    case "globalAverage":
      return new AveragePooling2D({ poolSize: [shape[0], shape[1]] });
    case "flatten":
      return new Flatten();
    case "dropout":
      return new Dropout({ rate: spec.rate });
    case "residual":
      return new Residual(layersOf(spec.body, shape), layersOf(spec.shortcut, shape));
  }
}

/** Numbers between −1 and 1 in the kernels' own memory, a share of them zero; the same ones for the same shape. */
export function filled(kernels: Kernels, shape: Shape, zeros = 0): Tensor {
  const result = kernels.allocate(shape);
  const { data } = result;
  let state = 12345;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
  for (let e = 0; e < data.length; e++) data[e] = zeros > 0 && Math.abs(draw()) < zeros ? 0 : draw();
  return result;
}
