/** Mutants of Stryker's that no law can tell from the original, each with the reason. */
export interface Equivalent {
  readonly file: string;
  /** The line where it begins, without the spaces around it. */
  readonly line: string;
  /** What is replaced, where that is not clear from the rest. */
  readonly original?: string;
  readonly replacement: string;
  readonly reason: string;
}

export const equivalents: readonly Equivalent[] = [];
