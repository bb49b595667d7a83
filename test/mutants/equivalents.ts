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
const RBF = "src/layers/euclidean-rbf.ts";
const MATH = "src/kernels/reference/math.ts";
const BATCH_NORMALIZATION = "src/layers/batch-normalization.ts";

const BEYOND = "one more turn reads undefined beyond the end, and a typed array ignores what is written there";
const NEXT =
  "one more turn writes where the next turn of the outer loop writes later, or beyond the end of a typed array";

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
    file: "src/kernels/reference/noise.ts",
    line: "const [coefficients, v] = w < 5 ? [MIDDLE, round(w - 2.5)] : [TAIL, round(round(Math.sqrt(w)) - 3)];",
    original: "w < 5",
    replacement: "w <= 5",
    reason: "of the 2²⁴ numbers u none has a w of 5, in neither precision: the nearest are 9·10⁻⁶ away",
  },
  {
    file: MATH,
    line: "return x < 0 ? -y : y;",
    original: "x < 0",
    replacement: "x <= 0",
    reason: "both zeros have been returned before",
  },
  {
    file: "src/kernels/reference/logarithm.ts",
    line: "const isSubnormal = x < 2.2250738585072014e-308;",
    original: "x < 2.2250738585072014e-308",
    replacement: "x <= 2.2250738585072014e-308",
    reason: "the least normal number times 2⁵⁴ has the same m, and an e that is 54 more",
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
  {
    file: BATCH_NORMALIZATION,
    line: "if (own) kernels.backwardBias(minusMean, x);",
    replacement: "true",
    reason: "what is computed in vain is written over",
  },
  {
    file: BATCH_NORMALIZATION,
    line: "if (own) kernels.affineBackwardScale(inverse, centred, centred);",
    replacement: "true",
    reason: "what is computed in vain is written over",
  },
  {
    file: "src/layers/concatenate.ts",
    line: "const place = axis < 0 ? shape.length + axis : axis;",
    original: "axis < 0",
    replacement: "axis <= 0",
    reason: "an axis of 0 is refused before",
  },
  ...["true", '""'].map((replacement) => ({
    file: "src/layers/conv2d-transpose.ts",
    line: 'if (this.bias || fused.name !== "linear") pass.kernels.affineForward(z, z, undefined, this.bias?.value, fused);',
    original: replacement === "true" ? 'this.bias || fused.name !== "linear"' : '"linear"',
    replacement,
    reason: "without anything to add and to apply, z stays what it is; only time is lost",
  })),
  {
    file: "src/layers/frame2d.ts",
    line: 'const remedy = output < 1 ? "nothing would be left; use less" : "y would be longer than 2^31 − 1; use less";',
    original: "output < 1",
    replacement: "output <= 1",
    reason: "1 is not refused",
  },
  {
    file: "src/layers/global-max-pooling2d.ts",
    line: "if (switches) pass.remember(this, { shape: x.shape, switches } satisfies Note);",
    original: "switches",
    replacement: "true",
    reason: "there are none where the pass remembers nothing",
  },
  {
    file: "src/layers/max-pooling2d.ts",
    line: "if (switches) pass.remember(this, { shape: x.shape, switches, window } satisfies Note);",
    original: "switches",
    replacement: "true",
    reason: "there are none where the pass remembers nothing",
  },
  {
    file: MATH,
    line: "return n <= 1 ? 1 : n * factorial(n - 1);",
    original: "n <= 1",
    replacement: "n < 1",
    reason: "1 · 0! is 1! too",
  },
  {
    file: "src/layers/max-unpooling2d.ts",
    line: "for (const input of source?.inputs ?? []) seen.add(input);",
    replacement: '["Stryker was here"]',
    reason: "what is no symbolic tensor has no source",
  },
  {
    file: "src/layers/separable-conv2d.ts",
    line: 'return Window.over("SeparableConv2D", height, width, { kernelSize: 1 });',
    original: '"SeparableConv2D"',
    replacement: '""',
    reason: "a kernel of 1 × 1 is never refused",
  },
  {
    file: "src/layers/weighted.ts",
    line: 'trueOrFalse(kind, "useBias", options.useBias ?? true);',
    original: "true",
    replacement: "false",
    reason: "both are true or false",
  },
  ...oneTurnMore("src/layers/subsampling2d.ts", BEYOND, "for (let c = 0; c < data.length; c++) data[c] = this.#cells;"),
  ...oneTurnMore("src/layers/table-conv2d.ts", BEYOND, "for (let cell = 0; cell < height * width; cell++)"),
  {
    file: "src/optimizers/clipping.ts",
    line: "this.#number ??= kernels.allocate([1]);",
    replacement: "[]",
    reason: "a tensor without axes has one number too",
  },
  {
    file: "src/optimizers/clipping.ts",
    line: "if (!(factor < 1) || !this.#number) return;",
    original: "factor < 1",
    replacement: "factor <= 1",
    reason: "times 1 a number stays what it is",
  },
  {
    file: "src/layers/merge.ts",
    line: "if (other >= 0) {",
    replacement: "other > 0",
    reason: "the first has the shape of the first",
  },
  ...oneTurnMore(RBF, BEYOND, "for (let n = 0; n < N; n++)", "for (let a = 0; a < A; a++)"),
  ...oneTurnMore(RBF, NEXT, "for (let b = 0; b < B; b++) {", "for (let a = 0; a < A; a++) {"),
  ...oneTurnMore(ACTIVATION, BEYOND, "for (let e = 0; e < data.length; e++) data[e] = f(data[e]);"),
  ...oneTurnMore("src/kernels/reference/affine.ts", BEYOND, "for (let e = 0; e < Y.length; e++) {"),
  ...oneTurnMore(
    "src/kernels/reference/conv2d.ts",
    BEYOND,
    "for (let e = 0; e < y.size; e++) Y[e] = B ? B[e % F] : 0;",
  ),
  ...oneTurnMore(
    "src/kernels/reference/copies.ts",
    BEYOND,
    "for (let n = 0; n < N; n++)",
    "for (let e = 0; e < Y.length; e++) Y[e] = X[placeOf(e, y.shape, steps)];",
  ),
  ...oneTurnMore(
    "src/kernels/reference/dense.ts",
    BEYOND,
    "for (let e = 0; e < y.size; e++) Y[e] = B ? B[e % units] : 0;",
  ),
  ...oneTurnMore(
    "src/kernels/reference/dropout.ts",
    BEYOND,
    "for (let e = 0; e < y.size; e++) Y[e] = isKept(e) ? X[e] / kept : 0;",
    "for (let n = 0; n < N; n++)",
  ),
  ...oneTurnMore(
    "src/kernels/reference/elementwise.ts",
    BEYOND,
    "for (let e = 0; e < Y.length; e++) Y[e] = f(X[e]);",
    "for (let e = 0; e < dX.length; e++) dX[e] = dY[e] * slope(Y[e]);",
    "for (let e = 0; e < Y.length; e++) Y[e] = A[e] + B[e];",
    "for (let e = 0; e < Y.length; e++) Y[e] = A[e] * B[e];",
  ),
  ...oneTurnMore(
    "src/kernels/reference/elementwise.ts",
    BEYOND,
    "for (let r = 0; r < rows; r++) for (let c = 0; c < own; c++) Y[r * length + at + c] = X[r * own + c];",
    "for (let r = 0; r < rows; r++) for (let c = 0; c < own; c++) Y[r * own + c] = X[r * length + from + c];",
  ),
  ...oneTurnMore(
    "src/kernels/reference/elementwise.ts",
    NEXT,
    "for (let r = 0; r < rows; r++) for (let c = 0; c < own; c++) Y[r * own + c] = X[r * length + from + c]; | c < own",
  ),
  ...oneTurnMore("src/kernels/reference/dropout.ts", NEXT, "for (let pixel = 0; pixel < H * W; pixel++) {"),
  ...oneTurnMore("src/kernels/reference/losses.ts", BEYOND, "for (let r = 0; r < losses.size; r++) {"),
  ...oneTurnMore(
    "src/kernels/reference/losses.ts",
    NEXT,
    "if (dx) for (let k = first; k < end; k++) dx.data[k] = weight * slope(X[k], target(k));",
  ),
  ...oneTurnMore("src/kernels/reference/noise.ts", BEYOND, "for (let e = 0; e < Y.length; e++) {"),
  ...oneTurnMore("src/kernels/reference/optimizers.ts", BEYOND, "for (let e = 0; e < value.size; e++) {"),
  ...oneTurnMore(
    "src/kernels/reference/penalties.ts",
    BEYOND,
    "for (let e = 0; e < G.length; e++) {",
    "for (let e = 0; e < Y.length; e++) Y[e] = Math.max(Math.min(X[e], most), -most);",
  ),
  ...oneTurnMore(
    "src/kernels/reference/pooling.ts",
    BEYOND,
    "for (let n = 0; n < N; n++)",
    "for (let e = 0; e < y.size; e++) Y[e] /= counts[e];",
  ),
  ...oneTurnMore(
    "src/kernels/reference/softmax.ts",
    NEXT,
    "for (let k = first; k < end; k++) Y[k] = math.exp(math.round(X[k] - maximum)) / sum;",
    "for (let k = first; k < end; k++) dX[k] = Y[k] * round(dY[k] - dot);",
    "for (let k = first; k < end; k++) Y[k] = math.round(X[k] - maximum) - logSum;",
    "for (let k = first; k < end; k++) dX[k] = dY[k] - round(exp(Y[k]) * sum);",
  ),
  ...oneTurnMore(
    "src/kernels/reference/up-sampling.ts",
    BEYOND,
    "for (let n = 0; n < N; n++)",
    "for (let e = 0; e < Y.length; e++) Y[e] /= whole;",
    "for (let e = 0; e < dX.length; e++) dX[e] /= whole;",
  ),
  ...oneTurnMore(
    BATCH_NORMALIZATION,
    BEYOND,
    "for (let c = 0, shift = minusMean.data, mean = moving[0].data; c < C; c++)",
    "for (let c = 0, square = inverse.data, variance = moving[1].data; c < C; c++) {",
    "for (let c = 0, inverses = inverse.data, factors = factor.data; c < C; c++) {",
    "for (let c = 0; c < F.length; c++) {",
    "for (let c = 0; c < mean.length; c++) {",
  ),
];

/** Loops that go one turn too far: `lines` whose first condition, or the one behind " | ", has ≤ instead of <. */
function oneTurnMore(file: string, reason: string, ...lines: string[]): Equivalent[] {
  return lines.map((text) => {
    const [line, original = /; (\w+ < [^;]+);/.exec(text)![1]] = text.split(" | ");
    return { file, line, original, replacement: original.replace("<", "<="), reason };
  });
}
