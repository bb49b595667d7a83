import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { initialize } from "../../src/initializers.ts";
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
  Layer,
  LeakyReLU,
  LocalResponseNormalization,
  layerKinds,
  MaxPooling1D,
  MaxPooling2D,
  Parameter,
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
import type { SequencePadding } from "../../src/layers/sequences.ts";
import { Pass } from "../../src/pass.ts";
import { Random } from "../../src/random.ts";
import { type Shape, type Tensor, tensor } from "../../src/tensor.ts";
import type { Padding } from "../../src/window.ts";
import { floats, integers, seeds } from "../support/arbitraries.ts";
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

describe("parameters", () => {
  test("are made once", () => {
    const dense = new Dense({ units: 2 });
    assert.equal(dense.built, false);
    const pass = float64Pass();
    dense.build([1, 3], pass);
    const made = [...dense.parameters];
    dense.build([5, 3], pass);
    assert.equal(dense.built, true);
    assert.equal(dense.parameters.length, 2);
    for (const [index, parameter] of dense.parameters.entries()) assert.equal(parameter, made[index]);
  });

  test("of a layer that is made frozen are frozen; those that are only kept are never trained", () => {
    class Keeping extends Layer {
      constructor(options: { trainable?: boolean } = {}) {
        super("Keeping", options, []);
      }
      override outputShape(shape: readonly number[]): number[] {
        return [...shape];
      }
      override forward(x: Tensor): Tensor {
        return x;
      }
      override backward(dy: Tensor): Tensor {
        return dy;
      }
      protected override make(): Parameter[] {
        const kernels = referenceKernels("float64");
        const [scale, none] = [new Parameter("scale", kernels, [2]), new Parameter("none", kernels, [0])];
        return [scale, new Parameter("mean", kernels, [2], false), none];
      }
    }
    const states = (layer: Layer) => layer.parameters.map(({ trainable }) => trainable);
    const layer = new Keeping();
    layer.build([1]);
    assert.deepEqual(states(layer), [true, false, true]);
    assert.deepEqual(
      layer.parameters.map(({ gradient }) => gradient.size),
      [2, 0, 0],
    );
    layer.trainable = false;
    assert.deepEqual(states(layer), [false, false, false]);
    layer.trainable = true;
    assert.deepEqual(states(layer), [true, false, true]);
    const frozen = new Keeping({ trainable: false });
    frozen.build([1]);
    assert.deepEqual(states(frozen), [false, false, false]);
  });

  test("are drawn when somebody asks for them: the same numbers in the same float32, wherever they moved before", () => {
    const draws: number[] = [];
    const make = (dtype: "float32" | "float64") =>
      new Parameter("value", referenceKernels(dtype), [2, 300], true, (values) => {
        draws.push(values.length);
        initialize("test", "glorotUniform", [2, 300], new Random(1), values);
      });
    for (const first of ["float32", "float64"] as const) {
      const expected = make(first);
      const numbers = { float32: Float32Array, float64: Float64Array };
      for (const then of ["float32", "float64"] as const) {
        const [early, late] = [make(first), make(first)];
        assert.deepEqual([early.size, ...early.shape], [600, 2, 300]);
        assert.equal(early.value, early.value);
        for (const parameter of [early, late]) parameter.moveTo(referenceKernels(then));
        assert.deepEqual(late.value.data, numbers[then].from(expected.value.data), `${first}, then ${then}`);
        assert.deepEqual(late.value.data, early.value.data);
      }
    }
    draws.length = 0;
    const given = make("float32");
    given.assign(new Float32Array(600).fill(3));
    assert.deepEqual([draws.length, given.value.data[599]], [0, 3]);
    given.draw();
    assert.deepEqual([draws, given.value.data[599] === 3], [[600], false]);
  });

  test("keep their numbers when they move to other kernels", () => {
    const parameter = new Parameter("value", referenceKernels("float64"), [3]);
    parameter.value.data.set([1, 2, 3]);
    parameter.gradient.data.set([4, 5, 6]);
    const kernels = referenceKernels("float32");
    parameter.moveTo(kernels);
    assert.deepEqual([parameter.value.dtype, ...parameter.value.data], ["float32", 1, 2, 3]);
    assert.deepEqual([parameter.gradient.dtype, ...parameter.gradient.data], ["float32", 4, 5, 6]);
  });

  test("are not changed by weights of which one does not fit", () => {
    const dense = new Dense({ units: 2 });
    dense.build([1, 3], float64Pass());
    const before = dense.getWeights();
    assert.throws(
      () => dense.setWeights([floats([3, 2], 1), floats([3], 2)]),
      /the shape of bias is \[3\]; give \[2\]/,
    );
    for (const [index, weight] of dense.getWeights().entries()) equalBits(weight, before[index]);
  });

  test("the same seed gives the same weights, in whatever order layers are built; another seed gives others", () => {
    const build = (seed: number, names: string[]) => {
      const pass = new Pass({ kernels: referenceKernels("float32"), seed });
      const layers = names.map((name) => new Dense({ units: 4, name }));
      for (const layer of layers) layer.build([1, 5], pass);
      return Object.fromEntries(layers.map((layer) => [layer.name, layer.getWeights()[0]]));
    };
    const [first, second, other] = [build(7, ["a", "b"]), build(7, ["b", "a"]), build(8, ["a", "b"])];
    equalBits(first.a, second.a);
    equalBits(first.b, second.b);
    assert.notDeepEqual(first.a.data, first.b.data);
    assert.notDeepEqual(first.a.data, other.a.data);
  });

  test("a shared layer's gradients are the sum of those of its calls, and its notes are a stack", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 4 }), (seed, calls) => {
        const shared = new Dense({ units: 3, activation: "tanh" });
        const pass = float64Pass({ seed });
        const inputs = Array.from({ length: calls }, (_, call) => floats([2, 3], seed + call, 1, "float64"));
        for (const x of inputs) shared.forward(x, pass);
        const dy = floats([2, 3], seed + 99, 1, "float64");
        const back = inputs.map(() => shared.backward(dy, pass)).reverse();
        const sums = shared.parameters.map(({ gradient }) => gradient.copy());
        const total = sums.map(({ data }) => new Float64Array(data.length));
        inputs.forEach((x, call) => {
          const single = float64Pass();
          shared.forward(x, single);
          equalBits(shared.backward(dy, single), back[call]);
          for (const [p, { gradient }] of shared.parameters.entries())
            for (const [e, value] of gradient.data.entries()) total[p][e] += value;
        });
        for (const [p, sum] of sums.entries()) close(sum, total[p], 1e-12, shared.parameters[p].name);
      }),
    );
  });

  test("backwardParameters fills the same gradients as backward", () => {
    for (const [layer, x] of [
      [new Conv2D({ filters: 2, kernelSize: 2, activation: "relu" }), floats([1, 4, 4, 2], 3)],
      [new Conv2DTranspose({ filters: 2, kernelSize: 2, activation: "relu" }), floats([1, 4, 4, 2], 3)],
      [new SeparableConv2D({ filters: 2, kernelSize: 2, activation: "relu" }), floats([1, 4, 4, 2], 3)],
      [new Subsampling2D({ activation: "tanh" }), floats([1, 4, 4, 2], 3)],
      [new BatchNormalization(), floats([3, 4], 3)],
      [new Dense({ units: 2, activation: "softmax" }), floats([3, 4], 3)],
      [new EuclideanRBF({ units: 2, activation: "softmax" }), floats([3, 4], 3)],
    ] as [Layer, Tensor][]) {
      const pass = float64Pass();
      const dy = floats(layer.forward(x, pass).shape, 5);
      layer.forward(x, pass);
      layer.backward(dy, pass);
      const expected = layer.parameters.map(({ gradient }) => gradient.copy());
      for (const { gradient } of layer.parameters) gradient.data.fill(Number.NaN);
      const again = float64Pass();
      layer.forward(x, again);
      layer.backwardParameters(dy, again);
      for (const [index, gradient] of expected.entries()) equalBits(layer.parameters[index].gradient, gradient);
    }
  });

  test("without a bias is like one of zeros, forward and backward", () => {
    const options = { filters: 3, kernelSize: 2 };
    for (const [make, x] of [
      [(useBias) => new Conv2D({ ...options, useBias }), floats([2, 4, 4, 2], 3)],
      [(useBias) => new Conv2DTranspose({ ...options, useBias }), floats([2, 4, 4, 2], 3)],
      [(useBias) => new Conv1D({ ...options, useBias }), floats([2, 4, 2], 3)],
      [(useBias) => new SeparableConv2D({ ...options, useBias }), floats([2, 4, 4, 2], 3)],
      [(useBias) => new DepthwiseConv2D({ kernelSize: 2, useBias }), floats([2, 4, 4, 2], 3)],
      [(useBias) => new Subsampling2D({ useBias }), floats([2, 4, 4, 2], 3)],
      [(useBias) => new Dense({ units: 3, useBias }), floats([2, 4], 3)],
      [(useBias) => new EuclideanRBF({ units: 3, useBias }), floats([2, 4], 3)],
    ] as [(useBias: boolean) => Layer, Tensor][]) {
      const [without, zero] = [false, true].map((useBias) => {
        const [layer, pass] = [make(useBias), float64Pass({ seed: 5 })];
        const y = layer.forward(x, pass);
        const dx = layer.backward(floats(y.shape, 6), pass);
        return { y, dx, gradients: layer.parameters.map(({ gradient }) => gradient) };
      });
      equalBits(without.y, zero.y);
      equalBits(without.dx, zero.dx);
      assert.equal(without.gradients.length, zero.gradients.length - 1);
      for (const [index, gradient] of without.gradients.entries()) equalBits(gradient, zero.gradients[index]);
    }
  });

  test("one number pads all sides", () => {
    const x = floats([1, 5, 6, 2], 3);
    for (const Kind of [Conv2D, Conv2DTranspose]) {
      const y = (padding: Padding) => new Kind({ filters: 2, kernelSize: 3, padding }).forward(x, float64Pass());
      equalBits(y(1), y([1, 1, 1, 1]));
      assert.notDeepEqual(y(1).shape, y(0).shape);
    }
    const row = floats([1, 5, 2], 3);
    for (const make of [
      (padding: SequencePadding) => new Conv1D({ filters: 2, kernelSize: 3, padding }),
      (padding: SequencePadding) => new AveragePooling1D({ poolSize: 3, padding }),
    ]) {
      equalBits(make(1).forward(row, float64Pass()), make([1, 1]).forward(row, float64Pass()));
    }
  });

  test("have the names that files keep them by", () => {
    const names = (layer: Layer, shape: Shape) => {
      layer.build(shape, float64Pass());
      return layer.parameters.map(({ name }) => name).join(" ");
    };
    const options = { filters: 2, kernelSize: 2 };
    for (const Kind of [Conv2D, Conv2DTranspose]) assert.equal(names(new Kind(options), [1, 3, 3, 2]), "kernel bias");
    assert.equal(names(new Conv1D(options), [1, 3, 2]), "kernel bias");
    assert.equal(names(new DepthwiseConv2D({ kernelSize: 2 }), [1, 3, 3, 2]), "kernel bias");
    assert.equal(names(new SeparableConv2D(options), [1, 3, 3, 2]), "depthwiseKernel pointwiseKernel bias");
    assert.equal(names(new Subsampling2D(), [1, 4, 4, 2]), "coefficient bias");
    assert.equal(names(new TableConv2D({ connections: [[true]], kernelSize: 2 }), [1, 3, 3, 1]), "kernel bias");
    for (const Kind of [Dense, EuclideanRBF]) assert.equal(names(new Kind({ units: 2 }), [1, 3]), "kernel bias");
    assert.equal(names(new BatchNormalization(), [1, 3]), "gamma beta movingMean movingVariance");
  });

  test("frozen parameters get no gradient, and dx stays what it is", () => {
    const dense = new Dense({ units: 2 });
    const run = () => {
      const pass = float64Pass();
      dense.forward(integers([2, 3], 1), pass);
      return dense.backward(integers([2, 2], 2), pass);
    };
    const dx = run();
    dense.trainable = false;
    for (const { gradient } of dense.parameters) gradient.data.fill(5);
    equalBits(run(), dx);
    assert.ok(
      dense.parameters.every(({ gradient, trainable }) => !trainable && gradient.data.every((value) => value === 5)),
    );
  });

  test("a layer that closes with softmax or sigmoid has a twin of the same parameters without it", () => {
    const dense = new Dense({ units: 3, activation: "softmax" });
    const x = floats([2, 4], 1);
    const pass = float64Pass();
    const y = dense.forward(x, pass);
    const { closing, layer } = dense.logits()!;
    assert.equal(closing, "softmax");
    assert.equal(layer.parameters[0], dense.parameters[0]);
    assert.deepEqual([layer.name, layer.built], [dense.name, true]);
    equalBits(new Softmax().forward(layer.forward(x, pass), pass), y);
    assert.equal(new Dense({ units: 3, activation: "tanh" }).logits(), undefined);
    assert.equal(new Sigmoid().logits()?.closing, "sigmoid");
  });
});

