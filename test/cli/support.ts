/** The command line as a user meets it, a child process; and tiny data that a network learns in a blink. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { writeIdx } from "../../src/data/idx.ts";
import { Random } from "../../src/random.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `neocog` to its end; `onOutput` sees what it has printed so far and can act on the process. */
export function neocog(
  args: readonly string[],
  onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...args], { cwd: REPOSITORY });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    onOutput?.(stdout, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** A directory that goes when the tests of the file are over. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), "neocog-test-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const SIZE = 12;
export const CLASSES = ["column", "row", "<dot>"];

/** Bright columns, rows and dots in random places of 12×12, as IDX files. */
export function writeTinyData(directory: string, { classes = CLASSES } = {}): string {
  mkdirSync(directory, { recursive: true });
  const random = new Random(7);
  for (const [part, count] of [
    ["train", 60],
    ["t10k", 30],
  ] as const) {
    const pixels = new Uint8Array(count * SIZE * SIZE);
    const labels = Uint8Array.from({ length: count }, (_, n) => n % 3);
    labels.forEach((label, n) => {
      const [row, column] = [random.below(SIZE), random.below(SIZE)];
      for (let k = 0; k < (label === 2 ? 1 : SIZE); k++) {
        const [i, j] = label === 0 ? [k, column] : label === 1 ? [row, k] : [row, column];
        pixels[(n * SIZE + i) * SIZE + j] = 255;
      }
    });
    writeFileSync(join(directory, `${part}-images-idx3-ubyte`), writeIdx([count, SIZE, SIZE], pixels));
    writeFileSync(join(directory, `${part}-labels-idx1-ubyte`), writeIdx([count], labels));
  }
  writeFileSync(join(directory, "classes.txt"), `${classes.join("\n")}\n`);
  return directory;
}
