import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { analyze } from "../../src/analysis/analyze.ts";
import { leNet5 } from "../../src/architectures/lenet5.ts";
import { CONNECTIONS, digitPrototypes } from "../../src/architectures/lenet5-1998.ts";
import { modelFromFiles } from "../../src/model/load.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
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
    refuses(() => leNet5({ units: 3 } as never), "leNet5", '"units"', "form, classes, inputShape, seed, name");
    refuses(() => leNet5({ inputShape: [8, 8, 1] }), "conv2d_1", "spans 5 rows", "only 4");
  });
});

describe("LeNet-5 of 1998", () => {
  const make = () => leNet5({ form: "1998" });

  test("has the maps, the trainable parameters and the connections of the paper's section II.B", () => {
    const { rows, totals } = analyze(make());
    const table = rows.map(({ name, outputShape, parameters, connections }) => {
      return [name, outputShape.join("×"), parameters, connections];
    });
    assert.deepEqual(table, [
      ["c1", "28×28×6", 156, 122_304],
      ["s2", "14×14×6", 12, 5_880],
      ["c3", "10×10×16", 1_516, 151_600],
      ["s4", "5×5×16", 32, 2_000],
      ["c5", "1×1×120", 48_120, 48_120],
      ["flatten", "120", 0, 0],
      ["f6", "84", 10_164, 10_164],
      ["output", "10", 840, 840],
    ]);
    // "340,908 connections, but only 60,000 trainable free parameters"
    assert.equal(totals.connections, 340_908);
    const trained = make().layers.flatMap(({ parameters }) => parameters.filter(({ trainable }) => trainable));
    assert.equal(trained.reduce((sum, { value }) => sum + value.size, 0), 60_000); // biome-ignore format: one line
  });

  test("C3 sees three neighbouring maps six times, four six times, four with a gap three times, and all once", () => {
    const around = (first: number, count: number) => Array.from({ length: count }, (_, k) => (first + k) % 6).sort();
    const seen = CONNECTIONS[0].map((_, f) => CONNECTIONS.flatMap((row, c) => (row[f] ? [c] : [])));
    const six = [0, 1, 2, 3, 4, 5];
    assert.deepEqual(seen.slice(0, 6), six.map((first) => around(first, 3))); // biome-ignore format: one line
    assert.deepEqual(seen.slice(6, 12), six.map((first) => around(first, 4))); // biome-ignore format: one line
    assert.deepEqual(seen.slice(12), [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], six]); // biome-ignore format: one line
  });

  test("its prototypes are ten pictures of 1 and −1, no two of which are near each other", () => {
    const w = digitPrototypes();
    assert.equal(w.length, 84 * 10);
    assert.ok(w.every((value) => value * value === 1));
    for (let b = 0; b < 10; b++)
      for (let other = 0; other < b; other++) {
        let different = 0;
        for (let a = 0; a < 84; a++) if (w[a * 10 + b] !== w[a * 10 + other]) different++;
        assert.ok(different >= 6, `${b} and ${other} differ in ${different} pixels`);
      }
  });

  test("learns, leaves its prototypes alone, and comes back from its files", async () => {
    const [x, y] = [floats([20, 32, 32, 1], 1), labels([20], 2, 10)];
    const model = make();
    model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
    const { history } = await model.fit(x, y, { epochs: 25, batchSize: 10 });
    assert.ok(history.accuracy.at(-1)! >= 0.9, `accuracy ${history.accuracy}`);
    assert.deepEqual([...model.getWeights().at(-1)!.data], digitPrototypes());
    const same = modelFromFiles(model.toFiles());
    equalBits((await same.predict(x)) as never, (await model.predict(x)) as never);
    assert.equal(same.layers.at(-1)!.trainable, false);
  });

  test("refuses other forms, classes and images that are too small", () => {
    refuses(() => leNet5({ form: "1989" } as never), "leNet5", 'form is "1989"', '"modern" or "1998"');
    refuses(() => leNet5({ form: "1998", classes: 3 }), "leNet5", "classes is 3", "ten digits");
    refuses(() => leNet5({ form: "1998", inputShape: [28, 28, 1] }), "c5", "spans 5 rows", "only 4");
  });
});
