/**
 * About so many numbers make a unit of work: enough to be worth fetching, few enough to share out evenly. A multiple of 16,
 * as dropout wants.
 */
const NUMBERS = 8192;

export interface Division {
  readonly units: number;
  /** With these words each record of divided work begins; see assembly/units.ts. */
  readonly words: readonly [count: number, perUnit: number];
}

/** Divides `count` pieces of work, each on `size` numbers, into units. */
export function divide(count: number, size = 1, least = 1): Division {
  const perUnit = Math.max(least, Math.ceil(NUMBERS / Math.max(1, size)));
  return { units: Math.ceil(count / perUnit), words: [count, perUnit] };
}
