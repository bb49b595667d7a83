import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserKind } from "./kinds.ts";
import { type Page, serveTasks } from "./server.ts";

/** Beyond these the browser is taken to hang. They are long because a busy machine may have other things to do first. */
const START_MS = 180_000;
const TASK_MS = 300_000;

/** On the page's main thread, or in a Worker that it starts. */
export type Thread = "main" | "worker";

export interface Browser {
  /** What the function `name` of tasks.ts gives for these values. @throws Error with what it throws, or why none came */
  run<Result>(page: Page, thread: Thread, name: string, ...values: readonly unknown[]): Promise<Result>;
  close(): Promise<void>;
}

/** Starts a browser with a new profile. @throws Error where it does not come to the first page */
export async function openBrowser(kind: BrowserKind, program: string): Promise<Browser> {
  const screen = kind.needsScreen ? await openScreen() : undefined;
  const server = await serveTasks();
  const place = mkdtempSync(join(tmpdir(), "neocog-browser-"));
  const profile = join(place, "profile");
  mkdirSync(profile);
  if (kind.preferences !== undefined) writeFileSync(join(profile, "user.js"), kind.preferences);
  const child = spawn(program, kind.arguments(profile, server.start), {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...kind.environment, ...screen?.environment, TMPDIR: place },
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (more) => {
    complaints = (complaints + more).slice(-2000);
  });

  const processes = screen ? [child, screen.process] : [child];
  const kill = () => processes.forEach((one) => void one.kill("SIGKILL"));
  process.once("exit", kill);
  let close = async () => {
    close = async () => {};
    process.off("exit", kill);
    for (const one of processes) await stop(one);
    server.close();
    try {
      rmSync(place, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    } catch {
      // A browser's helpers may write on for a while after it has gone; what they leave is in the temporary folder.
    }
  };
  const end = (why: string) => server.abandon(`${kind.name} ${why}\n${complaints}`.trimEnd());
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`cannot be started: ${error.message}`));
    child.once("exit", (code, signal) => resolve(`has ended with ${signal ?? `exit code ${code}`}`));
  });
  void ended.then(end);

  const late = sleep(START_MS, `has not opened its first page within ${START_MS / 1000} s`, { ref: false });
  const failure = await Promise.race([server.arrived, ended, late]);
  if (failure) {
    await close();
    throw new Error(`${kind.name} ${failure}\n${complaints}`.trimEnd());
  }

  return {
    async run<Result>(page: Page, thread: Thread, name: string, ...values: readonly unknown[]) {
      const timer = setTimeout(() => end(`has not finished ${name} within ${TASK_MS / 1000} s`), TASK_MS);
      const { result, error } = await server.submit(page, { name, values, thread });
      clearTimeout(timer);
      if (error !== undefined) throw new Error(error);
      return result as Result;
    },
    close: () => close(),
  };
}

/** A screen that nobody sees. @throws Error where there is no Xvfb */
async function openScreen() {
  const screen = spawn("Xvfb", ["-displayfd", "1", "-nolisten", "tcp"], { stdio: ["ignore", "pipe", "ignore"] });
  const [number] = await Promise.race([once(screen.stdout, "data"), once(screen, "exit")]);
  if (screen.exitCode !== null) throw new Error(`Xvfb has ended with exit code ${number}`);
  return { process: screen, environment: { DISPLAY: `:${String(number).trim()}`, GDK_BACKEND: "x11" } };
}

/** Asks politely first, so that files are put away. */
async function stop(child: ChildProcess): Promise<void> {
  const gone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  if (gone) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await exit;
  clearTimeout(timer);
}
