/** npm run bench -- [names] [options]: everything that we say about speed, measured. See bench/README.md. */
import { join } from "node:path";
import { header, measureLimits, root } from "./machine.ts";
import { readOptions, type TableName, tablesWith } from "./options.ts";
import { missingPeers } from "./peers/commands.ts";
import type { Session } from "./session.ts";
import { Report } from "./table.ts";
import { conv2d, conv2dRows } from "./tables/conv2d.ts";
import { dense, denseRows } from "./tables/dense.ts";
import { elementwise, elementwiseRows } from "./tables/elementwise.ts";
import { inference, inferenceRows } from "./tables/inference.ts";
import { memory, memoryRows } from "./tables/memory.ts";
import { networkRows, networks } from "./tables/networks.ts";
import { start } from "./tables/start.ts";
import { train, trainRows } from "./tables/train.ts";
import { variantRows, variants } from "./tables/variants.ts";

const tables: Record<TableName, (session: Session) => Promise<void>> = {
  conv2d,
  dense,
  elementwise,
  train,
  inference,
  networks,
  start,
  memory,
  variants,
};

const rows: Record<TableName, readonly string[]> = {
  conv2d: conv2dRows,
  dense: denseRows,
  elementwise: elementwiseRows,
  train: trainRows,
  inference: inferenceRows,
  networks: networkRows,
  start: [],
  memory: memoryRows,
  variants: variantRows,
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options) {
    const names = tablesWith(options, rows);
    const report = new Report(header());
    const limits = measureLimits();
    const session = { options, report, limits };
    const machine = report.table("limits of one core (GFLOP/s, GB/s; best of ten)", ["limit", "rate"], [10, 6]);
    if (typeof limits === "string") machine.note(`not measured: ${limits}; shares are left out`);
    else for (const [name, value] of Object.entries(limits.best)) machine.row(name, value);
    if (options.peers) {
      for (const [name, command] of missingPeers()) machine.note(`${name} is not installed; run: ${command}`);
    }
    if (options.quick) machine.note("--quick: figures of two short rounds, not to be believed");
    const kind = `${options.peers ? "-peers" : ""}${options.relaxed ? "-relaxed" : ""}`;
    for (const name of names) {
      await tables[name](session);
      if (!options.record) continue;
      // After every table: a run takes hours, and one that is broken off leaves what it has measured.
      const path = report.record(join(root, "bench", "results"), kind);
      console.log(`\nrecorded in ${path}.md and .json`);
    }
  }
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
