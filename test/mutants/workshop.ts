/**
 * A temporary copy of the repository, where files of assembly/ are broken, compiled and put to the test; nothing is ever
 * changed in the repository itself.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import asc from "assemblyscript/asc";
import * as binaries from "../../src/kernels/wasm/binaries.ts";
import { applyDelta } from "../../src/kernels/wasm/delta.ts";
import { bytesOf, textOf } from "../../src/kernels/wasm/text.ts";
import { BINARIES, bundle, TRIAL } from "./bundle.ts";
import type { Answer, Task } from "./survey.ts";

export const repository = join(import.meta.dirname, "../..");
const COPIED = ["assembly", "src", "test", "fixtures", "package.json", "tsconfig.json", "asconfig.json"];
/** Optimizing as for a release would take eight times as long and changes no bit of any result. */
const QUICKLY = ["--optimizeLevel", "0", "--shrinkLevel", "0"];
const simd = bytesOf(binaries.simd);
const released = { simd, relaxed: applyDelta(simd, bytesOf(binaries.relaxedDelta)) };
export type Target = keyof typeof released;

/** How often the clock of a running test ticks. */
const TICK_MS = 250;

export interface Verdict {
  /** The title of the law that failed, if one did; "(does not end)" of a test that was stopped. */
  readonly failure?: string;
  readonly milliseconds: number;
}

export class Workshop {
  readonly root = mkdtempSync(join(tmpdir(), "neocog-mutants-"));

  constructor(readonly seed: number) {
    const filter = (path: string) => !path.includes("node_modules");
    for (const name of COPIED) cpSync(join(repository, name), join(this.root, name), { recursive: true, filter });
    symlinkSync(join(repository, "node_modules"), join(this.root, "node_modules"));
    this.reset();
  }

  /** Puts the released builds back. */
  reset(): void {
    this.#writeBinaries(released);
  }

  /** A file of assembly/. */
  read(file: string): string {
    return readFileSync(join(this.root, "assembly", file), "utf8");
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.root, "assembly", file), text);
  }

  /** Compiles one of the two builds; the other is the released one. @throws Error with the compiler's words. */
  async build(target: Target): Promise<void> {
    const file = join(this.root, `${target}.wasm`);
    const options = ["--config", "asconfig.json", "--target", target, "--baseDir", this.root, "--outFile", file];
    const { error, stderr } = await asc.main(["assembly/index.ts", ...options, "--textFile", "", ...QUICKLY]);
    if (error) throw new Error(stderr.toString());
    this.#writeBinaries({ ...released, [target]: readFileSync(file) });
  }

  #writeBinaries({ simd, relaxed }: Record<Target, Uint8Array>): void {
    // The two builds are seldom both of the same sources here.
    const relaxedDelta = fromNothing(relaxed);
    const lines = Object.entries({ simd, relaxedDelta }).map(
      ([name, bytes]) => `export const ${name} = "${textOf(bytes)}";\n`,
    );
    writeFileSync(join(this.root, BINARIES), lines.join(""));
  }

  /** Has to come before `run`. */
  async bundle(tests: readonly string[]): Promise<void> {
    await bundle(this.root, tests);
  }

  /**
   * Runs one test file up to its first failure. Random tests draw from the seed and do not shrink.
   */
  run(test: string, limitMs = Infinity): Promise<Verdict> {
    const started = performance.now();
    const file = join(this.root, "test", `${test}.test.mjs`);
    const child = spawn(process.execPath, ["--test-reporter=tap", file], {
      cwd: this.root,
      env: { ...process.env, MUTANTS_SEED: String(this.seed) },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    let failure: string | undefined;
    const stop = (reason: string) => {
      failure ??= reason;
      child.kill("SIGKILL");
    };
    const clock = startClock(limitMs, () => stop("(does not end)"));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const found = /^\s*not ok \d+ - (.*)$/m.exec(output);
      if (found) stop(found[1]);
    });
    return new Promise((resolve) => {
      child.on("close", (code) => {
        clearInterval(clock);
        if (code !== 0) failure ??= "(ends with an error)";
        resolve({ failure, milliseconds: performance.now() - started });
      });
    });
  }

  /** Has a process of its own run the bundle of all tests. What does not end in time has no answer. */
  try(task: Task, limitMs = Infinity): Promise<{ answer?: Answer; late: boolean }> {
    const child = spawn(process.execPath, [join(this.root, TRIAL)], {
      cwd: this.root,
      stdio: ["ignore", "ignore", task.tests ? "ignore" : "inherit", "pipe", "pipe"],
    });
    let late = false;
    const clock = startClock(limitMs, () => {
      late = true;
      child.kill("SIGKILL");
    });
    const [tell, hear] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
    tell.end(JSON.stringify(task));
    let said = "";
    hear.setEncoding("utf8").on("data", (text: string) => (said += text));
    return new Promise((resolve) => {
      child.on("close", () => {
        clearInterval(clock);
        resolve({ answer: late || said === "" ? undefined : JSON.parse(said), late });
      });
    });
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

/** Counts time in ticks of this process: a machine that stops everything for a while does not look like what hangs. */
function startClock(limitMs: number, stop: () => void): NodeJS.Timeout {
  let ticks = 0;
  return setInterval(() => {
    if (++ticks * TICK_MS > limitMs) stop();
  }, TICK_MS);
}

/** A delta that copies nothing from its base: the number of bytes, and the bytes. */
function fromNothing(target: Uint8Array): Uint8Array {
  const count: number[] = [];
  let left = target.length;
  for (; left > 127; left >>>= 7) count.push((left & 127) | 128);
  count.push(left);
  return Buffer.concat([Uint8Array.of(...count, ...count), target]);
}
