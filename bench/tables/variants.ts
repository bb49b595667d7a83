import { Contestant } from "../contestant.ts";
import { median } from "../harness.ts";
import { bundle } from "../machine.ts";
import { limitCommands, type Session } from "../session.ts";
import { percent, significant } from "../table.ts";
import { BUILDS, type Build, compile, variantsOf } from "../variants/compile.ts";
import type { Case } from "../variants/groups/group.ts";
import { groups } from "../variants/groups/index.ts";
import { type NodeChild, startNodes } from "../variants/nodes.ts";

/** A variant's turn: short, because there are many, and because its code is warm by then. */
const TURN_MS = 12;

export const variantRows = Object.entries(groups).flatMap(([group, cases]) =>
  cases.map(({ name }) => `${group}, ${name}`),
);

/** The kernel variants of bench/variants, on this Node and those of --node: a table for each case. */
export async function variants(session: Session): Promise<void> {
  const { options } = session;
  const chosen = Object.entries(groups).flatMap(([group, cases]) =>
    cases.filter(({ name }) => `${group}, ${name}`.includes(options.only)).map((one) => ({ group, one })),
  );
  if (chosen.length === 0) return;
  const nodes = startNodes(options.nodes, await bundle("variants/child.ts"));
  try {
    for (const { group, one } of chosen) await measure(session, nodes, group, one);
  } finally {
    for (const node of nodes) node.close();
  }
}

/** Rounds of all Nodes, in each of all variants, and of the limit: a drift of the machine meets all of them. */
async function measure(session: Session, nodes: readonly NodeChild[], group: string, one: Case): Promise<void> {
  const builds = BUILDS.slice(0, one.limits.length);
  const rows = variantsOf(group).flatMap((variant) => builds.map((build) => ({ variant, build })));
  const modules = [];
  for (const { variant, build } of rows) modules.push(await compile(group, variant, build));
  const wrong: string[] = [];
  for (const node of nodes) {
    const answer = await node.ask({ kind: "ready", group, name: one.name, modules });
    if ("wrong" in answer) wrong.push(...answer.wrong.map((text) => `Node ${node.version}: ${text}`));
  }
  if (wrong.length > 0) throw new Error(`variants of ${group} compute something else\n${wrong.join("\n")}`);

  const limits = limitCommands(session, one.limits).map((command) => new Contestant(command));
  const works = await Promise.all(limits.map(async (limit) => details(await limit.prepare(undefined as never))));
  const times = rows.map(() => nodes.map((): number[] => []));
  const limitTimes = limits.map((): number[] => []);
  const milliseconds = Math.min(TURN_MS, session.options.effort.milliseconds);
  for (let round = 0; round < session.options.effort.rounds; round++) {
    for (const [index, limit] of limits.entries())
      limitTimes[index].push(...numbers(await limit.run(2 * milliseconds)));
    for (const [column, node] of nodes.entries()) {
      const answer = await node.ask({ kind: "run", milliseconds });
      if (!("samples" in answer)) continue;
      for (const [row, samples] of answer.samples.entries()) times[row][column].push(...samples);
    }
  }
  await Promise.all(limits.map((limit) => limit.close()));
  const peaks = limitTimes.map((samples, index) => works[index] / median(samples) / 1e9);
  print(session, nodes, group, one, rows, times, peaks);
}

function print(
  { report }: Session,
  nodes: readonly NodeChild[],
  group: string,
  one: Case,
  rows: readonly { variant: string; build: Build }[],
  times: readonly number[][][],
  peaks: readonly number[],
): void {
  const versions = nodes.map(({ version }) => `Node ${version}`);
  const width = Math.max(...rows.map(({ variant }) => variant.length));
  const builds = BUILDS.slice(0, one.limits.length);
  for (const [index, build] of builds.entries()) {
    const suffix = builds.length > 1 ? `, ${build}` : "";
    const limit = peaks[index] ? `; limit ${one.limits[index]} ${significant(peaks[index])}` : "";
    const title = `${group}, ${one.name}${suffix} (${one.unit}${limit})`;
    const table = report.table(title, ["variant", ...versions], [width, ...versions.map(() => 13)]);
    rows.forEach((row, place) => {
      if (row.build !== build) return;
      const rates = times[place].map((samples) => one.work / median(samples) / 1e9);
      const share = (rate: number) => (peaks[index] ? `, ${percent(rate / peaks[index])}` : "");
      table.row(row.variant, ...rates.map((rate) => `${significant(rate)}${share(rate)}`));
    });
  }
}

function details(answer: { work?: number } | string): number {
  if (typeof answer === "string") throw new Error(answer);
  return answer.work!;
}

function numbers(answer: number[] | string): number[] {
  if (typeof answer === "string") throw new Error(answer);
  return answer;
}
