import { NeocogError } from "../errors.ts";

/** A layer as the notation writes it: `conv32x5/2` has size 32, window 5 and stride 2. */
export interface Word {
  readonly kind: "word";
  /** In lower case. */
  readonly name: string;
  readonly size?: number;
  readonly window?: number;
  readonly stride?: number;
  /** Where it begins, for errors. */
  readonly at: number;
}

/** A sequence in brackets. */
export interface Group {
  readonly kind: "group";
  readonly items: readonly Item[];
  readonly at: number;
}

export interface Item {
  readonly what: Word | Group;
  /** How often it is there in a row; 0 leaves it out. */
  readonly times: number;
}

/**
 * Reads a pattern.
 *
 *   sequence  item, or items with "-" between them ("->" and "→" are the same)
 *   item      word or group, and how often it is repeated: "*3" ("^3" and "×3" are the same)
 *   group     "(" sequence ")" or "[" sequence "]"
 *   word      letters, then a size, behind it "x" and a window, then "/" and a stride, each where it is wanted
 *
 * ```ts
 * parseNotation("(conv8-relu)*2"); // one item: a group of two words, twice
 * ```
 * @throws NeocogError that shows the pattern and points at the character where it goes wrong.
 */
export function parseNotation(text: string): Item[] {
  const reader = new Reader(text);
  const items = sequence(reader);
  if (!reader.ended) reader.refuse(`"${reader.next}" is not expected here; put "-" between layers`);
  return items;
}

/** An error that points at a character of the pattern. */
export function pointAt(text: string, at: number, why: string): NeocogError {
  // One line of the pattern above the arrow, however it is broken.
  const line = text.replace(/\s/g, " ");
  return new NeocogError(`architecture: character ${at + 1}: ${why}\n  ${line}\n  ${" ".repeat(at)}^`);
}

class Reader {
  at = 0;

  constructor(readonly text: string) {
    this.skipSpace();
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  get next(): string {
    return this.text[this.at] ?? "";
  }

  /** Takes what the expression matches here; nothing, where it does not. */
  take(expression: RegExp): string | undefined {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  skipSpace(): void {
    this.take(/\s+/y);
  }

  refuse(why: string, at = this.at): never {
    throw pointAt(this.text, at, why);
  }
}

function sequence(reader: Reader): Item[] {
  const items = [item(reader)];
  while (reader.take(/->|→|-/y)) items.push(item(reader));
  return items;
}

function item(reader: Reader): Item {
  reader.skipSpace();
  const what = group(reader) ?? word(reader);
  reader.skipSpace();
  if (reader.next === "?") reader.refuse('"?" leaves a choice open; write "*1" or "*0", or leave the layer out');
  const times = reader.take(/[*^×]/y) ? count(reader) : 1;
  reader.skipSpace();
  return { what, times };
}

function count(reader: Reader): number {
  reader.skipSpace();
  const at = reader.at;
  const digits = reader.take(/\d+/y);
  if (digits === undefined) reader.refuse("how often? give a whole number");
  if (Number(digits) > 1000) reader.refuse("that often cannot be meant; give at most 1000", at);
  return Number(digits);
}

function group(reader: Reader): Group | undefined {
  const at = reader.at;
  const bracket = reader.take(/[([]/y);
  if (!bracket) return undefined;
  const items = sequence(reader);
  const closing = bracket === "(" ? ")" : "]";
  if (reader.ended) reader.refuse(`"${bracket}" at character ${at + 1} is not closed; "${closing}" is missing`);
  if (reader.next !== closing) reader.refuse(`"${closing}" or "-" is expected, not "${reader.next}"`);
  reader.at++;
  return { kind: "group", items, at };
}

function word(reader: Reader): Word {
  const at = reader.at;
  const name = reader.take(/[A-Za-z]+/y);
  if (name === undefined) {
    reader.refuse(reader.ended ? "a layer is missing at the end" : `a layer is expected, not "${reader.next}"`);
  }
  const size = reader.take(/\d+(\.\d+)?/y);
  // Without a size the x belongs to the name.
  const window =
    size !== undefined && reader.take(/[xX]/y) ? number(reader, "a window size, as in conv32x5") : undefined;
  const stride = reader.take(/\//y) ? number(reader, "a stride, as in pool3/2") : undefined;
  return {
    ...{ kind: "word", name: name.toLowerCase(), at },
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(window === undefined ? {} : { window }),
    ...(stride === undefined ? {} : { stride }),
  } as Word;
}

function number(reader: Reader, what: string): number {
  const digits = reader.take(/\d+/y);
  return digits === undefined ? reader.refuse(`${what}, has to follow`) : Number(digits);
}
