import assert from "node:assert/strict";
import { NeocogError } from "../../src/errors.ts";

/** Fails unless the action is refused with a NeocogError whose text has every part: who, argument, value, remedy. */
export function refuses(action: () => unknown, ...parts: string[]): void {
  assert.throws(action, (error) => named(error, parts));
}

/** The same for what is refused later. */
export async function rejects(action: Promise<unknown>, ...parts: string[]): Promise<void> {
  await assert.rejects(action, (error) => named(error, parts));
}

function named(error: unknown, parts: readonly string[]): true {
  assert.ok(error instanceof NeocogError, `a NeocogError is expected, not ${error}`);
  // Who, which argument, which value, what to do: none of them may be an empty text.
  const isWhole = !/^(: )|: is |^[^:]*: +is|; *$|: *$/.test(error.message);
  assert.ok(isWhole, `"${error.message}" leaves something out`);
  for (const part of parts) assert.ok(error.message.includes(part), `"${error.message}" lacks "${part}"`);
  return true;
}
