import { join } from "node:path";
import { type Command, Contestant } from "./contestant.ts";
import type { Result } from "./harness.ts";
import { type LimitName, type Limits, limit, ours, workshop } from "./machine.ts";
import { writeData } from "./networks.ts";
import type { Options } from "./options.ts";
import { missingPeers, type PeerName, peerCommands } from "./peers/commands.ts";
import type { NetworkSpec } from "./protocol.ts";
import type { Report, TablePrinter } from "./table.ts";

/** What every table gets. */
export interface Session {
  readonly options: Options;
  readonly report: Report;
  readonly limits: Limits;
}

/** Our contestants for a number of threads: the plain build, and the relaxed one where it is asked for. */
export async function ourCommands({ options }: Session, threads: number): Promise<Command[]> {
  const commands = [await ours(threads, false)];
  if (options.relaxed) commands.push(await ours(threads, true));
  return commands;
}

/** The peers that are asked for and installed, with this many threads and in all their settings. */
export async function peersFor(
  { options }: Session,
  names: readonly PeerName[],
  threads: readonly number[],
): Promise<Command[]> {
  if (!options.peers) return [];
  const missing = missingPeers();
  const installed = names.filter((name) => !missing.has(name));
  return (await Promise.all(installed.map((name) => peerCommands(name, threads)))).flat();
}

export function limitCommands({ limits }: Session, names: readonly LimitName[]): Command[] {
  return names.map((name) => limit(limits, name)).filter((command) => command !== undefined);
}

/** Starts contestants, and ends them whatever happens. */
export async function withContestants(
  commands: readonly Command[],
  body: (contestants: Contestant[]) => Promise<void>,
): Promise<void> {
  const contestants = commands.map((command) => new Contestant(command));
  try {
    await body(contestants);
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.close()));
  }
}

/** The fastest setting of each library, in the order in which they came; `work` is what a call of it does. */
export function bestOfFamilies(results: readonly Result[]): Result[] {
  const best = new Map<string, Result>();
  for (const result of results) {
    const other = best.get(result.family);
    if (!other || rate(result) > rate(other)) best.set(result.family, result);
  }
  return [...best.values()];
}

function rate({ details, median }: Result): number {
  return (details.work ?? 1) / median;
}

/** Notes who could not do something, once for each reason. */
export class Refusals {
  readonly #seen = new Map<string, string[]>();

  add(where: string, list: readonly { name: string; reason: string }[]): void {
    for (const { name, reason } of list) {
      const key = `${name} cannot: ${reason}`;
      this.#seen.set(key, [...(this.#seen.get(key) ?? []), where]);
    }
  }

  print(table: TablePrinter): void {
    for (const [text, list] of this.#seen) {
      const places = [...new Set(list)];
      const more = places.length > 2 ? `, and ${places.length - 2} more` : "";
      table.note(`${text} (${places.slice(0, 2).join("; ")}${more})`);
    }
  }
}

/** The file with weights and `count` images for a network, written when it is first asked for. */
export function dataFile(network: NetworkSpec, count: number): string {
  const file = join(workshop, `${network.name}-${count}.bin`);
  writeData(file, network, count);
  return file;
}
