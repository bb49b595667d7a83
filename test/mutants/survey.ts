/** What typescript.ts and the processes that run its bundle say to each other. */

/** What the process reads first. */
export interface Task {
  readonly seed: number;
  /** How many there are. */
  readonly mutants: number;
  /** Switched on; without one, all tests run and say which mutants they reach. */
  readonly mutant?: number;
  /** Which tests run, in this order, and how often each may reach the mutant. */
  readonly tests?: readonly { readonly title: string; readonly limit: number }[];
}

/** How often each mutant is reached. */
export type Hits = Readonly<Record<number, number>>;

export interface Surveyed {
  readonly title: string;
  /** Where it stands: its name in TESTS. */
  readonly file: string;
  readonly milliseconds: number;
  readonly hits: Hits;
}

export interface Survey {
  readonly tests: readonly Surveyed[];
  /** What is reached while the files of src/ are read, and while each test file is. */
  readonly reading: Readonly<Record<string, Hits>>;
  /** How long each test file takes for that, with the files of src/ that no other has read before. */
  readonly readingTimes: Readonly<Record<string, number>>;
}

/** What the process says at the end. */
export interface Answer {
  readonly survey?: Survey;
  /** The title of the test that failed, and why. */
  readonly failure?: string;
}

/** `Survey.reading` of the files of src/. */
export const SRC = "src";
