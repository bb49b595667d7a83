import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { Add, Conv2D, Dense, Flatten, input, type SymbolicTensor } from "../../src/layers/index.ts";
import { loadModel, modelFromFiles } from "../../src/model/load.ts";
import { Model } from "../../src/model/model.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { modelOf, recipes, WIDTH } from "../support/graphs.ts";
import { refuses } from "../support/refusals.ts";

const directory = mkdtempSync(join(tmpdir(), "neocog-graph-"));
after(() => rmSync(directory, { recursive: true }));

describe("a graph in files", () => {
  test("comes back bit for bit: connections, shared and frozen layers, weights, and what it predicts", () => {
    return fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const model = modelOf(recipe);
        const files = model.toFiles();
        const back = modelFromFiles<SymbolicTensor[]>(files);
        assert.deepEqual(back.toFiles(), files);
        assert.equal(back.summary(), model.summary());
        assert.deepEqual(back.connection.outputs, model.connection.outputs);
        const x = Array.from({ length: recipe.inputs }, (_, index) => floats([3, WIDTH], recipe.seed + index));
        const [found, expected] = [await back.predict(x), await model.predict(x)];
        for (const [index, p] of expected.entries()) equalBits(found[index], p);
      }),
      { numRuns: 30 },
    );
  });

  test("trains on as it would have, and keeps whether its ends are lists", async () => {
    const a = input({ shape: [4], name: "in" });
    const b = new Add().apply([a, new Dense({ units: 4, activation: "tanh" }).apply(a)]);
    const model = new Model({
      inputs: a,
      outputs: new Dense({ units: 2, activation: "softmax" }).apply(b),
      name: "two",
    });
    model.save(join(directory, "graph"));
    const back = loadModel(join(directory, "graph"));
    assert.deepEqual([back.name, back.inputShape, back.outputShape], ["two", [4], [2]]);
    const [x, y] = [floats([10, 4], 1), labels([10], 2, 2)];
    for (const each of [model, back]) {
      each.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
      await each.fit(x, y, { epochs: 2, seed: 1 });
    }
    equalBits(await back.predict({ in: x }), await model.predict(x));
  });

  test("a Sequential is written as before, version 1, unless a model in it branches", () => {
    const a = input({ shape: [4] });
    const branch = new Model({ inputs: a, outputs: new Add().apply([a, new Dense({ units: 4 }).apply(a)]) });
    const versions = [
      new Sequential([new Dense({ units: 4 })], { inputShape: [4] }),
      new Sequential([branch], { inputShape: [4] }),
    ].map((model) => JSON.parse(model.toFiles()["model.json"]).version);
    assert.deepEqual(versions, [1, 2]);
    const chain = new Sequential([new Dense({ units: 4 })], { inputShape: [4] });
    assert.ok(modelFromFiles(chain.toFiles()) instanceof Sequential);
  });

  test("keeps all weights of layers that were called alike in another model", () => {
    const a = input({ shape: [2] });
    const dense = () => new Dense({ units: 2 });
    const [first, second, third] = [dense(), dense(), dense()];
    const left = new Model({ inputs: a, outputs: first.apply(a) });
    const right = new Model({ inputs: a, outputs: third.apply(second.apply(a)) });
    const both = new Model({ inputs: a, outputs: second.apply(first.apply(a)) });
    for (const model of [left, right, both]) {
      const back = modelFromFiles(model.toFiles()).getWeights();
      for (const [index, weight] of model.getWeights().entries()) equalBits(back[index], weight);
    }
  });

  test("that is damaged is refused, and nothing in it can make a cycle", () => {
    const a = input({ shape: [4, 4, 1] });
    const outputs = new Add().apply([a, new Conv2D({ filters: 1, kernelSize: 1 }).apply(a)]);
    const { "model.json": json, "weights.safetensors": weights } = new Model({ inputs: a, outputs }).toFiles();
    type Json = { inputs: unknown; layers: { name: string }[]; nodes: { layer: string; inputs: unknown[] }[]; outputs: unknown; version: number }; // biome-ignore format: one line
    const edited = (edit: (json: Json) => void) => () => {
      const copy: Json = JSON.parse(json);
      edit(copy);
      return modelFromFiles({ "model.json": JSON.stringify(copy), "weights.safetensors": weights });
    };
    edited(() => {})();
    refuses(edited((m) => { m.version = 3; }), "version is 3", "reads version 2"); // biome-ignore format: one edit
    refuses(edited((m) => { m.nodes[0].inputs = [2]; }), "nodes[0].inputs[0] is 2", "a value before it, 0 to 0"); // biome-ignore format: one edit
    refuses(edited((m) => { m.nodes[0].inputs = [1]; }), "nodes[0].inputs[0] is 1"); // biome-ignore format: one edit
    refuses(edited((m) => { m.nodes[1].inputs = [0, "1"]; }), 'nodes[1].inputs[1] is "1"'); // biome-ignore format: one edit
    refuses(edited((m) => { m.nodes[1].layer = "sum"; }), 'nodes[1].layer is "sum"', "layers has conv2d, add"); // biome-ignore format: one edit
    refuses(edited((m) => { m.nodes = 3 as never; }), "nodes is 3", "a list"); // biome-ignore format: one edit
    refuses(edited((m) => { m.nodes[1] = [] as never; }), "nodes[1] is []", "layer and inputs"); // biome-ignore format: one edit
    refuses(edited((m) => { m.outputs = 9; }), "outputs[0] is 9", "0 to 2"); // biome-ignore format: one edit
    refuses(edited((m) => { m.outputs = []; }), "outputs is an empty list"); // biome-ignore format: one edit
    refuses(edited((m) => { m.inputs = [{ name: "", shape: [1] }]; }), "inputs[0]", 'name is ""'); // biome-ignore format: one edit
    refuses(edited((m) => { m.inputs = { name: "a", shape: [4, 0] }; }), "inputs[0]", "shape is [4, 0]"); // biome-ignore format: one edit
    refuses(edited((m) => { m.inputs = 7; }), "inputs[0] is 7", "name and shape"); // biome-ignore format: one edit
    refuses(edited((m) => { m.layers.push(m.layers[0]); }), "a name is there twice"); // biome-ignore format: one edit
  });

  test("is summarised with its connections", () => {
    const [a, b] = [input({ shape: [4, 4, 2], name: "image" }), input({ shape: [3] })];
    const shared = new Dense({ units: 3, name: "shared" });
    const trunk = shared.apply(new Dense({ units: 3 }).apply(new Flatten().apply(a)));
    const model = new Model({ inputs: [a, b], outputs: new Add().apply([trunk, shared.apply(b)]) });
    const text = model.summary();
    assert.match(text, /┃ Connected to +┃/);
    assert.match(text, /│ image \(Input\) +│ \(None, 4, 4, 2\) +│ +0 │ – +│/);
    assert.match(text, /│ input \(Input\) +│ \(None, 3\) +│ +0 │ – +│/);
    assert.match(text, /│ shared \(Dense\) +│ \(None, 3\) +│ +12 │ dense +│/);
    assert.match(text, /│ shared\[1\] \(Dense\) +│ \(None, 3\) +│ +shared │ input +│/);
    assert.match(text, /│ add \(Add\) +│ \(None, 3\) +│ +0 │ shared, shared\[1\] +│/);
    assert.match(text, / Total params: 111 /);
  });
});
