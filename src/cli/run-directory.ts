/** Where a training run goes: a directory of its own, claimed and tried out before the work begins. */
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, NeocogError } from "../errors.ts";
import { writeFilesAtomically } from "../formats/files.ts";
import { UsageError } from "./arguments.ts";

export interface RunDirectory {
  readonly name: string;
  readonly path: string;
}

export type Files = Readonly<Record<string, string | Uint8Array>>;

/**
 * Makes a new directory in `out` and shows that `bytes` can be written there.
 *
 * No run is ever written over: where `name` exists, name-2, name-3 … is taken. Making the directory is what claims the
 * name, so two runs that start together get two.
 * @throws NeocogError that names the path, where it cannot be written.
 */
export function claimRunDirectory(out: string, name: string, bytes: number): RunDirectory {
  if (!/^[^/\\\0]+$/.test(name) || name === "." || name === "..") {
    throw new UsageError(`--name is ${JSON.stringify(name)}; use a plain name, and --out for the directory`);
  }
  writeFilesAtomically(out, {});
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    const path = join(out, candidate);
    if (!makeDirectory(path)) continue;
    const run = { name: candidate, path };
    try {
      writeFilesAtomically(path, { "room.probe": new Uint8Array(bytes) });
    } catch (error) {
      abandon(run);
      throw error;
    }
    rmSync(join(path, "room.probe"));
    return run;
  }
}

/** Whether the directory is new. */
function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    const remedy = "give a directory that can be written as --out";
    return fail(path, "the answer of the system", (error as Error).message, remedy);
  }
}

/** Removes the directory of a run that came to nothing, unless there is something in it. */
export function abandon({ path }: RunDirectory): void {
  try {
    rmdirSync(path);
  } catch {
    // Somebody put a file there, or took the directory away: both are theirs.
  }
}

/**
 * Writes all files of the run. Where that fails now (the disk has filled up meanwhile), they go to a new directory among
 * the system's temporary files: hours of training must not be lost.
 * @throws NeocogError that says why and where the files are.
 */
export function writeRun(run: RunDirectory, files: Files): void {
  try {
    writeFilesAtomically(run.path, { ...files });
  } catch (error) {
    const rescue = mkdtempSync(join(tmpdir(), `neocog-${run.name}-`));
    writeFilesAtomically(rescue, { ...files });
    throw new NeocogError(`${(error as Error).message}. The run was saved in ${rescue} instead; move it from there`);
  }
}
