import { fail, NeocogError } from "../errors.ts";
import { Tensor } from "../tensor.ts";

/**
 * One thing for each of several named places, as the user gives it: the thing itself where there is one place, or a list
 * in their order, or an object by name.
 */
export type Each<Thing> = Thing | readonly Thing[] | Readonly<Record<string, Thing>>;

/** Whether it is an object as `{ name: … }` writes it. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || value instanceof Tensor || ArrayBuffer.isView(value)) return false;
  return !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}

/** Things by name, in the order of the names. @throws NeocogError for a name that is missing, or that nobody has. */
export function byName<Thing>(
  where: string,
  argument: string,
  given: Readonly<Record<string, Thing>>,
  names: readonly string[],
): Thing[] {
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) fail(where, `a name in ${argument}`, name, `the model has ${names.join(", ")}`);
  }
  return names.map((name) => {
    if (!Object.hasOwn(given, name))
      throw new NeocogError(`${where}: ${argument} lacks "${name}"; give ${names.join(", ")}`);
    return given[name];
  });
}

/** A list as long as there are names. @throws NeocogError where it is not. */
export function inOrder<Thing>(
  where: string,
  argument: string,
  given: readonly Thing[],
  names: readonly string[],
): readonly Thing[] {
  if (given.length !== names.length) {
    fail(where, `the number of ${argument}`, given.length, `give ${names.length}: ${names.join(", ")}`);
  }
  return given;
}
