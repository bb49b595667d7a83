import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { Add, Concatenate, Conv2D, Dense, Dropout, Flatten, input, type Layer, MaxPooling2D, Multiply, ReLU, type SymbolicTensor } from "../../src/layers/index.ts"; // biome-ignore format: names
import { type CompileOptions, Model } from "../../src/model/model.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { SGD } from "../../src/optimizers/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats, integers, labels, seeds } from "../support/arbitraries.ts";
import { equalBits, within } from "../support/compare.ts";
import { modelOf, recipes, WIDTH } from "../support/graphs.ts";

function sameWeights(actual: Model<never>, expected: Model<never>): void {
  const [a, e] = [actual.getWeights(), expected.getWeights()];
  assert.equal(a.length, e.length);
  for (const [index, weight] of a.entries()) equalBits(weight, e[index], `weight ${index}`);
}

const chain = (): Layer[] => [
  new Conv2D({ filters: 5, kernelSize: 3, padding: "same", activation: "relu" }),
  new MaxPooling2D(),
  new Dropout({ rate: 0.3 }),
  new Conv2D({ filters: 4, kernelSize: 2 }),
  new ReLU(),
  new Flatten(),
  new Dense({ units: 3, activation: "softmax" }),
];

describe("a chain", () => {
  test("has the same bits as a Sequential and as a Model, after 20 steps and in what it predicts", async () => {
    const begin = input({ shape: [8, 8, 2] });
    const outputs = chain().reduce((x, layer) => layer.apply(x), begin);
    const model = new Model({ inputs: begin, outputs, seed: 5 });
    const sequential = new Sequential(chain(), { inputShape: [8, 8, 2], seed: 5 });
    const [x, y] = [floats([40, 8, 8, 2], 1), labels([40], 2, 3)];
    for (const each of [model, sequential]) {
      each.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", kernels: wasmKernels() });
      await each.fit(x, y, { epochs: 5, batchSize: 10 });
    }
    sameWeights(model as never, sequential as never);
    equalBits(await model.predict(x), await sequential.predict(x));
    assert.deepEqual(await model.evaluate(x, y), await sequential.evaluate(x, y));
    assert.deepEqual(model.memory, sequential.memory);
  });
});

describe("a shared layer", () => {
  test("has as its gradient the sum of the gradients of two copies, exactly, on small integers", () => {
    return fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const gradients = async (shared: boolean) => {
          const [a, b] = [input({ shape: [4, 4, 2] }), input({ shape: [4, 4, 2] })];
          const layer = () => new Conv2D({ filters: 4, kernelSize: 2, strides: 2 });
          const first = layer();
          const second = shared ? first : layer();
          const model = new Model({ inputs: [a, b], outputs: new Add().apply([first.apply(a), second.apply(b)]) });
          for (const each of [first, second]) each.setWeights([integers([2, 2, 2, 4], seed), integers([4], seed + 1)]);
          model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: "meanSquaredError", kernels: wasmKernels() });
          // 8 rows of 4: dy = 2·(y − t)/32 has four binary digits behind the point, and all sums are exact.
          const x = [integers([2, 4, 4, 2], seed + 2), integers([2, 4, 4, 2], seed + 3)];
          await model.trainOnBatch(x, integers([2, 2, 2, 4], seed + 4));
          return [first, second].map((each) => each.parameters.map(({ gradient }) => gradient.copy()));
        };
        const [both] = await gradients(true);
        const [one, other] = await gradients(false);
        both.forEach((gradient, index) => {
          const sum = one[index].data.map((value, e) => value + other[index].data[e]);
          equalBits(gradient, sum, { seed, parameter: index });
        });
      }),
      { numRuns: 30 },
    );
  });
});

const STEP = 2 ** -13;

/** Fails unless every parameter's gradient is that of the model's loss by central differences, in float64. */
async function checkModel(
  model: Model<never>,
  x: Tensor[],
  y: Tensor[],
  options: Omit<CompileOptions, "optimizer" | "kernels">,
  seed: number,
): Promise<void> {
  model.compile({ optimizer: new SGD({ learningRate: 0 }), kernels: referenceKernels("float64"), ...options });
  model.setWeights(model.getWeights().map(({ shape }, index) => floats(shape, seed + index, 0.7, "float64")));
  const { listed } = model.connection;
  const [xs, ys] = [listed.inputs ? x : x[0], listed.outputs ? y : y[0]];
  await model.trainOnBatch(xs, ys);
  const loss = async () => (await model.testOnBatch(xs, ys)).loss;
  for (const layer of model.layers) {
    for (const { name, value, gradient } of layer.parameters.filter(({ trainable }) => trainable)) {
      const found = gradient.copy();
      for (let e = 0; e < value.size; e++) {
        const middle = value.data[e];
        value.data[e] = middle + STEP;
        const above = await loss();
        value.data[e] = middle - STEP;
        const expected = (above - (await loss())) / (2 * STEP);
        value.data[e] = middle;
        within(found.data.slice(e, e + 1), Float64Array.of(expected), 1e-6, `${layer.name}/${name}[${e}]`);
      }
    }
  }
}

