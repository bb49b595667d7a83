import assert from "node:assert/strict";
import { test } from "node:test";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { kernelsOn } from "../../src/kernels/wasm/kernels.ts";
import { Dense } from "../../src/layers/index.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { floats } from "../support/arbitraries.ts";

test("models that nobody refers to any more give their memory to those that come", async () => {
  const engine = new Engine();
  const kernels = kernelsOn(engine, "with a heap of its own");
  const [x, y] = [floats([4, 1024], 1), floats([4, 1], 2)];
  for (let count = 0; count < 40; count++) {
    const model = new Sequential([new Dense({ units: 2048 }), new Dense({ units: 1 })], { inputShape: [1024] });
    model.compile({ optimizer: "adam", loss: "meanSquaredError", kernels });
    await model.trainOnBatch(x, y);
  }
  // Each has its weights, their gradients and two moments: 34 MB, and all together 1,344.
  assert.ok(engine.heap.bytes < 700e6, `${engine.heap.bytes} bytes`);
});
