/**
 * Compiles assembly/ with the targets of asconfig.json and writes src/kernels/wasm/binaries.ts, which holds the binaries
 * as text: whoever imports the package has no file to find and nothing to await. The text is hexadecimal because
 * compression still sees whole bytes in it: gzipped, it is a fifth smaller than base64.
 *
 * Nothing is done when the sources have not changed since the last build.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const output = join(root, "src/kernels/wasm/binaries.ts");
const config = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8"));
/** The targets of asconfig.json and where each begins. */
const entries = { simd: "assembly/index.ts", relaxed: "assembly/multiply-add.ts" };

const stamp = `// ${fingerprint()}`;
if (!isUpToDate()) {
  const binaries: string[] = [];
  for (const [target, entry] of Object.entries(entries)) {
    const file = config.targets[target].outFile;
    mkdirSync(join(root, dirname(file)), { recursive: true });
    const { error, stderr } = await asc.main([
      entry,
      "--config",
      "asconfig.json",
      "--target",
      target,
      "--baseDir",
      root,
    ]);
    if (error) {
      process.stderr.write(stderr.toString());
      process.exit(1);
    }
    const bytes = readFileSync(join(root, file));
    binaries.push(`export const ${target} =\n  "${bytes.toString("hex")}";`);
    process.stderr.write(`kernels: ${target} ${bytes.length} bytes\n`);
  }
  writeFileSync(
    output,
    `${stamp}\n// Made by assembly/build.ts from assembly/; do not edit.\n${binaries.join("\n")}\n`,
  );
}

function isUpToDate(): boolean {
  try {
    return readFileSync(output, "utf8").startsWith(stamp);
  } catch {
    return false;
  }
}

/** A hash of everything that the binaries are made from. */
function fingerprint(): string {
  const hash = createHash("sha256");
  const folder = join(root, "assembly");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const compiler = join(root, "node_modules/assemblyscript/package.json");
  for (const file of [...files.sort().map((name) => join(folder, name)), join(root, "asconfig.json"), compiler]) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}
