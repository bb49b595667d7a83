import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Add, Concatenate, Conv2D, Dense, Flatten, input, Multiply } from "../../src/layers/index.ts";
import { type Graph, graphBetween } from "../../src/model/graph.ts";
import { Model } from "../../src/model/model.ts";
import { Random } from "../../src/random.ts";
import { floats } from "../support/arbitraries.ts";
import { build, modelOf, recipes } from "../support/graphs.ts";
import { refuses } from "../support/refusals.ts";

/** Connections and kinds, without the layers themselves. */
function connections({ nodes, outputs }: Graph): unknown {
  return [nodes.map(({ layer, inputs, shape }) => [layer.kind, inputs, shape]), outputs];
}

describe("a graph", () => {
  test("has its nodes in topological order: each takes only values before it, and all are needed", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { inputs, outputs } = build(recipe);
        const graph = graphBetween("test", inputs, outputs);
        const used = new Set(graph.outputs);
        graph.nodes.forEach(({ inputs: taken }, index) => {
          for (const value of taken) {
            assert.ok(value < graph.valueOf(index), `node ${index} takes value ${value}`);
            used.add(value);
          }
        });
        assert.equal(used.size, inputs.length + graph.nodes.length);
      }),
    );
  });

  test("is the same whatever the order in which layers were applied, and so are the initial weights", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { inputs, outputs } = build(recipe);
        const other = build(recipe, new Random(recipe.seed));
        const expected = connections(graphBetween("test", inputs, outputs));
        assert.deepEqual(connections(graphBetween("test", other.inputs, other.outputs)), expected);
        const weights = (model: Model<never>) => model.getWeights().map(({ data }) => [...data]);
        const [a, b] = [modelOf(recipe), modelOf(recipe, new Random(recipe.seed))];
        assert.deepEqual(weights(a as never), weights(b as never));
        assert.deepEqual(a.layers.map(({ name }) => name), b.layers.map(({ name }) => name)); // biome-ignore format: short
      }),
    );
  });

  test("of the docstring: add(conv(a), a)", () => {
    const a = input({ shape: [4, 4, 2] });
    const d = new Add().apply([new Conv2D({ filters: 2, kernelSize: 3, padding: "same" }).apply(a), a]);
    const { graph } = new Model({ inputs: a, outputs: d }).connection;
    assert.deepEqual(graph.nodes.map(({ layer, inputs }) => [layer.name, inputs]), [["conv2d", [0]], ["add", [1, 0]]]); // biome-ignore format: short
    assert.deepEqual([graph.outputs, graph.lastUse, graph.isChain], [[2], [1, 1, Number.POSITIVE_INFINITY], false]);
  });

  test("of 5,000 layers does not overflow the stack", () => {
    const a = input({ shape: [1] });
    const layer = new Dense({ units: 1 });
    let b = a;
    for (let n = 0; n < 5000; n++) b = layer.apply(b);
    assert.equal(new Model({ inputs: a, outputs: b }).connection.graph.nodes.length, 5000);
  });

  test("cannot have a cycle: what a symbolic tensor comes from is fixed before it exists", () => {
    const a = input({ shape: [2] });
    const b = new Add().apply([a, new Dense({ units: 2 }).apply(a)]);
    assert.throws(() => ((b.source!.inputs as unknown[])[0] = b), TypeError);
    assert.throws(() => ((b as { source: unknown }).source = undefined), TypeError);
    assert.throws(() => ((b.source as { inputs: unknown }).inputs = [b, b]), TypeError);
    assert.throws(() => ((b.shape as number[])[0] = 3), TypeError);
  });
});

