/** Comes before each test file: the first failure is enough, and two runs with one seed are the same run. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.MUTANTS_SEED), endOnFailure: true });
