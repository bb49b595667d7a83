import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import * as neocog from "../src/index.ts";
import {
  Conv2D,
  Dense,
  Flatten,
  MaxPooling2D,
  Pass,
  referenceKernels,
  Sequential,
  SGD,
  tensor,
  wasmKernels,
} from "../src/index.ts";
import { floats, labels } from "./support/arbitraries.ts";

describe("the surface that is kept stable works as it is documented", () => {
  for (const kernels of [referenceKernels("float64"), referenceKernels("float32"), wasmKernels()]) {
    test(`a layer on its own, on ${kernels.name}`, () => {
      const x = tensor(new Float32Array(2 * 8 * 8 * 1).fill(1), [2, 8, 8, 1]);
      const pass = new Pass({ kernels, training: true, seed: 7 });
      const layer = new Conv2D({ filters: 6, kernelSize: 5, strides: 1, padding: "same", dilationRate: 1, groups: 1 });
      layer.build(x.shape, pass);
      const [kernel, bias] = layer.getWeights();
      layer.setWeights([kernel, bias]);
      for (const { value, gradient } of layer.parameters)
        assert.deepEqual([...gradient.data], Array(value.size).fill(0), "zeros before backward");
      const y = layer.forward(x, pass);
      assert.deepEqual(y.shape, [2, 8, 8, 6]);
      const dx = layer.backward(floats(y.shape, 1), pass);
      assert.deepEqual(dx.shape, x.shape);
      const described = layer.parameters.map(({ name, value, gradient, trainable }) => [
        name,
        value.shape,
        gradient.shape,
        trainable,
      ]);
      assert.deepEqual(described, [
        ["kernel", [5, 5, 1, 6], [5, 5, 1, 6], true],
        ["bias", [6], [6], true],
      ]);
    });

    test(`a model, on ${kernels.name}`, async () => {
      const [x, y] = [floats([12, 28, 28, 1], 1), labels([12], 2, 10)];
      const layer = new Conv2D({ filters: 6, kernelSize: 5, padding: "same" });
      const model = new Sequential(
        [layer, new MaxPooling2D({ poolSize: 2 }), new Flatten(), new Dense({ units: 10, activation: "softmax" })],
        { inputShape: [28, 28, 1] },
      );
      model.compile({
        optimizer: new SGD({ learningRate: 0.01, momentum: 0.9 }),
        loss: "sparseCategoricalCrossentropy",
        metrics: ["accuracy"],
        kernels,
      });
      const { history } = await model.fit(x, y, { epochs: 2, batchSize: 5, validationData: [x, y], seed: 7 });
      assert.deepEqual(Object.keys(history), ["loss", "accuracy", "valLoss", "valAccuracy"]);
      assert.ok((await model.trainOnBatch(x, y)).loss > 0);
      assert.deepEqual(Object.keys(await model.evaluate(x, y, { batchSize: 128 })), ["loss", "accuracy"]);
      assert.deepEqual((await model.predict(x, { batchSize: 128 })).shape, [12, 10]);
      assert.match(model.summary(), /11,916|11,926/);
    });
  }

  test("exports what the surface names, and no default", () => {
    const names = [
      "tensor",
      "Tensor",
      "Conv2D",
      "MaxPooling2D",
      "AveragePooling2D",
      "Dense",
      "Flatten",
      "Dropout",
      "Sequential",
    ];
    for (const name of [
      ...names,
      "SGD",
      "Adam",
      "AdamW",
      "RMSprop",
      "Pass",
      "referenceKernels",
      "wasmKernels",
      "NeocogError",
    ]) {
      assert.equal(typeof (neocog as Record<string, unknown>)[name], "function", name);
    }
    assert.ok(!("default" in neocog));
  });
});

/** The packages that bundles of these sources would need at run time. */
async function packagesOf(entry: string): Promise<string[]> {
  const { metafile } = await build({
    ...{ entryPoints: [fileURLToPath(new URL(`../src/${entry}`, import.meta.url))], bundle: true, write: false },
    ...{ format: "esm", platform: "browser", packages: "external", metafile: true, outdir: "nowhere" },
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const external = imports.filter((one) => one.external).map(({ path }) => path);
  return [...new Set(external)].filter((path) => !path.startsWith("data:"));
}

test("the library imports no package, and its laws only fast-check", async () => {
  const allowed = ["@assemblyscript/loader"]; // becomes part of the bundle
  const [core, laws] = await Promise.all(["index.ts", "laws/index.ts"].map(packagesOf));
  assert.deepEqual(
    core.filter((name) => !allowed.includes(name)),
    [],
  );
  assert.deepEqual(
    laws.filter((name) => !allowed.includes(name)),
    ["fast-check"],
  );
});
