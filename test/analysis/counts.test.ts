import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { analyze } from "../../src/analysis/analyze.ts";
import { connectionsInside, counts } from "../../src/analysis/counts.ts";
import { pixelsSeen, receptiveField } from "../../src/analysis/receptive-field.ts";
import { leNet5 } from "../../src/architectures/lenet5.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import {
  Add,
  AveragePooling2D,
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Dense,
  Flatten,
  input,
  Layer,
  MaxPooling2D,
  ReLU,
  SeparableConv2D,
  Subsampling2D,
} from "../../src/layers/index.ts";
import { Model } from "../../src/model/model.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { Pass } from "../../src/pass.ts";
import { type Shape, type Tensor, zeros } from "../../src/tensor.ts";
import { geometries } from "../support/arbitraries.ts";
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

  test("a separable convolution has what its halves have; the docstring's 17,536 weights instead of 147,456", () => {
    const separable = new SeparableConv2D({ filters: 128, kernelSize: 3, padding: "same", useBias: false });
    const shape = [1, 16, 16, 128];
    const counted = { weightsPerNeuron: 137, neurons: 32_768, connections: 17_536 * 256, parameters: 17_536 };
    assert.deepEqual(counts(separable, shape), counted);
    // Of 9 · 256 cells of each channel 16 · 4 − 4 lie outside, and the corners' twice.
    assert.equal(connectionsInside(separable, shape), 46 * 46 * 128 + 256 * 128 * 128);
    const [row] = analyze(new Sequential([separable], { inputShape: [16, 16, 128] })).rows;
    assert.deepEqual([row.connections, row.multiplyAdds], [17_536 * 256, 17_536 * 256]);
  });

  test("a layer without weights has nothing to count", () => {
    refuses(() => counts(new Flatten(), [1, 2, 2, 1]), "flatten", "kernel is undefined", "Conv2D or Dense");
    refuses(() => counts(new MaxPooling2D(), [1, 2, 2, 1]), "max_pooling2d", "kernel is undefined");
  });
});

describe("B12: analyze", () => {
  const rowsOf = (layers: Layer[], inputShape: number[]) => analyze(new Sequential(layers, { inputShape })).rows;

  test("the counting exercises, row by row: LeNet's and AlexNet's first layers", () => {
    const [lenet] = rowsOf([new Conv2D({ filters: 6, kernelSize: 5 })], [32, 32, 3]);
    assert.deepEqual([lenet.neurons, lenet.connections, lenet.parameters], [4_704, 357_504, 456]);
    assert.equal(lenet.multiplyAdds, 357_504 - 4_704);
    const [alexnet] = rowsOf([new Conv2D({ filters: 96, kernelSize: 11, strides: 4, padding: 2 })], [224, 224, 3]);
    assert.deepEqual([alexnet.neurons, alexnet.connections, alexnet.parameters], [290_400, 105_705_600, 34_944]);
    assert.deepEqual(alexnet.outputShape, [55, 55, 96]);
    assert.equal(alexnet.multiplyAdds, 105_415_200);
  });

  test("LeNet-5: what the paper has for C1 (156 and 122,304), and the totals of the docstring", () => {
    const { rows, totals } = analyze(leNet5(), { batchSize: 32 });
    const [c1, s2, c3] = rows;
    assert.deepEqual([c1.parameters, c1.connections, s2.neurons, s2.connections], [156, 122_304, 1_176, 4_704]);
    assert.deepEqual(c3.receptiveField?.rows, { size: 14, stride: 2, first: -2 });
    assert.deepEqual([totals.multiplyAdds, totals.parameters], [416_520, 61_706]);
    assert.equal(c1.activationBytes, 32 * 28 * 28 * 6 * 4);
    const flatten = rows[4];
    assert.deepEqual([flatten.neurons, flatten.connections, flatten.multiplyAdds], [0, 0, 0]);
  });

  test("B11: three 3 × 3 see what one 7 × 7 sees, with 27C² weights instead of 49C², and fewer products", () => {
    const conv = (kernelSize: number) =>
      new Conv2D({ filters: 4, kernelSize, padding: "same", useBias: false, activation: "relu" });
    const small = analyze(new Sequential([conv(3), conv(3), conv(3)], { inputShape: [9, 9, 4] }));
    const large = analyze(new Sequential([conv(7)], { inputShape: [9, 9, 4] }));
    assert.deepEqual(small.rows[2].receptiveField, large.rows[0].receptiveField);
    assert.deepEqual([small.totals.parameters, large.totals.parameters], [27 * 16, 49 * 16]);
    assert.deepEqual([small.totals.multiplyAdds, large.totals.multiplyAdds], [81 * 27 * 16, 81 * 49 * 16]);
  });

  test("without padding and biases, multiply-adds and connections are the same number", () => {
    fc.assert(
      fc.property(geometries(), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (drawn, c, f) => {
        const { height, width, ...options } = drawn;
        const conv = new Conv2D({ ...options, filters: 2 * f, groups: 2, useBias: false });
        const [row] = rowsOf([conv], [height, width, 2 * c]);
        assert.equal(row.multiplyAdds, row.connections);
        assert.equal(row.connections, counts(conv, [1, height, width, 2 * c]).connections);
      }),
    );
  });

  test("a shared layer's parameters are counted once, its work as often as it is done", () => {
    const [a, b] = [input({ shape: [3] }), input({ shape: [3] })];
    const dense = new Dense({ units: 2 });
    const model = new Model({ inputs: [a, b], outputs: new Add().apply([dense.apply(a), dense.apply(b)]) });
    const { rows, totals } = analyze(model);
    assert.deepEqual(
      rows.map(({ name, inputs, parameters, multiplyAdds }) => [name, inputs, parameters, multiplyAdds]),
      [
        ["dense", ["input"], 8, 6],
        ["dense[1]", ["input_1"], 0, 6],
        ["add", ["dense", "dense[1]"], 0, 0],
      ],
    );
    assert.deepEqual([totals.parameters, totals.multiplyAdds, rows[0].receptiveField], [8, 12, undefined]);
  });

  test("refuses what is no model, a model without a shape, and batches of no image", () => {
    refuses(() => analyze({} as Model), "analyze", "model is {}", "Sequential");
    refuses(() => analyze(new Sequential([new Flatten()])), "no shape yet");
    refuses(() => analyze(leNet5(), { batchSize: 0 }), "batchSize is 0", "at least 1");
  });
});

