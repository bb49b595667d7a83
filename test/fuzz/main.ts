/**
 * `npm run fuzz -- --inputs 1000000 --seed 1`: draws so many inputs for all targets together, and prints what became of
 * them. `--target NAME` runs those whose name contains it, `--path P` repeats one input of a target.
 *
 * Each target runs in a worker, so that an input that never comes to an end is found as well.
 */
import { parseArgs } from "node:util";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { type Outcome, reproduction, runTarget } from "./run.ts";
import type { Counts } from "./target.ts";
import { targets } from "./targets.ts";

interface Task {
  readonly name: string;
  readonly numRuns: number;
  readonly seed: number;
  readonly path?: string;
  /** Accepted and refused so far: what the main thread watches. */
  readonly shared: SharedArrayBuffer;
}

/** So long without a finished input is a hang. Counted in looks, because the whole process may be paused. */
const LOOK_MILLISECONDS = 500;
const PATIENCE = 60;

if (isMainThread) process.exitCode = await main();
else await work(workerData as Task);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      inputs: { type: "string", default: "100000" },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      target: { type: "string", default: "" },
      path: { type: "string" },
    },
  });
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  const chosen = targets.filter(({ name }) => name.includes(values.target));
  const total = chosen.reduce((sum, { share }) => sum + share, 0);
  console.log(`seed ${seed}\n\n${row("target", "inputs", "refused", "accepted", "seconds")}`);
  const outcomes: Outcome[] = [];
  for (const { name, share } of chosen) {
    const numRuns = Math.max(1, Math.round((inputs * share) / total));
    const outcome = await inWorker({ name, numRuns, seed, path: values.path, shared: new SharedArrayBuffer(8) });
    outcomes.push(outcome);
    const { refused, accepted, seconds } = outcome;
    console.log(row(name, count(outcome.inputs), count(refused), count(accepted), seconds.toFixed(1)));
    if (outcome.failure) console.log(`\n${outcome.failure}\n`);
  }
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, outcome) => all + of(outcome), 0);
  const failures = outcomes.filter(({ failure }) => failure).length;
  console.log(
    `\n${count(sum(({ inputs }) => inputs))} inputs: ${count(sum(({ refused }) => refused))} refused with a named error, ` +
      `${count(sum(({ accepted }) => accepted))} accepted, ${failures} failures, ` +
      `${sum(({ seconds }) => seconds).toFixed(0)} s, seed ${seed}`,
  );
  return failures > 0 ? 1 : 0;
}

function inWorker(task: Task): Promise<Outcome> {
  // On Node 20 workers do not inherit what makes Node read TypeScript.
  const source = `import("tsx/esm/api").then(({ register }) => { register(); return import("${import.meta.url}"); });`;
  const worker = new Worker(source, { eval: true, workerData: task });
  const done = new Int32Array(task.shared);
  const lost = (failure: string): Outcome => {
    const [accepted, refused] = [Atomics.load(done, 0), Atomics.load(done, 1)];
    // The first input that was not finished; its place is its path.
    const again = reproduction(task.name, task.seed, String(accepted + refused));
    const inputs = accepted + refused;
    return { name: task.name, inputs, accepted, refused, seconds: 0, failure: `${task.name}: ${failure}\n${again}` };
  };
  return new Promise((resolve) => {
    let [before, still] = [-1, 0];
    const watch = setInterval(() => {
      const now = Atomics.load(done, 0) + Atomics.load(done, 1);
      still = now === before ? still + 1 : 0;
      before = now;
      if (still >= PATIENCE) end(lost("an input has not come to an end"));
    }, LOOK_MILLISECONDS);
    const end = (outcome: Outcome) => {
      clearInterval(watch);
      worker.terminate();
      resolve(outcome);
    };
    worker.on("message", (outcome: Outcome) => end(outcome));
    worker.on("error", (error) => end(lost(String(error))));
    worker.on("exit", (code) => end(lost(`the worker ended with code ${code}`)));
  });
}

async function work({ name, numRuns, seed, path, shared }: Task): Promise<void> {
  const { parentPort } = await import("node:worker_threads");
  const done = new Int32Array(shared);
  const counts: Counts = {
    get accepted() {
      return done[0];
    },
    set accepted(value) {
      Atomics.store(done, 0, value);
    },
    get refused() {
      return done[1];
    },
    set refused(value) {
      Atomics.store(done, 1, value);
    },
  };
  const target = targets.find((one) => one.name === name)!;
  parentPort!.postMessage(await runTarget(target, { numRuns, seed, path }, counts));
}

function row(name: string, ...cells: readonly string[]): string {
  return name.padEnd(28) + cells.map((cell) => cell.padStart(12)).join("");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