const conv = (filters: number) => new Conv2D({ filters, kernelSize: 3, padding: "same", activation: "tanh" });
const image = (seed: number) => floats([2, 3, 4, 2], seed, 1, "float64");

describe("gradients of a graph are those of central differences in float64", () => {
  const each = (law: (seed: number) => Promise<void>) => fc.assert(fc.asyncProperty(seeds, law), { numRuns: 4 });

  test("two residual blocks", () =>
    each(async (seed) => {
      const a = input({ shape: [3, 4, 2] });
      const block = (x: SymbolicTensor) => new Add().apply([conv(2).apply(conv(2).apply(x)), x]);
      const outputs = new Dense({ units: 2, activation: "softmax" }).apply(new Flatten().apply(block(block(a))));
      const model = new Model({ inputs: a, outputs });
      await checkModel(model as never, [image(seed)], [labels([2], seed, 2)], { loss: "sparseCategoricalCrossentropy" }, seed); // biome-ignore format: one line
    }));

  test("two inputs that are concatenated, one also multiplied with a gate", () =>
    each(async (seed) => {
      const [a, b] = [input({ shape: [3, 4, 2] }), input({ shape: [3] })];
      const left = new Dense({ units: 3, activation: "tanh" }).apply(new Flatten().apply(conv(2).apply(a)));
      const gate = new Dense({ units: 3, activation: "sigmoid" }).apply(b);
      const merged = new Concatenate().apply([new Multiply().apply([left, gate, left]), b, left]);
      const model = new Model({ inputs: [a, b], outputs: new Dense({ units: 2 }).apply(merged) });
      const x = [image(seed), floats([2, 3], seed + 1, 1, "float64")];
      await checkModel(model as never, x, [floats([2, 2], seed, 1, "float64")], { loss: "meanSquaredError" }, seed);
    }));

  test("two outputs with weights, one of which other layers take as well", () =>
    each(async (seed) => {
      const a = input({ shape: [3, 4, 2] });
      const trunk = new Flatten().apply(conv(2).apply(a));
      const first = new Dense({ units: 3, activation: "softmax", name: "first" }).apply(trunk);
      const second = new Dense({ units: 2, activation: "sigmoid", name: "second" }).apply(new Concatenate().apply([first, trunk])); // biome-ignore format: one line
      const model = new Model({ inputs: a, outputs: [first, second] });
      const y = [labels([2], seed, 3), labels([2, 2], seed + 1, 2)];
      const loss = { first: "sparseCategoricalCrossentropy", second: "binaryCrossentropy" } as const;
      await checkModel(model as never, [image(seed)], y, { loss, lossWeights: { first: 0.25, second: 3 } }, seed);
    }));

  test("a layer with softmax that is shared: at both outputs, and inside", () =>
    each(async (seed) => {
      const a = input({ shape: [3] });
      const close = new Dense({ units: 3, activation: "softmax", name: "close" });
      const inside = close.apply(a);
      const other = close.apply(new Dense({ units: 3, activation: "tanh" }).apply(inside));
      const last = close.apply(new Add().apply([inside, other, a]));
      const third = close.apply(new Dense({ units: 3 }).apply(a));
      const model = new Model({ inputs: a, outputs: [last, third] });
      const [x, y] = [floats([4, 3], seed, 1, "float64"), [labels([4], seed, 3), labels([4], seed + 1, 3)]];
      await checkModel(model as never, [x], y, { loss: "sparseCategoricalCrossentropy" }, seed);
    }));

  test("a layer that is shared and frozen, behind trained ones and beside", () =>
    each(async (seed) => {
      const [a, b] = [input({ shape: [3] }), input({ shape: [3] })];
      const frozen = new Dense({ units: 3, activation: "tanh", trainable: false });
      const trained = frozen.apply(new Dense({ units: 3 }).apply(a));
      const outputs = new Dense({ units: 2 }).apply(new Add().apply([trained, frozen.apply(b)]));
      const model = new Model({ inputs: [a, b], outputs });
      const x = [floats([4, 3], seed, 1, "float64"), floats([4, 3], seed + 1, 1, "float64")];
      await checkModel(model as never, x, [floats([4, 2], seed, 1, "float64")], { loss: "meanSquaredError" }, seed);
    }));

  test("any graph", () =>
    fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const nodes = recipe.nodes.slice(0, 5).filter(({ kind }) => kind !== "dropout");
        fc.pre(nodes.length > 0);
        const { seed, inputs } = recipe;
        const model = modelOf({ ...recipe, nodes });
        const x = Array.from({ length: inputs }, (_, index) => floats([2, WIDTH], seed + index, 1, "float64"));
        const y = [labels([2], seed, 3), floats([2, 2], seed, 1, "float64")].slice(0, model.connection.outputs.length);
        const loss = (["sparseCategoricalCrossentropy", "meanSquaredError"] as const).slice(0, y.length);
        await checkModel(model as never, x, y, { loss, lossWeights: [1, 0.5].slice(0, y.length) }, seed);
      }),
      { numRuns: 5 },
    ));
});

