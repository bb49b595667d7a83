/**
 * What runs with --record have found: a line a mutant, as soon as it is known, so that a run can be stopped, or be made in
 * parts that run one after the other or side by side. What is told of a file counts as long as the file stays as it is.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "./report.ts";
import { repository } from "./workshop.ts";

const build = join(repository, ".build");
const log = join(build, "mutants.jsonl");

/** The text of a file in a few letters. */
export function mark(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

export function record(outcome: Outcome): void {
  mkdirSync(build, { recursive: true });
  appendFileSync(log, `${JSON.stringify(outcome)}\n`);
}

/** The last that is known of each mutant of the files below `folder` as they are now, in their order. */
export function recorded(folder: string): Outcome[] {
  if (!existsSync(log)) return [];
  const marks = new Map<string, string>();
  const markOf = (file: string) => {
    if (!marks.has(file)) marks.set(file, existsSync(join(repository, file)) ? mark(textOf(file)) : "");
    return marks.get(file);
  };
  const last = new Map<string, Outcome>();
  for (const line of readFileSync(log, "utf8").trimEnd().split("\n")) {
    const outcome: Outcome = JSON.parse(line);
    const { file, source, number } = outcome;
    if (file.startsWith(folder) && source === markOf(file)) last.set(`${file} ${number}`, outcome);
  }
  return [...last.values()].sort((a, b) => a.file.localeCompare(b.file) || a.number - b.number);
}

function textOf(file: string): string {
  return readFileSync(join(repository, file), "utf8");
}
