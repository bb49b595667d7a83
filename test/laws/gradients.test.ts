import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  averagePooling2D,
  check,
  conv1dCases,
  conv2dCases,
  conv2dTransposeCases,
  counterexample,
  denseCases,
  depthwiseCases,
  gradientCheck,
  gradients,
  imageShapes,
  LayerCase,
  maxPooling2D,
  pooling1dCases,
  poolingCases,
  Refutation,
  separableCases,
  subsamplingCases,
  tableCases,
} from "../../src/laws/index.ts";
import {
  Activation,
  type ActivationOption,
  AveragePooling1D,
  Conv2D,
  Dense,
  Dropout,
  EuclideanRBF,
  Flatten,
  MaxPooling1D,
  MaxPooling2D,
  ReLU,
} from "../../src/layers/index.ts";
import type { Pass } from "../../src/pass.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { floats, seeds } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { obeys } from "./support.ts";

const activations: readonly ActivationOption[] = [
  "linear",
  "relu",
  "leakyRelu",
  { name: "leakyRelu", negativeSlope: 0.1 },
  "elu",
  { name: "elu", alpha: 0.5 },
  "sigmoid",
  "tanh",
  "scaledTanh",
  "softmax",
];

obeys(gradients(conv2dCases()), "Conv2D");
obeys(gradients(conv2dTransposeCases()), "Conv2DTranspose");
obeys(gradients(depthwiseCases({ activation: "tanh" })), "DepthwiseConv2D");
obeys(gradients(separableCases({ activation: "elu" })), "SeparableConv2D");
obeys(gradients(tableCases({ activation: "scaledTanh" })), "TableConv2D");
obeys(
  gradients(() => new EuclideanRBF({ units: 3, activation: "softmax" }), [2, 4]),
  "EuclideanRBF",
);
obeys(gradients(conv1dCases({ activation: "sigmoid" })), "Conv1D");
obeys(gradients(pooling1dCases((options) => new MaxPooling1D(options))), "MaxPooling1D");
obeys(gradients(pooling1dCases((options) => new AveragePooling1D(options))), "AveragePooling1D");
obeys(gradients(subsamplingCases({ activation: "tanh" })), "Subsampling2D");
obeys(gradients(denseCases()), "Dense");
obeys(gradients(poolingCases(maxPooling2D)), "MaxPooling2D");
obeys(gradients(poolingCases(averagePooling2D)), "AveragePooling2D");
obeys(
  gradients(() => new Flatten(), imageShapes()),
  "Flatten",
);
for (const activation of activations) {
  const name = JSON.stringify(activation);
  obeys(gradients(conv2dCases({ activation, output: 2 })), `Conv2D with ${name}`);
  obeys(gradients(conv2dTransposeCases({ activation })), `Conv2DTranspose with ${name}`, { numRuns: 30 });
  const dense = () => new Dense({ units: 3, activation });
  obeys(gradients(dense, fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constant(4))), `Dense with ${name}`);
  obeys(
    gradients(() => new Activation({ activation }), imageShapes()),
    name,
  );
}
const same = fc
  .record({
    ...{ height: fc.integer({ min: 1, max: 3 }), width: fc.integer({ min: 1, max: 7 }), seed: seeds },
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  })
  .map(({ height, width, seed, strides }) => {
    const make = () => new Conv2D({ filters: 2, kernelSize: [2, 3], strides, padding: "same" });
    return new LayerCase(make, [1, height, width, 2], seed);
  });
obeys(gradients(same), 'Conv2D with "same" and strides that do not divide');
const dropouts = fc
  .record({ rate: fc.double({ min: 0, max: 0.9, noNaN: true }), seed: seeds })
  .map(({ rate, seed }) => new LayerCase(() => new Dropout({ rate }), [3, 7], seed));
obeys(gradients(dropouts, undefined, { training: true }), "Dropout while training");

