import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connectionsInside, counts } from "../../src/analysis/counts.ts";
import { pixelsSeen, receptiveField } from "../../src/analysis/receptive-field.ts";
import {
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Dense,
  Flatten,
  MaxPooling2D,
  ReLU,
  SeparableConv2D,
  Subsampling2D,
} from "../../src/layers/index.ts";
import { refuses } from "../support/refusals.ts";

describe("B12: the counting exercises", () => {
  const exercises = [
    {
      title: "LeNet's first layer: 32 × 32 × 3, six filters of 5 × 5",
      layer: () => new Conv2D({ filters: 6, kernelSize: 5 }),
      shape: [1, 32, 32, 3],
      output: [1, 28, 28, 6],
      counted: { weightsPerNeuron: 76, neurons: 4_704, connections: 357_504, parameters: 456 },
    },
    {
      title: "AlexNet's first layer: 224 × 224 × 3, 96 filters of 11 × 11, stride 4, padding 2",
      layer: () => new Conv2D({ filters: 96, kernelSize: 11, strides: 4, padding: 2 }),
      shape: [1, 224, 224, 3],
      output: [1, 55, 55, 96],
      counted: { weightsPerNeuron: 364, neurons: 290_400, connections: 105_705_600, parameters: 34_944 },
    },
    {
      title: "A3: one neuron on 256 × 256 × 3, without its bias; a hidden layer of 64 has 12,582,912",
      layer: () => new Dense({ units: 1, useBias: false }),
      shape: [1, 256 * 256 * 3],
      output: [1, 1],
      counted: { weightsPerNeuron: 196_608, neurons: 1, connections: 196_608, parameters: 12_582_912 / 64 },
    },
    {
      title: "A7: a 5 × 5 image, a 3 × 3 filter; a second filter gives a second map",
      layer: () => new Conv2D({ filters: 2, kernelSize: 3 }),
      shape: [1, 5, 5, 1],
      output: [1, 3, 3, 2],
      counted: { weightsPerNeuron: 10, neurons: 18, connections: 180, parameters: 20 },
    },
    {
      title: "depthwise: each filter sees one channel",
      layer: () => new Conv2D({ filters: 3, kernelSize: 3, groups: 3 }),
      shape: [1, 5, 5, 3],
      output: [1, 3, 3, 3],
      counted: { weightsPerNeuron: 10, neurons: 27, connections: 270, parameters: 30 },
    },
  ] as const;
  for (const { title, layer, shape, output, counted } of exercises) {
    test(title, () => {
      assert.deepEqual(layer().outputShape(shape), output);
      assert.deepEqual(counts(layer(), shape), counted);
    });
  }

  test("LeNet-5's S2 and S4: 12 and 32 trainable parameters, 5,880 and 2,000 connections", () => {
    const counted = (parameters: number, connections: number) => ({ parameters, connections, weightsPerNeuron: 5 });
    const [s2, s4] = [new Subsampling2D(), new Subsampling2D()];
    assert.deepEqual(counts(s2, [1, 28, 28, 6]), { neurons: 1176, ...counted(12, 5880) });
    assert.deepEqual(counts(s4, [1, 10, 10, 16]), { neurons: 400, ...counted(32, 2000) });
    assert.equal(connectionsInside(s2, [1, 28, 28, 6]), 5880);
  });

  test("connections into padding are left out where that is asked", () => {
    assert.equal(connectionsInside(new Conv2D({ filters: 1, kernelSize: 3, padding: 1 }), [1, 2, 2, 1]), 20);
  });

  test("a transposed convolution is counted as one of x with zeros between its pixels", () => {
    const layer = new Conv2DTranspose({ filters: 2, kernelSize: 2, strides: 2, useBias: false });
    const counted = { weightsPerNeuron: 12, neurons: 32, connections: 384, parameters: 24 };
    assert.deepEqual(counts(layer, [1, 2, 2, 3]), counted);
    // Each of 4 pixels is connected to 4 places, in 3 channels to 2 filters.
    assert.equal(connectionsInside(layer, [1, 2, 2, 3]), 96);
  });

  test("a layer without weights has nothing to count", () => {
    refuses(() => counts(new Flatten(), [1, 2, 2, 1]), "flatten", "kernel is undefined", "Conv2D or Dense");
    refuses(() => counts(new SeparableConv2D({ filters: 1, kernelSize: 1 }), [1, 2, 2, 1]), "kernel is undefined");
  });
});

describe("B10: receptive fields", () => {
  const conv = (kernelSize = 3, strides = 1) => new Conv2D({ filters: 1, kernelSize, strides });

  test("two layers of 3 × 3 see 5 pixels, three see 7", () => {
    assert.deepEqual(receptiveField([conv(), conv()], [1, 28, 28, 1]).rows, { size: 5, stride: 1, first: 0 });
    assert.deepEqual(receptiveField([conv(), conv(), conv()], [1, 28, 28, 1]).rows, { size: 7, stride: 1, first: 0 });
  });

  test("LeNet: 5 × 5, pooled by 2, 5 × 5, pooled by 2 sees 16 of 28 pixels, every fourth place; a dense unit all", () => {
    const lenet = [conv(5), new ReLU(), new MaxPooling2D(), conv(5), new MaxPooling2D()];
    const { rows } = receptiveField(lenet, [1, 28, 28, 1]);
    assert.deepEqual(rows, { size: 16, stride: 4, first: 0 });
    const dense = [...lenet, new Flatten(), new Dense({ units: 2 })];
    assert.equal(receptiveField(dense, [1, 28, 28, 1]).rows.size, 28);
    assert.equal(pixelsSeen(dense, [1, 28, 28, 1], [0, 0]).columns.length, 28);
  });

  test("behind a transposed convolution units are half a pixel apart; size is what any of them sees at most", () => {
    const up = new Conv2DTranspose({ filters: 1, kernelSize: 3, strides: 2 });
    assert.deepEqual(receptiveField([up], [1, 4, 4, 1]).rows, { size: 2, stride: 0.5, first: -1 });
    assert.deepEqual(pixelsSeen([up], [1, 4, 4, 1], [3, 2]), { rows: [1], columns: [0, 1] });
    const { rows } = receptiveField([conv(3), up], [1, 6, 6, 1]);
    assert.deepEqual(rows, { size: 4, stride: 0.5, first: -1 });
  });

  test("of sequences: two causal layers of 3 steps see 5, and none after their own", () => {
    const causal = () => new Conv1D({ filters: 1, kernelSize: 3, padding: "causal" });
    assert.deepEqual(receptiveField([causal(), causal()], [1, 9, 1]).columns, { size: 5, stride: 1, first: -4 });
    assert.deepEqual(pixelsSeen([causal(), causal()], [1, 9, 1], [0, 6]).columns, [2, 3, 4, 5, 6]);
    const all = [causal(), new Flatten(), new Dense({ units: 1 })];
    assert.equal(pixelsSeen(all, [1, 9, 1], [0, 0]).columns.length, 9);
  });

  test("padding moves the first pixel out of the image, dilation leaves gaps", () => {
    const dilated = new Conv2D({ filters: 1, kernelSize: [3, 2], dilationRate: 2, padding: [1, 1, 0, 0] });
    assert.deepEqual(receptiveField([dilated], [1, 5, 5, 1]).rows, { size: 5, stride: 1, first: -1 });
    assert.deepEqual(pixelsSeen([dilated], [1, 5, 5, 1], [0, 1]), { rows: [1, 3], columns: [1, 3] });
  });
});
