/** Every layer with weights inside of a model: trained in planned memory by any number of threads, saved, checked. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { check, lawsFor } from "../../src/laws/index.ts";
import {
  AveragePooling1D,
  BatchNormalization,
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Dense,
  DepthwiseConv2D,
  EuclideanRBF,
  Flatten,
  GlobalAveragePooling1D,
  GlobalMaxPooling1D,
  type Layer,
  MaxPooling1D,
  SeparableConv2D,
  Subsampling2D,
  TableConv2D,
} from "../../src/layers/index.ts";
import { modelFromFiles } from "../../src/model/load.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { wake } from "../support/kernels.ts";

const image = [9, 8, 3];
const sequence = [20, 3];

const connections = [
  [true, false, true, false],
  [true, true, false, false],
  [false, true, true, true],
];

const LAYERS: readonly (readonly [title: string, inputShape: number[], make: () => Layer, law: RegExp])[] = [
  ["Conv2D", image, () => new Conv2D({ filters: 4, kernelSize: 3, padding: "same" }), /^B8/],
  ["Conv2DTranspose", image, () => new Conv2DTranspose({ filters: 2, kernelSize: 3, strides: 2 }), /^C8, A2/],
  [
    "Conv2DTranspose that cuts off and adds",
    image,
    () => new Conv2DTranspose({ filters: 2, kernelSize: 4, strides: 3, padding: [9, 2, 1, 0], outputPadding: [2, 1] }),
    /^B10/,
  ],
  ["DepthwiseConv2D", image, () => new DepthwiseConv2D({ kernelSize: 3, depthMultiplier: 2 }), /^C8, A2/],
  ["SeparableConv2D", image, () => new SeparableConv2D({ filters: 5, kernelSize: 3, activation: "relu" }), /^B10/],
  ["Subsampling2D", image, () => new Subsampling2D({ poolSize: 3, strides: 2 }), /^C8, A2/],
  ["TableConv2D", image, () => new TableConv2D({ connections, kernelSize: 3, padding: "same" }), /^C8, A2/],
  ["EuclideanRBF", [12], () => new EuclideanRBF({ units: 5 }), /^A1/],
  ["Conv1D", sequence, () => new Conv1D({ filters: 4, kernelSize: 3, dilationRate: 2, padding: "causal" }), /^B6/],
  ["MaxPooling1D", sequence, () => new MaxPooling1D({ poolSize: 3, strides: 2 }), /^C2: each output is the largest/],
  ["AveragePooling1D", sequence, () => new AveragePooling1D({ padding: "same" }), /^C4: each output is the mean/],
  ["GlobalAveragePooling1D", sequence, () => new GlobalAveragePooling1D(), /^C3, C4: permuting the pixels/],
  ["GlobalMaxPooling1D", sequence, () => new GlobalMaxPooling1D({ keepDims: true }), /^C3, C4: permuting/],
  ["BatchNormalization", image, () => new BatchNormalization({ center: false }), /^A1/],
];

for (const [title, inputShape, make, expected] of LAYERS) {
  describe(title, () => {
    const [x, y] = [floats([30, ...inputShape], 1), labels([30], 2, 3)];
    const trained = async (threads: number) => {
      // In the second place, so that its dx is needed too.
      const first = new BatchNormalization();
      const head = [new Flatten(), new Dense({ units: 3, activation: "softmax" })];
      const model = new Sequential([first, make(), ...head], { inputShape, seed: 5 });
      model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", kernels: wasmKernels({ threads }) });
      await model.fit(x, y, { epochs: 3, batchSize: 13 });
      return model;
    };

    test("trains to the same weights with 1, 2 and 3 threads, and comes back from its files", async () => {
      await wake(wasmKernels({ threads: 2 }), wasmKernels({ threads: 3 }));
      const one = await trained(1);
      for (const threads of [2, 3]) {
        const other = (await trained(threads)).getWeights();
        one.getWeights().forEach((weight, index) => {
          equalBits(other[index], weight, { threads, index });
        });
      }
      const files = one.toFiles();
      const same = modelFromFiles(files);
      equalBits(await same.predict(x), await one.predict(x));
      assert.equal(same.toFiles()["model.json"], files["model.json"]);
      assert.match(one.summary(), new RegExp(`\\(${one.layers[1].kind}\\)`));
    });

    test("obeys the laws that `neocog check` finds for it", () => {
      const laws = lawsFor(make(), [1, ...inputShape]);
      assert.ok(
        laws.some(({ title }) => expected.test(title)),
        laws.map(({ title }) => title).join("\n"),
      );
      for (const law of laws) check(law, { numRuns: 5 });
    });
  });
}
