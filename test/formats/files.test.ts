import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { readFileBytes, writeFilesAtomically } from "../../src/formats/files.ts";
import { assertRefused } from "./support.ts";

let directory = "";
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), "neocog-files-"));
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

const read = (name: string) => fs.readFileSync(join(directory, name), "utf8");

test("what is written is what is read, text and bytes, in directories made for it", () => {
  const deep = join(directory, "a", "b");
  writeFilesAtomically(deep, { "model.json": "{}é", weights: Uint8Array.of(0, 255, 7), empty: "" });
  assert.equal(read("a/b/model.json"), "{}é");
  assert.deepEqual(readFileBytes(join(deep, "weights")), Uint8Array.of(0, 255, 7));
  assert.deepEqual(readFileBytes(join(deep, "empty")), new Uint8Array(0));
  assert.deepEqual(fs.readdirSync(deep).sort(), ["empty", "model.json", "weights"]);
});

test("old files are replaced, others stay, nothing temporary is left", () => {
  writeFilesAtomically(directory, { one: "old", other: "other" });
  writeFilesAtomically(directory, { one: "new" });
  assert.deepEqual([read("one"), read("other")], ["new", "other"]);
  assert.deepEqual(fs.readdirSync(directory).sort(), ["one", "other"]);
});

test("a directory in the place of the second file leaves the first as it was", () => {
  writeFilesAtomically(directory, { one: "old" });
  fs.mkdirSync(join(directory, "two"));
  const write = () => writeFilesAtomically(directory, { one: "new", two: "new", three: "new" });
  assertRefused(write, join(directory, "two"), /the path is "a directory"; a directory stands/);
  assert.equal(read("one"), "old");
  assert.deepEqual(fs.readdirSync(directory).sort(), ["one", "two"]);
});

test("a rename that fails half-way is undone: old files come back, new ones go", (t) => {
  writeFilesAtomically(directory, { one: "old" });
  const rename = fs.renameSync;
  // The third target becomes a directory after all checks, as another process might do at the worst moment.
  t.mock.method(fs, "renameSync", (from: string, to: string) => {
    if (to.endsWith("three")) fs.mkdirSync(to);
    rename(from, to);
  });
  const write = () => writeFilesAtomically(directory, { one: "new", two: "new", three: "new" });
  assertRefused(write, join(directory, "three"), /the answer of the system/);
  assert.equal(read("one"), "old");
  assert.deepEqual(fs.readdirSync(directory).sort(), ["one", "three"]);
});

test("file systems without hard links keep old files as copies", (t) => {
  writeFilesAtomically(directory, { one: "old" });
  t.mock.method(fs, "linkSync", () => {
    throw new Error("EPERM: operation not permitted, link");
  });
  const rename = fs.renameSync;
  t.mock.method(fs, "renameSync", (from: string, to: string) => {
    if (to.endsWith("two")) fs.mkdirSync(to);
    rename(from, to);
  });
  assertRefused(() => writeFilesAtomically(directory, { one: "new", two: "" }), join(directory, "two"));
  assert.equal(read("one"), "old");
  writeFilesAtomically(directory, { one: "new" });
  assert.equal(read("one"), "new");
});

test("a full disk leaves the old files and says what to do", { skip: !fs.existsSync("/dev/full") }, (t) => {
  writeFilesAtomically(directory, { one: "old", two: "old" });
  const open = fs.openSync;
  let opened = 0;
  // The kernel's own "no space left on device", for the second file.
  t.mock.method(fs, "openSync", (path: string, flags: string) =>
    ++opened === 2 ? open("/dev/full", "w") : open(path, flags),
  );
  const write = () => writeFilesAtomically(directory, { one: "new", two: "new" });
  assertRefused(write, join(directory, "two"), /ENOSPC/, /free some space/);
  assert.deepEqual([read("one"), read("two")], ["old", "old"]);
  assert.deepEqual(fs.readdirSync(directory).sort(), ["one", "two"]);
});

test("a file in the place of the directory is refused by name and stays", () => {
  writeFilesAtomically(directory, { file: "old" });
  const path = join(directory, "file");
  assertRefused(() => writeFilesAtomically(path, { one: "new" }), path, /file stands where a directory/);
  assertRefused(() => writeFilesAtomically(join(path, "in"), { one: "new" }), path, /file stands where a directory/);
  assert.equal(read("file"), "old");
});

test("a name that would leave the directory is refused", () => {
  for (const name of ["../up", "a/b", "a\\b", "", ".", ".."]) {
    assertRefused(() => writeFilesAtomically(directory, { [name]: "" }), "writeFilesAtomically", /plain name/);
  }
  assert.deepEqual(fs.readdirSync(directory), []);
});

test("reading what is not there or is no file is refused by name", () => {
  assertRefused(() => readFileBytes(join(directory, "none")), join(directory, "none"), /ENOENT.*check the path/);
  assertRefused(() => readFileBytes(directory), directory, /directory stands where a file/);
});

test("without Node the refusal says so", (t) => {
  t.mock.method(process, "getBuiltinModule", () => undefined);
  assertRefused(() => readFileBytes("a"), "readFileBytes", /Node 20\.16/);
});
