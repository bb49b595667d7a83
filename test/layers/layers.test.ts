import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import {
  Activation,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Dropout,
  ELU,
  EuclideanRBF,
  Flatten,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  type Layer,
  LeakyReLU,
  LocalResponseNormalization,
  layerKinds,
  MaxPooling1D,
  MaxPooling2D,
  Permute,
  ReLU,
  Reshape,
  SeparableConv2D,
  Sigmoid,
  Softmax,
  SpatialDropout2D,
  Subsampling2D,
  TableConv2D,
  Tanh,
  UpSampling2D,
  ZeroPadding2D,
} from "../../src/layers/index.ts";
import { Pass } from "../../src/pass.ts";
import { type Shape, type Tensor, tensor } from "../../src/tensor.ts";
import { floats } from "../support/arbitraries.ts";
import { close, equalBits } from "../support/compare.ts";
import { float64Pass } from "../support/gradients.ts";
import { refuses } from "../support/refusals.ts";

const image = tensor([
  [
    [[1], [2], [3]],
    [[4], [5], [6]],
  ],
]);

/** Its memory is full of what would be noticed. */
class Poisoned extends Pass {
  override allocate(shape: Shape): Tensor {
    const tensor = super.allocate(shape);
    tensor.data.fill(Number.NaN);
    return tensor;
  }
}

describe("every layer", () => {
  const each: [Layer, Tensor][] = [
    [new Conv2D({ filters: 3, kernelSize: 2, activation: "softmax" }), floats([2, 4, 5, 2], 1)],
    [new Conv2DTranspose({ filters: 3, kernelSize: 2, strides: 2, activation: "softmax" }), floats([2, 4, 5, 2], 1)],
    [new DepthwiseConv2D({ kernelSize: 2, depthMultiplier: 2, activation: "softmax" }), floats([2, 4, 5, 2], 1)],
    [new SeparableConv2D({ filters: 3, kernelSize: 2, activation: "softmax" }), floats([2, 4, 5, 2], 1)],
    [new Conv1D({ filters: 3, kernelSize: 2, activation: "softmax" }), floats([2, 5, 2], 1)],
    [new MaxPooling1D(), floats([2, 5, 2], 1)],
    [new AveragePooling1D({ padding: "same" }), floats([2, 5, 2], 1)],
    [new GlobalMaxPooling1D(), floats([2, 5, 2], 1)],
    [new GlobalAveragePooling1D({ keepDims: true }), floats([2, 5, 2], 1)],
    [new Subsampling2D({ activation: "softmax" }), floats([2, 4, 5, 2], 1)],
    [
      new TableConv2D({ connections: [[true, false], [true, true]], kernelSize: 2, activation: "softmax" }), // biome-ignore format: one table
      floats([2, 4, 5, 2], 1),
    ],
    [new BatchNormalization(), floats([2, 4, 5, 2], 1)],
    [new MaxPooling2D(), floats([2, 4, 5, 2], 1)],
    [new AveragePooling2D({ padding: "same" }), floats([2, 4, 5, 2], 1)],
    [new Dense({ units: 3, activation: "tanh" }), floats([2, 4], 1)],
    [new EuclideanRBF({ units: 3, activation: "softmax" }), floats([2, 4], 1)],
    [new Flatten(), floats([2, 4, 5, 2], 1)],
    [new GlobalAveragePooling2D(), floats([2, 4, 5, 2], 1)],
    [new GlobalMaxPooling2D({ keepDims: true }), floats([2, 4, 5, 2], 1)],
    [new SpatialDropout2D({ rate: 0.5 }), floats([2, 4, 5, 2], 1)],
    [new LocalResponseNormalization({ size: 3 }), floats([2, 4, 5, 2], 1)],
    [new GaussianNoise({ stddev: 0.5 }), floats([2, 4], 1)],
    [new ZeroPadding2D({ padding: [1, 0, 2, 3] }), floats([2, 4, 5, 2], 1)],
    [new Cropping2D({ cropping: [1, 2] }), floats([2, 4, 5, 2], 1)],
    [new Reshape({ targetShape: [-1, 8] }), floats([2, 4, 5, 2], 1)],
    [new Permute({ dims: [3, 1, 2] }), floats([2, 4, 5, 2], 1)],
    [new UpSampling2D({ size: [2, 3], interpolation: "bilinear" }), floats([2, 4, 5, 2], 1)],
    [new Dropout({ rate: 0.5 }), floats([2, 4], 1)],
    ...[new Activation("elu"), new ReLU(), new LeakyReLU(), new ELU(), new Sigmoid(), new Tanh(), new Softmax()].map(
      (layer): [Layer, Tensor] => [layer, floats([2, 4], 1)],
    ),
  ];
  for (const [layer, x] of each) {
    test(`${layer.kind}: y has the shape that outputShape says, dx that of x, and x and dy stay as they are`, () => {
      const pass = float64Pass({ training: true });
      const before = x.copy();
      const y = layer.forward(x, pass);
      assert.deepEqual(y.shape, layer.outputShape(x.shape));
      const dy = floats(y.shape, 2);
      const dyBefore = dy.copy();
      assert.deepEqual(layer.backward(dy, pass).shape, x.shape);
      equalBits(x, before);
      equalBits(dy, dyBefore);
    });

    test(`${layer.kind}: does not depend on what was in the memory it is given`, () => {
      const [poisoned, clean] = [Poisoned, Pass].map((Kind) => {
        const pass = new Kind({ kernels: referenceKernels("float64"), training: true });
        const y = layer.forward(x, pass).copy();
        return { y, dx: layer.backward(floats(y.shape, 2), pass) };
      });
      equalBits(poisoned.y, clean.y);
      equalBits(poisoned.dx, clean.dx);
    });

    test(`${layer.kind}: is known by its kind`, () => {
      assert.equal(layerKinds[layer.kind], layer.constructor);
    });

    test(`${layer.kind}: takes a name and whether it is trained, beside its own options and no others`, () => {
      const Kind = layerKinds[layer.kind];
      const { name, trainable } = new Kind({ ...layer.options, name: "own", trainable: false });
      assert.deepEqual({ name, trainable }, { name: "own", trainable: false });
      refuses(
        () => new Kind({ ...layer.options, nothing: 1 }),
        layer.kind,
        'an option is "nothing"',
        "name, trainable",
      );
    });

    test(`${layer.kind}: remembers nothing without gradients, and computes the same`, () => {
      const [blind, seeing] = [float64Pass({ gradients: false }), float64Pass()];
      equalBits(layer.forward(x, blind), layer.forward(x, seeing));
      assert.equal([...blind.notes()].length, 0);
      assert.equal([...seeing.notes()].length, 1);
    });
  }
});

