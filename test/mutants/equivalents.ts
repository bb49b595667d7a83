/** Mutants of Stryker's that no law can tell from the original, each with the reason. */
export interface Equivalent {
  readonly file: string;
  /** The line where it begins, without the spaces around it. */
  readonly line: string;
  /** What is replaced, where that is not clear from the rest. */
  readonly original?: string;
  readonly replacement: string;
  readonly reason: string;
}

const ACTIVATION = "src/kernels/reference/activation.ts";
const BATCH_NORMALIZATION = "src/layers/batch-normalization.ts";

export const equivalents: readonly Equivalent[] = [
  {
    file: ACTIVATION,
    line: "return (x) => (x > 0 ? x : round(slope * x));",
    original: "x > 0",
    replacement: "x >= 0",
    reason: "slope · 0 is 0, and slope · −0 is −0",
  },
  {
    file: ACTIVATION,
    line: "return (x) => (x > 0 ? x : round(slope * expm1(x)));",
    original: "x > 0",
    replacement: "x >= 0",
    reason: "exp x − 1 is x for both zeros",
  },
  {
    file: ACTIVATION,
    line: "return round((x < 0 ? z : 1) / round(1 + z));",
    original: "x < 0",
    replacement: "x <= 0",
    reason: "z is 1 where x is 0",
  },
  {
    file: BATCH_NORMALIZATION,
    line: 'trueOrFalse(this.kind, "center", options.center ?? true);',
    original: "true",
    replacement: "false",
    reason: "both are true or false",
  },
  {
    file: BATCH_NORMALIZATION,
    line: 'trueOrFalse(this.kind, "scale", options.scale ?? true);',
    original: "true",
    replacement: "false",
    reason: "both are true or false",
  },
  ...oneTurnMore(ACTIVATION, "for (let e = 0; e < data.length; e++) data[e] = f(data[e]);"),
  ...oneTurnMore("src/kernels/reference/optimizers.ts", "for (let e = 0; e < value.size; e++) {"),
  ...oneTurnMore(
    BATCH_NORMALIZATION,
    "for (let c = 0, shift = minusMean.data, mean = moving[0].data; c < C; c++)",
    "for (let c = 0, square = inverse.data, variance = moving[1].data; c < C; c++) {",
    "for (let c = 0, inverses = inverse.data, factors = factor.data; c < C; c++) {",
    "for (let c = 0; c < F.length; c++) {",
    "for (let c = 0; c < mean.length; c++) {",
  ),
];

/** Loops that go one turn too far, and do nothing in it. */
function oneTurnMore(file: string, ...lines: string[]): Equivalent[] {
  return lines.map((line) => {
    const original = /; (\w+ < [^;]+);/.exec(line)![1];
    const reason = "one more turn reads undefined beyond the end, and a typed array ignores what is written there";
    return { file, line, original, replacement: original.replace("<", "<="), reason };
  });
}
