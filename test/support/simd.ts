import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");

type OnNumbers = (x: Float32Array) => Float32Array;

/**
 * Compiles functions v128 → v128 of a file of assembly/, which only kernels can call, and gives each as a function on
 * float32 arrays.
 */
export function compileLanewise(file: string, names: readonly string[]): Record<string, OnNumbers> {
  const source = `import { ${names.join(", ")} } from "../../assembly/${file}";\n${names.map(loopOver).join("\n")}`;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(compile(source)));
  const memory = exports.memory as WebAssembly.Memory;
  return Object.fromEntries(names.map((name) => [name, onNumbers(exports[`each_${name}`] as Loop, memory)]));
}

function compile(source: string): Uint8Array<ArrayBuffer> {
  mkdirSync(join(root, ".build"), { recursive: true });
  const cwd = mkdtempSync(join(root, ".build/probe-"));
  try {
    writeFileSync(join(cwd, "probe.ts"), source);
    const options = ["--runtime", "stub", "--enable", "simd", "--noAssert", "--use", "abort="];
    execFileSync(process.execPath, [compiler, "probe.ts", "--outFile", "probe.wasm", ...options], { cwd });
    return new Uint8Array(readFileSync(join(cwd, "probe.wasm")));
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

type Loop = (x: number, count: number) => void;

function loopOver(name: string): string {
  return `export function each_${name}(x: usize, count: i32): void {
    for (let e = 0; e < count; e += 4) v128.store(x + (<usize>e << 2), ${name}(v128.load(x + (<usize>e << 2))));
  }`;
}

function onNumbers(loop: Loop, memory: WebAssembly.Memory): OnNumbers {
  return (x) => {
    const start = 65536;
    const missing = start + (x.length + 4) * 4 - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    const view = new Float32Array(memory.buffer, start, x.length);
    view.set(x);
    loop(start, x.length);
    return view.slice();
  };
}
