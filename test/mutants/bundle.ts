/**
 * Makes one file of a test and everything that it imports, so that Node starts it in a tenth of a second: a run starts
 * some thousands. As a program, `tsx bundle.ts <root> <tests…>`, it is what Stryker calls after it has changed src/.
 */
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

/** Where a bundle finds the kernels, which are built anew for every fault. */
export const BINARIES = "binaries.mjs";

/** Puts test/<name>.test.mjs beside each test/<name>.test.ts: paths relative to a file's folder stay what they are. */
export async function bundle(root: string, tests: readonly string[]): Promise<void> {
  await build({
    entryPoints: tests.map((test) => join(root, "test", `${test}.test.ts`)),
    ...{ outdir: join(root, "test"), outbase: join(root, "test"), outExtension: { ".js": ".mjs" } },
    ...{ bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "warning" },
    inject: [join(root, "test/mutants/preload.ts")],
    plugins: [apart(join(root, BINARIES))],
  });
}

/** The kernels are not part of the bundle. */
function apart(path: string): Plugin {
  return {
    name: "binaries",
    setup(build) {
      build.onResolve({ filter: /\/binaries\.ts$/ }, () => ({ path, external: true }));
    },
  };
}

if (process.argv[1] === import.meta.filename) await bundle(resolve(process.argv[2]), process.argv.slice(3));
