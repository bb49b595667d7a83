/** Functions in an order, and with their local variables in an order, in which they compress well. */
import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "assemblyscript/binaryen";

/** A function and its name, in a module as text. */
const FUNCTION = /^ \(func (\$\S+)[\s\S]*?^ \)\n/gm;
/** A local variable that is no parameter, and its name. */
const LOCAL = /^ {2}\(local (\$\S+) .*$/gm;
/** A line for each place. */
const FILE = new URL("places.txt", import.meta.url);

/**
 * A function in its place. Its local variables lie in the order of their first use (0), their second (1), …, or of their
 * last (-1), last but one (-2), …
 */
export interface Place {
  readonly name: string;
  readonly use: number;
}

/** The places that search.ts has found. Functions that are renamed lose theirs, which costs some bytes, no more. */
export function readPlaces(): Place[] {
  const lines = readFileSync(FILE, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => {
    const [name, use] = line.split(" ");
    return { name, use: Number(use) };
  });
}

export function writePlaces(places: readonly Place[]): void {
  writeFileSync(FILE, places.map(({ name, use }) => `${name} ${use}\n`).join(""));
}

/** The binary of a module, given as text, with its functions in these places; those without one come last, as they are. */
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
export function functionsOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(FUNCTION)].map(([body, name]) => [name, body]));
}

/** The bytes of each function of a binary: https://webassembly.github.io/spec/core/binary/modules.html#code-section. */
export function bodiesOf(binary: Buffer): Buffer[] {
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
