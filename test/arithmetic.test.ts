import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("..", import.meta.url));
const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");
const place = mkdtempSync(join(tmpdir(), "neocog-arithmetic-"));
after(() => rmSync(place, { recursive: true }));

/** The numbers of the lines that our rules for src/ reject in a file at `path`. */
function rejected(path: string, lines: readonly string[]): number[] {
  const rules = readFileSync(join(repository, "biome.json"), "utf8");
  const { overrides } = JSON.parse(rules.replaceAll('"./.ci/', `${JSON.stringify(repository).slice(0, -1)}.ci/`));
  assert.equal(overrides.length, 1);
  writeFileSync(join(place, "biome.json"), JSON.stringify({ overrides, linter: { rules: { preset: "none" } } }));
  mkdirSync(join(place, path, ".."), { recursive: true });
  writeFileSync(join(place, path), lines.join("\n"));
  const words = [biome, "lint", "--reporter=json", "--max-diagnostics=none", path];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: place, encoding: "utf8" });
  assert.doesNotMatch(stderr, /plugin errored|loading of plugins/);
  const { diagnostics } = JSON.parse(stdout);
  return diagnostics.map(({ location }: { location: { start: { line: number } } }) => location.start.line);
}

/** What ECMAScript defines to the last bit. */
const EXACT = "abs ceil clz32 floor fround imul max min round sign sqrt trunc".split(" ");

test("src/ may not use what the engine's Math is free to round as it likes, however it is reached", () => {
  const functions = Object.getOwnPropertyNames(Math).filter((name) => typeof Reflect.get(Math, name) === "function");
  const free = functions.filter((name) => !EXACT.includes(name));
  assert.ok(free.includes("exp") && free.includes("random") && free.length >= 23);
  const lines = [
    ...free.map((name) => `export const ${name} = Math.${name}(0.5);`),
    "export const within = Math.floor(Math.exp(2));",
    "export const passed = [1].map(Math.cos);",
    'export const quoted = Math["pow"](2, 3);',
    "export const { log: unpacked } = Math;",
    "export const renamed = Math;",
    "export const whole = globalThis.Math.sin(1);",
    "export const square = passed[0] ** 2;",
    "export const power = 2 ** passed[0];",
    "export const root = 2 ** 0.5;",
    "export let grown = 3; grown **= passed[0];",
  ];
  const found = new Set(rejected("src/layers/some.ts", lines));
  for (const [index, line] of lines.entries()) assert.ok(found.has(index + 1), `not rejected: ${line}`);
});

test("src/ may use what every engine rounds alike, and other folders may use everything", () => {
  const lines = [
    ...EXACT.map((name) => `export const ${name} = Math.${name}(0.5);`),
    "export const constants = Math.SQRT2 + Math.LOG2E + Math.max(...[1, 2].map((x) => Math.sqrt(x)));",
    "export const large = 2 ** 32 - 1;",
    'export const text = "Math.exp and 2 ** x"; // Math.exp',
  ];
  assert.deepEqual(rejected("src/layers/some.ts", lines), []);
  assert.deepEqual(rejected("test/some.ts", ["export const x = Math.exp(1) ** 0.5;"]), []);
});