describe("a model inside of a model", () => {
  const block = (x: SymbolicTensor) => new Add().apply([conv(2).apply(x), x]);
  const head = () => [new Flatten(), new Dense({ units: 2, activation: "softmax" })];

  /** The same network as one graph, as a model in a model, in a Sequential, and with a Sequential in it. */
  function forms(): Model[] {
    const [a, inner] = [input({ shape: [3, 4, 2] }), input({ shape: [3, 4, 2] })];
    const end = (x: SymbolicTensor) => head().reduce((y, layer) => layer.apply(y), x);
    const features = new Model({ inputs: inner, outputs: block(block(inner)) });
    return [
      new Model({ inputs: a, outputs: end(block(block(a))) }),
      new Model({ inputs: a, outputs: end(features.apply(a)) }),
      new Sequential([features, ...head()], { inputShape: [3, 4, 2] }),
      new Model({ inputs: a, outputs: new Sequential(head()).apply(features.apply(a)) }),
    ];
  }

  test("equals the flat one: the same graph, and the same bits after training", async () => {
    const [x, y] = [floats([12, 3, 4, 2], 1), labels([12], 2, 2)];
    const [flat, ...others] = forms();
    const weights = flat.getWeights();
    const train = async (model: Model) => {
      model.setWeights(weights);
      model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
      await model.fit(x, y, { epochs: 2, batchSize: 5 });
    };
    await train(flat);
    for (const model of others) {
      const graph = ({ connection }: Model) => connection.graph.nodes.map(({ layer, inputs }) => [layer.kind, inputs]);
      assert.deepEqual(graph(model), graph(flat));
      await train(model);
      sameWeights(model as never, flat as never);
      equalBits(await model.predict(x), await flat.predict(x));
    }
  });

  test("shares its layers: training one trains the other, and a part may be taken out", async () => {
    const [flat] = forms();
    const { graph } = flat.connection;
    const a = input({ shape: [3, 4, 2] });
    const doubled = new Add().apply([flat.apply(a), flat.apply(a)]);
    const outer = new Model({ inputs: a, outputs: doubled });
    assert.deepEqual(outer.layers.slice(0, -1), graph.layers);
    assert.equal(outer.getWeights().length, flat.getWeights().length);
    outer.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const before = flat.getWeights()[0];
    const x = floats([4, 3, 4, 2], 1);
    await outer.trainOnBatch(x, floats([4, 2], 2));
    assert.notDeepEqual(flat.getWeights()[0].data, before.data);
    const [p, q] = [await flat.predict(x), await outer.predict(x)];
    equalBits(q, p.data.map((value) => value + value)); // biome-ignore format: short
  });

  test("may begin in the middle of a graph, and end there", async () => {
    const a = input({ shape: [4] });
    const middle = new Dense({ units: 3, activation: "tanh", name: "middle" }).apply(a);
    const end = new Dense({ units: 2 }).apply(middle);
    const [whole, first, second] = [{ inputs: a, outputs: end }, { inputs: a, outputs: middle }, { inputs: middle, outputs: end }].map((ends) => new Model(ends)); // biome-ignore format: short
    const x = floats([5, 4], 1);
    equalBits(await second.predict(await first.predict(x)), await whole.predict(x));
    assert.deepEqual(second.connection.inputs, [{ name: "middle", shape: [3] }]);
  });

  test("keeps the names that its layers have, and new layers get others", () => {
    const [flat] = forms();
    const names = flat.layers.map(({ name }) => name);
    assert.deepEqual(names, ["conv2d", "add", "conv2d_1", "add_1", "flatten", "dense"]);
    const a = input({ shape: [3, 4, 2] });
    const outer = new Model({ inputs: a, outputs: new Dense({ units: 1 }).apply(flat.apply(conv(2).apply(a))) });
    assert.deepEqual(
      flat.layers.map(({ name }) => name),
      names,
    );
    assert.deepEqual([outer.layers[0].name, outer.layers.at(-1)?.name], ["conv2d_2", "dense_1"]);
    assert.equal(new Set(outer.layers.map(({ name }) => name)).size, outer.layers.length);
  });
});
