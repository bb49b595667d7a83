/** The arbitraries of the laws serve the tests too. */
export * from "../../src/laws/arbitraries.ts";
