/**
 * What became of a mutant: `killedBy` is missing of one that survived, `equivalent` is the reason why it has to; `unbuilt`
 * is what the compiler said of one that could not be tried.
 */
export interface Outcome {
  readonly file: string;
  /** Which of the file's mutants it is, and which text of the file was broken: see record.ts. */
  readonly number: number;
  readonly source: string;
  readonly title: string;
  readonly killedBy?: string;
  readonly equivalent?: string;
  readonly unbuilt?: string;
}

/** One line for whoever watches. */
export function line({ file, title, killedBy, equivalent, unbuilt }: Outcome): string {
  const fate = unbuilt ? "NOT BUILT " : killedBy ? "killed    " : equivalent ? "equivalent" : "SURVIVED  ";
  return `${fate}  ${file}: ${title}${killedBy ? ` — ${killedBy}` : ""}`;
}

/** Those that are called equivalent and are not: a law can tell them from the original. */
export function refuted(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(({ killedBy, equivalent }) => killedBy && equivalent);
}

/** Those that do not compile: the list is wrong. */
export function unbuilt(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter((outcome) => outcome.unbuilt);
}

export function survivors(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(({ killedBy, equivalent }) => !killedBy && !equivalent);
}

/** Killed ones among those that can be killed. */
export function score(outcomes: readonly Outcome[]): number {
  const possible = outcomes.filter(({ equivalent }) => !equivalent);
  return possible.length === 0 ? 1 : possible.filter(({ killedBy }) => killedBy).length / possible.length;
}

/** A Markdown table: a row a file, and one for all of them. */
export function table(outcomes: readonly Outcome[]): string {
  const names = [...new Set(outcomes.map(({ file }) => file))].sort();
  return [
    "| file | mutants | killed | survived | equivalent | score |",
    "| --- | --- | --- | --- | --- | --- |",
    ...names.map((name) =>
      row(
        name,
        outcomes.filter(({ file }) => file === name),
      ),
    ),
    row("**all**", outcomes),
  ].join("\n");
}

function row(name: string, of: readonly Outcome[]): string {
  const equivalent = of.filter((outcome) => outcome.equivalent).length;
  const survived = survivors(of).length;
  const killed = of.length - equivalent - survived;
  return `| ${name} | ${of.length} | ${killed} | ${survived} | ${equivalent} | ${(100 * score(of)).toFixed(1)} % |`;
}

/** Of the equivalent ones, a line each with its reason. */
export function reasons(outcomes: readonly Outcome[]): string {
  const lines = outcomes.filter(({ equivalent }) => equivalent);
  return lines.map(({ file, title, equivalent }) => `- ${file}, ${title}: ${equivalent}`).join("\n");
}
