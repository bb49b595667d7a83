import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Add, Concatenate, MaxUnpooling2D, type Merge, Multiply } from "../../src/layers/index.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { floats, integers, seeds } from "../support/arbitraries.ts";
import { equalBits, innerProduct, within } from "../support/compare.ts";
import { differences, float64Pass } from "../support/gradients.ts";
import { refuses } from "../support/refusals.ts";

const layers: readonly (readonly [string, () => Merge, (seed: number) => number[][]])[] = [
  ["Add", () => new Add(), () => [[2, 3, 2], [2, 3, 2], [2, 3, 2]]], // biome-ignore format: shapes
  ["Multiply", () => new Multiply(), () => [[2, 3, 2], [2, 3, 2], [2, 3, 2]]], // biome-ignore format: shapes
  ["Concatenate", () => new Concatenate(), (seed) => [[2, 3, 1], [2, 3, 1 + (seed % 4)], [2, 3, 2]]], // biome-ignore format: shapes
  ["Concatenate along rows", () => new Concatenate({ axis: 1 }), (seed) => [[2, 3, 2], [2, 1 + (seed % 4), 2]]], // biome-ignore format: shapes
];

for (const [name, make, shapes] of layers) {
  describe(name, () => {
    test("has the gradients of central differences in float64, for every input, and leaves x and dy alone", () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          const pass = float64Pass();
          const layer = make();
          const xs = shapes(seed).map((shape, index) => floats(shape, seed + index, 1, "float64"));
          const before = xs.map((x) => x.copy());
          const y = layer.forwardAll(xs, pass);
          assert.deepEqual(y.shape, layer.outputShapeAll(shapes(seed)));
          const dy = floats(y.shape, seed + 9, 1, "float64");
          const dyBefore = dy.copy();
          const dxs = layer.backwardAll(dy, pass);
          equalBits(dy, dyBefore);
          const loss = () => innerProduct(dy, layer.forwardAll(xs, float64Pass({ gradients: false })));
          xs.forEach((x, k) => {
            equalBits(x, before[k]);
            within(dxs[k] as Tensor, differences(x, loss), 1e-6, `dx of input ${k}`);
          });
        }),
        { numRuns: 30 },
      );
    });

    test("remembers nothing without gradients, and computes no dx that nobody wants", () => {
      const [blind, seeing] = [float64Pass({ gradients: false }), float64Pass()];
      const layer = make();
      const xs = shapes(3).map((shape, index) => integers(shape, index));
      equalBits(layer.forwardAll(xs, blind), layer.forwardAll(xs, seeing));
      assert.equal([...blind.notes()].length, 0);
      const dy = integers(layer.outputShapeAll(shapes(3)), 7);
      const all = layer.backwardAll(dy, seeing);
      layer.forwardAll(xs, seeing);
      const some = layer.backwardAll(dy, seeing, [false, true, false]);
      equalBits(some[1]!, all[1]!);
      if (!(layer instanceof Add)) assert.equal(some[0], undefined);
    });

    test("refuses one input, another dy, and backward for a single one", () => {
      const layer = make();
      const pass = float64Pass();
      const [x] = shapes(1).map((shape, index) => integers(shape, index));
      refuses(() => layer.forward(x, pass), layer.name, "the number of inputs is 1", "forwardAll([a, b])");
      refuses(() => layer.outputShape(x.shape), layer.name, "the number of inputs is 1");
      refuses(() => layer.buildAll([x.shape]), layer.name, "the number of inputs is 1");
      refuses(() => layer.backward(), layer.name, "call backwardAll");
      layer.forwardAll(shapes(1).map((shape, index) => integers(shape, index)), pass); // biome-ignore format: short
      refuses(() => layer.backwardAll(integers([1], 1), pass), layer.name, "the shape of dy is [1]");
    });
  });
}

describe("merging layers on numbers typed in", () => {
  const [a, b] = [tensor([1, 2]), tensor([10, 20])];
  test("Add, Multiply and Concatenate, as their documentation says", () => {
    assert.deepEqual(new Add().forwardAll([a, b]).toNested(), [11, 22]);
    assert.deepEqual(new Multiply().forwardAll([a, b]).toNested(), [10, 40]);
    const side = new Concatenate().forwardAll([tensor([[1], [2]]), tensor([[10, 11], [20, 21]])]); // biome-ignore format: rows
    assert.deepEqual(side.toNested(), [[1, 10, 11], [2, 20, 21]]); // biome-ignore format: rows
  });

  test("inputs that do not fit name the layer and both shapes", () => {
    const c = tensor([[1], [2]]);
    refuses(() => new Add().forwardAll([a, c]), "add", "the shape of input 2 is [2, 1]", "the first has [2]");
    refuses(() => new Concatenate({ name: "side" }).forwardAll([c, a]), "side", "input 2 is [2]", "[2,1]");
    refuses(() => new Concatenate({ axis: 1.5 }), "Concatenate", "axis is 1.5");
    for (const Kind of [Add, Multiply]) {
      refuses(() => new Kind({ axis: 1 } as never), 'an option is "axis"', "known options are name, trainable");
    }
    for (const Kind of [Add, Multiply, Concatenate, MaxUnpooling2D]) {
      const { name, trainable } = new Kind({ name: "own", trainable: false });
      assert.deepEqual({ name, trainable }, { name: "own", trainable: false });
    }
    refuses(() => new Concatenate({ axis: 0 }), "Concatenate", "axis is 0", "0 would be the batch");
    refuses(() => new Concatenate({ axis: 2 }).forwardAll([c, c]), "axis is 2", "the axes 1 to 1");
    const [wide, high] = [tensor([[[1, 2]]]), tensor([[[1], [2]]])]; // biome-ignore format: short
    refuses(
      () => new Concatenate().forwardAll([high, wide]),
      "input 2 is [1, 1, 2]",
      "[1,2,1]; only axis 2 may differ",
    );
    refuses(() => new Concatenate({ axis: -2 }).forwardAll([c, c]), "axis is -2", "the axes 1 to 1");
  });
});
