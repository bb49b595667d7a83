import { checkOptions, fail, finiteNumber, isFunction } from "./errors.ts";
import { FLOAT64, logarithm } from "./kernels/reference/logarithm.ts";
import type { Random } from "./random.ts";
import { type FloatArray, type Shape, sizeOf } from "./tensor.ts";

export type InitializerName =
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "zeros"
  | "ones"
  | "randomNormal"
  | "randomUniform";

/** An initializer of one's own: as many values as the shape has elements, from this stream of random numbers. */
export type InitializerFunction = (shape: Shape, random: Random) => ArrayLike<number>;

/**
 * Where a parameter starts: a name, a name with numbers, or a function of one's own.
 *
 *   glorotUniform   uniform in ±√(6 / (fanIn + fanOut))                                      Glorot & Bengio 2010
 *   glorotNormal    normal, standard deviation √(2 / (fanIn + fanOut)), cut off at two of them
 *   heUniform       uniform in ±√(6 / fanIn)                                                 He et al. 2015
 *   heNormal        normal, standard deviation √(2 / fanIn), cut off at two of them
 *   zeros, ones
 *   randomNormal    { mean = 0, stddev = 0.05 }, not cut off
 *   randomUniform   { minval = −0.05, maxval = 0.05 }
 *
 * fanIn is how many numbers of x one number of y is made of, fanOut how many of y one of x goes into:
 * KH·KW·C/groups and KH·KW·F for a convolution [KH,KW,C/groups,F], A and B for a dense layer [A,B].
 */
export type Initializer =
  | InitializerName
  | { readonly name: Exclude<InitializerName, "randomNormal" | "randomUniform"> }
  | { readonly name: "randomNormal"; readonly mean?: number; readonly stddev?: number }
  | { readonly name: "randomUniform"; readonly minval?: number; readonly maxval?: number }
  | InitializerFunction;

interface Kind {
  /** Options with their defaults. */
  readonly options: Readonly<Record<string, number>>;
  /** Fills all of `values`; the loops are in here because a call for each of a hundred million is what one waits for. */
  readonly draw: (values: FloatArray, random: Random, fans: Fans, options: Record<string, number>) => void;
}

interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

const log = logarithm(FLOAT64);

/** The standard deviation of a standard normal that is cut off at ±2. */
const CUT_DEVIATION = 0.87962566103423978;

function uniform(values: FloatArray, random: Random, limit: number): void {
  for (let e = 0; e < values.length; e++) values[e] = (2 * random.uniform() - 1) * limit;
}

function cutNormal(values: FloatArray, random: Random, deviation: number): void {
  for (let e = 0; e < values.length; e++) values[e] = (cut(random) * deviation) / CUT_DEVIATION;
}

const KINDS: Readonly<Record<InitializerName, Kind>> = {
  glorotUniform: {
    options: {},
    draw: (values, random, { fanIn, fanOut }) => uniform(values, random, Math.sqrt(6 / (fanIn + fanOut))),
  },
  glorotNormal: {
    options: {},
    draw: (values, random, { fanIn, fanOut }) => cutNormal(values, random, Math.sqrt(2 / (fanIn + fanOut))),
  },
  heUniform: { options: {}, draw: (values, random, { fanIn }) => uniform(values, random, Math.sqrt(6 / fanIn)) },
  heNormal: { options: {}, draw: (values, random, { fanIn }) => cutNormal(values, random, Math.sqrt(2 / fanIn)) },
  zeros: { options: {}, draw: (values) => values.fill(0) },
  ones: { options: {}, draw: (values) => values.fill(1) },
  randomNormal: {
    options: { mean: 0, stddev: 0.05 },
    draw: (values, random, _fans, { mean, stddev }) => {
      for (let e = 0; e < values.length; e++) values[e] = mean + stddev * normal(random);
    },
  },
  randomUniform: {
    options: { minval: -0.05, maxval: 0.05 },
    draw: (values, random, _fans, { minval, maxval }) => {
      for (let e = 0; e < values.length; e++) values[e] = minval + (maxval - minval) * random.uniform();
    },
  },
};

/** Refuses what is no initializer, before any shape is known. Nothing (the layer's default) is fine. */
export function checkInitializer(owner: string, argument: string, initializer: Initializer | undefined): void {
  if (initializer === undefined || isFunction(initializer)) return;
  const given = typeof initializer === "string" ? { name: initializer } : initializer;
  if (
    typeof given !== "object" ||
    given === null ||
    typeof given.name !== "string" ||
    !Object.hasOwn(KINDS, given.name)
  ) {
    fail(
      owner,
      argument,
      initializer,
      `use ${Object.keys(KINDS).join(", ")}, { name, … }, or (shape, random) => values`,
    );
  }
  const { options } = KINDS[given.name];
  checkOptions(`${owner}: ${argument} ${given.name}`, given, ["name", ...Object.keys(options)]);
  for (const name of Object.keys(options)) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined) finiteNumber(owner, `${argument} ${name}`, value, name === "stddev" ? 0 : undefined);
  }
}

/**
 * The initial values of a parameter of this shape, written into `values`.
 *
 * ```ts
 * initialize("Dense", "ones", [2, 2], new Random(7), new Float64Array(4)); // Float64Array [1, 1, 1, 1]
 * ```
 * @returns values
 * @throws NeocogError where a function of one's own returns another number of values, or values that are not finite.
 */
export function initialize<Values extends FloatArray>(
  owner: string,
  initializer: Initializer,
  shape: Shape,
  random: Random,
  values: Values,
): Values {
  if (typeof initializer === "function") {
    const own = initializer(shape, random);
    if (typeof own !== "object" || own === null) fail(owner, "what the initializer returns", own, "return numbers");
    if (own.length !== values.length)
      fail(owner, "the number of initial values", own.length, `return ${values.length}`);
    for (let e = 0; e < values.length; e++) {
      if (!Number.isFinite(own[e])) fail(owner, `initial value ${e}`, own[e], "return finite numbers");
      values[e] = own[e];
    }
    return values;
  }
  const given = typeof initializer === "string" ? { name: initializer } : initializer;
  const { options, draw } = KINDS[given.name];
  const settings = { ...options, ...given } as unknown as Record<string, number>;
  draw(values, random, fansOf(shape), settings);
  return values;
}

/** See {@link Initializer}; of a vector both are its length, as in Keras. */
function fansOf(shape: Shape): Fans {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const cells = sizeOf(shape.slice(0, -2));
  return { fanIn: cells * shape[shape.length - 2], fanOut: cells * shape[shape.length - 1] };
}

/** A standard normal number by the polar method (Marsaglia & Bray 1964): no sine or cosine is needed. */
function normal(random: Random): number {
  for (;;) {
    const a = 2 * random.uniform() - 1;
    const b = 2 * random.uniform() - 1;
    const square = a * a + b * b;
    if (square > 0 && square < 1) return a * Math.sqrt((-2 * log(square)) / square);
  }
}

function cut(random: Random): number {
  for (;;) {
    const value = normal(random);
    if (Math.abs(value) < 2) return value;
  }
}