describe("gradientCheck", () => {
  test("gives a row for x and for each parameter, every element of which was compared", () => {
    const { rows, passed, table } = gradientCheck(new Conv2D({ filters: 2, kernelSize: 2 }), floats([1, 3, 3, 2], 1));
    assert.deepEqual(
      rows.map(({ name, compared, size, kinks }) => [name, compared, size, kinks]),
      [
        ["x", 18, 18, 0],
        ["kernel", 16, 16, 0],
        ["bias", 2, 2, 0],
      ],
    );
    assert.ok(passed);
    assert.match(table, /^gradients of conv2d on x \[1,3,3,2\]\n {2}of +shape +compared +kinks/);
  });

  test("leaves the layer as it was: parameters, gradients, and x", () => {
    const layer = new Dense({ units: 2, biasInitializer: "ones" });
    layer.build([1, 3]);
    const before = layer.parameters.map(({ value, gradient }) => ({ value, gradient, bits: value.copy() }));
    const x = floats([1, 3], 2);
    gradientCheck(layer, x);
    layer.parameters.forEach(({ value, gradient }, index) => {
      assert.equal(value, before[index].value);
      assert.equal(gradient, before[index].gradient);
      equalBits(value, before[index].bits);
    });
    equalBits(x, floats([1, 3], 2));
  });

  test("counts elements at a kink, and does not take them for errors", () => {
    const { rows } = gradientCheck(new ReLU(), tensor([-1, 0, 2, 2 ** -20]));
    assert.deepEqual([rows[0].kinks, rows[0].compared], [2, 4]);
    const tie = gradientCheck(new MaxPooling2D(), tensor([1, 3, 3, 2], [1, 2, 2, 1]));
    assert.equal(tie.rows[0].kinks, 2);
  });

  test("refuses an x of kinks only, because nothing was compared", () => {
    assert.throws(() => gradientCheck(new ReLU(), tensor([0, 0])), /only kinks: give another x/);
  });

  test("takes some elements of a large tensor where it is told to", () => {
    const { rows } = gradientCheck(new Dense({ units: 30 }), floats([1, 40], 1), { elements: 7 });
    assert.deepEqual(
      rows.map(({ compared, size }) => `${compared}/${size}`),
      ["7/40", "7/1200", "7/30"],
    );
  });

  test("names tensor, place and both values of a wrong gradient, however small its share", () => {
    for (const [which, error] of [
      ["x", 1.001],
      ["kernel", 0.999],
      ["bias", -1],
    ] as const) {
      const wrong = new Wrong(which, error);
      assert.throws(
        () => gradientCheck(wrong, floats([2, 3], 1)),
        (thrown) => {
          assert.ok(thrown instanceof Refutation);
          const [line] = thrown.message.split("\n").filter((line) => line.includes("← wrong"));
          assert.match(line, new RegExp(`^ {2}${which} .*\\[\\d(,\\d)?\\] +-?\\d`));
          assert.equal(thrown.message.split("← wrong").length, 2);
          return true;
        },
      );
      assert.ok(counterexample(gradients(() => new Wrong(which, error), [2, 3])));
    }
  });

  test("is seen to use the dropout of one step", () => {
    check(
      gradients(() => new Dropout({ rate: 0.5 }), [2, 5], { training: true }),
      { numRuns: 5 },
    );
  });
});

/** A dense layer one of whose gradients is wrong by a factor. */
class Wrong extends Dense {
  constructor(
    readonly which: "x" | "kernel" | "bias",
    readonly factor: number,
  ) {
    super({ units: 2 });
  }

  override backward(dy: Tensor, pass: Pass): Tensor {
    const dx = super.backward(dy, pass);
    const { kernel, bias } = this;
    const wrong = { x: dx, kernel: kernel.gradient, bias: bias!.gradient }[this.which];
    for (let e = 0; e < wrong.size; e++) wrong.data[e] *= this.factor;
    return dx;
  }
}
