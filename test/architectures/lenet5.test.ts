import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { leNet5 } from "../../src/architectures/lenet5.ts";
import { refuses } from "../support/refusals.ts";

describe("LeNet-5", () => {
  test("has the maps and the parameters of the paper's table, where the modern form keeps them", () => {
    const { layers } = leNet5();
    let shape = [1, 28, 28, 1];
    const rows = layers.map((layer) => {
      shape = layer.outputShape(shape);
      return [shape.slice(1).join("×"), layer.parameters.reduce((total, { value }) => total + value.size, 0)];
    });
    assert.deepEqual(rows, [
      ["28×28×6", 156], // C1: the paper's 156
      ["14×14×6", 0],
      ["10×10×16", 2416], // C3: all filters see all maps; 1,516 in the paper
      ["5×5×16", 0],
      ["400", 0],
      ["120", 48120], // C5: the paper's 48,120
      ["84", 10164], // F6: the paper's 10,164
      ["10", 850],
    ]);
  });

  test("takes other images and classes, and refuses what it does not know", () => {
    assert.deepEqual(leNet5({ inputShape: [32, 32, 3], classes: 4, name: "small" }).outputShape, [4]);
    refuses(() => leNet5({ units: 3 } as never), "leNet5", '"units"', "classes, inputShape, seed, name");
    refuses(() => leNet5({ inputShape: [8, 8, 1] }), "conv2d_1", "spans 5 rows", "only 4");
  });
});
