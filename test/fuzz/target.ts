/**
 * What all fuzzing has in common: a target draws inputs, tries each of them, and accepts two outcomes only: a result, or
 * a refusal that says who refuses, which argument, what was received and what to do.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { NeocogError } from "../../src/errors.ts";

export interface Counts {
  accepted: number;
  refused: number;
}

export interface Target {
  readonly name: string;
  /** How many of a thousand inputs of a whole run are its. */
  readonly share: number;
  /** Tells `counts` what became of each input. */
  property(counts: Counts): fc.IAsyncProperty<[unknown]> | fc.IProperty<[unknown]>;
}

/** @param attempt tries an input; that a result is what it ought to be is its own business */
export function target<T>(
  name: string,
  share: number,
  inputs: fc.Arbitrary<T>,
  attempt: (input: T) => unknown,
): Target {
  return {
    name,
    share,
    property: (counts) =>
      fc.property(inputs, (input) => {
        try {
          attempt(input);
          counts.accepted++;
        } catch (error) {
          checkRefusal(error);
          counts.refused++;
        }
      }),
  };
}

/** The same for what answers later. */
export function asyncTarget<T>(
  name: string,
  share: number,
  inputs: fc.Arbitrary<T>,
  attempt: (input: T) => Promise<unknown>,
): Target {
  return {
    name,
    share,
    property: (counts) =>
      fc.asyncProperty(inputs, async (input) => {
        try {
          await attempt(input);
          counts.accepted++;
        } catch (error) {
          checkRefusal(error);
          counts.refused++;
        }
      }),
  };
}

/** Throws whatever is no refusal of the library, or a refusal that does not say all it has to. */
export function checkRefusal(error: unknown): asserts error is NeocogError {
  if (!(error instanceof NeocogError)) throw error;
  assert.match(error.message, /.(: | is ).*; .+/s, "a refusal reads 'who: what is received; what to do'");
  assert.ok(error.message.length < 2000, `a refusal of ${error.message.length} characters is not read by anybody`);
}

/** A valid file with a few bytes changed, inserted, removed or repeated, or cut short: the places where readers break. */
export function mutations(files: fc.Arbitrary<Uint8Array>, other: fc.Arbitrary<Uint8Array> = files) {
  const edit = fc.record({
    kind: fc.constantFrom("set", "set", "set", "flip", "insert", "remove", "repeat", "cut", "splice"),
    at: fc.nat(),
    length: fc.integer({ min: 1, max: 8 }),
    value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x20, 0x22, 0x7b), fc.nat(255)),
  });
  return fc.tuple(files, fc.array(edit, { maxLength: 4 }), other).map(([file, edits, second]) => {
    let bytes = file;
    for (const { kind, at, length, value } of edits) {
      const place = at % (bytes.length + 1);
      const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
      if (kind === "set") bytes = joined(before, [value], after.subarray(1));
      else if (kind === "flip") bytes = joined(before, [(after[0] ?? 0) ^ (1 << (value & 7))], after.subarray(1));
      else if (kind === "insert") bytes = joined(before, new Uint8Array(length).fill(value), after);
      else if (kind === "remove") bytes = joined(before, after.subarray(length));
      else if (kind === "repeat") bytes = joined(before, after.subarray(0, length), after);
      else if (kind === "cut") bytes = before.slice();
      else bytes = joined(before, second.subarray(at % (second.length + 1)));
    }
    return bytes;
  });
}

export function joined(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
