import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root, workshop } from "../machine.ts";

export const BUILDS = ["plain", "relaxed"] as const;
export type Build = (typeof BUILDS)[number];

/** The variants of a group, by their numbers. */
export function variantsOf(group: string): string[] {
  const files = readdirSync(join(root, "bench/variants/assembly", group));
  return files.map((file) => file.replace(/\.ts$/, "")).sort();
}

/** Compiles a variant with the options of the library's kernels, and gives the path of the module. */
export async function compile(group: string, variant: string, build: Build): Promise<string> {
  const source = join("bench/variants/assembly", group, `${variant}.ts`);
  const outFile = join(workshop, "variants", build, group, `${variant}.wasm`);
  if (isNewer(outFile)) return outFile;
  const { default: asc } = await import("assemblyscript/asc");
  mkdirSync(join(outFile, ".."), { recursive: true });
  const target = build === "plain" ? "simd" : "relaxed";
  const options = ["--config", "asconfig.json", "--target", target, "--baseDir", root];
  const { error, stderr } = await asc.main([source, ...options, "--outFile", outFile, "--textFile", `${outFile}.wat`]);
  if (error) throw new Error(`${source}: ${stderr.toString()}`);
  return outFile;
}

/** Whether a module was made after the last change of anything that variants are made from. */
function isNewer(module: string): boolean {
  const time = statSync(module, { throwIfNoEntry: false })?.mtimeMs;
  if (time === undefined) return false;
  const folders = ["assembly", "bench/variants/assembly"].map((folder) => join(root, folder));
  const sources = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  );
  return [...sources, join(root, "asconfig.json")].every((file) => statSync(file).mtimeMs < time);
}
