import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "../contestant.ts";
import { bundle } from "../machine.ts";

const folder = dirname(fileURLToPath(import.meta.url));
/** Longer than idle threads of OpenBLAS, OpenMP and onnxruntime keep spinning. */
const REST_MS = 60;
const PYTHON = "/usr/bin/python3";

export type PeerName = "PyTorch" | "TensorFlow.js WASM" | "ConvNetJS" | "onnxruntime-node" | "onnxruntime-web";

/** Peers that run in JavaScript or WebAssembly, without native code. */
export const PORTABLE: readonly string[] = ["TensorFlow.js WASM", "ConvNetJS", "onnxruntime-web"];

const PACKAGES: Record<Exclude<PeerName, "PyTorch">, { package: string; script: string; threads: boolean }> = {
  "TensorFlow.js WASM": { package: "@tensorflow/tfjs-backend-wasm", script: "tfjs.js", threads: false },
  ConvNetJS: { package: "convnetjs", script: "convnetjs.js", threads: false },
  "onnxruntime-node": { package: "onnxruntime-node", script: "onnxruntime.js", threads: true },
  "onnxruntime-web": { package: "onnxruntime-web", script: "onnxruntime.js", threads: true },
};

let missing: Map<PeerName, string> | undefined;

/** Peers that are not installed, with what to run. */
export function missingPeers(): ReadonlyMap<PeerName, string> {
  if (missing) return missing;
  missing = new Map();
  for (const [name, { package: wanted }] of Object.entries(PACKAGES)) {
    if (!existsSync(join(folder, "node_modules", wanted)))
      missing.set(name as PeerName, "npm install --prefix bench/peers");
  }
  try {
    execFileSync(PYTHON, ["-c", "import torch"], { stdio: "ignore" });
  } catch {
    missing.set("PyTorch", "apt-get install python3-torch libopenblas0-pthread");
  }
  return missing;
}

/** The settings of a peer that compete; the tables show the best one. */
export async function peerCommands(name: PeerName, threads: readonly number[]): Promise<Command[]> {
  if (name === "PyTorch") {
    const layouts = ["contiguous", "channels_last"];
    return threads.flatMap((count) => layouts.map((layout) => pytorch(count, layout)));
  }
  const { script, threads: many } = PACKAGES[name];
  // Among the packages, where Node finds those that are not bundled.
  const file = await bundle(`peers/${script}`, join(folder, "node_modules", ".bench", script.replace(/\.js$/, ".mjs")));
  return (many ? threads : threads.slice(0, 1)).map((count) => ({
    name: `${name}, ${plural(many ? count : 1)}`,
    family: name,
    program: process.execPath,
    arguments: ["--expose-gc", file, String(count), name],
    rest: REST_MS,
  }));
}

function pytorch(threads: number, layout: string): Command {
  return {
    name: `PyTorch, ${plural(threads)}, ${layout}`,
    family: "PyTorch",
    program: PYTHON,
    arguments: [join(folder, "pytorch.py"), String(threads), layout],
    // OpenBLAS has threads of its own beside OpenMP's.
    rest: REST_MS,
    environment: { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
  };
}

function plural(threads: number): string {
  return `${threads} thread${threads === 1 ? "" : "s"}`;
}
