/** The laws on trial: breaks the code in many small ways and sees whether a law notices. See README.md. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { breakKernels } from "./kernels.ts";
import { record, recorded } from "./record.ts";
import { line, type Outcome, reasons, refuted, score, survivors, table, unbuilt } from "./report.ts";
import { breakTypeScript, filesOf } from "./typescript.ts";

const HELP = `npm run mutants -- [options]

--kernels     only the faults of assembly/
--typescript  only those that Stryker makes in src/: npm install --prefix test/mutants
--part 3/10   a tenth of them, the third; next/10: the one whose turn it is, by the number of commits
--only a,b    only files whose path contains one of these
--seed 1      what random tests draw from
--record      writes test/mutants/results.md, with what earlier runs that recorded have found in other files and parts
`;

/** Of the mutants of src/, where Stryker makes some that no sane law would name, so many have to be killed. */
const ENOUGH = 0.95;

const { values } = parseArgs({
  options: {
    kernels: { type: "boolean", default: false },
    typescript: { type: "boolean", default: false },
    part: { type: "string", default: "1/1" },
    only: { type: "string", default: "" },
    seed: { type: "string", default: "1" },
    record: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(HELP);
else await run();

async function run(): Promise<void> {
  const { part, parts } = readPart(values.part);
  const seed = Number(values.seed);
  const only = values.only.split(",");
  const both = values.kernels === values.typescript;
  console.log(`part ${part} of ${parts}, seed ${seed}`);
  const tell = (outcome: Outcome) => {
    console.log(line(outcome));
    if (values.record) record(outcome);
  };
  if (both || values.kernels) {
    const isTurn = (index: number) => index % parts === part - 1;
    const outcomes = await breakKernels(
      (file, index) => only.some((text) => file.includes(text)) && isTurn(index),
      seed,
      tell,
    );
    judge("Kernels", outcomes, 1);
  }
  if (both || values.typescript) {
    const outcomes = await breakTypeScript(filesOf(part, parts, only), seed, tell);
    judge("TypeScript", outcomes, parts === 1 ? ENOUGH : 0);
  }
  if (values.record) writeResults();
}

/** A half of which nothing is recorded here keeps its section: somebody has recorded it elsewhere. */
function writeResults(): void {
  const path = join(import.meta.dirname, "results.md");
  const before = existsSync(path)
    ? readFileSync(path, "utf8")
        .trimEnd()
        .split(/\n\n(?=## )/)
    : [];
  const sections = Object.entries({ Kernels: "assembly/", TypeScript: "src/" }).map(([name, folder]) => {
    const outcomes = recorded(folder);
    const when = `${new Date().toISOString().slice(0, 10)}, Node ${process.version}`;
    if (outcomes.length > 0) return section(`${name}, ${when}`, outcomes);
    return before.find((text) => text.startsWith(`## ${name}`));
  });
  const whole = ["# What npm run mutants found", ...sections.filter((text) => text !== undefined)];
  writeFileSync(path, `${whole.join("\n\n")}\n`);
}

/** What came out, as Markdown. */
function section(name: string, outcomes: readonly Outcome[]): string {
  const parts = [`## ${name}`, table(outcomes)];
  const left = survivors(outcomes).map(line);
  if (left.length > 0) parts.push("### Survivors", left.map((text) => `- ${text}`).join("\n"));
  if (reasons(outcomes)) parts.push("### Equivalent to the original", reasons(outcomes));
  return parts.join("\n\n");
}

/** Prints what came out; the process fails where the score is too low or the list is wrong. */
function judge(name: string, outcomes: readonly Outcome[], enough: number): void {
  console.log(`\n${section(name, outcomes)}\n`);
  for (const outcome of unbuilt(outcomes)) {
    console.error(`${outcome.file}: "${outcome.title}" does not compile:\n${outcome.unbuilt}`);
    process.exitCode = 1;
  }
  for (const { file, title, killedBy } of refuted(outcomes)) {
    console.error(`${file}: "${title}" is called equivalent, but ${killedBy} tells it from the original`);
    process.exitCode = 1;
  }
  if (score(outcomes) < enough) {
    console.error(`${name}: ${(100 * score(outcomes)).toFixed(1)} % are killed, ${100 * enough} % have to be`);
    process.exitCode = 1;
  }
}

function readPart(text: string): { part: number; parts: number } {
  const [, which, whole] = /^(\d+|next)\/(\d+)$/.exec(text) ?? [];
  const parts = Number(whole);
  const part = which === "next" ? 1 + (commits() % parts) : Number(which);
  if (!(part >= 1 && part <= parts)) throw new Error(`--part ${text}: give a part of a whole, as in --part 3/10`);
  return { part, parts };
}

function commits(): number {
  return Number(execFileSync("git", ["rev-list", "--count", "HEAD"], { encoding: "utf8" }));
}
