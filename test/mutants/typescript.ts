/**
 * Has Stryker break src/, one expression at a time, and sees which test notices. All mutants of a file are in it at once,
 * each behind a switch; all tests run once with all of them off, and show which they reach. Then each mutant has a process
 * of its own, which runs the tests that reach it, the quickest first, up to the first that fails: see trial.ts.
 *
 * Stryker is not installed by itself: npm install --prefix test/mutants
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { bundleTogether } from "./bundle.ts";
import { type Equivalent, equivalents } from "./equivalents.ts";
import { mark } from "./record.ts";
import type { Outcome } from "./report.ts";
import { SRC, type Survey, type Surveyed } from "./survey.ts";
import { repository, Workshop } from "./workshop.ts";

/** What is broken. */
const MUTATED = ["src/layers", "src/window.ts", "src/kernels/reference", "src/losses", "src/optimizers"];
/** What has to notice: the tests of these, without those that are slow because of something else. */
const TESTS = [
  ...["refusals", "window", "losses/losses", "optimizers/optimizers"],
  ...testsOf("layers"),
  ...["convolution", "counts", "gradients", "images", "layers"].map((name) => `laws/${name}`),
  ...["normalization", "without-weights"].map((name) => `laws/${name}`),
  ...["activation", "conformance", "conv2d", "dense", "dropout", "losses", "kernels"].map((name) => `kernels/${name}`),
  ...["math", "merging", "noise", "optimizers", "pooling", "softmax", "sums"].map((name) => `kernels/${name}`),
  ...["kernels/contract", "kernels/not-finite", "regularizers"],
  ...["batch-normalization", "functional", "graph", "outputs", "transfer"].map((name) => `model/${name}`),
];

/** All tests of a folder. */
function testsOf(folder: string): string[] {
  const names = readdirSync(join(repository, "test", folder)).sort();
  return names.map((name) => `${folder}/${name.replace(".test.ts", "")}`);
}

/** A test may reach a mutant this much more often than without the fault, and so much more: else it does not end. */
const [OFTEN, MORE_OFTEN] = [10, 10_000];
/** What hangs without reaching the mutant again has this much more time, and so much more. */
const [TIMES, MORE_MS] = [10, 20_000];

const stryker = join(import.meta.dirname, "node_modules/@stryker-mutator/instrumenter/dist/src/index.js");

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

