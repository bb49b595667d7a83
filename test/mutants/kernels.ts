/** Breaks the kernels, one fault at a time, and sees which law notices. */
import { activation } from "./kernels/activation.ts";
import { affine } from "./kernels/affine.ts";
import { band, convolution, inputGradient, kernelGradient, packing, singleChannel } from "./kernels/convolution.ts";
import { dense, product } from "./kernels/dense.ts";
import { dropout } from "./kernels/dropout.ts";
import { elementwise } from "./kernels/elementwise.ts";
import { losses } from "./kernels/losses.ts";
import { optimizers } from "./kernels/optimizers.ts";
import { penalties } from "./kernels/penalties.ts";
import { halving, pooling } from "./kernels/pooling.ts";
import { lanes, math, units, vectors } from "./kernels/small.ts";
import { softmax } from "./kernels/softmax.ts";
import { winograd, winogradGradient } from "./kernels/winograd.ts";
import { type Mutant, type MutatedFile, mutated } from "./mutant.ts";
import { line, type Outcome } from "./report.ts";
import { type Target, Workshop } from "./workshop.ts";

export const files: readonly MutatedFile[] = [
  ...[units, lanes, vectors, math],
  ...[activation, affine, elementwise, softmax, losses, dropout, optimizers, penalties],
  ...[pooling, halving],
  ...[dense, product],
  ...[packing, band, convolution, singleChannel, inputGradient, kernelGradient],
  ...[winograd, winogradGradient],
];

/** A test may take this much longer than without a fault, and so much more. */
const PATIENCE = 10;
const PATIENCE_MS = 20_000;

/** Every one of `chosen` gets its turn, in the order of the files. @throws Error where a fault cannot be made or built. */
export async function breakKernels(chosen: (file: string, index: number) => boolean, seed: number): Promise<Outcome[]> {
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
        const killedBy = await firstFailure(workshop, mutant, file, laws, usual);
        const outcome = { file: `assembly/${file}`, title: mutant.title, killedBy, equivalent: mutant.equivalent };
        outcomes.push(outcome);
        console.log(line(outcome));
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

async function firstFailure(
  workshop: Workshop,
  mutant: Mutant,
  file: string,
  laws: readonly string[],
  usual: Map<string, number>,
): Promise<string | undefined> {
  try {
    await workshop.build(targetOf(mutant));
  } catch (error) {
    throw new Error(`${file}, "${mutant.title}" does not compile:\n${(error as Error).message}`);
  }
  for (const law of laws) {
    const { failure } = await workshop.run(law, PATIENCE * usual.get(law)! + PATIENCE_MS);
    if (failure) return `${law}: ${failure}`;
  }
  return undefined;
}

function targetOf(mutant: Mutant): Target {
  return mutant.relaxed ? "relaxed" : "simd";
}
