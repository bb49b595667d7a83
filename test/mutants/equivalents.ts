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

export const equivalents: readonly Equivalent[] = [
  {
    file: "src/kernels/reference/activation.ts",
    line: "return (x) => (x > 0 ? x : round(slope * x));",
    original: "x > 0",
    replacement: "x >= 0",
    reason: "slope · 0 is 0, and slope · −0 is −0",
  },
  {
    file: "src/kernels/reference/activation.ts",
    line: "return (x) => (x > 0 ? x : round(slope * expm1(x)));",
    original: "x > 0",
    replacement: "x >= 0",
    reason: "exp x − 1 is x for both zeros",
  },
  {
    file: "src/kernels/reference/activation.ts",
    line: "return round((x < 0 ? z : 1) / round(1 + z));",
    original: "x < 0",
    replacement: "x <= 0",
    reason: "z is 1 where x is 0",
  },
  {
    file: "src/kernels/reference/activation.ts",
    line: "for (let e = 0; e < data.length; e++) data[e] = f(data[e]);",
    original: "e < data.length",
    replacement: "e <= data.length",
    reason: "one more turn reads undefined beyond the end, and a typed array ignores what is written there",
  },
  {
    file: "src/kernels/reference/optimizers.ts",
    line: "for (let e = 0; e < value.size; e++) {",
    original: "e < value.size",
    replacement: "e <= value.size",
    reason: "one more turn reads undefined beyond the end, and a typed array ignores what is written there",
  },
  {
    file: "src/layers/batch-normalization.ts",
    line: "for (let c = 0, shift = minusMean.data, mean = moving[0].data; c < C; c++)",
    original: "c < C",
    replacement: "c <= C",
    reason: "one more turn reads undefined beyond the end, and a typed array ignores what is written there",
  },
  {
    file: "src/layers/batch-normalization.ts",
    line: "for (let c = 0, square = inverse.data, variance = moving[1].data; c < C; c++) {",
    original: "c < C",
    replacement: "c <= C",
    reason: "one more turn reads undefined beyond the end, and a typed array ignores what is written there",
  },
  {
    file: "src/layers/batch-normalization.ts",
    line: "for (let c = 0, inverses = inverse.data, factors = factor.data; c < C; c++) {",
    original: "c < C",
    replacement: "c <= C",
    reason: "one more turn reads undefined beyond the end, and a typed array ignores what is written there",
  },
  {
    file: "src/layers/batch-normalization.ts",
    line: "for (let c = 0; c < F.length; c++) {",
    original: "c < F.length",
    replacement: "c <= F.length",
    reason: "one more turn reads undefined beyond the end, and a typed array ignores what is written there",
  },
  {
    file: "src/layers/batch-normalization.ts",
    line: "for (let c = 0; c < mean.length; c++) {",
    original: "c < mean.length",
    replacement: "c <= mean.length",
    reason: "one more turn reads undefined beyond the end, and a typed array ignores what is written there",
  },
  {
    file: "src/layers/batch-normalization.ts",
    line: 'trueOrFalse(this.kind, "center", options.center ?? true);',
    original: "true",
    replacement: "false",
    reason: "both are true or false",
  },
  {
    file: "src/layers/batch-normalization.ts",
    line: 'trueOrFalse(this.kind, "scale", options.scale ?? true);',
    original: "true",
    replacement: "false",
    reason: "both are true or false",
  },
];
