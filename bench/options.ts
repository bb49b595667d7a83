import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Effort } from "./harness.ts";

export const TABLES = ["conv2d", "dense", "elementwise", "train", "inference", "start", "memory"] as const;
/** What is not measured unless it is named: it compares our own kernels, not this library with anything. */
const EXTRA = ["variants"] as const;
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
           variants: kernels that lost beside those that won (bench/variants/README.md)
--node     another Node to measure variants on, a path: --node PATH --node PATH
--peers    measures the peers too: bench/peers/README.md says how to install them
--threads  with how many threads we run: --threads 1,2. Default: 1 and the machine's cores
--relaxed  our build with fused multiply-add too
--only     only rows whose name contains this text: --only "32x32x3 "
--rounds   how often everybody has a turn. Default: 7
--quick    two short rounds: to see that it works, not to believe it
--record   writes bench/results/<date>-node<major>.md and .json`;

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
