import { type ChildProcess, spawn } from "node:child_process";
import readline from "node:readline";
import type { Details, Task } from "./protocol.ts";

export interface Command {
  /** What the tables call it. */
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Which contestants are settings of the same library: the tables show the best of them. Default: the name. */
  readonly family?: string;
  /** The longest turn that it needs. Default: as long as everybody's. */
  readonly turn?: number;
  /** How long to wait after its turn, because threads of native libraries spin on for a while. Default: 5 ms. */
  readonly rest?: number;
}

/** Longer than the slowest step of the slowest peer: whoever is silent for so long will not answer any more. */
const PATIENCE_MS = 180_000;

/** A child process that speaks the protocol. It is started when it is first asked for something. */
export class Contestant {
  readonly name: string;
  readonly family: string;
  #child: ChildProcess | undefined;
  #answer: ((line: string) => void) | undefined;
  #errors = "";

  constructor(readonly command: Command) {
    this.name = command.name;
    this.family = command.family ?? command.name;
  }

  /** Readies the task, or gives the reason why that cannot be done. */
  async prepare(task: Task): Promise<Details | string> {
    const line = await this.#ask(`prepare ${JSON.stringify(task)}`);
    return line.startsWith("READY ") ? (JSON.parse(line.slice(6)) as Details) : line.slice("CANNOT ".length);
  }

  /** Seconds a call, sampled for about that time; or the reason why it failed. */
  async run(milliseconds: number): Promise<number[] | string> {
    const line = await this.#ask(`run ${milliseconds}`);
    return line.startsWith("SAMPLES ") ? (JSON.parse(line.slice(8)) as number[]) : line.slice("CANNOT ".length);
  }

  /** Ends the child. */
  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin!.end();
    const impatient = setTimeout(() => child.kill("SIGKILL"), 2000);
    await ended;
    clearTimeout(impatient);
  }

  #ask(question: string): Promise<string> {
    const child = this.#child ?? this.#start();
    return new Promise((resolve) => {
      const give = (line: string) => {
        clearTimeout(impatient);
        this.#answer = undefined;
        resolve(line);
      };
      const impatient = setTimeout(() => {
        child.kill("SIGKILL");
        give(`CANNOT it said nothing for ${PATIENCE_MS / 1000} s`);
      }, PATIENCE_MS);
      this.#answer = give;
      child.stdin!.write(`${question}\n`);
    });
  }

  #start(): ChildProcess {
    const { program, arguments: list, environment } = this.command;
    const child = spawn(program, list, { env: { ...process.env, ...environment }, stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    this.#errors = "";
    const ended = (why: string) => {
      if (this.#child === child) this.#child = undefined;
      this.#answer?.(`CANNOT ${why}`);
    };
    child.on("error", (error) => ended(error.message));
    child.stdin.on("error", () => {});
    child.stderr.on("data", (data) => {
      this.#errors = (this.#errors + data).slice(-2000);
    });
    child.on("close", (code, signal) => {
      const last =
        this.#errors
          .trim()
          .split("\n")
          .filter((line) => /error/i.test(line))
          .at(-1) ?? this.#errors.trim();
      ended(`it ended with ${signal ?? `code ${code}`}: ${last.slice(-300)}`);
    });
    readline.createInterface({ input: child.stdout }).on("line", (line) => {
      if (/^(READY|SAMPLES|CANNOT) /.test(line)) this.#answer?.(line);
    });
    return child;
  }
}
