import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** Where engines are unpacked and the bundle lies; git does not see it. */
export const workshop = join(root, ".build", "machines");

/** Runs a program to its end. @returns what it prints @throws Error with the last of what it says, not with all of it */
export async function output(program: string, words: readonly string[], folder = workshop): Promise<string> {
  mkdirSync(folder, { recursive: true });
  try {
    // Without the flags of the process above, which an older Node may not know.
    const env = { ...process.env, NODE_OPTIONS: "" };
    const { stdout } = await promisify(execFile)(program, words, { cwd: folder, env, maxBuffer: 2 ** 24 });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") throw new Error(`there is no ${program}`);
    const said = (stderr ?? "").trim().split("\n").slice(-3).join(" ");
    throw new Error(`${program} ${words.slice(0, 2).join(" ")}: ${said || String(error)}`);
  }
}

/** Unpacks a package of npm, whatever machine it is for, and leaves it there. @returns the folder of its files */
export async function unpacked(name: string, version: string): Promise<string> {
  const folder = join(workshop, `${name.replace("/", "-")}-${version}`);
  const content = join(folder, "package");
  if (!existsSync(content)) {
    rmSync(folder, { recursive: true, force: true });
    const archive = (await output("npm", ["pack", "--silent", `${name}@${version}`], folder)).trim();
    await output("tar", ["-xzf", archive], folder);
    rmSync(join(folder, archive));
  }
  return content;
}

/** What engines outside browsers run. */
export async function bundleChild(): Promise<string> {
  const outfile = join(workshop, "child.mjs");
  await build({
    entryPoints: [join(root, "test", "machines", "child.ts")],
    ...{ outfile, bundle: true, format: "esm", platform: "node", target: "node20", logLevel: "warning" },
  });
  return outfile;
}
