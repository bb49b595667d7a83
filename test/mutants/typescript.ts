/**
 * Has Stryker break src/, one expression at a time, and sees which test file notices. It works in a temporary copy, on all
 * mutants of a file at once: each is switched on by an environment variable, and only test files that reach it run.
 *
 * Stryker is not installed by itself: npm install --prefix test/mutants
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Equivalent, equivalents } from "./equivalents.ts";
import type { Outcome } from "./report.ts";
import { repository, Workshop } from "./workshop.ts";

/** What is broken. */
const MUTATED = ["src/layers", "src/window.ts", "src/kernels/reference", "src/losses", "src/optimizers"];
/** What has to notice: the tests of these, without those that are slow because of something else. */
const TESTS = [
  ...["refusals", "window", "losses/losses", "optimizers/optimizers"],
  ...["conformance", "layers", "max-unpooling2d", "merge", "refusals", "without-weights"].map(
    (name) => `layers/${name}`,
  ),
  ...["convolution", "counts", "gradients", "images", "layers"].map((name) => `laws/${name}`),
  ...["normalization", "without-weights"].map((name) => `laws/${name}`),
  ...["activation", "conformance", "conv2d", "dense", "dropout", "losses", "kernels"].map((name) => `kernels/${name}`),
  ...["math", "merging", "noise", "optimizers", "pooling", "softmax", "sums"].map((name) => `kernels/${name}`),
  ...["batch-normalization", "functional", "outputs", "transfer"].map((name) => `model/${name}`),
];

const stryker = join(import.meta.dirname, "node_modules/@stryker-mutator/core/bin/stryker.js");
const REPORT = "stryker-report.json";

/** The files of `part` of `parts` that are about equally long. */
export function filesOf(part: number, parts: number, only: readonly string[]): string[] {
  const files = MUTATED.flatMap((path) => {
    if (path.endsWith(".ts")) return [path];
    return readdirSync(join(repository, path)).map((name) => `${path}/${name}`);
  });
  const bySize = files
    .map((file) => ({ file, bytes: statSync(join(repository, file)).size }))
    .sort((a, b) => b.bytes - a.bytes || a.file.localeCompare(b.file));
  const heaps = Array.from({ length: parts }, () => ({ bytes: 0, files: [] as string[] }));
  for (const { file, bytes } of bySize) {
    const least = heaps.reduce((least, heap) => (heap.bytes < least.bytes ? heap : least));
    least.bytes += bytes;
    least.files.push(file);
  }
  return heaps[part - 1].files.filter((file) => only.some((text) => file.includes(text))).sort();
}

export async function breakTypeScript(files: readonly string[], seed: number): Promise<Outcome[]> {
  if (!existsSync(stryker)) throw new Error("Stryker is not there; npm install --prefix test/mutants");
  if (files.length === 0) return [];
  const workshop = new Workshop(seed);
  try {
    writeFileSync(join(workshop.root, "stryker.json"), JSON.stringify(settings(files)));
    await workshop.node([stryker, "run", "stryker.json"]);
    if (!existsSync(join(workshop.root, REPORT))) throw new Error("Stryker has given up, see above");
    return outcomesOf(JSON.parse(readFileSync(join(workshop.root, REPORT), "utf8")));
  } finally {
    workshop.remove();
  }
}

function settings(files: readonly string[]) {
  const bundling = ["node", "--import", "tsx", "test/mutants/bundle.ts", ".", ...TESTS];
  return {
    ...{ testRunner: "tap", plugins: ["@stryker-mutator/tap-runner"], coverageAnalysis: "perTest" },
    ...{ mutate: files, inPlace: true, concurrency: 1, disableTypeChecks: false, buildCommand: bundling.join(" ") },
    // What hangs is found by counting. Time alone says little where everything may be stopped for a while.
    ...{ timeoutMS: 600_000, timeoutFactor: 10 },
    ...{ reporters: ["clear-text", "json"], jsonReporter: { fileName: REPORT } },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
    tap: {
      testFiles: TESTS.map((name) => `test/${name}.test.mjs`),
      nodeArgs: ["--test-reporter=tap", "-r", "{{hookFile}}", "{{testFile}}"],
      forceBail: true,
    },
  };
}

/** What is used of Stryker's report. */
interface Report {
  readonly files: Record<string, { readonly source: string; readonly mutants: readonly Found[] }>;
  readonly testFiles?: Record<string, { readonly tests: readonly { readonly id: string; readonly name: string }[] }>;
}

interface Found {
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: string;
  readonly killedBy?: readonly string[];
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Counted from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

function outcomesOf({ files, testFiles = {} }: Report): Outcome[] {
  const names = new Map(Object.values(testFiles).flatMap(({ tests }) => tests.map(({ id, name }) => [id, name])));
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.flatMap((mutant): Outcome[] => {
      const { status, replacement, killedBy } = mutant;
      // Not a program any more: nobody could have written it.
      if (status === "CompileError" || status === "RuntimeError" || status === "Ignored") return [];
      const { line, original } = placeOf(mutant, source);
      const title = `${mutant.location.start.line}: ${shortened(original)} → ${shortened(replacement)}`;
      const killer = status === "Killed" ? names.get(killedBy?.[0] ?? "") : undefined;
      const known = equivalents.find((each) => isMeant(each, file, line, original, replacement));
      const reason = returnsNothing(original, replacement) ? NOTHING : known?.reason;
      const survived = status === "Survived" || status === "NoCoverage";
      return [{ file, title, killedBy: survived ? undefined : (killer ?? status), equivalent: reason }];
    }),
  );
}

const NOTHING = "a function without a return gives undefined too";

function returnsNothing(original: string, replacement: string): boolean {
  return replacement === "{}" && /^\{\s*return undefined;\s*\}$/.test(original);
}

function placeOf({ location: { start, end } }: Found, source: string): { line: string; original: string } {
  const lines = source.split("\n");
  const part = lines.slice(start.line - 1, end.line);
  part[part.length - 1] = part[part.length - 1].slice(0, end.column - 1);
  part[0] = part[0].slice(start.column - 1);
  return { line: lines[start.line - 1].trim(), original: part.join("\n") };
}

function isMeant(known: Equivalent, file: string, line: string, original: string, replacement: string): boolean {
  const same = known.file === file && known.line === line && known.replacement === replacement;
  return same && (known.original === undefined || known.original === original);
}

function shortened(text: string): string {
  const one = text.replace(/\s+/g, " ");
  return one.length > 80 ? `${one.slice(0, 79)}…` : one;
}
