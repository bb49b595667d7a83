import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Effort } from "./harness.ts";

export const TABLES = ["conv2d", "dense", "elementwise", "train", "inference", "start", "memory"] as const;
/** What is not measured unless it is named: it compares nothing with anything but ourselves, and takes long. */
const EXTRA = ["networks", "variants"] as const;
const NAMES = [...TABLES, ...EXTRA];
export type TableName = (typeof NAMES)[number];

export interface Options {
  readonly names: readonly TableName[];
  readonly peers: boolean;
  readonly threads: readonly number[];
  readonly relaxed: boolean;
  readonly quick: boolean;
  readonly record: boolean;
  /** Other Nodes that variants are measured on: paths. */
  readonly nodes: readonly string[];
  /** Only rows whose name contains this. */
  readonly only: string;
  readonly effort: Effort;
}

const HELP = `npm run bench -- [names] [options]

names      ${TABLES.join(", ")}; none: all of them;
           networks: every network with a name, as in its paper; takes long
           variants: kernels that lost beside those that won (bench/variants/README.md)
--node     another Node to measure variants on, a path: --node PATH --node PATH
--peers    measures the peers too: bench/peers/README.md says how to install them
--threads  with how many threads we run: --threads 1,2. Default: 1 and the machine's cores
--relaxed  our build with fused multiply-add too
--only     only rows whose name contains this text: --only "32x32x3 "
--rounds   how often everybody has a turn. Default: 7
--quick    two short rounds: to see that it works, not to believe it
--record   writes bench/results/<date>-<maker>-<family>-<model>-node<major>[-peers][-relaxed].md and .json`;

/**
 * Those of the tables in which `only` finds a row. @param rows what the rows of each table are called; none, where it has
 * nothing to choose from
 * @throws Error with the names that there are, where it finds none.
 */
export function tablesWith(
  { names, only }: Pick<Options, "names" | "only">,
  rows: Readonly<Record<TableName, readonly string[]>>,
): TableName[] {
  if (only === "") return [...names];
  const found = names.filter((name) => rows[name].some((row) => row.includes(only)));
  if (found.length > 0) return found;
  const words = only.split(/[\s,]+/).filter((word) => word !== "");
  const tables = words.every((word) => NAMES.includes(word as TableName));
  const hint = tables ? `; tables are named without --only: npm run bench -- ${words.join(" ")}` : "";
  const known = names.map((name) => `\n  ${name}: ${abridged(rows[name]) || "nothing to choose from"}`);
  throw new Error(`--only ${JSON.stringify(only)} is in the name of no row${hint}. Rows are${known.join("")}`);
}

/** Names that differ in their last word only, together: "LeNet 1 forward|input|kernel". */
function abridged(names: readonly string[]): string {
  const lasts = new Map<string, string[]>();
  for (const name of names) {
    const end = name.lastIndexOf(" ") + 1;
    const head = name.slice(0, end);
    // Single words stay apart.
    if (head === "") lasts.set(name, [""]);
    else lasts.set(head, [...(lasts.get(head) ?? []), name.slice(end)]);
  }
  return [...lasts].map(([head, words]) => head + words.join("|")).join("; ");
}

/** What the command line says, or undefined where it asks for help. @throws Error for anything it does not know. */
export function readOptions(list: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...list],
    allowPositionals: true,
    options: {
      peers: { type: "boolean", default: false },
      threads: { type: "string" },
      node: { type: "string", multiple: true, default: [] },
      relaxed: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      record: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      rounds: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return undefined;
  }
  const unknown = positionals.find((name) => !NAMES.includes(name as TableName));
  if (unknown) throw new Error(`there is no table ${unknown}; there are ${NAMES.join(", ")}`);
  const cores = availableParallelism();
  const threads = values.threads?.split(",").map(Number) ?? (cores > 1 ? [1, cores] : [1]);
  if (threads.some((count) => !Number.isInteger(count) || count < 1)) {
    throw new Error(`--threads ${values.threads}: give whole numbers from 1 on, as in --threads 1,2`);
  }
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 7));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: give a whole number from 1 on`);
  return {
    names: positionals.length > 0 ? (positionals as TableName[]) : TABLES,
    peers: values.peers,
    threads,
    relaxed: values.relaxed,
    quick: values.quick,
    record: values.record,
    nodes: values.node,
    only: values.only,
    effort: { rounds, milliseconds: values.quick ? 60 : 300 },
  };
}
