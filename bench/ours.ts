/** The library as the bench's networks and tasks need it. */
import {
  Add,
  AveragePooling2D,
  Conv2D,
  Dense,
  Dropout,
  Flatten,
  input,
  type Kernels,
  type Layer,
  MaxPooling2D,
  Model,
  ReLU,
  type Shape,
  type SymbolicTensor,
  type Tensor,
  tensor,
} from "../src/index.ts";
import type { NetworkData } from "./networks.ts";
import type { LayerSpec, NetworkSpec } from "./protocol.ts";

/** The model with the weights of the data file; its last layer gives logits. */
export function buildNetwork(network: NetworkSpec, { weights }: NetworkData): Model {
  const begin = input({ shape: network.input });
  const model = new Model({ inputs: begin, outputs: chain(network.layers, begin) });
  model.setWeights(weights.map(({ shape, data }) => tensor(data, shape)));
  return model;
}

function chain(specs: readonly LayerSpec[], begin: SymbolicTensor): SymbolicTensor {
  return specs.reduce((x, spec) => {
    if (spec.type !== "residual") return layerOf(spec, x.shape).apply(x);
    return new ReLU().apply(new Add().apply([chain(spec.body, x), chain(spec.shortcut, x)]));
  }, begin);
}

function layerOf(spec: Exclude<LayerSpec, { type: "residual" }>, shape: Shape): Layer {
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
