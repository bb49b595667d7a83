/** Breaks the kernels, one fault at a time, and sees which law notices. */
import { files } from "./kernels/index.ts";
import { type Mutant, mutated } from "./mutant.ts";
import { mark } from "./record.ts";
import type { Outcome } from "./report.ts";
import { type Target, Workshop } from "./workshop.ts";

/** A test may take this much longer than without a fault, and so much more. */
const PATIENCE = 10;
const PATIENCE_MS = 20_000;

/** Every one of `chosen` gets its turn, in the order of the files. @throws Error where a fault cannot be made. */
export async function breakKernels(
  chosen: (file: string, index: number) => boolean,
  seed: number,
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const workshop = new Workshop(seed);
  try {
    await workshop.bundle([...new Set(files.flatMap(({ laws }) => laws))]);
    const usual = new Map<string, number>();
    const outcomes: Outcome[] = [];
    let index = 0;
    for (const { file, laws, mutants } of files) {
      const source = workshop.read(file);
      // All of them, also those that have no turn: a list that has rotted is found at once.
      const texts = mutants.map((mutant) => mutated(source, file, mutant));
      const turns = mutants.map(() => chosen(`assembly/${file}`, index++));
      if (turns.includes(true)) await findUsualTimes(workshop, laws, usual);
      for (const [place, mutant] of mutants.entries()) {
        if (!turns[place]) continue;
        workshop.write(file, texts[place]);
        const { title, equivalent } = mutant;
        const fate = await fateOf(workshop, mutant, laws, usual);
        const which = { file: `assembly/${file}`, number: place, source: mark(source) };
        const outcome = { ...which, title, equivalent, ...fate };
        outcomes.push(outcome);
        tell(outcome);
      }
      workshop.write(file, source);
      workshop.reset();
    }
    return outcomes;
  } finally {
    workshop.remove();
  }
}

/** Without a fault all laws have to hold, and show how long they take. */
async function findUsualTimes(workshop: Workshop, laws: readonly string[], usual: Map<string, number>): Promise<void> {
  for (const law of laws.filter((law) => !usual.has(law))) {
    const { failure, milliseconds } = await workshop.run(law);
    if (failure) throw new Error(`without any fault, ${law} fails: ${failure}`);
    usual.set(law, milliseconds);
  }
}

/** Who kills it, or why it cannot even be built: then it has to be mended, and the others need not wait for that. */
async function fateOf(
  workshop: Workshop,
  mutant: Mutant,
  laws: readonly string[],
  usual: ReadonlyMap<string, number>,
): Promise<Pick<Outcome, "killedBy" | "unbuilt">> {
  try {
    await workshop.build(targetOf(mutant));
  } catch (error) {
    return { unbuilt: (error as Error).message };
  }
  for (const law of laws) {
    const { failure } = await workshop.run(law, PATIENCE * usual.get(law)! + PATIENCE_MS);
    if (failure) return { killedBy: `${law}: ${failure}` };
  }
  return {};
}

function targetOf(mutant: Mutant): Target {
  return mutant.relaxed ? "relaxed" : "simd";
}
