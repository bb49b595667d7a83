/** Values that no argument is made for, as JavaScript without types hands them over. */
import fc from "fast-check";

/** Arrays and objects that contain themselves, or are deeper than a stack. */
const cyclicArray: unknown[] = [];
cyclicArray.push(cyclicArray);
const cyclicObject: Record<string, unknown> = {};
cyclicObject.self = cyclicObject;
let deepArray: unknown[] = [];
for (let depth = 0; depth < 20_000; depth++) deepArray = [deepArray];
Object.assign(deepArray, { [fc.toStringMethod]: () => "an array 20,000 deep" });
const unprintable = {
  toJSON: () => undefined,
  toString: () => {
    throw new Error("toString must not be called");
  },
};

const HOSTILE: readonly unknown[] = [cyclicArray, cyclicObject, deepArray, unprintable, Object.create(null)];

export const edges: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  ...[undefined, null, true, false, "", "0", "same", "adam", "__proto__", "constructor", Symbol("s"), 1n, () => 1],
  ...[0, -0, -1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31), 1e308, 5e-324, Number.NaN, Infinity, -Infinity],
  ...[
    [],
    [0],
    [1, 1],
    [1, 2, 3, 4],
    [Number.NaN],
    [[1]],
    ["a"],
    [undefined],
    {},
    { name: "relu" },
    new Map(),
    class {},
  ],
  ...[new Float32Array(2), new Float64Array(1), new Uint8Array(3), new DataView(new ArrayBuffer(4)), new Date(0)],
  ...HOSTILE,
);

export const junk: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: edges },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 1, arbitrary: anything() },
);

function anything(): fc.Arbitrary<unknown> {
  const every = { withBigInt: true, withBoxedValues: true, withMap: true, withNullPrototype: true, withSet: true };
  return fc.anything({
    ...every,
    withDate: true,
    withSparseArray: true,
    withTypedArray: true,
    maxDepth: 2,
    maxKeys: 3,
  });
}

/** Mostly a value that the argument is made for, sometimes one that it is not. */
export function mostly<T>(valid: fc.Arbitrary<T>, weight = 5): fc.Arbitrary<unknown> {
  return fc.oneof({ weight, arbitrary: valid as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: junk });
}

/**
 * Options: some of those given, each mostly valid; sometimes one that nobody knows, sometimes no options at all.
 * @param required options that are rarely left out
 * @param trust how many values are valid for one that is junk
 */
export function options(
  valid: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  required: readonly string[] = [],
  trust = 12,
): fc.Arbitrary<unknown> {
  const record = (needed: readonly string[]) =>
    fc.record(Object.fromEntries(Object.entries(valid).map(([name, value]) => [name, mostly(value, trust)])), {
      requiredKeys: [...needed],
    });
  const named = fc.tuple(record(required), fc.oneof(fc.string({ maxLength: 4 }), fc.constant("__proto__")), junk);
  return fc.oneof(
    { weight: trust, arbitrary: record(required) as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: record([]) as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: named.map(([known, name, value]) => ({ ...known, [name]: value })) },
    { weight: 1, arbitrary: junk },
  );
}
