/**
 * npm run concepts: runs the laws and prints which statement of the courses is stated by which law, and where. Fails
 * where a statement has no law, or a law does not hold.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Shown, STATEMENTS, tableOf } from "./statements.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "test/laws");
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".test.ts"))
  .sort()
  .map((name) => join(folder, name));
const reporter = pathToFileURL(join(root, "test/concepts/reporter.mjs")).href;
let errors = "";
// One file after the other, because a title says nothing of the file that gave it.
const shown = files.flatMap((file): Shown[] => {
  const args = ["--import", "tsx", `--test-reporter=${reporter}`, "--test-reporter-destination=stdout", file];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
  errors += stderr;
  const tests = stdout.split("\n").filter(Boolean);
  return tests.map((line) => ({ ...JSON.parse(line), file: relative(root, file) }));
});
const { lines, faults } = tableOf(STATEMENTS, shown);
console.log(lines.join("\n"));
if (shown.length === 0) faults.push(`no law was run\n${errors}`);
for (const fault of faults) console.error(`missing or wrong: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;
