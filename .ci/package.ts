/**
 * Bundles the sources into dist/: the library, which must also load in browsers, and the command line. The loader of the
 * kernels and the libraries of the command line become part of the bundles, so the package has no dependency.
 */
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const installed = createRequire(import.meta.url);
const common = { absWorkingDir: root, bundle: true, format: "esm", sourcemap: true, target: "es2022" } as const;

rmSync(join(root, "dist"), { recursive: true, force: true });
// What library and laws share is in a chunk of its own: a layer of the one is a layer for the other.
await build({
  ...common,
  entryPoints: { index: "src/index.ts", "laws/index": "src/laws/index.ts" },
  outdir: "dist",
  splitting: true,
  external: ["fast-check"],
  platform: "browser",
});
await build({ ...common, entryPoints: ["src/cli/main.ts"], outfile: "dist/cli/main.js", platform: "node" });
mkdirSync(join(root, "dist/cli"), { recursive: true });
for (const name of ["page.css", "page.js"])
  copyFileSync(join(root, "src/cli/report", name), join(root, "dist/cli", name));
for (const name of ["uPlot.iife.min.js", "uPlot.min.css"]) {
  copyFileSync(installed.resolve(`uplot/dist/${name}`), join(root, "dist/cli", name));
}
