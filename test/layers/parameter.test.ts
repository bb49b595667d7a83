import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { initialize } from "../../src/initializers.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import {
  AveragePooling1D,
  BatchNormalization,
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Dense,
  DepthwiseConv2D,
  EuclideanRBF,
  Layer,
  Parameter,
  SeparableConv2D,
  Sigmoid,
  Softmax,
  Subsampling2D,
  TableConv2D,
} from "../../src/layers/index.ts";
import type { SequencePadding } from "../../src/layers/sequences.ts";
import { Pass } from "../../src/pass.ts";
import { Random } from "../../src/random.ts";
import type { Shape, Tensor } from "../../src/tensor.ts";
import type { Padding } from "../../src/window.ts";
import { floats, integers, seeds } from "../support/arbitraries.ts";
import { close, equalBits } from "../support/compare.ts";
import { float64Pass } from "../support/gradients.ts";

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
