import { test } from "node:test";
import { type CheckOptions, check, type Law } from "../../src/laws/index.ts";

/** One test a law; its title carries the ids of the concepts, which `npm run concepts` looks for. */
export function obeys(law: Law, about = "", options?: CheckOptions): void {
  test(about ? `${law.title} (${about})` : law.title, () => check(law, options));
}
