import type { MutatedFile } from "../mutant.ts";

export const affine: MutatedFile = {
  file: "affine.ts",
  laws: ["kernels/contract"],
  mutants: [
    { title: "the last row is as long as the others", find: "min(a.row, a.numbers - first)", replace: "a.row" },
    {
      title: "the last numbers of a row are left out",
      find: "if (c < count) affineLanes(a, y, offset, c, count - c);",
      replace: "",
    },
    { title: "scaling is left out", find: "f32x4.mul(loadLanes(a.x + offset + at, lanes), v128.load(a.scale + at))", replace: "loadLanes(a.x + offset + at, lanes)" }, // biome-ignore format: one line
    { title: "shifting takes the scale", find: "v128.load(a.shift + at)", replace: "v128.load(a.scale + at)" },
    { title: "the activation is left out", find: "applyActivation(y, y, count, a.kind, a.alpha);", replace: "" },
    { title: "products of rows leave out an odd last one", find: "if (row < rows) even =", replace: "if (row + 1 < rows) even =" }, // biome-ignore format: one line
    { title: "products of rows forget the odd ones", find: "return f32x4.add(even, odd)", replace: "return even" },
    { title: "all slices write one place", find: "s.y + <usize>slice * stride", replace: "s.y" },
  ],
};
