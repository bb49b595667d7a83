import { compete, type Result, speedup } from "../harness.ts";
import type { LimitName } from "../machine.ts";
import { type PeerName, PORTABLE } from "../peers/commands.ts";
import type { Task } from "../protocol.ts";
import {
  bestOfFamilies,
  limitCommands,
  ourCommands,
  peersFor,
  Refusals,
  type Session,
  withContestants,
} from "../session.ts";
import { type Cell, percent, significant, times } from "../table.ts";

export interface Row {
  readonly labels: readonly string[];
  readonly task: Task;
  /** What one call does, in the unit of the table: operations or bytes. */
  readonly work: number;
  /** The limits to compare with, and how much of their kind one call does. */
  readonly limits: readonly { readonly name: LimitName; readonly work: number }[];
}

export interface Throughput {
  readonly title: string;
  readonly labels: readonly string[];
  readonly unit: "GFLOP/s" | "GB/s";
  readonly threads: number;
  readonly rows: readonly Row[];
  /** What the limits of the rows are called, in their order. */
  readonly limits: readonly string[];
  readonly peers: readonly PeerName[];
}

/**
 * A table of rates: ours (median and best), the share of each limit, the peers' best settings, and how many times faster
 * we are than PyTorch and than the best of those that need no native code. All of a row are measured in the same rounds;
 * shares and ratios are medians of the rounds' ratios.
 */
export async function throughput(session: Session, spec: Throughput): Promise<void> {
  const { options, report } = session;
  const rows = spec.rows.filter(({ labels }) => labels.join(" ").includes(options.only));
  if (rows.length === 0) return;
  const ours = await ourCommands(session, spec.threads);
  const limits = limitCommands(session, [...new Set(rows.flatMap((row) => row.limits.map(({ name }) => name)))]);
  const peers = await peersFor(session, spec.peers, [spec.threads]);
  const families = [...new Set(peers.map(({ family }) => family!))];
  const shares = limits.length > 0 ? spec.limits : [];
  const columns = [
    ...spec.labels,
    ...ours.flatMap(({ name }) => [name, "best", ...shares.map((limit) => `of ${limit}`)]),
    ...families,
    ...(families.includes("PyTorch") ? ["vs. PyTorch"] : []),
    ...(families.some((name) => PORTABLE.includes(name)) ? ["vs. best JS"] : []),
  ];
  const widths = spec.labels.map((_, index) => Math.max(...rows.map(({ labels }) => labels[index].length)));
  const table = report.table(`${spec.title} (${spec.unit})`, columns, widths);
  const refusals = new Refusals();
  await withContestants([...limits, ...ours, ...peers], async (contestants) => {
    for (const row of rows) {
      const wanted = contestants.filter(({ name }) => {
        return !limits.some((limit) => limit.name === name) || row.limits.some((limit) => limit.name === name);
      });
      const { results, refusals: refused } = await compete(row.task, wanted, options.effort);
      refusals.add(row.labels.join(" "), refused);
      table.row(...row.labels, ...cells(row, results));
    }
  });
  refusals.print(table);

  function cells(row: Row, results: readonly Result[]): Cell[] {
    const find = (name: string) => results.find((result) => result.name === name);
    const mine = ours.map(({ name }) => find(name));
    const best = bestOfFamilies(results.filter(({ name }) => peers.some((peer) => peer.name === name)));
    const rate = (time: number | undefined) => (time ? row.work / time / 1e9 : undefined);
    const against = (others: readonly Result[]) => {
      const fastest = others.reduce<Result | undefined>((a, b) => (a && a.median <= b.median ? a : b), undefined);
      return mine[0] && fastest ? times(speedup(mine[0], fastest)) : undefined;
    };
    return [
      ...mine.flatMap((result) => [
        rate(result?.median),
        rate(result?.minimum),
        ...shares.map((_, index) => share(result, row.limits[index], find)),
      ]),
      ...families.map((family) => {
        const result = best.find((other) => other.family === family);
        return result && significant(rate(result.median)!);
      }),
      ...(families.includes("PyTorch") ? [against(best.filter(({ family }) => family === "PyTorch"))] : []),
      ...(families.some((name) => PORTABLE.includes(name))
        ? [against(best.filter(({ family }) => PORTABLE.includes(family)))]
        : []),
    ];
  }

  /** The limits are those of one core. */
  function share(
    result: Result | undefined,
    limit: { name: LimitName; work: number } | undefined,
    find: (name: string) => Result | undefined,
  ): Cell {
    const reference = limit && find(limit.name);
    if (!result || !limit || !reference) return undefined;
    const cores = /DRAM/.test(limit.name) ? 1 : spec.threads;
    return percent(speedup(result, reference, limit.work, reference.details.work) / cores);
  }
}
