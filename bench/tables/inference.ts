import { compete, speedup } from "../harness.ts";
import { alexNet, leNet, resNet18 } from "../networks.ts";
import type { PeerName } from "../peers/commands.ts";
import { dataFile, ourCommands, peersFor, Refusals, type Session, withContestants } from "../session.ts";
import { times } from "../table.ts";

const TASKS = [
  { network: leNet, batch: 1 },
  { network: leNet, batch: 256 },
  { network: alexNet, batch: 1 },
  { network: resNet18, batch: 1 },
];
const titleOf = ({ network, batch }: (typeof TASKS)[number]) => `${network.name}, batch ${batch}`;
export const inferenceRows = TASKS.map(titleOf);
const PEERS: readonly PeerName[] = [
  "onnxruntime-node",
  "onnxruntime-web",
  "PyTorch",
  "TensorFlow.js WASM",
  "ConvNetJS",
];

/** Latency and throughput of prediction, with the same weights and images for all. */
export async function inference(session: Session): Promise<void> {
  const { options, report } = session;
  const ours = (await Promise.all(options.threads.map((threads) => ourCommands(session, threads)))).flat();
  const peers = await peersFor(session, PEERS, options.threads);
  for (const one of TASKS) {
    const { network, batch } = one;
    const title = titleOf(one);
    if (!title.includes(options.only)) continue;
    const table = report.table(`inference ${title}`, ["contestant", "ms", "best", "images/s", "×"], [44, 7, 7, 8, 6]);
    const refusals = new Refusals();
    await withContestants([...ours, ...peers], async (contestants) => {
      const task = { kind: "inference", network, batch, file: dataFile(network, batch) } as const;
      const { results, refusals: refused } = await compete(task, contestants, options.effort);
      refusals.add(title, refused);
      const reference = results.findLast(({ name }) => ours.some((own) => own.name === name && !/relaxed/.test(name)));
      for (const result of results) {
        const { name, details, median, minimum } = result;
        const work = details.work ?? batch; // ConvNetJS knows no batches
        const ratio = reference && speedup(reference, result, batch, work);
        table.row(
          name,
          (1e3 * median * batch) / work,
          (1e3 * minimum * batch) / work,
          work / median,
          ratio && times(ratio),
        );
      }
      if (!reference) return;
      table.note(`×: how many times faster "${reference.name}" is, the median of the rounds' ratios`);
      const own = reference.details.check ?? [];
      const scale = Math.max(...own.map(Math.abs));
      for (const { name, details } of results) {
        const error = Math.max(...(details.check ?? [NaN]).map((value, index) => Math.abs(value - own[index]) / scale));
        if (!(error < 1e-3)) table.note(`${name} computes something else: its first outputs differ by ${error}`);
      }
    });
    refusals.print(table);
  }
}
