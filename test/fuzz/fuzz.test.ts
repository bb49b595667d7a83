/** A slice of `npm run fuzz`, with another seed each time; a failure prints the command that repeats it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runTarget } from "./run.ts";
import { targets } from "./targets.ts";

for (const target of targets) {
  test(`${target.name}: no crash, only results and refusals that say who, what and what to do`, async () => {
    const { failure, accepted, refused, inputs } = await runTarget(target, { numRuns: 5 * target.share });
    assert.equal(failure, undefined);
    assert.equal(accepted + refused, inputs);
    assert.ok(accepted > 0, "fuzzing that never gets past the first check finds nothing");
  });
}
