/**
 * `npm run machines`: the same training on every machine that can be had here, and whether all weights are the same, bit
 * for bit. `npm run machines -- chromium arm64` takes those whose names contain a word, and then they must be there.
 * Engines that are packages of npm are fetched into .build/machines/, once.
 */
import { type Machine, machines } from "./machines.ts";
import type { Training } from "./training.ts";

const THREADS = [1, 3];
const NAME = Math.max(...machines.map(({ name }) => name.length));

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = machines.filter(({ name }) => words.length === 0 || words.some((word) => isIn(word, name)));
const unknown = words.filter((word) => !machines.some(({ name }) => isIn(word, name)));
if (unknown.length > 0) {
  console.error(`no machine has ${unknown.join(" or ")} in its name; there are ${names(machines)}`);
  process.exit(1);
}

const hashes = new Set<string>();
const faults: string[] = [];
console.log(`${"machine".padEnd(NAME)}  threads  seconds  by workers  SHA-256 of the weights after 2 × 200 steps`);
for (const machine of chosen) {
  const found = await machine.find().catch((error: Error) => error.message);
  if (typeof found === "string") {
    console.log(`${machine.name.padEnd(NAME)}  skipped: ${found.split("\n")[0]}`);
    if (words.length > 0) faults.push(`${machine.name} is not there, though asked for: ${found}`);
    continue;
  }
  try {
    const trainings = await found.train(THREADS);
    for (const [index, training] of trainings.entries()) report(machine, THREADS[index], training);
  } catch (error) {
    faults.push(`${machine.name} has failed: ${(error as Error).message}`);
    console.log(`${machine.name.padEnd(NAME)}  failed`);
  } finally {
    await found.close?.();
  }
}

if (hashes.size > 1) faults.push(`${hashes.size} different hashes: the weights are not the same everywhere`);
if (hashes.size === 0) faults.push("no machine has trained");
console.log(faults.length > 0 ? `\n${faults.join("\n")}` : "\nthe same bits everywhere");
process.exitCode = faults.length > 0 ? 1 : 0;

function report({ name }: Machine, threads: number, { kernels, hash, seconds, helped }: Training): void {
  const expected = `wasm simd, ${threads} thread${threads === 1 ? "" : "s"}`;
  if (kernels !== expected) throw new Error(`it has trained with ${kernels} instead of ${expected}`);
  hashes.add(hash);
  const share = `${Math.round(100 * helped)} %`;
  console.log(
    `${name.padEnd(NAME)}  ${`${threads}`.padStart(7)}  ${seconds.toFixed(1).padStart(7)}  ${share.padStart(10)}  ${hash}`,
  );
}

function isIn(word: string, name: string): boolean {
  return name.toLowerCase().includes(word);
}

function names(some: readonly Machine[]): string {
  return some.map(({ name }) => name).join(", ");
}
