import assert from "node:assert/strict";
import { test } from "node:test";
import { Conv2D, TableConv2D } from "../../src/layers/index.ts";
import { equalBits } from "../support/compare.ts";
import { float64Pass } from "../support/gradients.ts";

test("TableConv2D begins with the numbers of the Conv2D whose kernel it has a part of", () => {
  const connections = [[true, false, true], [false, true, true]]; // biome-ignore format: one table
  const [table, conv] = [
    new TableConv2D({ connections, kernelSize: [2, 3], biasInitializer: "randomNormal", name: "same" }),
    new Conv2D({ filters: 3, kernelSize: [2, 3], biasInitializer: "randomNormal", name: "same" }),
  ];
  for (const layer of [table, conv]) layer.build([1, 4, 4, 2], float64Pass());
  const whole = conv.parameters[0].value.data;
  const kept = [...whole].filter((_, e) => connections.flat()[e % 6]);
  assert.deepEqual([...table.parameters[0].value.data], kept);
  equalBits(table.parameters[1].value, conv.parameters[1].value);
  assert.deepEqual(table.parameters[0].value.shape, [2, 3, 4]);
});
