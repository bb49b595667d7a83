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

/** Throws where an option is not one of those known: a typing error must never be a silent default. */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) fail(where, "an option", name, `known options are ${known.join(", ")}`);
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

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `the function ${value.name || "(anonymous)"}`;
  if (Array.isArray(value)) return `[${value.slice(0, 12).map(show).join(", ")}${value.length > 12 ? ", …" : ""}]`;
  if (typeof value === "object" && value !== null) {
    try {
      const text = JSON.stringify(value);
      return text.length > 80 ? `${text.slice(0, 79)}…` : text;
    } catch {
      return Object.prototype.toString.call(value);
    }
  }
  return Object.is(value, -0) ? "-0" : String(value);
}
