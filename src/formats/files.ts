/**
 * Files, for Node. The functions fetch Node's modules when they are called, because this file is loaded by models that
 * run in browsers too: a static import of `node:fs` would stop the whole library from loading there.
 */
import { fail, NeocogError } from "../errors.ts";

interface NodeModules {
  "node:fs": typeof import("node:fs");
  "node:module": typeof import("node:module");
  "node:path": typeof import("node:path");
  "node:url": typeof import("node:url");
  "node:zlib": typeof import("node:zlib");
}

/** One of Node's own modules, fetched when needed; `where` is the function to name where there is no Node. */
export function nodeModule<Name extends keyof NodeModules>(name: Name, where: string): NodeModules[Name] {
  const found = globalThis.process?.getBuiltinModule?.(name);
  if (!found)
    fail(where, name, undefined, "files need Node 20.16 or newer; in browsers encode and decode bytes instead");
  return found as NodeModules[Name];
}

/**
 * Reads a whole file.
 *
 * ```ts
 * readFileBytes("model/weights.safetensors").length; // 8024
 * readFileBytes("nowhere"); // NeocogError: nowhere: the answer of the system is "ENOENT: no such file …"; …
 * ```
 * @throws NeocogError that names the path, where the file is missing or cannot be read.
 */
export function readFileBytes(path: string): Uint8Array {
  const fs = nodeModule("node:fs", "readFileBytes");
  return naming(path, () => {
    const bytes = fs.readFileSync(path);
    // A plain array: the slice() of Node's own Buffer shares memory where that of a Uint8Array copies.
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  });
}

/**
 * Writes several files into a directory so that a failure leaves what was there before.
 *
 * Everything is written and flushed to disk under temporary names first, then renamed over the old files; where a
 * rename fails, those already done are undone. A file is therefore never half-written, even after a power cut; a power
 * cut between two renames can pair a new file with an old one.
 *
 * ```ts
 * writeFilesAtomically("model", { "model.json": "{}", "weights.safetensors": bytes });
 * ```
 * @param directory made where it is missing, with its parents
 * @param files contents by plain file name
 * @throws NeocogError that names the path, the answer of the system and the remedy.
 */
export function writeFilesAtomically(directory: string, files: Record<string, string | Uint8Array>): void {
  const fs = nodeModule("node:fs", "writeFilesAtomically");
  const { join } = nodeModule("node:path", "writeFilesAtomically");
  for (const name of Object.keys(files)) {
    if (!/^[^/\\\0]+$/.test(name) || name === "." || name === "..") {
      fail("writeFilesAtomically", "a file name", name, "give a plain name, without a directory");
    }
  }
  naming(directory, () => fs.mkdirSync(directory, { recursive: true }));
  const temporary = () => join(directory, `.neocog-${globalThis.crypto.randomUUID()}.tmp`);
  const steps = Object.keys(files).map((name) => ({
    path: join(directory, name),
    content: files[name],
    fresh: temporary(),
    old: temporary(),
  }));
  try {
    for (const { path, content, fresh } of steps) naming(path, () => writeThrough(fs, fresh, content));
    for (const { path, old } of steps) naming(path, () => keep(fs, path, old));
    replaceAll(fs, steps);
    flushDirectory(fs, directory);
  } finally {
    for (const { fresh, old } of steps) for (const left of [fresh, old]) fs.rmSync(left, { force: true });
  }
}

interface Step {
  path: string;
  fresh: string;
  old: string;
}

type FileSystem = NodeModules["node:fs"];

function writeThrough(fs: FileSystem, path: string, content: string | Uint8Array): void {
  const file = fs.openSync(path, "wx");
  try {
    fs.writeFileSync(file, content);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Gives the present file, where there is one, a second name to come back from. */
function keep(fs: FileSystem, path: string, old: string): void {
  const present = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!present) return;
  if (present.isDirectory()) fail(path, "the path", "a directory", REMEDIES.EISDIR);
  try {
    fs.linkSync(path, old);
  } catch {
    // Not every file system has hard links.
    fs.copyFileSync(path, old);
  }
}

function replaceAll(fs: FileSystem, steps: readonly Step[]): void {
  const done: Step[] = [];
  try {
    for (const step of steps) {
      naming(step.path, () => fs.renameSync(step.fresh, step.path));
      done.push(step);
    }
  } catch (error) {
    for (const { path, old } of done) {
      if (fs.lstatSync(old, { throwIfNoEntry: false })) fs.renameSync(old, path);
      else fs.rmSync(path, { force: true });
    }
    throw error;
  }
}

/** A rename is on disk once its directory is. */
function flushDirectory(fs: FileSystem, directory: string): void {
  try {
    const handle = fs.openSync(directory, "r");
    try {
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
  } catch {
    // Windows and some network disks cannot flush a directory; they do it in their own time.
  }
}

const REMEDIES: Record<string, string> = {
  ENOENT: "check the path",
  EACCES: "choose a place you have the right to use, or change its permissions",
  EPERM: "choose a place you have the right to use, or change its permissions",
  EROFS: "the disk is read-only; choose another place",
  ENOSPC: "the disk is full; free some space or choose another place. The old files are as they were",
  EDQUOT: "your quota is used up; free some space or choose another place. The old files are as they were",
  ENOTDIR: "a file stands where a directory is needed; move it or choose another place",
  EEXIST: "a file stands where a directory is needed; move it or choose another place",
  EISDIR: "a directory stands where a file is needed; move it or choose another place",
};

/** Runs something on a path; the errors of the system become errors that name it and say what to do. */
function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof NeocogError || !(error instanceof Error)) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    fail(path, "the answer of the system", error.message, REMEDIES[code] ?? "check the path and try again");
  }
}
