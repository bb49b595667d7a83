/** Puts tests together with everything that they import, so that Node starts them at once: a run starts some thousands. */
import { readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

/** Where a bundle finds the kernels, which are built anew for every fault. */
export const BINARIES = "binaries.mjs";
/** What runs all tests. */
export const TRIAL = "trial/trial.mjs";

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

/** All of them together, for trial.ts. `changed` has the text of files that are not as they are on the disk. */
export async function bundleTogether(
  root: string,
  tests: readonly string[],
  changed: ReadonlyMap<string, string>,
): Promise<void> {
  const trial = join(root, "test/mutants/trial.ts");
  const files = tests.map((test) => {
    return `${JSON.stringify(test)}: () => import(${JSON.stringify(join(root, "test", `${test}.test.ts`))}),`;
  });
  const contents = `import { run } from ${JSON.stringify(trial)};\nrun({\n${files.join("\n")}\n});\n`;
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    ...{ outdir: join(root, dirname(TRIAL)), entryNames: basename(TRIAL, ".mjs"), outExtension: { ".js": ".mjs" } },
    ...{ bundle: true, splitting: true, platform: "node", format: "esm", target: "node20", logLevel: "warning" },
    // package.json says that files have no side effects: that of a test is that it exists.
    ...{ ignoreAnnotations: true },
    plugins: [apart(join(root, BINARIES)), together(root, trial, changed)],
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

/** What Stryker's switches call. */
const SWITCHES = "stryCov_9fa48, stryMutAct_9fa48";

/** Each test file says where it begins and ends, and has trial.ts for node:test; so do the switches. */
function together(root: string, trial: string, changed: ReadonlyMap<string, string>): Plugin {
  return {
    name: "together",
    setup(build) {
      build.onResolve({ filter: /^node:test$/ }, () => ({ path: trial }));
      build.onLoad({ filter: /\/(src|test)\/.*\.ts$/ }, ({ path }) => {
        const name = relative(root, path);
        // Each file still knows its own place.
        const text = (changed.get(name) ?? readFileSync(path, "utf8"))
          .replaceAll("import.meta.dirname", () => JSON.stringify(dirname(path)))
          .replaceAll("import.meta.url", () => JSON.stringify(pathToFileURL(path).href));
        const test = /^test\/(.*)\.test\.ts$/.exec(name)?.[1];
        const [enter, leave] = [`import * as trial from "node:test";\ntrial.enter("${test}");\n`, "\ntrial.leave();\n"];
        if (test !== undefined) return { contents: `${enter}${text}${leave}`, loader: "ts" };
        const switches = changed.has(name) ? `import { ${SWITCHES} } from "node:test";\n` : "";
        return { contents: `${switches}${text}`, loader: "ts" };
      });
    },
  };
}
