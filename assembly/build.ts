/**
 * Compiles assembly/ with the targets of asconfig.json and writes src/kernels/wasm/binaries.ts, which holds the binaries
 * as text: whoever imports the package has no file to find and nothing to await. The relaxed build is written as its
 * difference from the plain one. Gzipped, the text is as large as the bytes would be, base64 a fifth larger.
 *
 * Nothing is done when the sources have not changed since the last build.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { applyDelta, makeDelta } from "../src/kernels/wasm/delta.ts";
import { textOf } from "../src/kernels/wasm/text.ts";
import { readPlaces, rearrange } from "./arrange.ts";
import { compile, root } from "./compile.ts";

const output = join(root, "src/kernels/wasm/binaries.ts");
const stamp = `// ${fingerprint()}`;
if (!isUpToDate()) {
  const places = readPlaces();
  const simd = rearrange(await compile("simd"), places);
  const relaxed = rearrange(await compile("relaxed"), places);
  const delta = makeDelta(simd, relaxed);
  if (!relaxed.equals(applyDelta(simd, delta))) throw new Error("the delta does not give back the relaxed build");
  const constants = Object.entries({ simd, relaxedDelta: delta }).map(
    ([name, bytes]) => `export const ${name} =\n  "${textOf(bytes)}";\n`,
  );
  writeFileSync(output, `${stamp}\n// Made by assembly/build.ts from assembly/; do not edit.\n${constants.join("")}`);
  process.stderr.write(`kernels: simd ${simd.length} bytes, relaxed ${relaxed.length} bytes as ${delta.length}\n`);
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
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(ts|txt)$/.test(name));
  const encoding = join(root, "src/kernels/wasm/text.ts");
  const compiler = join(root, "node_modules/assemblyscript/package.json");
  for (const file of [
    ...files.sort().map((name) => join(folder, name)),
    join(root, "asconfig.json"),
    encoding,
    compiler,
  ]) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}