describe("a layer on its own", () => {
  test("computes from numbers typed in, with no pass and no build", () => {
    const conv = new Conv2D({ filters: 1, kernelSize: 2, kernelInitializer: "ones" });
    assert.deepEqual(conv.forward(image).toNested(), [[[[12], [16]]]]);
    const enlarge = new Conv2DTranspose({ filters: 1, kernelSize: 2, strides: 2, kernelInitializer: "ones" });
    const enlarged = enlarge.forward(tensor([[[[1], [2]]]])).toNested();
    assert.deepEqual(enlarged, [[[[1], [1], [2], [2]], [[1], [1], [2], [2]]]]); // biome-ignore format: two rows
    const normal = new BatchNormalization({ epsilon: 0 });
    assert.deepEqual(normal.forward(tensor([[1], [3]]), new Pass({ training: true })).toNested(), [[-1], [1]]);
    const ones = { depthwiseInitializer: "ones", pointwiseInitializer: "ones" } as const;
    const row = tensor([[[[1, 10], [2, 20], [3, 30]]]]); // biome-ignore format: one row
    const sums = new DepthwiseConv2D({ kernelSize: [1, 2], depthwiseInitializer: "ones" });
    assert.deepEqual(sums.forward(row).toNested(), [[[[3, 30], [5, 50]]]]); // biome-ignore format: one row
    const separable = new SeparableConv2D({ filters: 1, kernelSize: [1, 2], ...ones });
    assert.deepEqual(separable.forward(row).toNested(), [[[[33], [55]]]]);
    const past = new Conv1D({ filters: 1, kernelSize: 2, kernelInitializer: "ones", padding: "causal" });
    assert.deepEqual(past.forward(tensor([[[1], [2], [3]]])).toNested(), [[[1], [3], [5]]]); // biome-ignore format: one row
    const steps = tensor([[[1], [2], [4], [3]]]); // biome-ignore format: one row
    assert.deepEqual(new MaxPooling1D().forward(steps).toNested(), [[[2], [4]]]);
    assert.deepEqual(new AveragePooling1D().forward(steps).toNested(), [[[1.5], [3.5]]]);
    const connections = [[true, false], [true, true]]; // biome-ignore format: one table
    const table = new TableConv2D({ connections, kernelSize: 1, kernelInitializer: "ones" });
    assert.deepEqual(table.forward(tensor([[[[1, 10]]]])).toNested(), [[[[11, 10]]]]);
    const dense = new Dense({ units: 1, kernelInitializer: "ones" });
    assert.deepEqual(dense.forward(tensor([[1, 2, 3]])).toNested(), [[6]]);
    const near = new EuclideanRBF({ units: 2, kernelInitializer: () => [1, -1, 1, 1] });
    assert.deepEqual(near.forward(tensor([[1, 1]])).toNested(), [[0, -4]]);
    const pair = tensor([
      [
        [[1], [2]],
        [[4], [3]],
      ],
    ]);
    const sub = new Subsampling2D({ coefficientInitializer: "ones" });
    assert.deepEqual(sub.forward(pair).toNested(), [[[[10]]]]);
    assert.deepEqual(new MaxPooling2D({ poolSize: 2 }).forward(pair).toNested(), [[[[4]]]]);
    assert.deepEqual(new AveragePooling2D({ poolSize: 2 }).forward(pair).toNested(), [[[[2.5]]]]);
    assert.deepEqual(
      new Flatten()
        .forward(
          tensor([
            [
              [
                [1, 2],
                [3, 4],
              ],
            ],
          ]),
        )
        .toNested(),
      [[1, 2, 3, 4]],
    );
    assert.deepEqual(new Dropout({ rate: 0.5 }).forward(tensor([1, 2])).toNested(), [1, 2]);
    assert.deepEqual(new ReLU().forward(tensor([-1, 2])).toNested(), [0, 2]);
    close(new LeakyReLU().forward(tensor([-10, 2])), tensor([-3, 2]), 1e-6);
    assert.deepEqual(new Sigmoid().forward(tensor([0])).toNested(), [0.5]);
    assert.deepEqual(new Tanh().forward(tensor([0])).toNested(), [0]);
    assert.deepEqual(new Softmax().forward(tensor([0, 0])).toNested(), [0.5, 0.5]);
  });

  test("goes forward and backward with no pass", () => {
    const conv = new Conv2D({ filters: 1, kernelSize: 2, kernelInitializer: "ones" });
    conv.forward(image);
    assert.deepEqual(conv.backward(tensor([[[[1], [10]]]])).toNested(), [
      [
        [[1], [11], [10]],
        [[1], [11], [10]],
      ],
    ]);
    assert.deepEqual(conv.parameters[0].gradient.toNested(), [
      [[[21]], [[32]]],
      [[[54]], [[65]]],
    ]);
    assert.deepEqual(conv.parameters[1].gradient.toNested(), [11]);
  });

  test("works in float64 through the reference", () => {
    const y = new Sigmoid().forward(tensor([1], undefined, "float64"), float64Pass());
    assert.equal(y.dtype, "float64");
    close(y, tensor([0.7310585786300049], undefined, "float64"), 1e-15);
  });
});

