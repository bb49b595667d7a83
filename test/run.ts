/**
 * Runs the tests with Node's own runner: all files test/**\/*.test.ts, or those whose path contains one of the words
 * given (`npm test -- conv2d pooling`). Node 20 has no globs in `--test`, and shells differ in theirs.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts") && !name.includes("node_modules"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort()
  .map((name) => join(folder, name));

if (files.length === 0) {
  console.error(`no test file has ${words.map((word) => JSON.stringify(word)).join(" or ")} in its path`);
  process.exit(1);
}
const run = spawnSync(process.execPath, ["--import", "tsx", "--test", "--test-reporter=spec", ...files], {
  stdio: "inherit",
});
process.exit(run.status ?? 1);
