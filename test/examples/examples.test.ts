import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readPng } from "../../src/data/png.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "neocog-examples-"));
after(() => rmSync(place, { recursive: true }));

test("the list of examples has each of them, and no other", () => {
  const listed = [
    ...readFileSync(join(repository, "examples/README.md"), "utf8").matchAll(/`npx tsx examples\/([^`]+)`/g),
  ];
  const files = readdirSync(join(repository, "examples")).filter((name) => name.endsWith(".ts"));
  assert.deepEqual(listed.map(([, name]) => name).sort(), files.sort());
});

test("augmentation writes its sheet: a row for each option, the picture as it is and nine epochs in each", () => {
  const path = join(place, "deep", "sheet.png");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "examples/augmentation.ts", path],
    {
      cwd: repository,
      encoding: "utf8",
    },
  );
  assert.equal(status, 0, stderr);
  const rows = stdout.match(/^row \d+: /gm)!.length;
  const sheet = readPng(readFileSync(path), path);
  assert.deepEqual(sheet.shape, [1, rows * 88 + 4, 10 * 88 + 4, 1]);
  assert.ok(new Set(sheet.data).size > 50);
});
