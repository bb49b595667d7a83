import { fail } from "../errors.ts";
import type { Logs } from "./averages.ts";

/** Which of the logs a callback watches, and whether less of it is better (1) or more (−1). */
export interface Monitor {
  readonly name: string;
  readonly sign: 1 | -1;
}

/** @throws NeocogError for what is no name and no mode; "max" is the default for an accuracy, "min" for all else. */
export function monitorOf(owner: string, name: unknown, mode: unknown): Monitor {
  if (typeof name !== "string") fail(owner, "monitor", name, "give the name of one of the logs");
  const chosen = mode ?? (name.toLowerCase().includes("accuracy") ? "max" : "min");
  if (chosen !== "min" && chosen !== "max") fail(owner, "mode", mode, 'use "min" or "max"');
  return { name, sign: chosen === "min" ? 1 : -1 };
}

/** The number that is watched, so that less is better. @throws NeocogError where the logs have no such number. */
export function watched(owner: string, { name, sign }: Monitor, logs: Readonly<Logs>): number {
  if (!Object.hasOwn(logs, name)) {
    const known = Object.keys(logs).join(", ");
    fail(owner, "monitor", name, `use one of ${known}; those with val need validation data`);
  }
  return sign * logs[name];
}
