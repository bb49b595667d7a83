import assert from "node:assert/strict";
import { test } from "node:test";
import { idsOf, STATEMENTS, tableOf } from "./statements.ts";

const statements = [
  { id: "A1", text: "first" },
  { id: "A2", text: "second" },
  { id: "C10", text: "third", waiting: "no layer" },
];
const held = (title: string) => ({ title, file: "test/laws/some.test.ts", passed: true });
const all = [held("A1: one (Conv2D)"), held("A1: one (Dense)"), held("A1, A2: both")];

test("every statement is in the table once, in the order of the courses", () => {
  const ids = STATEMENTS.map(({ id }) => id);
  const expected = ["A", "B", "C"].flatMap((section, k) =>
    Array.from({ length: [9, 13, 10][k] }, (_, index) => `${section}${index + 1}`),
  );
  assert.deepEqual(ids, expected);
});

test("a title says the ids of its statements", () => {
  assert.deepEqual(idsOf("B5, B12: 1 + L·M·N"), ["B5", "B12"]);
  assert.deepEqual(idsOf("gradientCheck: B5"), []);
});

test("the table lists each law once, with its file", () => {
  const { lines, faults } = tableOf(statements, all);
  assert.deepEqual(faults, []);
  assert.deepEqual(lines, [
    "A1   first",
    "     one  [test/laws/some.test.ts]",
    "     both  [test/laws/some.test.ts]",
    "A2   second",
    "     both  [test/laws/some.test.ts]",
    "C10  third",
    "     waiting: no layer",
  ]);
});

test("a statement without a law, one that waits in vain, a failed law and an unknown id are faults", () => {
  assert.deepEqual(tableOf(statements, [held("A1: one")]).faults, ["A2: no law has it in its title"]);
  assert.match(tableOf(statements, [...all, held("C10: third")]).faults[0], /C10.*does not wait any more/);
  assert.match(tableOf(statements, [...all, { ...held("A1: two"), passed: false }]).faults[0], /A1: two: failed/);
  assert.match(tableOf(statements, [...all, held("A11: two")]).faults[0], /A11 is not a statement/);
});
