import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import {
  Activation,
  AveragePooling2D,
  BatchNormalization,
  Conv2D,
  Conv2DTranspose,
  Dense,
  type Layer,
  LocalResponseNormalization,
  MaxPooling2D,
} from "../../src/layers/index.ts";
import { Pass } from "../../src/pass.ts";
import { sizeOf, Tensor, tensor } from "../../src/tensor.ts";
import { close, within } from "../support/compare.ts";
import { type Case, casesOf, operations } from "../support/conformance.ts";

/** The expected numbers are written with ten digits. */
const DIGITS = 1e-9;

type Results = Record<string, Tensor>;

const GRADIENTS = { kernel: "dkernel", bias: "dbias" } as const;

function conv2d({ attrs, inputs: { kernel } }: Case): Layer {
  const { strides, pads, dilation, groups } = attrs;
  const [height, width, , filters] = kernel.shape;
  return new Conv2D({ filters, kernelSize: [height, width], strides, padding: pads, dilationRate: dilation, groups });
}

function conv2dTranspose({ attrs: { strides, padding }, inputs: { kernel } }: Case): Layer {
  const [height, width, filters] = kernel.shape;
  return new Conv2DTranspose({ filters, kernelSize: [height, width], strides, padding });
}

const LAYERS: Record<string, (example: Case) => Layer> = {
  conv2d,
  conv2dTranspose,
  dense: ({ inputs: { kernel } }) => new Dense({ units: kernel.shape[1] }),
  maxPool2d: ({ attrs: { poolSize, strides } }) => new MaxPooling2D({ poolSize, strides }),
  avgPool2d: ({ attrs: { poolSize, strides } }) => new AveragePooling2D({ poolSize, strides }),
  activation: ({ attrs }) => new Activation({ activation: attrs }),
  localResponseNormalization: ({ attrs: { size, alpha, beta, k } }) =>
    new LocalResponseNormalization({ size, alpha, beta, k }),
};

/** y, dx, and the gradients of the parameters, as this layer computes them from a case's inputs. */
function results(layer: Layer, { inputs }: Case, pass: Pass, map = (t: Tensor) => t): Results {
  const { x, kernel, bias, dy } = inputs;
  layer.build(x.shape, pass);
  if (kernel) layer.setWeights([map(kernel), map(bias)]);
  const y = layer.forward(map(x), pass);
  const found: Results = { y, dx: layer.backward(map(dy), pass) };
  for (const { name, gradient } of layer.parameters) found[GRADIENTS[name as keyof typeof GRADIENTS]] = gradient;
  return found;
}

/** How many products are added up in an element of each result. */
function terms(name: string, { inputs: { x, kernel, bias, dy } }: Case): number {
  const filters = bias.size;
  if (name === "y") return kernel.size / filters + 1;
  return name === "dx" ? kernel.size / (x.shape[x.shape.length - 1] || 1) : dy.size / filters;
}

/** Who asks for the other cases. */
const ELSEWHERE = {
  batchNormalization: "below",
  softmaxCrossEntropy: "losses/losses.test.ts, kernels/conformance.test.ts",
  optimizer: "optimizers/optimizers.test.ts, kernels/optimizers.test.ts",
  trainingTrace: "model/training.test.ts",
};