/** Breaks `files`, one expression at a time. What came out is told as it comes, and given in the order of the files. */
export async function breakTypeScript(
  files: readonly string[],
  seed: number,
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  if (!existsSync(stryker)) throw new Error("Stryker is not there; npm install --prefix test/mutants");
  if (files.length === 0) return [];
  const workshop = new Workshop(seed);
  try {
    const sources = new Map(files.map((file) => [file, readFileSync(join(workshop.root, file), "utf8")]));
    const { mutants, changed } = await instrument(sources);
    await bundleTogether(workshop.root, TESTS, changed);
    const { answer } = await workshop.try({ seed, mutants: mutants.length });
    if (!answer?.survey) throw new Error(`without any fault, ${answer?.failure ?? "the tests end with an error"}`);
    const { survey } = answer;
    if (survey.tests.length === 0) throw new Error("there are no tests");
    console.log(`${mutants.length} mutants, ${survey.tests.length} tests`);
    const outcomes = mutants.map((): Outcome | undefined => undefined);
    const turns = mutants.keys();
    const work = async () => {
      for (const turn of turns) {
        const { fileName: file } = mutants[turn];
        const source = sources.get(file)!;
        const first = mutants.findIndex(({ fileName }) => fileName === file);
        const end = 1 + mutants.findLastIndex(({ fileName }) => fileName === file);
        const killedBy = await killerOf(workshop, turn, [first, end], survey);
        const outcome = {
          file,
          number: turn - first,
          source: mark(source),
          ...fateOf(mutants[turn], source, killedBy),
        };
        outcomes[turn] = outcome;
        tell(outcome);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    return outcomes.filter((outcome) => outcome !== undefined);
  } finally {
    workshop.remove();
  }
}

/**
 * Which test notices a mutant, if any does: of those that reach it the quickest first. What runs while a file of src/ is
 * read can change any test, most likely those that reach the other mutants of the file, from `first` to `end`.
 */
async function killerOf(
  workshop: Workshop,
  mutant: number,
  [first, end]: readonly number[],
  survey: Survey,
): Promise<string | undefined> {
  const { seed } = workshop;
  const { reading, readingTimes } = survey;
  const everywhere = reading[SRC][mutant] > 0;
  const costs = ({ file, milliseconds }: Surveyed) => readingTimes[file] + milliseconds;
  const reaching = survey.tests
    .filter(({ file, hits }) => everywhere || hits[mutant] > 0 || reading[file][mutant] > 0)
    .sort((a, b) => costs(a) - costs(b));
  if (reaching.length === 0) return undefined;
  const isNear = ({ hits }: Surveyed) => Object.keys(hits).some((key) => Number(key) >= first && Number(key) < end);
  const near = reaching.filter(isNear);
  const inTurn = new Set([...near, ...reaching]);
  const usual = reaching.reduce((sum, test) => sum + costs(test), 0);
  const tests = [...inTurn].map(({ title, hits }) => ({ title, limit: OFTEN * (hits[mutant] ?? 0) + MORE_OFTEN }));
  const { answer, late } = await workshop.try({ seed, mutants: mutant + 1, mutant, tests }, TIMES * usual + MORE_MS);
  return answer ? answer.failure : late ? "(does not end)" : "(ends with an error)";
}

/** Stryker writes all mutants of a file into it, each behind a switch. */
async function instrument(
  sources: ReadonlyMap<string, string>,
): Promise<{ mutants: readonly Found[]; changed: ReadonlyMap<string, string> }> {
  const { Instrumenter } = await import(stryker);
  const quiet = { debug() {}, info() {}, warn: console.warn, isDebugEnabled: () => false };
  const files = [...sources].map(([name, content]) => ({ name, content, mutate: true }));
  const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: true };
  const result = await new Instrumenter(quiet).instrument(files, options);
  return {
    mutants: result.mutants,
    changed: new Map(result.files.map(({ name, content }: Changed) => [name, withNumbers(content)])),
  };
}

/** Numbers instead of texts name the mutants: counting the hits takes most of the time of the first run. */
function withNumbers(content: string): string {
  const texts = /"(\d+)"/g;
  return content.replace(/\bstry(Cov|MutAct)_9fa48\([^)]*\)/g, (call) => call.replace(texts, "$1"));
}

interface Changed {
  readonly name: string;
  readonly content: string;
}

/** What is used of Stryker's mutants, of which each has its place in the list for a name. */
interface Found {
  readonly fileName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Counted from 0. */
interface Place {
  readonly line: number;
  readonly column: number;
}

function fateOf(mutant: Found, source: string, killedBy: string | undefined) {
  const { fileName: file, replacement, location } = mutant;
  const { line, original } = placeOf(mutant, source);
  const title = `${location.start.line + 1}: ${shortened(original)} → ${shortened(replacement)}`;
  const known = equivalents.find((each) => isMeant(each, file, line, original, replacement));
  const reason = returnsNothing(original, replacement) ? NOTHING : known?.reason;
  return { title, killedBy: killedBy === undefined ? undefined : shortened(killedBy), equivalent: reason };
}

const NOTHING = "a function without a return gives undefined too";

function returnsNothing(original: string, replacement: string): boolean {
  return replacement === "{}" && /^\{\s*return undefined;\s*\}$/.test(original);
}

function placeOf({ location: { start, end } }: Found, source: string): { line: string; original: string } {
  const lines = source.split("\n");
  const part = lines.slice(start.line, end.line + 1);
  part[part.length - 1] = part[part.length - 1].slice(0, end.column);
  part[0] = part[0].slice(start.column);
  return { line: lines[start.line].trim(), original: part.join("\n") };
}

function isMeant(known: Equivalent, file: string, line: string, original: string, replacement: string): boolean {
  const same = known.file === file && known.line === line && known.replacement === replacement;
  return same && (known.original === undefined || known.original === original);
}

function shortened(text: string): string {
  const one = text.replace(/\s+/g, " ");
  return one.length > 80 ? `${one.slice(0, 79)}…` : one;
}
