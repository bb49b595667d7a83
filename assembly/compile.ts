import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const config = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8"));

/** The kernels compiled with a target of asconfig.json, as text. */
export async function compile(target: string): Promise<string> {
  const file = config.targets[target].textFile;
  mkdirSync(join(root, dirname(file)), { recursive: true });
  const options = ["--config", "asconfig.json", "--target", target, "--baseDir", root];
  const { error, stderr } = await asc.main(["assembly/index.ts", ...options]);
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
  return readFileSync(join(root, file), "utf8");
}
