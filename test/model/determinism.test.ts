import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { leNet5 } from "../../src/architectures/lenet5.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { SGD } from "../../src/optimizers/index.ts";
import { floats, labels } from "../support/arbitraries.ts";

/** SHA-256 of LeNet-5's weights after 100 steps. Another one means: somebody changed the order of a sum, or a draw. */
const RECORDED = "9a93e4965129c27b51e79845271f08b103af0eb84d60066c95e77e72968cf453";

async function trained(kernels: Kernels): Promise<string> {
  const model = leNet5({ seed: 1 });
  const optimizer = new SGD({ learningRate: 0.02, momentum: 0.9, weightDecay: 0.001 });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", kernels });
  await model.fit(floats([250, 28, 28, 1], 1), labels([250], 2, 10), { epochs: 10, batchSize: 26, seed: 3 });
  assert.equal(optimizer.iterations, 100);
  const hash = createHash("sha256");
  for (const { data } of model.getWeights()) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

describe("100 steps of training", () => {
  for (const threads of [1, 2]) {
    test(`give the recorded weights, bit for bit, with ${threads} thread(s)`, async () => {
      assert.equal(await trained(wasmKernels({ threads })), RECORDED);
    });
  }
});
