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

test("the Neocognitron finds all five shapes in all 81 places", () => {
  const args = ["--import", "tsx", "examples/neocognitron.ts"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: repository, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const rows = stdout.match(/^ +-?\d +(?:[0-4·]{5} *){9}$/gm)!;
  assert.deepEqual(
    rows.map((row) => row.trim().split(/ +/).slice(1)),
    Array(9).fill(Array(9).fill("01234")),
  );
  assert.match(stdout, /^taller: 01234$/m);
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