describe("a graph that cannot be is refused", () => {
  const a = input({ shape: [4, 4, 2], name: "left" });
  const b = input({ shape: [4, 4, 2] });
  const sum = new Add({ name: "sum" }).apply([a, b]);

  test("an input that is missing, unused, given twice or foreign", () => {
    refuses(() => new Model({ inputs: a, outputs: sum }), "model", 'outputs[0] "sum"', "an input of shape [4,4,2]", "not among the inputs"); // biome-ignore format: one line
    refuses(() => new Model({ inputs: b, outputs: sum }), 'an input "left" of shape', "add it to them");
    const flat = new Flatten().apply(a);
    refuses(() => new Model({ inputs: [a, b], outputs: flat }), "no output depends on inputs[1]", "leave it out");
    refuses(() => new Model({ inputs: [a, b, a], outputs: sum }), "inputs[2] is inputs[0] again", "give each once");
    refuses(() => new Model({ inputs: [], outputs: sum }), "inputs is an empty list", "one symbolic tensor at least");
    refuses(() => new Model({ inputs: [a, 3 as never], outputs: sum }), "inputs[1] is 3", "what input(…)");
    const twice = [input({ shape: [1], name: "x" }), input({ shape: [1], name: "x" })];
    refuses(() => new Model({ inputs: twice, outputs: new Add().apply(twice) }), 'the name of an input is "x"');
  });

  test("outputs that are missing, or given twice", () => {
    refuses(() => new Model({ inputs: a } as never), "model", "outputs is undefined", "a layer's apply");
    refuses(() => new Model({ inputs: [a, b], outputs: [] }), "outputs is an empty list");
    refuses(() => new Model({ inputs: [a, b], outputs: [sum, sum] }), "outputs[1] is outputs[0] again");
    refuses(() => new Model({ inputs: a, outputs: floats([1, 4], 1) as never }), "numbers go to forward");
    refuses(
      () => new Model({ inputs: a, outputs: sum, layers: 3 } as never),
      '"layers"',
      "inputs, outputs, name, seed",
    );
  });

  test("layers that do not fit together, in the words of the one that refuses", () => {
    const c = new Conv2D({ filters: 3, kernelSize: 1 }).apply(a);
    const small = new Conv2D({ filters: 2, kernelSize: 2 }).apply(a);
    refuses(() => new Add({ name: "join" }).apply([a, c]), "join", "the shape of input 2 is [1, 4, 4, 3]", "the first has [1,4,4,2]"); // biome-ignore format: one line
    refuses(() => new Multiply().apply([a, b, c]), "multiply", "the shape of input 3 is [1, 4, 4, 3]");
    refuses(() => new Concatenate().apply([a, small]), "concatenate", "input 2 is [1, 3, 3, 2]", "only axis 3 may differ"); // biome-ignore format: one line
    refuses(() => new Concatenate({ axis: 4 }).apply([a, b]), "concatenate", "axis is 4", "axes 1 to 3");
    refuses(() => new Concatenate({ axis: 0 }), "Concatenate", "axis is 0", "the batch");
    refuses(() => new Add().apply(a), "add", "the number of inputs is 1", "apply([a, b])");
    refuses(() => new Add().apply([]), "add", "x is an empty list", "one symbolic tensor");
    refuses(() => new Add().apply([a, 3 as never]), "add", "x[1] is 3", "what input(…)");
    refuses(() => new Add().apply([3 as never, a]), "add", "x[0] is 3", "what input(…)");
    refuses(() => new Dense({ units: 1 }).apply([a, b]), "dense", "the number of inputs is 2", "merge them before");
    refuses(() => new Dense({ units: 1 }).apply(a), "dense", "the shape of x is [1, 4, 4, 2]", "Flatten");
    refuses(() => new Dense({ units: 1 }).apply(floats([1, 2], 1) as never), "dense", "numbers go to forward");
  });

  test("a shared layer whose inputs have different shapes", () => {
    const layer = new Dense({ units: 2, name: "both" });
    const [x, y] = [input({ shape: [3] }), input({ shape: [4] })];
    const outputs = new Add().apply([layer.apply(x), layer.apply(y)]);
    refuses(() => new Model({ inputs: [x, y], outputs }), "both", "the shape of x is [1, 4]", "built for [batch, 3]");
  });

  test("input with a shape that cannot be", () => {
    refuses(() => input({ shape: [4, 0] }), "input", "each length of shape is 0", "at least 1");
    refuses(() => input({} as never), "input", "shape is undefined");
    for (const name of ["", 3]) {
      refuses(() => input({ shape: [1], name } as never), "input", `name is ${JSON.stringify(name)}`, "not empty");
    }
    refuses(() => input({ shape: [1], dtype: "int" } as never), "input", '"dtype"', "shape, name");
  });
});
