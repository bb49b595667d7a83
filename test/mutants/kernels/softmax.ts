import type { MutatedFile } from "../mutant.ts";

export const softmax: MutatedFile = {
  file: "softmax.ts",
  laws: ["kernels/softmax", "kernels/contract"],
  mutants: [
    {
      title: "multiplies by the sum",
      find: "f32x4.div(loadLanes(at(y, k), lanes), sum)",
      replace: "f32x4.mul(loadLanes(at(y, k), lanes), sum)",
    },
    {
      title: "only the first four powers are divided",
      find: "f32x4.div(loadLanes(at(y, k), lanes), sum)",
      replace: "f32x4.div(loadLanes(y, lanes), sum)",
    },
    { title: "powers are kept where none are wanted", find: "if (y) storeLanes", replace: "storeLanes" },
    {
      title: "the maximum begins with 0",
      find: "let maximum = f32x4.splat(-Infinity)",
      replace: "let maximum = f32x4.splat(0)",
    },
    {
      title: "the maximum counts lanes behind the row",
      find: "v128.bitselect(loadLanes(at(x, k), lanes), maximum, laneMask(lanes))",
      replace: "loadLanes(at(x, k), lanes)",
    },
    { title: "the maximum is a minimum", find: "f32x4.pmax(maximum,", replace: "f32x4.pmin(maximum," },
    {
      title: "the sum counts lanes behind the row",
      find: "v128.and(term, laneMask(lanes))",
      replace: "exp(shifted(x, k, lanes, maximum))",
    },
    {
      title: "rows are not shifted",
      find: "f32x4.sub(loadLanes(at(x, k), lanes), f32x4.splat(maximum))",
      replace: "loadLanes(at(x, k), lanes)",
    },
    {
      title: "backward adds the scalar product",
      find: "f32x4.sub(loadLanes(at(dy, k), lanes), dot)",
      replace: "f32x4.add(loadLanes(at(dy, k), lanes), dot)",
    },
    {
      title: "backward forgets the scalar product",
      find: "f32x4.sub(loadLanes(at(dy, k), lanes), dot)",
      replace: "loadLanes(at(dy, k), lanes)",
    },
    {
      title: "the scalar product is that of a with itself",
      find: "loadLanes(at(b, k), lanes)",
      replace: "loadLanes(at(a, k), lanes)",
    },
    {
      title: "the scalar product leaves out the end of a row",
      find: "loadLanes(at(a, k), lanes), loadLanes(at(b, k), lanes)",
      replace: "loadLanes(at(a, k), lanes), loadLanes(at(b, 0), lanes)",
    },
    {
      title: "the logarithm adds the sum's",
      find: "f32x4.sub(shifted(x, k, lanes, maximum), logSum)",
      replace: "f32x4.add(shifted(x, k, lanes, maximum), logSum)",
    },
    {
      title: "the logarithm's gradient takes y for exp y",
      find: "f32x4.mul(exp(loadLanes(at(s.output + offset, k), lanes)), sum)",
      replace: "f32x4.mul(loadLanes(at(s.output + offset, k), lanes), sum)",
    },
    {
      title: "the logarithm's gradient without the sum of dy",
      find: "f32x4.splat(rowSum(dy, s.columns))",
      replace: "f32x4.splat(1)",
    },
    {
      title: "the sum of dy leaves out the end of a row",
      find: "f32x4.add(sum, loadLanes(at(x, k), min(4, columns - k)))",
      replace: "f32x4.add(sum, loadLanes(at(x, 0), min(4, columns - k)))",
    },
    {
      title: "rows are one number apart too far",
      find: "(<usize>columns << 2)",
      replace: "((<usize>columns << 2) + 4)",
    },
  ],
};
