import { ARCHITECTURES } from "../../src/cli/architectures.ts";
import { compete } from "../harness.ts";
import { ourCommands, Refusals, type Session, withContestants } from "../session.ts";

export const networkRows = Object.keys(ARCHITECTURES);
/** Few images a step: the largest of them fill the memory of the kernels. */
const BATCH = 2;

/** Every network that has a name, as in its paper: its size, a forward pass of one image, a step of training, their memory. */
export async function networks(session: Session): Promise<void> {
  const { options, report } = session;
  const ours = (await Promise.all(options.threads.map((threads) => ourCommands(session, threads)))).flat();
  const columns = [
    ...["network", "contestant", "parameters", "10⁶ mul-adds", "forward ms", "best", "inference MiB"],
    ...[`step of ${BATCH} ms`, "best", "training MiB"],
  ];
  const table = report.table("named networks: one image forward, and a step of training", columns, [11, 17, 11]);
  const refusals = new Refusals();
  for (const network of networkRows.filter((name) => name.includes(options.only))) {
    const cells = new Map(ours.map(({ name }) => [name, [] as (number | undefined)[]]));
    const sizes: (string | number)[] = [];
    for (const [step, batch] of [
      ["forward", 1],
      ["train", BATCH],
    ] as const) {
      // Children of their own, because the memory of a large network does not become free before its process ends.
      await withContestants(ours, async (contestants) => {
        const outcome = await compete({ kind: "named", network, step, batch }, contestants, options.effort);
        refusals.add(`${network} ${step}`, outcome.refusals);
        for (const { name } of ours) {
          const result = outcome.results.find((other) => other.name === name);
          if (!result) {
            cells.get(name)!.push(undefined, undefined, undefined);
            continue;
          }
          const { details, median, minimum } = result;
          sizes[0] = details.parameters!.toLocaleString("en");
          sizes[1] = details.multiplyAdds! / 1e6;
          cells.get(name)!.push(1e3 * median, 1e3 * minimum, details.plannedBytes! / 2 ** 20);
        }
      });
    }
    for (const [name, measured] of cells) table.row(network, name, sizes[0], sizes[1], ...measured);
  }
  table.note("MiB: what is planned for all tensors of a step, beside weights, gradients and the optimizer's moments");
  refusals.print(table);
}
