import type { MutatedFile } from "../mutant.ts";

export const dropout: MutatedFile = {
  file: "dropout.ts",
  laws: ["kernels/dropout", "kernels/noise", "kernels/contract"],
  mutants: [
    { title: "a round of Philox too few", find: "round < 10", replace: "round < 9" },
    { title: "bits equal to the threshold are dropped", find: "i32x4.ge_u(bits,", replace: "i32x4.gt_u(bits," },
    { title: "bits are compared as numbers with a sign", find: "i32x4.ge_u(bits,", replace: "i32x4.ge_s(bits," },
    { title: "what is dropped and what is kept are exchanged", find: "i32x4.ge_u(bits,", replace: "i32x4.lt_u(bits," },
    { title: "the counters are those of the next four", find: "i32x4.splat(e >> 2)", replace: "i32x4.splat(e >> 4)" },
    {
      title: "what is kept is made smaller",
      find: "f32x4.div(loadLanes(d.x + offset, lanes), f32x4.splat(d.kept))",
      replace: "f32x4.mul(loadLanes(d.x + offset, lanes), f32x4.splat(d.kept))",
    },
    {
      title: "what is kept is not scaled",
      find: "f32x4.div(loadLanes(d.x + offset, lanes), f32x4.splat(d.kept))",
      replace: "loadLanes(d.x + offset, lanes)",
    },
    {
      title: "what is left of a channel is not scaled",
      find: "f32x4.div(loadLanes(m.x + at, lanes), f32x4.splat(m.kept))",
      replace: "loadLanes(m.x + at, lanes)",
    },
    { title: "all images keep the same channels", find: "(pixel / m.pixels) * m.channels", replace: "0" },
    { title: "noise is never negative", find: "i32x4.splat(0xffffff)", replace: "i32x4.splat(0)" },
    {
      title: "the tail of the normal distribution is its middle",
      find: "middle(w), tail(w)",
      replace: "middle(w), middle(w)",
    },
    { title: "a coefficient of the tail", find: "-0.00367342844", replace: "-0.00367" },
    { title: "a key is not advanced", find: "key1 += 0xbb67ae85;", replace: "" },
    {
      title: "the keys are exchanged",
      find: "highHalves(even1, odd1), word1), i32x4.splat(key0)",
      replace: "highHalves(even1, odd1), word1), i32x4.splat(key1)",
    },
    {
      title: "two words of a block are one",
      find: "useLanes(purpose, d, e + 4, last, word1)",
      replace: "useLanes(purpose, d, e + 4, last, word2)",
    },
    { title: "sixteen are written where fewer are left", find: "if (e >= last) return;", replace: "" },
    {
      title: "odd lanes take the product of the even ones",
      find: "const odd1 = i64x2.extmul_high_i32x4_u",
      replace: "const odd1 = i64x2.extmul_low_i32x4_u",
    },
    { title: "lower halves in the wrong order", find: "0, 2, 4, 6", replace: "0, 2, 6, 4" },
    { title: "upper halves are the lower ones", find: "1, 3, 5, 7", replace: "0, 2, 4, 6" },
  ],
};
