import { leNet, vggSmall } from "../networks.ts";
import { ourCommands, peersFor, Refusals, type Session, withContestants } from "../session.ts";
import { percent } from "../table.ts";
import { trainingOf } from "./train.ts";

export const memoryRows = [leNet.name, vggSmall.name];

/** What a step of training needs: the planned arena against all its tensors, and the peak of the whole process. */
export async function memory(session: Session): Promise<void> {
  const threads = session.options.threads.at(-1)!;
  const commands = [
    ...(await ourCommands(session, threads)),
    ...(await peersFor(session, ["PyTorch", "TensorFlow.js WASM", "ConvNetJS"], [threads])),
  ];
  const columns = ["network", "contestant", "planned MiB", "all tensors MiB", "share", "peak of the process MiB"];
  const table = session.report.table("memory of training, batch 32", columns, [9, 44]);
  const refusals = new Refusals();
  const mebibytes = (bytes: number | undefined) => bytes && bytes / 2 ** 20;
  for (const network of [leNet, vggSmall].filter(({ name }) => name.includes(session.options.only))) {
    const task = trainingOf(network, 1);
    await withContestants(commands, async (contestants) => {
      for (const contestant of contestants) {
        const details = await contestant.prepare(task);
        if (typeof details === "string") {
          refusals.add(network.name, [{ name: contestant.name, reason: details }]);
          continue;
        }
        const { plannedBytes, tensorBytes, peakBytes } = details;
        const share = plannedBytes && tensorBytes ? percent(plannedBytes / tensorBytes) : undefined;
        table.row(
          network.name,
          contestant.name,
          ...[plannedBytes, tensorBytes].map(mebibytes),
          share,
          mebibytes(peakBytes),
        );
      }
    });
  }
  refusals.print(table);
}
