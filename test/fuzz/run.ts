import fc from "fast-check";
import type { Counts, Target } from "./target.ts";

export interface RunOptions {
  readonly numRuns: number;
  /** Left out: another one each time. */
  readonly seed?: number;
  /** Where in the run to begin, as a failure prints it: "4711" or "4711:0:2". */
  readonly path?: string;
}

export interface Outcome extends Counts {
  readonly name: string;
  readonly inputs: number;
  readonly seconds: number;
  /** What went wrong, and how to see it again. */
  readonly failure?: string;
}

/** Runs a target with fast-check, which shrinks what it finds. */
export async function runTarget(
  target: Target,
  { numRuns, seed, path }: RunOptions,
  counts = none(),
): Promise<Outcome> {
  const begin = performance.now();
  const details = await fc.check(target.property(counts) as fc.IAsyncProperty<[unknown]>, {
    numRuns,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
  });
  return {
    name: target.name,
    inputs: details.numRuns,
    accepted: counts.accepted,
    refused: counts.refused,
    seconds: (performance.now() - begin) / 1000,
    ...(details.failed ? { failure: explain(target, details) } : {}),
  };
}

export function reproduction(name: string, seed: number, path: string): string {
  return `npm run fuzz -- --target ${JSON.stringify(name)} --seed ${seed} --path ${JSON.stringify(path)}`;
}

export function none(): Counts {
  return { accepted: 0, refused: 0 };
}

function explain({ name }: Target, details: fc.RunDetails<[unknown]>): string {
  const { seed, counterexamplePath, counterexample, errorInstance } = details;
  const error = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  return [
    `${name}: ${error}`,
    `input: ${fc.stringify(counterexample?.[0]).slice(0, 4000)}`,
    reproduction(name, seed, counterexamplePath ?? ""),
  ].join("\n");
}
