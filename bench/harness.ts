import type { Contestant } from "./contestant.ts";
import type { Details, Task } from "./protocol.ts";

export interface Effort {
  /** How often everybody has a turn. */
  readonly rounds: number;
  /** The length of a turn. */
  readonly milliseconds: number;
}

/** What one contestant measured in one task; times in seconds a call. */
export interface Result {
  readonly name: string;
  readonly family: string;
  readonly details: Details;
  /** The median of each round. */
  readonly rounds: number[];
  /** All samples of all rounds. */
  readonly samples: number[];
  readonly median: number;
  readonly minimum: number;
}

export interface Outcome {
  readonly results: Result[];
  /** Who could not do it, and why. */
  readonly refusals: { readonly name: string; readonly reason: string }[];
}

/**
 * Has everybody do the same task, in rounds A B C A B C …, so that a drift of the machine meets all of them.
 * @param warmUp milliseconds of the first turn, which does not count
 */
export async function compete(
  task: Task,
  contestants: readonly Contestant[],
  effort: Effort,
  warmUp = effort.milliseconds / 2,
): Promise<Outcome> {
  const refusals: { name: string; reason: string }[] = [];
  const active: { contestant: Contestant; details: Details; rounds: number[]; samples: number[] }[] = [];
  for (const contestant of contestants) {
    const answer = await contestant.prepare(task);
    if (typeof answer === "string") refusals.push({ name: contestant.name, reason: answer });
    else active.push({ contestant, details: answer, rounds: [], samples: [] });
  }
  // The first turn warms code and caches, and lets `benchmark` find its number of calls.
  for (let round = -1; round < effort.rounds; round++) {
    for (const entry of [...active]) {
      const { turn = Infinity, rest = 5 } = entry.contestant.command;
      const samples = await entry.contestant.run(Math.min(turn, round < 0 ? warmUp : effort.milliseconds));
      await new Promise((resolve) => setTimeout(resolve, rest));
      if (typeof samples === "string") {
        refusals.push({ name: entry.contestant.name, reason: samples });
        active.splice(active.indexOf(entry), 1);
      } else if (round >= 0) {
        entry.rounds.push(median(samples));
        entry.samples.push(...samples);
      }
    }
  }
  const results = active.map(({ contestant, details, rounds, samples }) => ({
    name: contestant.name,
    family: contestant.family,
    details,
    rounds,
    samples,
    median: median(samples),
    minimum: Math.min(...samples),
  }));
  return { results, refusals };
}

/** How many times faster `a` is than `b` at equal work: the median of the rounds' ratios. */
export function speedup(a: Result, b: Result, workA = 1, workB = 1): number {
  return median(a.rounds.map((time, round) => (b.rounds[round] / workB / time) * workA));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
