/**
 * Every refusal of the library reads the same way: who refuses, which argument, what was received, what to do.
 *
 * ```ts
 * fail("Conv2D", "strides", 0, "use a whole number of at least 1");
 * // NeocogError: Conv2D: strides is 0; use a whole number of at least 1
 * ```
 */
export class NeocogError extends Error {
  override name = "NeocogError";
}

/** Throws a {@link NeocogError} that names the layer or file, the argument, the value received and the remedy. */
export function fail(where: string, argument: string, received: unknown, remedy: string): never {
  throw new NeocogError(`${where}: ${argument} is ${show(received)}; ${remedy}`);
}

/** Throws where options are no object, or one is not among those known: a typing error must never be a silent default. */
export function checkOptions(where: string, options: unknown, known: readonly string[]): asserts options is object {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    fail(where, "the argument with its options", options, "give an object { name: value, … }");
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      fail(where, "an option", name, known.length > 0 ? `known options are ${known.join(", ")}` : "there are none");
    }
  }
}

/** A whole number of at least `least`, or an error. */
export function wholeNumber(where: string, argument: string, value: unknown, least: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least) {
    fail(where, argument, value, `use a whole number of at least ${least}`);
  }
  return value;
}

/** A finite number within [least, most], or an error. */
export function finiteNumber(
  where: string,
  argument: string,
  value: unknown,
  least = -Infinity,
  most = Infinity,
): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < least || value > most) {
    const range = most < Infinity ? ` from ${least} to ${most}` : least > -Infinity ? ` of at least ${least}` : "";
    fail(where, argument, value, `use a finite number${range}`);
  }
  return value;
}

/** A number from 0 to less than 1, or an error. */
export function fraction(where: string, argument: string, value: unknown): number {
  if (typeof value !== "number" || !(value >= 0 && value < 1)) {
    fail(where, argument, value, "use a number from 0 to less than 1");
  }
  return value;
}

/** true or false, or an error. */
export function trueOrFalse(where: string, argument: string, value: unknown): boolean {
  if (typeof value !== "boolean") fail(where, argument, value, "use true or false");
  return value;
}

/** Whether it can be called without new: the prototype of a class, unlike that of a function, cannot be written. */
export function isFunction(value: unknown): boolean {
  return typeof value === "function" && Object.getOwnPropertyDescriptor(value, "prototype")?.writable !== false;
}

/** Deeper, or longer, than anybody reads. */
const DEEPEST = 4;
const LONGEST = 80;

/** A value as an error shows it. It may be anything: an array that contains itself, an object that cannot be printed. */
function show(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(shortened(value));
  if (typeof value === "function")
    return `the function ${typeof value.name === "string" && value.name ? value.name : "(anonymous)"}`;
  if (Array.isArray(value)) {
    if (depth === DEEPEST) return "[…]";
    const shown = Array.from(value.slice(0, 12), (one) => show(one, depth + 1));
    return `[${shown.join(", ")}${value.length > 12 ? ", …" : ""}]`;
  }
  if (ArrayBuffer.isView(value)) return `${Object.prototype.toString.call(value)} of ${value.byteLength} bytes`;
  if (typeof value === "object" && value !== null) {
    try {
      return shortened(JSON.stringify(value));
    } catch {
      return "an object";
    }
  }
  return Object.is(value, -0) ? "-0" : String(value);
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
