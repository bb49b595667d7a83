/** For build.ts: functions in an order, and with their local variables in an order, in which they compress well. */
import { deflateRawSync } from "node:zlib";
import binaryen from "assemblyscript/binaryen";
import { makeDelta } from "../src/kernels/wasm/delta.ts";

/** A function and its name, in a module as text. */
const FUNCTION = /^ \(func (\$\S+)[^]*?^ \)\n/gm;
/** A local variable that is no parameter, and its name. */
const LOCAL = /^ {2}\(local (\$\S+) .*$/gm;
/** Three lines that follow each other, somewhere in a function. */
const LENGTH = 3;
/** How far deflate looks back. */
const WINDOW = 32768;
/** Local variables may lie in the order of their first, second, … or of their last, last but one, … use. */
const USES = [0, 1, 2, 3, 4, 5, 6, 7, -1, -2, -3, -4, -5, -6, -7, -8];

/** A function in its place; its local variables lie in the order of their use with this number. */
interface Place {
  readonly name: string;
  readonly use: number;
}

/**
 * The functions of a module, as text, and how to lay their variables, so that each has most in common with those before
 * and a delta makes a short way from it to the same function of the relaxed module.
 */
export function arranged(text: string, relaxed: string): Place[] {
  const names = inOrder(functionsOf(text));
  const versions = USES.map((use) => {
    const places = names.map((name) => ({ name, use }));
    const bodies = bodiesOf(rearrange(text, places));
    const deltas = bodiesOf(rearrange(relaxed, places)).map((body, index) => makeDelta(bodies[index], body));
    return { use, bodies, deltas };
  });
  let before: Buffer = Buffer.alloc(0);
  return names.map((name, index) => {
    const sized = versions.map(({ use, bodies, deltas }) => {
      const body = bodies[index];
      const size = deflateRawSync(body, { level: 9, dictionary: before }).length;
      return { use, body, size: size + deflateRawSync(deltas[index], { level: 9 }).length };
    });
    const best = sized.reduce((a, b) => (b.size < a.size ? b : a));
    before = Buffer.concat([before, best.body]).subarray(-WINDOW);
    return { name, use: best.use };
  });
}

/** The names of functions, so that each is the one of which the most stands in those before it. */
function inOrder(functions: ReadonlyMap<string, string>): string[] {
  // The first is the longest: nothing is known before it.
  const byLength = [...functions].sort(([, a], [, b]) => b.length - a.length);
  const left = new Map(
    byLength.map(([name, body]) => {
      const lines = body.split("\n").slice(1);
      return [name, new Set(lines.map((_, at) => lines.slice(at, at + LENGTH).join("\n")))];
    }),
  );
  const seen = new Set<string>();
  const names: string[] = [];
  while (left.size > 0) {
    let best = { name: "", share: -1 };
    for (const [name, parts] of left) {
      let known = 0;
      for (const part of parts) if (seen.has(part)) known++;
      if (known / parts.size > best.share) best = { name, share: known / parts.size };
    }
    for (const part of left.get(best.name)!) seen.add(part);
    left.delete(best.name);
    names.push(best.name);
  }
  return names;
}

/** The binary of a module with its functions in these places; those without one come last, as they are. */
export function rearrange(text: string, places: readonly Place[]): Buffer {
  const functions = functionsOf(text);
  const placed = places.map(({ name, use }) => {
    const body = functions.get(name) ?? "";
    functions.delete(name);
    return withLocals(body, use);
  });
  const bodies = [...placed, ...functions.values()].join("");
  const others = text.replace(FUNCTION, "");
  const module = binaryen.parseText(others.replace(/\n\)\s*$/, () => `\n${bodies})\n`));
  module.setFeatures(binaryen.Features.All);
  const binary = Buffer.from(module.emitBinary());
  module.dispose();
  return binary;
}

/** A function with its local variables in the order of a use; of those that are not used so often, as they were. */
function withLocals(body: string, use: number): string {
  const uses = new Map<string, number[]>();
  for (const { 1: name, index } of body.matchAll(/local\.(?:get|set|tee) (\$\S+)/g)) {
    uses.set(name, [...(uses.get(name) ?? []), index]);
  }
  const place = ({ 1: name }: RegExpMatchArray) => uses.get(name)?.at(use) ?? Infinity;
  const locals = [...body.matchAll(LOCAL)].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
  return body.replace(LOCAL, () => locals.shift()![0]);
}

/** The text of each function, by name. */
function functionsOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(FUNCTION)].map(([body, name]) => [name, body]));
}

/** The bytes of each function of a binary: https://webassembly.github.io/spec/core/binary/modules.html#code-section. */
function bodiesOf(binary: Buffer): Buffer[] {
  let at = 8;
  const unsigned = () => {
    let [value, shift] = [0, 0];
    do {
      value |= (binary[at] & 127) << shift;
      shift += 7;
    } while (binary[at++] & 128);
    return value;
  };
  for (;;) {
    const section = binary[at++];
    const bytes = unsigned();
    if (section !== 10) at += bytes;
    else {
      return Array.from({ length: unsigned() }, () => {
        const size = unsigned();
        at += size;
        return binary.subarray(at - size, at);
      });
    }
  }
}
