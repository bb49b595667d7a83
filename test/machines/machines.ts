import { join } from "node:path";
import { type BrowserKind, browserKinds, findBrowser } from "../browser/kinds.ts";
import { openBrowser } from "../browser/open.ts";
import { emulatedNode } from "./arm64.ts";
import type { Training } from "./training.ts";
import { bundleChild, output, unpacked } from "./workshop.ts";

/** Something that can run the library. */
export interface Machine {
  readonly name: string;
  /** @throws Error that says why it is not there, and how to get it */
  find(): Promise<FoundMachine>;
}

export interface FoundMachine {
  /** Trains once with each number of threads. */
  train(threads: readonly number[]): Promise<Training[]>;
  close?(): Promise<void>;
}

const cpu = process.arch;

/** A program that runs a file of JavaScript as Node does. `findCommand` gives the words to put before that file. */
function program(name: string, findCommand: () => Promise<string[]>): Machine {
  return {
    name,
    async find() {
      const [command, ...words] = await findCommand();
      const child = await bundleChild();
      return {
        train: async (threads) => JSON.parse(await output(command, [...words, child, ...threads.map(String)])),
      };
    },
  };
}

function browser(kind: BrowserKind): Machine {
  return {
    name: kind.name,
    async find() {
      const path = findBrowser(kind);
      if (!path) throw new Error(`there is none: ${kind.install}`);
      const opened = await openBrowser(kind, path);
      return {
        async train(threads) {
          const trainings: Training[] = [];
          for (const number of threads) trainings.push(await opened.run("isolated", "worker", "train", number));
          return trainings;
        },
        close: () => opened.close(),
      };
    },
  };
}

export const machines: readonly Machine[] = [
  ...["20", "22", "24", "26"].map((version) =>
    program(`Node ${version}`, async () => [
      join(await unpacked(`node-${process.platform}-${cpu}`, version), "bin", "node"),
    ]),
  ),
  program("Deno 2", async () => [join(await unpacked(`@deno/${denoPlatform()}`, "2"), "deno"), "run", "--allow-all"]),
  program("Bun 1", async () => [join(await unpacked(`@oven/bun-${bunPlatform()}`, "1"), "bin", "bun")]),
  ...browserKinds.map(browser),
  program("arm64, emulated", () => emulatedNode("24")),
];

function bunPlatform(): string {
  return `${process.platform}-${cpu === "arm64" ? "aarch64" : cpu}`;
}

function denoPlatform(): string {
  return `${process.platform}-${cpu}${process.platform === "linux" ? "-glibc" : ""}`;
}
