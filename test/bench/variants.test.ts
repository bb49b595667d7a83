import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compile, variantsOf } from "../../bench/variants/compile.ts";
import { groups } from "../../bench/variants/groups/index.ts";
import { errorOf, Place } from "../../bench/variants/place.ts";

// They call functions of the library's kernels, which change; what no longer compiles cannot be measured again.
for (const [group, cases] of Object.entries(groups)) {
  describe(`variants of ${group}`, () => {
    for (const variant of variantsOf(group)) {
      test(`${variant} computes what a plain loop does`, async () => {
        const file = await compile(group, variant, "plain");
        for (const { name, ready } of cases) {
          const place = new Place();
          const { expected, attach } = ready(place);
          assert.equal(errorOf(place.attach(file, attach), expected), undefined, name);
        }
      });
    }
  });
}