describe("Dropout", () => {
  const ones = tensor(new Float64Array(20000).fill(1));
  const run = (rate: number, training: boolean, seed = 1) =>
    new Dropout({ rate }).forward(ones, float64Pass({ training, seed }));

  test("is the identity at inference, and with rate 0", () => {
    equalBits(run(0.5, false), ones);
    equalBits(run(0, true), ones);
  });

  test("scales what it keeps by 1/(1 − rate), keeps that fraction, and so keeps the mean", () => {
    for (const rate of [0.1, 0.5, 0.8]) {
      const { data } = run(rate, true);
      const kept = data.filter((value) => value !== 0);
      assert.ok(kept.every((value) => Math.abs(value - 1 / (1 - rate)) < 1e-6));
      const spread = 5 * Math.sqrt((rate * (1 - rate)) / data.length);
      assert.ok(Math.abs(kept.length / data.length - (1 - rate)) < spread, `${kept.length} kept at rate ${rate}`);
    }
  });

  test("drops the same with the same seed, and other elements in each call and with another seed", () => {
    equalBits(run(0.5, true), run(0.5, true));
    assert.notDeepEqual(run(0.5, true, 1).data, run(0.5, true, 2).data);
    const pass = float64Pass({ training: true });
    const layer = new Dropout({ rate: 0.5 });
    assert.notDeepEqual(layer.forward(ones, pass).data, layer.forward(ones, pass).data);
  });
});

