import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { equivalents } from "./equivalents.ts";
import { files } from "./kernels/index.ts";
import { mutated } from "./mutant.ts";

const assembly = join(import.meta.dirname, "../../assembly");
/** What makes the kernels and what exports them: without these there is nothing to run. */
const WITHOUT = ["arrange.ts", "build.ts", "compile.ts", "index.ts", "search.ts"];

describe("the list of the kernels' faults", () => {
  for (const { file, laws, mutants } of files) {
    test(`fits ${file}: each fault replaces a text that is there once`, () => {
      const source = readFileSync(join(assembly, file), "utf8");
      for (const mutant of mutants) assert.notEqual(mutated(source, file, mutant), source, mutant.title);
      const titles = mutants.map(({ title }) => title);
      assert.deepEqual(titles, [...new Set(titles)]);
      for (const law of laws) assert.ok(existsSync(join(assembly, "../test", `${law}.test.ts`)), law);
    });
  }

  test("has some of every file of assembly/", () => {
    const sources = readdirSync(assembly).filter((name) => name.endsWith(".ts") && !WITHOUT.includes(name));
    assert.deepEqual(files.map(({ file }) => file).sort(), sources.sort());
  });
});

test("the mutants of src/ that are called equivalent are of lines that are still there", () => {
  for (const { file, line, original = "" } of equivalents) {
    const lines = readFileSync(join(assembly, "..", file), "utf8").split("\n");
    assert.ok(lines.map((text) => text.trim()).includes(line), `${file}: ${line}`);
    assert.ok(line.includes(original), `${line}: ${original}`);
  }
});