describe("B10: receptive fields in graphs", () => {
  const SIZE = 32;
  const branch = fc.record({
    kernelSize: fc.integer({ min: 1, max: 4 }),
    dilationRate: fc.integer({ min: 1, max: 2 }),
    pooled: fc.boolean(),
  });

  test("a unit sees what any branch sees: the pixels that change it reach as far as that, and no further", () => {
    fc.assert(
      fc.property(fc.array(branch, { minLength: 1, maxLength: 3 }), fc.boolean(), (branches, around) => {
        const a = input({ shape: [SIZE, SIZE, 1] });
        const ones = { filters: 1, padding: "same", kernelInitializer: "ones" } as const;
        const paths = branches.map(({ kernelSize, dilationRate, pooled }) => {
          const b = new Conv2D({ ...ones, kernelSize, dilationRate }).apply(a);
          return pooled ? new AveragePooling2D({ poolSize: 3, strides: 1, padding: "same" }).apply(b) : b;
        });
        const merged = around || paths.length === 1 ? new Add().apply([...paths, a]) : new Add().apply(paths);
        const halved = new Conv2D({ ...ones, padding: "valid", kernelSize: 3, strides: 2 }).apply(merged);
        const last = new Conv2D({ ...ones, kernelSize: 3 }).apply(halved);
        const model = new Model({ inputs: a, outputs: last });
        const { rows } = analyze(model).rows.at(-1)!.receptiveField!;
        const unit = 7;
        const changed: number[] = [];
        const pass = new Pass({ kernels: referenceKernels("float64") });
        for (let u = 0; u < SIZE; u++) {
          const x = zeros([1, SIZE, SIZE, 1], "float64");
          for (let v = 0; v < SIZE; v++) x.data[u * SIZE + v] = 1;
          const values = [x];
          for (const { layer, inputs } of model.connection.graph.nodes) {
            values.push(layer.forwardAll(inputs.map((value) => values[value]), pass)); // biome-ignore format: one line
          }
          const y = values.at(-1)!;
          if (y.data[unit * y.shape[2] + unit] !== 0) changed.push(u);
        }
        const first = rows.first + unit * rows.stride;
        assert.deepEqual([Math.min(...changed), Math.max(...changed)], [first, first + rows.size - 1]);
      }),
      { numRuns: 25 },
    );
  });
});

test("B10: a layer of one's own that enlarges an image, and does not say what it reads, is taken to see all of it", () => {
  class Twice extends Layer {
    constructor() {
      super("Twice", {}, []);
    }
    outputShape([n, height, width, channels]: Shape) {
      return [n, 2 * height, 2 * width, channels];
    }
    forward(x: Tensor) {
      return zeros(this.outputShape(x.shape));
    }
    backward(dy: Tensor) {
      return dy;
    }
  }
  const layers = [new Conv2D({ filters: 1, kernelSize: 3 }), new Twice(), new Conv2D({ filters: 1, kernelSize: 3 })];
  const { rows } = analyze(new Sequential(layers, { inputShape: [8, 6, 1] }));
  assert.deepEqual(rows[1].receptiveField, {
    rows: { size: 8, stride: 0.5, first: 0 },
    columns: { size: 6, stride: 0.5, first: 0 },
  });
  assert.deepEqual(rows[2].receptiveField?.rows, { size: 9, stride: 0.5, first: 0 });
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
