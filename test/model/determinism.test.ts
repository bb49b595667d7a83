import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { leNet5 } from "../../src/architectures/lenet5.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { AveragePooling2D, Conv2D, Dense, Dropout, Flatten, MaxPooling2D } from "../../src/layers/index.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { SGD } from "../../src/optimizers/index.ts";
import { floats, labels } from "../support/arbitraries.ts";

/** SHA-256 of LeNet-5's weights after 100 steps. Another one means: somebody changed the order of a sum, or a draw. */
const RECORDED = "37bf8f40f4ee0b7fb48ddc91f60a5c7d5954594c205fd24ecea0bd765aa53092";

async function trained(kernels: Kernels): Promise<string> {
  const model = leNet5({ seed: 1 });
  const optimizer = new SGD({ learningRate: 0.02, momentum: 0.9, weightDecay: 0.001 });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", kernels });
  await model.fit(floats([250, 28, 28, 1], 1), labels([250], 2, 10), { epochs: 10, batchSize: 26, seed: 3 });
  assert.equal(optimizer.iterations, 100);
  return hashOf(model);
}

function hashOf(model: Sequential): string {
  const hash = createHash("sha256");
  for (const { data } of model.getWeights()) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

/** The same for a network whose 3 × 3 and 5 × 5 layers go through Winograd, with dropout, overlapping pooling and Adam. */
const RECORDED_WINOGRAD = "2010e626c5f7d097f2264fd877a4976538ceea97925bafc797b55e588aaa45d6";

async function trainedWinograd(kernels: Kernels): Promise<string> {
  const conv = (kernelSize: number) => new Conv2D({ filters: 16, kernelSize, padding: "same", activation: "elu" });
  const pools = [new MaxPooling2D({ poolSize: 3, strides: 2 }), new AveragePooling2D({ poolSize: 2 })];
  const head = [new Flatten(), new Dropout({ rate: 0.4 }), new Dense({ units: 5, activation: "softmax" })];
  const model = new Sequential([conv(3), conv(3), conv(5), ...pools, ...head], { inputShape: [13, 14, 3], seed: 4 });
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", kernels });
  await model.fit(floats([90, 13, 14, 3], 5), labels([90], 6, 5), { epochs: 5, batchSize: 20, seed: 7 });
  return hashOf(model);
}

describe("training gives the recorded weights, bit for bit", () => {
  for (const threads of [1, 2, 3]) {
    test(`LeNet-5, 100 steps, with ${threads} thread(s)`, async () => {
      assert.equal(await trained(wasmKernels({ threads })), RECORDED);
    });

    test(`Winograd, dropout and Adam, 25 steps, with ${threads} thread(s)`, async () => {
      assert.equal(await trainedWinograd(wasmKernels({ threads })), RECORDED_WINOGRAD);
    });
  }
});
