import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(repository, "README.md"), "utf8");
const [tenLines, firstLook, ownLayer] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

const place = mkdtempSync(join(tmpdir(), "neocog-readme-"));
after(() => rmSync(place, { recursive: true }));

/** Runs code of the README as it stands, but for where "neocog" comes from. @returns the lines it prints */
function run(name: string, code: string): string[] {
  const path = join(place, `${name}.mts`);
  const source = (file: string) => `from ${JSON.stringify(new URL(`../src/${file}`, import.meta.url).href)}`;
  const here = code.replace('from "neocog"', source("index.ts"));
  writeFileSync(path, here.replace('from "neocog/laws"', source("laws/index.ts")));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", path], {
    cwd: repository,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout.trimEnd().split("\n");
}

test("the ten lines of the README train on real images", () => {
  assert.ok(tenLines.trim().split("\n").length <= 12);
  const fast = tenLines.replace("epochs: 3", "epochs: 1");
  assert.notEqual(fast, tenLines);
  const [printed] = run("ten-lines", fast);
  const accuracy = Number(/accuracy: ([\d.]+)/.exec(printed)?.[1]);
  assert.ok(accuracy > 0.75, printed);
});

test("the first look of the README prints what its comments say", () => {
  const promised = [...firstLook.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
  assert.equal(promised.length, 3);
  assert.deepEqual(run("first-look", firstLook), promised);
});

test("a layer of one's own is checked, and a wrong one refuted with what the README prints", () => {
  const [promised] = [...readme.matchAll(/```\n(A2: .*?)```/gs)].map(([, text]) => text.trimEnd().split("\n"));
  assert.ok(promised.length > 4);
  assert.deepEqual(run("own-layer", ownLayer), promised);
});

test("files and commands that the README names exist", () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  for (const [, script] of readme.matchAll(/npm run ([a-z]+)/g)) assert.ok(script in scripts, script);
  for (const [, path] of readme.matchAll(/(?:`|\()((?:src|book|fixtures|CHANGELOG)[\w./-]*)[`)]/g)) {
    assert.ok(existsSync(join(repository, path)), path);
  }
});
