import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, freemem, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { wasmKernels } from "../src/index.ts";
import type { Command } from "./contestant.ts";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Where the bench puts what it builds; git does not see it. */
export const workshop = join(root, ".build", "bench");

/** What figures depend on: date, processor, engine, kernels; and how busy the machine is with other things. */
export function header(): Record<string, string> {
  const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return {
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    processor: `${cpus()[0]?.model.trim() ?? "unknown"}${generation()}, ${availableParallelism()} cores, ${process.arch}`,
    memory: `${gigabytes(totalmem())}, ${gigabytes(freemem())} free; load ${loadavg()[0].toFixed(2)} before the start`,
    engine: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    kernels: wasmKernels().name,
  };
}

/** Virtual machines call their processors "AMD EPYC" and no more; family and model tell which, where Linux knows them. */
function generation(): string {
  try {
    const text = readFileSync("/proc/cpuinfo", "utf8");
    const [family, model] = ["cpu family", "model"].map(
      (key) => new RegExp(`^${key}\\s*: (\\d+)$`, "m").exec(text)![1],
    );
    return ` (family ${family}, model ${model})`;
  } catch {
    return "";
  }
}

/** What CommonJS code inside a bundle of ES modules expects to find. */
const COMMONJS = `import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
const require = createRequire(import.meta.url), __filename = fileURLToPath(import.meta.url), __dirname = dirname(__filename);`;

/** Bundles a file of bench/ as a user's bundler would, and gives the path of the result. */
export async function bundle(entry: string, outfile = join(workshop, entry.replace(/\.ts$/, ".mjs"))): Promise<string> {
  await build({
    entryPoints: [join(root, "bench", entry)],
    outfile,
    bundle: true,
    minify: true,
    external: ["benchmark", "convnetjs", "onnxruntime-*"],
    mainFields: ["module", "main"],
    banner: entry.startsWith("peers/") ? { js: COMMONJS } : {},
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
  return outfile;
}

/** What starts our library as a contestant. */
export async function ours(threads: number, relaxed: boolean): Promise<Command> {
  const file = await bundle("ours-child.ts");
  const old = Number(process.versions.node.split(".")[0]) < 22;
  const flags = relaxed && old ? ["--experimental-wasm-relaxed-simd"] : [];
  const words = [String(threads), ...(relaxed ? ["relaxed"] : [])];
  const name = `ours${relaxed ? " relaxed" : ""}, ${threads} thread${threads === 1 ? "" : "s"}`;
  return { name, program: process.execPath, arguments: [...flags, "--expose-gc", file, ...words] };
}

export type LimitName =
  | "muladd128"
  | "fused128"
  | "fused256"
  | "fused512"
  | "copyL2"
  | "triadL2"
  | "copyDRAM"
  | "triadDRAM";

/** The compiled limit/limit.c with what it prints, or why there is none. */
export type Limits = { readonly file: string; readonly best: Partial<Record<LimitName, number>> } | string;

/** Compiles limit/limit.c and runs it once: GFLOP/s and GB/s of one core, the best of ten. */
export function measureLimits(): Limits {
  const file = join(workshop, "limit");
  mkdirSync(workshop, { recursive: true });
  try {
    const flags = ["-O2", process.arch === "arm64" ? "-mcpu=native" : "-march=native", "-ffp-contract=off", "-pthread"];
    execFileSync("cc", [...flags, "-o", file, join(root, "bench", "limit", "limit.c")], { stdio: "pipe" });
    return { file, best: JSON.parse(execFileSync(file, { encoding: "utf8" })) };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return missing ? "there is no C compiler here (cc)" : `limit.c: ${(error as Error).message.split("\n")[0]}`;
  }
}

/** What handing something from one core to another and back takes, as a contestant; undefined where it is not to be had. */
export function handover(limits: Limits): Command | undefined {
  if (typeof limits === "string" || availableParallelism() < 2) return undefined;
  return { name: "handover", family: "handover", program: limits.file, arguments: ["handover"], turn: 150 };
}

/** A limit as a contestant, so that it is measured in the same rounds; undefined where it is not to be had. */
export function limit(limits: Limits, name: LimitName): Command | undefined {
  if (typeof limits === "string" || !(name in limits.best)) return undefined;
  return { name, program: limits.file, arguments: [name], turn: 50 };
}
