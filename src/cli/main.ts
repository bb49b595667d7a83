#!/usr/bin/env node
/**
 * neocog: train, evaluate, predict with, summarise, analyse and check models from a shell.
 *
 * Exit codes: 0 done, 1 refused or failed (one line on stderr says what, where and what to do), 2 the command line is
 * wrong, 130 ended by Ctrl-C after saving what there was.
 */
import { readFileSync } from "node:fs";
import { NeocogError } from "../errors.ts";
import { type Command, helpOf, inColumns, parse, UsageError } from "./arguments.ts";
import { analyzeCommand } from "./commands/analyze.ts";
import { check } from "./commands/check.ts";
import { evaluate } from "./commands/evaluate.ts";
import { predict } from "./commands/predict.ts";
import { summary } from "./commands/summary.ts";
import { train } from "./commands/train.ts";

const COMMANDS = [train, evaluate, predict, summary, analyzeCommand, check] as unknown as Command[];

const HELP = [
  "neocog: convolutional networks, trained on the CPU with the same bits everywhere",
  "",
  "Usage: neocog <command> [options]",
  "",
  ...inColumns(COMMANDS.map(({ name, summary }) => [name, summary])),
  "",
  "neocog <command> --help tells more; neocog --version prints the version.",
  "",
].join("\n");

async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const command = COMMANDS.find((known) => known.name === name);
  if (!command) {
    throw new UsageError(
      `${JSON.stringify(name)}: no such command; there are ${COMMANDS.map((known) => known.name).join(", ")}`,
    );
  }
  const end = rest.indexOf("--");
  if ((end < 0 ? rest : rest.slice(0, end)).some((argument) => argument === "--help" || argument === "-h")) {
    process.stdout.write(helpOf(command));
    return 0;
  }
  const { values, operands } = parse(command, rest);
  return command.run(values, operands);
}

function version(): string {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
}

// Output that nobody reads any more (neocog … | head) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Anything else is a fault of ours, and its stack is wanted.
  if (!(error instanceof NeocogError)) throw error;
  process.stderr.write(`neocog: ${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
