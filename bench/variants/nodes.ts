/** The Nodes that the variants are measured on: the running one, and those of --node, each as a child process. */
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import type { Answer, Question } from "./child.ts";

export class NodeChild {
  readonly #child: ChildProcess;

  constructor(
    readonly version: string,
    program: string,
    file: string,
  ) {
    // Before Node 22 V8 had relaxed SIMD behind a flag.
    const flags = Number(version.split(".")[0]) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];
    this.#child = fork(file, { execPath: program, execArgv: flags });
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`Node ${this.version} ended with ${code}`));
      this.#child.once("exit", ended);
      this.#child.once("message", (answer: Answer) => {
        this.#child.off("exit", ended);
        resolve(answer);
      });
      this.#child.send(question);
    });
  }

  close(): void {
    this.#child.disconnect();
  }
}

export function startNodes(programs: readonly string[], file: string): NodeChild[] {
  return [process.execPath, ...programs].map((program) => {
    const version = execFileSync(program, ["-p", "process.versions.node"], { encoding: "utf8" }).trim();
    return new NodeChild(version, program, file);
  });
}
