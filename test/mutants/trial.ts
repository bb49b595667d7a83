/**
 * Takes the place of node:test in the bundle that typescript.ts makes of all test files and of src/ with all its mutants in
 * it. A process runs only the tests it is told to, and ends with the first that fails: it starts in a quarter of a second,
 * where a process a test file would take minutes to let a mutant survive.
 */
import { readFileSync, writeSync } from "node:fs";
import fc from "fast-check";
import { type Answer, type Hits, SRC, type Survey, type Task } from "./survey.ts";

/** The process hears and speaks here, so that nothing a test prints comes between. */
const [HEARS, SPEAKS] = [3, 4];

type Body = () => unknown;

const task: Task = JSON.parse(readFileSync(HEARS, "utf8"));
const tests = new Map<string, Body>();
const reading: Record<string, Uint32Array> = { [SRC]: noHits() };
let path: string[] = [];
let hits = reading[SRC];
let reached = 0;
let limit = Infinity;

fc.configureGlobal({ seed: task.seed, endOnFailure: true });

/** Called where the original's code runs that some mutants would change. */
export const stryCov_9fa48 = task.mutant === undefined ? count : () => {};

function count(...mutants: number[]): void {
  for (let k = 0; k < mutants.length; k++) hits[mutants[k]]++;
}

/** Whether a mutant takes the original's place. */
export function stryMutAct_9fa48(mutant: number): boolean {
  if (mutant !== task.mutant) return false;
  if (++reached > limit) end({ failure: "(does not end)" });
  return true;
}

function noHits(): Uint32Array {
  return new Uint32Array(task.mutants);
}

function told(hits: Uint32Array): Hits {
  return Object.fromEntries([...hits.entries()].filter(([, times]) => times > 0));
}

/** Stands at the beginning of each test file, behind its imports; `leave` at its end. */
export function enter(file: string): void {
  path = [file];
  hits = reading[file] ??= noHits();
}

export function leave(): void {
  hits = reading[SRC];
}

export function describe(title: string, body: Body): void {
  path.push(title);
  body();
  path.pop();
}

export function test(title: string, body: Body): void {
  const whole = [...path, title].join(" › ");
  let name = whole;
  for (let copy = 2; tests.has(name); copy++) name = `${whole} (${copy})`;
  tests.set(name, body);
}

/** `files` are the test files by their names, and read when one of their tests has its turn. */
export async function run(files: Readonly<Record<string, () => Promise<unknown>>>): Promise<never> {
  const readingTimes: Record<string, number> = {};
  const read = async (file: string) => {
    if (file in readingTimes) return;
    const started = performance.now();
    await files[file]();
    readingTimes[file] = performance.now() - started;
  };
  if (!task.tests) for (const file of Object.keys(files)) await read(file);
  const survey: Survey["tests"][number][] = [];
  for (const turn of task.tests ?? [...tests.keys()].map((title) => ({ title, limit: Infinity }))) {
    const { title } = turn;
    const [file] = title.split(" › ");
    try {
      [reached, limit] = [0, Infinity];
      await read(file);
      [reached, limit] = [0, turn.limit];
      hits = noHits();
      const started = performance.now();
      // A test that is not there any more fails nobody: `npm test` would not miss it either.
      await tests.get(title)?.();
      survey.push({ title, file, milliseconds: performance.now() - started, hits: told(hits) });
    } catch (error) {
      end({ failure: `${title}: ${error instanceof Error ? error.message : error}` });
    }
  }
  if (task.tests) return end({});
  const whileReading = Object.fromEntries(Object.entries(reading).map(([file, hits]) => [file, told(hits)]));
  return end({ survey: { tests: survey, reading: whileReading, readingTimes } });
}

function end(answer: Answer): never {
  writeSync(SPEAKS, JSON.stringify(answer));
  process.exit(0);
}
