import type { MutatedFile } from "../mutant.ts";

export const elementwise: MutatedFile = {
  file: "elementwise.ts",
  laws: ["kernels/sums", "kernels/merging", "kernels/contract"],
  mutants: [
    {
      title: "adding subtracts",
      find: "f32x4.add(loadLanes(t.a + offset, lanes), ",
      replace: "f32x4.sub(loadLanes(t.a + offset, lanes), ",
    },
    { title: "adding leaves out the last numbers", find: "if (e < last) addLanes(t, e, last - e);", replace: "" },
    {
      title: "adding reads the first tensor twice",
      find: "f32x4.add(loadLanes(t.a + offset, lanes), loadLanes(t.b + offset, lanes))",
      replace: "f32x4.add(loadLanes(t.a + offset, lanes), loadLanes(t.a + offset, lanes))",
    },
    { title: "adding writes behind its last number", find: "addLanes(t, e, last - e)", replace: "addLanes(t, e, 4)" },
    {
      title: "multiplying adds",
      find: "f32x4.mul(loadLanes(t.a + offset, lanes), ",
      replace: "f32x4.add(loadLanes(t.a + offset, lanes), ",
    },
    {
      title: "multiplying squares the first tensor",
      find: "f32x4.mul(loadLanes(t.a + offset, lanes), loadLanes(t.b + offset, lanes))",
      replace: "f32x4.mul(loadLanes(t.a + offset, lanes), loadLanes(t.a + offset, lanes))",
    },
    {
      title: "multiplying leaves out the last numbers",
      find: "if (e < last) multiplyLanes(t, e, last - e);",
      replace: "",
    },
    {
      title: "multiplying writes behind its last number",
      find: "multiplyLanes(t, e, last - e)",
      replace: "multiplyLanes(t, e, 4)",
    },
    {
      title: "rows are copied to places as far apart as they come from",
      find: "toStep = <usize>t.toStep << 2",
      replace: "toStep = <usize>t.fromStep << 2",
    },
    {
      title: "rows that are copied lie as far apart as they will",
      find: "fromStep = <usize>t.fromStep << 2",
      replace: "fromStep = <usize>t.toStep << 2",
    },
    { title: "every unit copies the first rows", find: "t.from + first * fromStep", replace: "t.from" },
    { title: "every unit copies to the first rows", find: "t.to + first * toStep", replace: "t.to" },
    {
      title: "the last row of a unit is not copied",
      find: "endOf(t, end) - first, t.length",
      replace: "endOf(t, end) - first - 1, t.length",
    },
    {
      title: "rows are copied to their ends' neighbours",
      find: "- first, t.length)",
      replace: "- first, t.length + 1)",
    },
    {
      title: "a sum takes a vector twice and leaves another out",
      find: "v128.load(from, 48)",
      replace: "v128.load(from, 32)",
    },
    {
      title: "a sum leaves out the last numbers",
      find: "for (; e < last; e += 4) sum0",
      replace: "for (; e + 4 <= last; e += 4) sum0",
    },
    {
      title: "a sum begins with what it had before",
      find: "  for (; e < last; e += 4) sum0 =",
      replace: "  sum1 = sum0;\n  for (; e < last; e += 4) sum0 =",
    },
    {
      title: "a sum forgets one of its four parts",
      find: "f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3))",
      replace: "f32x4.add(f32x4.add(sum0, sum1), sum2)",
    },
    { title: "slices overlap", find: "endOf(s, unit + 1)", replace: "endOf(s, end)" },
    { title: "all slices write one place", find: "s.y + (<usize>unit << 2)", replace: "s.y" },
    {
      title: "a sum of rows goes on in pairs behind its end",
      find: "from + stride + 32 <= end",
      replace: "from <= end",
    },
    {
      title: "a sum of rows leaves its last rows out",
      find: "from < end; from += stride",
      replace: "from > end; from += stride",
    },
    {
      title: "a sum of rows adds its last rows to the even ones",
      find: "    odd = !odd;\n",
      replace: "",
      equivalent: "which of two sums a row is added to only matters to rounding, which the laws of sums leave free",
    },
    { title: "a sum of rows adds an odd row to itself", find: "odd ? odd0 : even0", replace: "odd0" },
    { title: "a sum of rows forgets the odd ones", find: "f32x4.add(even0, odd0)", replace: "even0" },
    { title: "a sum of rows forgets the odd ones on the right", find: "f32x4.add(even1, odd1)", replace: "even1" },
    {
      title: "a sum of rows sums the left columns twice",
      find: "even1 = f32x4.add(even1, v128.load(from, 16))",
      replace: "even1 = f32x4.add(even1, v128.load(from))",
    },
    {
      title: "a sum of rows sums the left columns of its last rows twice",
      find: "loadLanes(from + 16, right)",
      replace: "loadLanes(from, right)",
    },
    {
      title: "a sum of rows leaves out a fifth column",
      find: "if (right > 0) storeLanes(",
      replace: "if (right > 1) storeLanes(",
    },
    { title: "a sum of rows writes behind its last column", find: "odd1), right)", replace: "odd1), 4)" },
    { title: "a sum of rows writes behind its fourth column", find: "odd0), left)", replace: "odd0), 4)" },
    {
      title: "a sum of rows has its first columns again",
      find: "sumColumns(from + (<usize>c << 2), end",
      replace: "sumColumns(from, end",
    },
    { title: "all slices of rows write one place", find: "<usize>slice * stride", replace: "<usize>begin * stride" },
    {
      title: "a sum of rows has one row too few",
      find: "endOf(s, slice + 1) - first",
      replace: "endOf(s, slice + 1) - first - 1",
    },
  ],
};
