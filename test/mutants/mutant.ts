/** One fault, made on purpose, that the laws have to notice. */
export interface Mutant {
  /** What is wrong with it. */
  readonly title: string;
  /** Text that occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Why no law can tell it from the original. It has to survive. */
  readonly equivalent?: string;
  /** The fault is in what only the relaxed build has. */
  readonly relaxed?: boolean;
}

/** The faults of one file of assembly/, and the test files that have to find them, quickest first. */
export interface MutatedFile {
  readonly file: string;
  readonly laws: readonly string[];
  readonly mutants: readonly Mutant[];
}

/** The file with the fault in it. @throws Error where `find` is not there exactly once: the list is out of date. */
export function mutated(source: string, file: string, { title, find, replace }: Mutant): string {
  const places = source.split(find).length - 1;
  if (places !== 1) {
    throw new Error(`${file}, "${title}": this text is there ${places} times instead of once:\n${find}`);
  }
  return source.replace(find, () => replace);
}
