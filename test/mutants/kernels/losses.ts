import type { MutatedFile } from "../mutant.ts";

export const losses: MutatedFile = {
  file: "losses.ts",
  laws: ["kernels/losses", "kernels/contract"],
  mutants: [
    { title: "means are sums and sums are means", find: "if (isMean) weight", replace: "if (!isMean) weight" },
    {
      title: "categorical cross-entropy is a mean over classes",
      find: "isMean = kind != SOFTMAX_CROSS_ENTROPY && kind != CATEGORICAL_CROSS_ENTROPY",
      replace: "isMean = kind != SOFTMAX_CROSS_ENTROPY",
    },
    {
      title: "lanes behind a row have losses",
      find: "v128.and(term(kind, x, t, row), laneMask(lanes))",
      replace: "term(kind, x, t, row)",
    },
    { title: "gradients are written where none is wanted", find: "if (l.dx) {", replace: "{" },
    {
      title: "gradients without the row's weight",
      find: "f32x4.mul(f32x4.splat(weight), slope(kind, x, powers, t, row))",
      replace: "slope(kind, x, powers, t, row)",
    },
    { title: "losses without the row's weight", find: "weight * sumOfLanes(sum)", replace: "sumOfLanes(sum)" },
    {
      title: "all rows have the first row's weight",
      find: "load<f32>(l.weights + (<usize>r << 2))",
      replace: "load<f32>(l.weights)",
    },
    { title: "all classes from the target on are targets", find: "f32x4.eq(elements,", replace: "f32x4.ge(elements," },
    {
      title: "all rows have the first row's class",
      find: "load<f32>(l.targets + (<usize>r << 2))",
      replace: "load<f32>(l.targets)",
    },
    {
      title: "lanes behind a row may be the target",
      find: "v128.and(v128.and(f32x4.splat(1), isTarget), laneMask(lanes))",
      replace: "v128.and(f32x4.splat(1), isTarget)",
      equivalent: "a class index is less than the number of columns, so that lanes behind the row never hold it",
    },
    { title: "targets are taken to sum to 1", find: "f32x4.mul(p, f32x4.splat(row.total))", replace: "p" },
    {
      title: "the logarithm of softmax adds that of the sum",
      find: "f32x4.sub(shifted, f32x4.splat(row.logSum))",
      replace: "f32x4.add(shifted, f32x4.splat(row.logSum))",
    },
    {
      title: "softmax is not shifted in the gradient",
      find: "f32x4.div(powers, f32x4.splat(row.sum))",
      replace: "f32x4.div(exp(x), f32x4.splat(row.sum))",
    },
    {
      title: "all rows' powers are kept in the first",
      find: "l.dx ? l.dx + start : 0",
      replace: "l.dx",
    },
    {
      title: "powers are kept where no gradient is wanted",
      find: "l.dx ? l.dx + start : 0",
      replace: "l.dx + start",
    },
    { title: "the least probability is ten times too large", find: "TINY: f32 = 1e-7", replace: "TINY: f32 = 1e-6" },
    {
      title: "sigmoid cross-entropy overflows",
      find: "exp(f32x4.neg(f32x4.abs(x)))",
      replace: "exp(f32x4.neg(x))",
    },
    {
      title: "sigmoid cross-entropy takes the smaller of x and 0",
      find: "f32x4.max(x, f32x4.splat(0)), f32x4.mul(x, t)",
      replace: "f32x4.min(x, f32x4.splat(0)), f32x4.mul(x, t)",
    },
    {
      title: "sigmoid cross-entropy's gradient with the wrong sign",
      find: "f32x4.sub(sigmoid(x), t)",
      replace: "f32x4.sub(t, sigmoid(x))",
    },
    {
      title: "binary cross-entropy takes t where 1 − t is meant",
      find: "logTerm(f32x4.sub(one, x), f32x4.sub(one, t))",
      replace: "logTerm(f32x4.sub(one, x), t)",
    },
    {
      title: "binary cross-entropy's gradients are added",
      find: "f32x4.sub(logSlope(x, t), ",
      replace: "f32x4.add(logSlope(x, t), ",
    },
    {
      title: "half of the squared error's gradient",
      find: "f32x4.mul(f32x4.splat(2), f32x4.sub(x, t))",
      replace: "f32x4.sub(x, t)",
    },
    {
      title: "0 · −∞ is not a number",
      find: "v128.and(f32x4.neg(f32x4.mul(t, y)), f32x4.ne(t, f32x4.splat(0)))",
      replace: "f32x4.neg(f32x4.mul(t, y))",
    },
    {
      title: "a probability of 0 has a gradient",
      find: "v128.and(f32x4.neg(f32x4.div(t, p)), f32x4.gt(p, f32x4.splat(TINY)))",
      replace: "f32x4.neg(f32x4.div(t, p))",
    },
    {
      title: "the least probability has a gradient",
      find: "f32x4.gt(p, f32x4.splat(TINY))",
      replace: "f32x4.ge(p, f32x4.splat(TINY))",
    },
    {
      title: "a probability of 0 has an infinite loss",
      find: "f32x4.neg(f32x4.mul(t, log(f32x4.pmax(p, f32x4.splat(TINY)))))",
      replace: "f32x4.neg(f32x4.mul(t, log(p)))",
    },
    {
      title: "categorical cross-entropy of a probability of 0 is infinite",
      find: "minusProduct(t, log(f32x4.pmax(x, f32x4.splat(TINY))))",
      replace: "minusProduct(t, log(x))",
    },
  ],
};
