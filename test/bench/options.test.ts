import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions, type TableName, tablesWith } from "../../bench/options.ts";

const ROWS: Record<TableName, readonly string[]> = {
  conv2d: ["LeNet 1 forward", "LeNet 1 input"],
  dense: ["square forward"],
  elementwise: ["add", "relu forward", "relu backward"],
  train: ["LeNet", "VGG-small"],
  inference: ["LeNet, batch 1", "LeNet, batch 256"],
  networks: ["lenet5", "vgg16"],
  start: [],
  memory: ["LeNet", "VGG-small"],
  variants: ["conv, small"],
};
const chosen = (...list: string[]) => tablesWith(readOptions(list)!, ROWS);

test("a table that is not there is refused with the names of those that are", () => {
  assert.throws(
    () => readOptions(["conv2d", "trian"]),
    /there is no table trian; there are conv2d, .*train, .*networks/,
  );
});

test("without --only all tables are measured, or those named; with it those in which it finds a row", () => {
  assert.deepEqual(chosen("train", "networks"), ["train", "networks"]);
  assert.ok(!chosen().includes("networks"));
  assert.ok(chosen().includes("start"));
  assert.deepEqual(chosen("--only", "LeNet"), ["conv2d", "train", "inference", "memory"]);
  assert.deepEqual(chosen("--only", "vgg", "train", "networks"), ["networks"]);
});

test("--only that finds nothing in the chosen tables is refused with the rows that they have", () => {
  assert.throws(
    () => chosen("--only", "ReLU6", "conv2d", "elementwise"),
    /--only "ReLU6" is in the name of no row\. Rows are\n {2}conv2d: LeNet 1 forward\|input\n {2}elementwise: add; relu forward\|backward$/,
  );
  assert.throws(() => chosen("--only", "lenet5", "start"), /start: nothing to choose from/);
});

test("names of tables behind --only are refused with the command that was meant", () => {
  assert.throws(() => chosen("--only", "conv2d,train"), /named without --only: npm run bench -- conv2d train\. Rows/);
});