describe("pooling", () => {
  test("the maximum of an all-negative image is one of its numbers, also beside padding", () => {
    const x = tensor(
      Float64Array.from({ length: 9 }, (_, index) => -1 - index),
      [1, 3, 3, 1],
    );
    const y = new MaxPooling2D({ poolSize: 2, padding: "same" }).forward(x, float64Pass());
    assert.deepEqual([...y.data], [-1, -3, -7, -9]);
  });

  test("the mean counts only cells inside the image", () => {
    const y = new AveragePooling2D({ poolSize: 2, padding: "same" }).forward(
      tensor(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [1, 3, 3, 1]),
      float64Pass(),
    );
    assert.deepEqual([...y.data], [3, 4.5, 7.5, 9]);
  });

  test("strides are poolSize where they are not given", () => {
    assert.deepEqual(new MaxPooling2D({ poolSize: [2, 3] }).outputShape([1, 6, 6, 4]), [1, 3, 2, 4]);
  });
});

test("TableConv2D begins with the numbers of the Conv2D whose kernel it has a part of", () => {
  const connections = [[true, false, true], [false, true, true]]; // biome-ignore format: one table
  const [table, conv] = [
    new TableConv2D({ connections, kernelSize: [2, 3], biasInitializer: "randomNormal", name: "same" }),
    new Conv2D({ filters: 3, kernelSize: [2, 3], biasInitializer: "randomNormal", name: "same" }),
  ];
  for (const layer of [table, conv]) layer.build([1, 4, 4, 2], float64Pass());
  const whole = conv.parameters[0].value.data;
  const kept = [...whole].filter((_, e) => connections.flat()[e % 6]);
  assert.deepEqual([...table.parameters[0].value.data], kept);
  equalBits(table.parameters[1].value, conv.parameters[1].value);
  assert.deepEqual(table.parameters[0].value.shape, [2, 3, 4]);
});
