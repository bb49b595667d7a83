/** The layers without weights inside of models: planned memory, threads, files. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import * as layers from "../../src/layers/index.ts";
import { modelFromFiles } from "../../src/model/load.ts";
import { Model } from "../../src/model/model.ts";
import { Pass } from "../../src/pass.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { wake, wasm } from "../support/kernels.ts";

function apply(x: layers.SymbolicTensor, ...row: layers.Layer[]): layers.SymbolicTensor {
  return row.reduce((value, layer) => layer.apply(value), x);
}

/** All of them at least once, in branches that are joined. */
function network(): Model {
  const a = layers.input({ shape: [7, 6, 2] });
  const pool = new layers.MaxPooling2D();
  const conv = (filters: number) => new layers.Conv2D({ filters, kernelSize: 3, padding: "same", activation: "tanh" });
  const inside = apply(
    a,
    new layers.ZeroPadding2D({ padding: [1, 0, 1, 1] }),
    conv(6),
    new layers.LocalResponseNormalization({ alpha: 1 }),
    pool,
    new layers.SpatialDropout2D({ rate: 0.25 }),
    conv(6),
  );
  const outside = new layers.Add().apply([
    apply(inside, new layers.UpSampling2D({ interpolation: "bilinear" })),
    apply(inside, new layers.UpSampling2D()),
    apply(inside, new layers.MaxUnpooling2D({ pooling: pool })),
  ]);
  const cropped = apply(
    outside,
    new layers.Cropping2D({ cropping: [1, 2] }),
    new layers.GaussianNoise({ stddev: 0.1 }),
  );
  const joined = new layers.Concatenate().apply([
    apply(cropped, new layers.GlobalAveragePooling2D()),
    apply(cropped, new layers.GlobalMaxPooling2D({ keepDims: true }), new layers.Reshape({ targetShape: [-1] })),
    apply(cropped, new layers.Permute({ dims: [3, 1, 2] }), new layers.Flatten()),
  ]);
  const dense = new layers.Dense({ units: 3, activation: "softmax" });
  return new Model({ inputs: a, outputs: dense.apply(joined), seed: 5 });
}

const x = floats([10, 7, 6, 2], 1);
const y = labels([10], 2, 3);

async function trained(threads: number): Promise<Model> {
  const model = network();
  const kernels = wasmKernels({ threads });
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", kernels });
  await model.fit(x, y, { epochs: 4, batchSize: 4, seed: 7 });
  return model;
}

describe("layers without weights in a model", () => {
  test("train to the same bits with one thread and with three, and the loss falls", async () => {
    await wake(wasmKernels({ threads: 3 }));
    const [one, three] = [await trained(1), await trained(3)];
    one.getWeights().forEach((weight, index) => {
      equalBits(weight, three.getWeights()[index]);
    });
    const loss = async (model: Model) => (await model.evaluate(x, y)).loss;
    const fresh = network();
    fresh.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    assert.ok((await loss(one)) < (await loss(fresh)));
  });

  test("predict in planned memory what layer after layer computes in memory of its own", async () => {
    const model = await trained(1);
    const { graph } = model.connection;
    const pass = new Pass({ kernels: wasm, gradients: false });
    const values: Tensor[] = [x];
    for (const { layer, inputs } of graph.nodes) {
      values.push(layer.forwardAll(inputs.map((value) => values[value]), pass)); // biome-ignore format: short
    }
    equalBits(await model.predict(x, { batchSize: 10 }), values.at(-1)!);
  });

  test("come back from a file with all their options", async () => {
    const model = await trained(1);
    const files = model.toFiles();
    const same = modelFromFiles(files);
    assert.equal(same.toFiles()["model.json"], files["model.json"]);
    assert.deepEqual(same.toFiles()["weights.safetensors"], files["weights.safetensors"]);
    equalBits(await same.predict(x), await model.predict(x));
  });
});