describe("layers compute what PyTorch computes in float64", () => {
  test("every kind of case is used by a test", () => {
    assert.deepEqual([...operations].sort(), [...Object.keys(LAYERS), ...Object.keys(ELSEWHERE)].sort());
  });

  for (const [operation, make] of Object.entries(LAYERS)) {
    test(`${operation}: the float64 reference, to the last digit that is written`, () => {
      for (const example of casesOf(operation)) {
        const pass = new Pass({ kernels: referenceKernels("float64") });
        const found = results(make(example), example, pass);
        for (const [name, value] of Object.entries(found))
          close(value, example.outputs[name], DIGITS, { name, ...about(example) });
      }
    });
  }

  for (const operation of ["conv2d", "conv2dTranspose", "dense"]) {
    test(`${operation}: the WASM kernels, within (K+2)·2⁻²³·Σ|x·w|`, () => {
      for (const example of casesOf(operation)) {
        const found = results(LAYERS[operation](example), example, new Pass({ kernels: wasmKernels() }));
        // The same sums with all terms positive: Σ|x·w|.
        const sums = results(
          LAYERS[operation](example),
          example,
          new Pass({ kernels: referenceKernels("float64") }),
          absolute,
        );
        for (const [name, value] of Object.entries(found)) {
          const factor = (terms(name, example) + 2) * 2 ** -23 + DIGITS;
          within(value, example.outputs[name], (index) => factor * sums[name].data[index], { name, ...about(example) });
        }
      }
    });
  }

  for (const operation of ["maxPool2d", "avgPool2d", "activation", "localResponseNormalization"]) {
    test(`${operation}: the WASM kernels, within the rounding of float32`, () => {
      for (const example of casesOf(operation)) {
        const found = results(LAYERS[operation](example), example, new Pass({ kernels: wasmKernels() }));
        const cells = example.attrs.poolSize ? sizeOf(example.attrs.poolSize) : 8;
        for (const [name, value] of Object.entries(found)) {
          within(value, example.outputs[name], (cells + 2) * 2 ** -23 * largest(example), { name, ...about(example) });
        }
      }
    });
  }

  test("batchNormalization: float64 to the last digit, WASM within float32, and the batch's statistics", () => {
    for (const example of casesOf("batchNormalization")) {
      const { x, gamma, beta, dy } = example.inputs;
      const { batchMean, batchVariance, dgamma, dbeta, ...outputs } = example.outputs;
      for (const [kernels, tolerance] of [
        [referenceKernels("float64"), DIGITS],
        [wasmKernels(), 1e-4],
      ] as const) {
        const pass = new Pass({ kernels, training: true });
        const layer = new BatchNormalization({ epsilon: example.attrs.epsilon, momentum: 0 });
        layer.build(x.shape, pass);
        layer.setWeights([gamma, beta, batchMean, batchVariance]);
        const y = layer.forward(x, pass);
        const found = { y, dx: layer.backward(dy, pass) };
        close(found.y, outputs.y, tolerance, about(example));
        close(found.dx, outputs.dx, tolerance, about(example));
        const [ownGamma, ownBeta, mean, variance] = layer.parameters;
        close(ownGamma.gradient, dgamma, tolerance, about(example));
        close(ownBeta.gradient, dbeta, tolerance, about(example));
        // With momentum 0 the moving statistics are the batch's.
        close(mean.value, batchMean, tolerance, about(example));
        close(variance.value, batchVariance, tolerance, about(example));
      }
    }
  });

  test("maxPool2d: the switches name the places that PyTorch names", () => {
    for (const example of casesOf("maxPool2d")) {
      const { x } = example.inputs;
      const { argmax, y } = example.outputs;
      const [, H, W, C] = x.shape;
      const each = y.size / y.shape[0];
      const chosen = Float64Array.from(
        argmax.data,
        (place, e) => x.data[(Math.floor(e / each) * H * W + place) * C + (e % C)],
      );
      const found = results(LAYERS.maxPool2d(example), example, new Pass({ kernels: referenceKernels("float64") }));
      close(found.y, tensor(chosen, y.shape), DIGITS, about(example));
    }
  });
});

function absolute(t: Tensor): Tensor {
  return tensor(
    Float64Array.from(t.data, (value) => Math.abs(value)),
    t.shape,
  );
}

function largest({ inputs, outputs }: Case): number {
  const all = [...Object.values(inputs), outputs.y, outputs.dx].filter((t) => t instanceof Tensor);
  return Math.max(1, ...all.map(({ data }) => Math.max(...Array.from(data, Math.abs))));
}

function about({ index, attrs }: Case): object {
  return { case: index, ...attrs };
}
