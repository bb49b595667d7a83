/** The command line's arguments, and run.json beside a saved model. */
import fc from "fast-check";
import { parse } from "../../src/cli/arguments.ts";
import { evaluate } from "../../src/cli/commands/evaluate.ts";
import { predict } from "../../src/cli/commands/predict.ts";
import { summary } from "../../src/cli/commands/summary.ts";
import { train } from "../../src/cli/commands/train.ts";
import { type Target, target } from "./target.ts";

const commands = [train, evaluate, predict, summary];
const known = commands.flatMap(({ options }) => Object.keys(options)).map((name) => `--${name}`);
const values = fc.constantFrom(
  "",
  " ",
  "0",
  "-1",
  "1e400",
  "NaN",
  "0x10",
  "Infinity",
  "3",
  "0.5",
  "adam",
  "mnist",
  "--",
  "-",
  "-x",
  "a=b",
  "__proto__",
  "\u0000",
);
const words = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...known) },
  { weight: 4, arbitrary: values },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...known, "--__proto__", "--constructor", "--no-json", "-j"), values)
      .map(([name, value]) => `${name}=${value}`),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
);
const lines = fc.record({ command: fc.constantFrom(...commands), words: fc.array(words, { maxLength: 5 }) });

const commandLine = target("command line", 70, lines, ({ command, words }) => parse(command as typeof train, words));

export const arguing: readonly Target[] = [commandLine];
