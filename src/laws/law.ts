import fc from "fast-check";
import { checkOptions, fail } from "../errors.ts";

/**
 * A statement that has to hold for every case that is drawn: a property for fast-check with a name, and the ids of the
 * concepts that it states ("B6").
 */
export interface Law<Case = unknown> {
  readonly ids: readonly string[];
  readonly name: string;
  /** "B6: shifting then convolving is convolving then shifting". */
  readonly title: string;
  /** What fast-check runs: `fc.assert(law.property)`; {@link check} gives the better message. */
  readonly property: fc.IProperty<[Case]>;
}

/** A case in which a law does not hold, in words. */
export class Refutation extends Error {
  override name = "Refutation";
  /** The smallest case that was found. */
  counterexample: unknown;
}

export interface CheckOptions {
  /** How many cases are drawn. Default: 100. */
  numRuns?: number;
  /** Draws the same cases again. Default: new ones each time. */
  seed?: number;
  /** Goes straight to one case of a seed, as a refutation says it. */
  path?: string;
}

/**
 * Makes a law: `holds` throws for a case in which it does not hold, best a {@link Refutation} with both values.
 *
 * ```ts
 * const even = law(["B3"], "twice a number is even", fc.nat(), (n) => equalNumbers((2 * n) % 2, 0, ["left over", "expected"]));
 * check(even);
 * ```
 */
export function law<Case>(
  ids: readonly string[],
  name: string,
  cases: fc.Arbitrary<Case>,
  holds: (drawn: Case) => void,
): Law<Case> {
  return { ids, name, title: `${ids.join(", ")}: ${name}`, property: fc.property(cases, holds) };
}

/**
 * Draws cases until the law fails or `numRuns` have passed; in a test, `test(law.title, () => check(law))`.
 *
 * @throws Refutation with the smallest counterexample, both values, and how to see it again.
 */
export function check<Case>(law: Law<Case>, options: CheckOptions = {}): void {
  const found = counterexample(law, options);
  if (found) throw found;
}

/** The smallest case in which a law does not hold, or nothing where none was found. */
export function counterexample<Case>(law: Law<Case>, options: CheckOptions = {}): Refutation | undefined {
  checkOptions("check", options, ["numRuns", "seed", "path"]);
  const details = fc.check(law.property, { ...options, verbose: fc.VerbosityLevel.None });
  if (!details.failed) return undefined;
  if (details.counterexample === null) {
    fail(law.title, "the number of cases left out", details.numSkips, "almost every case is; draw others");
  }
  const [smallest] = details.counterexample;
  const { seed, counterexamplePath: path, errorInstance: error } = details;
  const found = error instanceof Refutation ? error.message : (error as Error).stack!;
  const refutation = new Refutation(
    [
      `${law.title}: refuted`,
      `  for    ${caseText(smallest)}`,
      `  found  ${found.replaceAll("\n", `\n${" ".repeat(9)}`)}`,
      `  after  ${details.numRuns} cases and ${details.numShrinks} smaller ones that fail too`,
      `  again  check(law, { seed: ${seed}, path: "${path}" })`,
    ].join("\n"),
    { cause: error },
  );
  refutation.counterexample = smallest;
  return refutation;
}

/**
 * The law that another law does not hold: a counterexample is found whatever the seed. What a nonlinearity does to
 * linearity, or a dense layer to translations.
 */
export function refuted(ids: readonly string[], name: string, other: Law): Law<number> {
  return law(ids, name, fc.nat(0xffff), (seed) => {
    const { failed, errorInstance } = fc.check(other.property, { seed, endOnFailure: true });
    if (!failed) throw new Refutation(`"${other.name}" held in 100 cases`);
    // A mistake in the code is no counterexample.
    if (!(errorInstance instanceof Refutation)) throw errorInstance;
  });
}

/** A case as one line: what it says of itself, or the names and values in it. */
export function caseText(drawn: unknown): string {
  if (typeof drawn !== "object" || drawn === null || Array.isArray(drawn)) return JSON.stringify(drawn);
  if (drawn.toString !== Object.prototype.toString) return String(drawn);
  return Object.entries(drawn)
    .map(([name, value]) => `${name} ${caseText(value)}`)
    .join(", ");
}
