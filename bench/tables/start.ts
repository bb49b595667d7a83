import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { type Command, Contestant } from "../contestant.ts";
import { median } from "../harness.ts";
import { root, workshop } from "../machine.ts";
import { leNet } from "../networks.ts";
import { dataFile, ourCommands, peersFor, Refusals, type Session } from "../session.ts";

const BATCH = 32;

/** From the start of a process to the end of its first step of LeNet's training, its peak memory, and the package's size. */
export async function start(session: Session): Promise<void> {
  const { options, report } = session;
  const commands = [
    emptyNode(),
    ...(await ourCommands(session, options.threads.at(-1)!)),
    ...(await peersFor(session, ["TensorFlow.js WASM", "ConvNetJS", "PyTorch"], [1])),
  ];
  const file = dataFile(leNet, BATCH);
  const task = { kind: "firstStep", network: leNet, batch: BATCH, batches: 1, file } as const;
  const times = commands.map((): number[] => []);
  const peaks = commands.map((): number[] => []);
  const refusals = new Refusals();
  for (let round = 0; round < options.effort.rounds; round++) {
    for (const [index, command] of commands.entries()) {
      const contestant = new Contestant(command);
      const begin = performance.now();
      const answer = await contestant.prepare(task);
      const time = performance.now() - begin;
      await contestant.close();
      if (typeof answer === "string") refusals.add("first step", [{ name: command.name, reason: answer }]);
      else {
        times[index].push(time);
        peaks[index].push((answer.peakBytes ?? NaN) / 2 ** 20);
      }
    }
  }
  const columns = ["process", "ms", "best", "ms more than empty", "peak MiB"];
  const table = report.table("from process start to the first training step of LeNet", columns, [40]);
  const empty = times[0];
  for (const [index, { name }] of commands.entries()) {
    if (times[index].length === 0) continue;
    const more = index === 0 ? undefined : median(times[index].map((time, round) => time - empty[round]));
    table.row(name, median(times[index]), Math.min(...times[index]), more, median(peaks[index]));
  }
  refusals.print(table);
  await size(session);
}

/** A process that does nothing but answer. */
function emptyNode(): Command {
  const file = join(workshop, "empty.cjs");
  const peak = '/VmHWM:\\s*(\\d+)/.exec(require("fs").readFileSync("/proc/self/status", "utf8"))[1] * 1024';
  const guarded = `(() => { try { return ${peak}; } catch { return process.resourceUsage().maxRSS * 1024; } })()`;
  writeFileSync(file, `console.log('READY {"peakBytes":' + ${guarded} + "}");\n`);
  return { name: "empty Node process", program: process.execPath, arguments: [file] };
}

async function size({ report }: Session): Promise<void> {
  const measured = async (entry: string) => {
    const result = await build({
      stdin: { contents: entry, resolveDir: root, loader: "ts" },
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      external: ["node:*"],
      write: false,
      logLevel: "warning",
    });
    const [{ contents }] = result.outputFiles;
    const kilobytes = (bytes: number) => (bytes / 1e3).toFixed(2);
    return [kilobytes(contents.length), kilobytes(gzipSync(contents, { level: 9 }).length)];
  };
  const title = "package size, bundled by esbuild; all rows with all kernels, plain and relaxed";
  const table = report.table(title, ["what", "minified kB", "gzipped kB"], [80]);
  const few = "Sequential, Conv2D, MaxPooling2D, Flatten, Dense, SGD";
  const rows = [
    ["everything: layers, networks, analysis, augmentation, formats", 'export * from "./src/index.ts";'],
    [`a LeNet training program: ${few}`, `export { ${few} } from "./src/index.ts";`],
    ["wasmKernels: no layer, no model", 'export { wasmKernels } from "./src/index.ts";'],
    ["of it the two builds as text", 'export * from "./src/kernels/wasm/binaries.ts";'],
  ];
  for (const [what, entry] of rows) table.row(what, ...(await measured(entry)));
}
