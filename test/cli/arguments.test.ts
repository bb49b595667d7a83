import assert from "node:assert/strict";
import { test } from "node:test";
import { command, helpOf, parse, UsageError } from "../../src/cli/arguments.ts";

const options = {
  size: { type: "whole", least: 1, most: 9, default: 3, help: "how large" },
  rate: { type: "number", least: 0, help: "how fast" },
  kind: { type: "text", choices: ["a", "b"], default: "a", help: "which" },
  place: { type: "text", value: "DIR", help: "where" },
  json: { type: "flag", help: "for machines" },
} as const;
const plain = command({ name: "plain", summary: "does nothing", options, examples: ["neocog plain"], run: () => 0 });
const withFiles = command({ ...plain, name: "files", operands: "file ..." });

test("options have their defaults, their types, and both spellings of a value", () => {
  assert.deepEqual(parse(plain, []).values, { size: 3, rate: undefined, kind: "a", place: undefined, json: false });
  const { values, operands } = parse(withFiles, ["x", "--size=4", "--rate", "1e-3", "--json", "--", "--size"]);
  assert.deepEqual(values, { size: 4, rate: 0.001, kind: "a", place: undefined, json: true });
  assert.deepEqual(operands, ["x", "--size"]);
});

const refusals: readonly (readonly [args: string[], message: RegExp])[] = [
  [["--sise", "3"], /^--sise: no such option of neocog plain; there are --size, --rate, --kind, --place, --json$/],
  [["--no-json"], /^--no-json: no such option/],
  [["-s", "3"], /^-s: no such option/],
  [["--constructor", "3"], /^--constructor: no such option/],
  [["--size"], /^--size: its value is missing; give --size N$/],
  [["--size", "2.5"], /^--size is "2.5"; use a whole number of at least 1 and at most 9$/],
  [["--size", "10"], /at most 9/],
  [["--size", ""], /^--size is ""; use a whole number/],
  [["--rate", "-1"], /^--rate is "-1"; use a number of at least 0$/],
  [["--rate", "Infinity"], /^--rate is "Infinity"/],
  [["--kind", "c"], /^--kind is "c"; use a or b$/],
  [["--place", ""], /^--place is ""; use a text that is not empty$/],
  [["--place"], /give --place DIR$/],
  [["--json=yes"], /^--json is "yes"; it takes no value$/],
  [["stray"], /^"stray": neocog plain takes options only/],
];

for (const [args, message] of refusals) {
  test(`refused: ${args.join(" ")}`, () => {
    assert.throws(
      () => parse(plain, args),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

test("the help lists every option with its default", () => {
  const help = helpOf(plain as never);
  assert.match(help, /--size N {5}how large \[3\]/);
  assert.match(help, /--kind a\|b {3}which \[a\]/);
  assert.match(help, /--place DIR {2}where/);
});
