/** For build.ts: functions in an order in which they compress well. */
import binaryen from "assemblyscript/binaryen";

/** A function and its name, in a module as text. */
const FUNCTION = /^ \(func (\$\S+)[^]*?^ \)\n/gm;
/** Three lines that follow each other, somewhere in a function. */
const LENGTH = 3;

/** The names of the functions of a module, as text, so that each is the one of which the most stands in those before it. */
export function arranged(text: string): string[] {
  // The first is the longest: nothing is known before it.
  const functions = [...functionsOf(text)].sort(([, a], [, b]) => b.length - a.length);
  const left = new Map(
    functions.map(([name, body]) => {
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

/** The binary of a module with its functions in the order of these names; those without a place come last. */
export function rearrange(text: string, names: readonly string[]): Buffer {
  const functions = functionsOf(text);
  const bodies = [...new Set([...names, ...functions.keys()])].map((name) => functions.get(name) ?? "");
  const others = text.replace(FUNCTION, "");
  const module = binaryen.parseText(others.replace(/\n\)\s*$/, () => `\n${bodies.join("")})\n`));
  module.setFeatures(binaryen.Features.All);
  const binary = Buffer.from(module.emitBinary());
  module.dispose();
  return binary;
}

/** The text of each function, by name. */
function functionsOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(FUNCTION)].map(([body, name]) => [name, body]));
}
