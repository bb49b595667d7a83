import type { MutatedFile } from "../mutant.ts";

export const penalties: MutatedFile = {
  file: "penalties.ts",
  laws: ["kernels/contract", "regularizers"],
  mutants: [
    { title: "a penalty takes a vector twice", find: "v128.load(from, 16)", replace: "v128.load(from)" },
    {
      title: "a penalty forgets half of its sums",
      find: "sumOfLanes(f32x4.add(even, odd))",
      replace: "sumOfLanes(even)",
    },
    { title: "the linear penalty has signs", find: "f32x4.abs(x)", replace: "x" },
    { title: "negative weights are pushed down", find: "f32x4.sub(v128.and(", replace: "f32x4.add(v128.and(" },
    { title: "the last gradients are left out", find: "if (e < last) regularizeLanes(s, e, last - e);", replace: "" },
    { title: "clipping forgets the lower limit", find: "f32x4.splat(-c.limit)", replace: "below" },
    { title: "clipping leaves out the last numbers", find: "if (e < last) clipLanes(c, e, last - e);", replace: "" },
  ],
};