describe("activations", () => {
  test("take their number from the options", () => {
    const x = tensor(Float64Array.of(-100, 2));
    const values = (layer: Layer) => [...layer.forward(x, float64Pass()).data];
    assert.deepEqual(values(new LeakyReLU({ negativeSlope: 0.5 })), [-50, 2]);
    assert.deepEqual(values(new ELU({ alpha: 2 })), [-2, 2]);
    assert.deepEqual(values(new ELU()), [-1, 2]);
    assert.deepEqual(values(new Activation({ activation: { name: "leakyRelu", negativeSlope: 0 } })), [-0, 2]);
  });

  test("that are linear, and noise that is none, hand tensors on as they are", () => {
    const [x, dy] = [floats([2, 3, 1, 2], 1), floats([2, 3, 1, 2], 2)];
    const noise = [new Dropout({ rate: 0 }), new SpatialDropout2D({ rate: 0 }), new GaussianNoise({ stddev: 0 })];
    for (const layer of [new Activation("linear"), ...noise]) {
      const pass = float64Pass({ training: true });
      assert.equal(layer.forward(x, pass), x);
      assert.equal(layer.backward(dy, pass), dy);
    }
  });
});

describe("names", () => {
  test("are kinds in lower case with their words apart, where none is given", () => {
    const named = (layer: Layer) => [layer.name, layer.named];
    assert.deepEqual(named(new MaxPooling2D()), ["max_pooling2d", false]);
    assert.deepEqual(named(new Conv2D({ filters: 1, kernelSize: 1 })), ["conv2d", false]);
    assert.deepEqual(named(new LeakyReLU()), ["leaky_re_lu", false]);
    assert.deepEqual(named(new Flatten({ name: "Row" })), ["Row", true]);
  });
});
