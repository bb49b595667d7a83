import { compete, median, type Result, speedup } from "../harness.ts";
import { handover } from "../machine.ts";
import { leNet, vggSmall } from "../networks.ts";
import { type PeerName, PORTABLE } from "../peers/commands.ts";
import type { NetworkSpec, Task } from "../protocol.ts";
import {
  bestOfFamilies,
  dataFile,
  ourCommands,
  peersFor,
  Refusals,
  type Session,
  withContestants,
} from "../session.ts";
import { significant, type TablePrinter, times } from "../table.ts";

export const trainRows = [leNet.name, vggSmall.name];
const BATCH = 32;
/**
 * Turns until the state is steady: for some two seconds V8 compiles a step's functions on threads of its own, which take a
 * processor from two threads that need both.
 */
const WARM_TURNS = 10;
const PEERS: readonly PeerName[] = ["PyTorch", "TensorFlow.js WASM", "ConvNetJS"];

/** The training of issue 3: batch 32, SGD 0.01 with momentum 0.9, steady state. */
export function trainingOf(network: NetworkSpec, batches: number): Extract<Task, { kind: "train" }> {
  return { kind: "train", network, batch: BATCH, batches, file: dataFile(network, BATCH * batches) };
}

export async function train(session: Session): Promise<void> {
  const { options, report } = session;
  const ours = (await Promise.all(options.threads.map((threads) => ourCommands(session, threads)))).flat();
  const peers = await peersFor(session, PEERS, options.threads);
  // Where threads hand much to each other it matters how far apart their cores are, and that changes.
  const trip = options.threads.length > 1 ? handover(session.limits) : undefined;
  const [before, after] = ["before", "after"].map((name) => (trip ? [{ ...trip, name }] : []));
  const columns = ["network", "contestant", "images/s", "best", "×"];
  const widths = [9, 44, 8, 8, 6];
  for (const [network, batches] of [
    [leNet, 64],
    [vggSmall, 16],
  ] as const) {
    if (!network.name.includes(options.only)) continue;
    const table = report.table(`training ${network.name}, batch ${BATCH}`, columns, widths);
    const refusals = new Refusals();
    await withContestants([...before, ...ours, ...after, ...peers], async (contestants) => {
      const { effort } = options;
      const warmUp = WARM_TURNS * effort.milliseconds;
      const outcome = await compete(trainingOf(network, batches), contestants, effort, warmUp);
      const { refusals: refused } = outcome;
      const trips = outcome.results.filter(({ family }) => family === trip?.name);
      const results = outcome.results.filter((result) => !trips.includes(result));
      refusals.add(network.name, refused);
      const plain = results.filter(({ name }) => ours.some((own) => own.name === name && !/relaxed/.test(name)));
      const reference = plain.at(-1);
      for (const result of results) {
        const { name, details, median, minimum } = result;
        const work = details.work ?? BATCH;
        table.row(network.name, name, work / median, work / minimum, reference && times(faster(reference, result)));
      }
      if (reference) {
        table.note(`×: how many times faster "${reference.name}" is, the median of the rounds' ratios`);
        verdicts(table, reference, plain[0], results);
        if (trips.length > 0) apart(table, trips, reference, plain[0], results);
        for (const result of results) compareLosses(table, network, reference, result);
      }
    });
    refusals.print(table);
  }
}

function faster(ours: Result, other: Result): number {
  return speedup(ours, other, ours.details.work, other.details.work);
}

/** The ratios of the rounds in which the cores were near each other before and after our turns, and of the other rounds. */
function apart(
  table: TablePrinter,
  trips: readonly Result[],
  ours: Result,
  oneThread: Result,
  results: readonly Result[],
): void {
  const nanoseconds = (seconds: number) => significant((seconds / (trips[0].details.work ?? 1)) * 1e9);
  const least = Math.min(...trips.map(({ minimum }) => minimum));
  const longest = ours.rounds.map((_, round) => Math.max(...trips.map(({ rounds }) => rounds[round])));
  for (const near of [true, false]) {
    const chosen = [...longest.keys()].filter((round) => longest[round] < 2 * least === near);
    if (chosen.length === 0) continue;
    const ofChosen = (times: readonly number[]) => chosen.map((round) => times[round]);
    const these = (result: Result): Result => {
      const rounds = ofChosen(result.rounds);
      return { ...result, rounds, median: median(rounds) };
    };
    const share = `${chosen.length} of ${longest.length} rounds`;
    table.note(
      `from core to core and back it took up to ${nanoseconds(Math.max(...ofChosen(longest)))} ns in ${share}`,
    );
    if (chosen.length < longest.length) verdicts(table, these(ours), these(oneThread), results.map(these));
  }
}

/** The three ratios that issue 3 sets goals for. */
function verdicts(table: TablePrinter, ours: Result, oneThread: Result, results: readonly Result[]): void {
  const peers = bestOfFamilies(results.filter(({ family }) => !family.startsWith("ours")));
  const torch = peers.find(({ family }) => family === "PyTorch");
  const portable = peers.filter(({ family }) => PORTABLE.includes(family));
  const best = portable.reduce<Result | undefined>((a, b) => (a && faster(a, b) >= 1 ? a : b), undefined);
  if (ours !== oneThread) table.note(`${ours.name} against one thread: ${times(faster(ours, oneThread))}`);
  if (torch) table.note(`against PyTorch's best setting (${torch.name}): ${times(faster(ours, torch))}`);
  if (best) table.note(`against the best JavaScript peer (${best.name}): ${times(faster(ours, best))}`);
}

/** All start from the same weights and images, so the first losses must be the same, where nothing is random. */
function compareLosses(table: TablePrinter, network: NetworkSpec, ours: Result, other: Result): void {
  if (network.layers.some(({ type }) => type === "dropout")) return;
  const [own, theirs] = [ours.details.check ?? [], other.details.check ?? []];
  const differs = theirs.some((loss, step) => !(Math.abs(loss - own[step]) <= 1e-3 * own[step]));
  if (differs || theirs.length === 0) {
    table.note(`${other.name} does other work: its first losses are ${theirs.join(", ")}, ours ${own.join(", ")}`);
  }
}
