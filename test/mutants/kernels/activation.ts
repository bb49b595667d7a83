import type { MutatedFile } from "../mutant.ts";

export const activation: MutatedFile = {
  file: "activation.ts",
  laws: ["kernels/activation", "kernels/contract"],
  mutants: [
    {
      title: "a last number on its own is left out",
      find: "for (; e < count; e += 4)",
      replace: "for (; e + 1 < count; e += 4)",
    },
    {
      title: "a short one leaves out its vectors' last number",
      find: "e + 4 <= count; e += 4) forwardLanes(kind, y, x, e, 4,",
      replace: "e + 4 <= count; e += 4) forwardLanes(kind, y, x, e, 3,",
    },
    {
      title: "backward leaves out a last number on its own",
      find: "if (e < last) backwardLanes(",
      replace: "if (e + 1 < last) backwardLanes(",
    },
    {
      title: "relu makes 0 of what is not a number",
      find: "rectified(x, zero)",
      replace: "f32x4.pmax(zero, x)",
    },
    {
      title: "leakyRelu slopes on the wrong side",
      find: "f32x4.mul(alpha, x), f32x4.gt(x, zero)",
      replace: "f32x4.mul(alpha, x), f32x4.lt(x, zero)",
    },
    { title: "elu without alpha", find: "f32x4.mul(alpha, expm1(x))", replace: "expm1(x)" },
    { title: "relu has a slope at its kink", find: "isPositive = f32x4.gt(y,", replace: "isPositive = f32x4.ge(y," },
    { title: "elu's slope with the wrong sign", find: "f32x4.add(y, alpha)", replace: "f32x4.sub(y, alpha)" },
    { title: "sigmoid's slope is y²", find: "f32x4.mul(y, f32x4.sub(one, y))", replace: "f32x4.mul(y, y)" },
    {
      title: "tanh's slope upside down",
      find: "f32x4.sub(one, f32x4.mul(y, y))",
      replace: "f32x4.sub(f32x4.mul(y, y), one)",
    },
    {
      title: "scaledTanh's slope falls with |y| instead of y²",
      find: "f32x4.mul(f32x4.splat(FALL), f32x4.mul(y, y))",
      replace: "f32x4.mul(f32x4.splat(FALL), f32x4.abs(y))",
    },
    { title: "linear is not copied", find: "else if (y != x) forward(", replace: "else if (y == x) forward(" },
    {
      title: "a unit begins at the wrong number",
      find: "const offset = <usize>first << 2;",
      replace: "const offset = <usize>begin << 2;",
    },
    {
      title: "the last unit goes on behind the end",
      find: "endOf(a, end) - first, a.kind",
      replace: "(end - begin) * a.perUnit, a.kind",
    },
    {
      title: "the gradient does not meet its own slope",
      find: "f32x4.mul(loadLanes(a.source + offset, lanes), slope)",
      replace: "f32x4.mul(loadLanes(a.source, lanes), slope)",
    },
    {
      title: "backward takes the slope of the gradient instead of that of the output",
      find: "derivative(kind, loadLanes(a.output + offset, lanes)",
      replace: "derivative(kind, loadLanes(a.source + offset, lanes)",
    },
  ],
};
