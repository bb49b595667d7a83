/** Faults of the files that all kernels share: units.ts, lanes.ts, vectors.ts, math.ts. */
import type { MutatedFile } from "../mutant.ts";

export const units: MutatedFile = {
  file: "units.ts",
  laws: ["kernels/sums", "kernels/contract"],
  mutants: [
    {
      title: "the last unit goes on behind the end",
      find: "min(end * work.perUnit, work.count)",
      replace: "end * work.perUnit",
    },
    { title: "every unit begins with the first number", find: "return begin * work.perUnit", replace: "return 0" },
    {
      title: "a unit ends one number early",
      find: "min(end * work.perUnit, work.count)",
      replace: "min(end * work.perUnit - 1, work.count)",
    },
  ],
};

export const lanes: MutatedFile = {
  file: "lanes.ts",
  laws: ["kernels/sums", "kernels/softmax", "kernels/losses", "kernels/contract"],
  mutants: [
    {
      title: "the sum counts lane 2 twice and lane 3 not at all",
      find: "f32x4.extract_lane(x, 3)",
      replace: "f32x4.extract_lane(x, 2)",
    },
    { title: "the maximum overlooks two lanes", find: "2, 3, 0, 1", replace: "0, 1, 2, 3" },
    { title: "the maximum is a minimum in the end", find: "return max(", replace: "return min(" },
    { title: "the mask has a lane too many", find: "i32x4.lt_s(", replace: "i32x4.le_s(" },
  ],
};

export const vectors: MutatedFile = {
  file: "vectors.ts",
  laws: [
    "kernels/conv2d",
    "kernels/pooling",
    "kernels/dense",
    "kernels/softmax",
    "kernels/activation",
    "kernels/relaxed",
    "kernels/contract",
    "kernels/winograd",
  ],
  mutants: [
    {
      title: "multiplying forgets what was added before",
      find: "return f32x4.add(f32x4.mul(a, b), sum);",
      replace: "return f32x4.mul(a, b);",
    },
    {
      title: "the relaxed build multiplies the wrong two",
      find: "relaxed_madd(a, b, sum)",
      replace: "relaxed_madd(a, sum, b)",
      relaxed: true,
    },
    {
      title: "a product is added where it is to be taken off",
      find: "f32x4.sub(sum, f32x4.mul",
      replace: "f32x4.add(sum, f32x4.mul",
    },
    {
      title: "the relaxed build adds a product where it is to be taken off",
      find: "relaxed_nmadd(a, b, sum)",
      replace: "relaxed_madd(a, b, sum)",
      relaxed: true,
    },
    { title: "relu gives −0 of −0", find: "f32x4.le(x, floor)", replace: "f32x4.lt(x, floor)" },
    {
      title: "relu gives 0 of what is not a number",
      find: "v128.andnot(x, f32x4.le(x, floor))",
      replace: "v128.and(x, f32x4.gt(x, floor))",
    },
    { title: "without relu nothing negative is left", find: "rectifies ? 0 : NaN", replace: "rectifies ? 0 : 0" },
    { title: "copying leaves out the last numbers", find: "store<f32>(to, load<f32>(from));", replace: "" },
    {
      title: "copying a vector shifts it",
      find: "v128.store(to, v128.load(from));",
      replace: "v128.store(to, v128.load(from, 4));",
    },
    {
      title: "copied rows are as far apart as where they come from",
      find: "    to += toStep;\n",
      replace: "    to += fromStep;\n",
    },
    { title: "all copied rows are the first", find: "    from += fromStep;\n", replace: "" },
    { title: "the last copied row is left out", find: "for (; rows > 0; --rows)", replace: "for (; rows > 1; --rows)" },
    { title: "clearing leaves out the last numbers", find: "store<f32>(to, 0);", replace: "" },
    { title: "clearing leaves every vector as it was", find: "v128.store(to, zero);", replace: "" },
    {
      title: "storing one number writes four",
      find: "v128.store_lane<f32>(to, value, 0);",
      replace: "v128.store(to, value);",
    },
    {
      title: "storing three numbers writes the fourth as the third",
      find: "v128.store_lane<f32>(to, value, 2, 8)",
      replace: "v128.store_lane<f32>(to, value, 3, 8)",
    },
    {
      title: "storing three numbers writes two",
      find: "if (count == 3) v128.store_lane",
      replace: "if (count == 5) v128.store_lane",
    },
    { title: "storing two numbers writes three", find: "if (count == 3) v128.store_lane", replace: "v128.store_lane" },
    {
      title: "loading two numbers reads three",
      find: "return count == 3 ? v128.load_lane<f32>(from, two, 2, 8) : two;",
      replace: "return v128.load_lane<f32>(from, two, 2, 8);",
    },
    {
      title: "loading one number fills all lanes with it",
      find: "v128.load32_zero(from)",
      replace: "v128.load32_splat(from)",
    },
    {
      title: "turning exchanges two columns",
      find: "v128.shuffle<f64>(low01, low23, 1, 3), 32)",
      replace: "v128.shuffle<f64>(high01, high23, 0, 2), 32)",
    },
    { title: "turning takes the third row twice", find: "from + 3 * step", replace: "from + 2 * step" },
  ],
};

export const math: MutatedFile = {
  file: "math.ts",
  laws: ["kernels/activation", "kernels/losses", "kernels/math"],
  mutants: [
    {
      title: "the low part of ln 2 with the wrong sign",
      find: "-2.1219444005469057e-4",
      replace: "2.1219444005469057e-4",
    },
    { title: "exp overflows too early", find: "-104, 89)", replace: "-104, 88)" },
    { title: "exp never underflows to 0", find: "clamped(x, -104,", replace: "clamped(x, -103," },
    {
      title: "exp halves a negative power without its sign",
      find: "i32x4.shr_s(whole, 1)",
      replace: "i32x4.shr_u(whole, 1)",
      equivalent: "the power is shifted into the exponent, and the bits that differ are shifted out",
    },
    {
      title: "exp scales by half of the power twice",
      find: "powerOfTwo(i32x4.sub(whole, half))",
      replace: "powerOfTwo(half)",
    },
    {
      title: "the power of two is cut off, not rounded",
      find: "f32x4.splat(LOG2_E)), f32x4.splat(0.5)",
      replace: "f32x4.splat(LOG2_E)), f32x4.splat(0)",
    },
    { title: "a coefficient of the series", find: "1.0 / 5040.0", replace: "1.0 / 5000.0" },
    {
      title: "the series begins with the square twice",
      find: "f32x4.mul(f32x4.mul(r, r), series)",
      replace: "f32x4.mul(r, series)",
    },
    { title: "expm1 stops at −10", find: "clamped(x, -20, 20)", replace: "clamped(x, -10, 20)" },
    {
      title: "integers are one too large",
      find: "f32x4.add(k, f32x4.splat(12582912)), f32x4.splat(12582912)",
      replace: "f32x4.add(k, f32x4.splat(12582912)), f32x4.splat(12582911)",
    },
    { title: "expm1 is exp", find: "f32x4.sub(scale, f32x4.splat(1))", replace: "scale" },
    { title: "tanh loses its sign", find: "return v128.bitselect(x, y, sign);", replace: "return y;" },
    {
      title: "sigmoid is mirrored",
      find: "v128.bitselect(z, one, f32x4.lt(x, ",
      replace: "v128.bitselect(z, one, f32x4.gt(x, ",
    },
    { title: "log of a subnormal number is one power off", find: "i32x4.splat(24)", replace: "i32x4.splat(23)" },
    {
      title: "log takes the smallest normal number for a subnormal one",
      find: "f32x4.lt(x, f32x4.splat(SMALLEST_NORMAL))",
      replace: "f32x4.le(x, f32x4.splat(SMALLEST_NORMAL))",
      equivalent: "a normal number that is scaled by 2²⁴ and has 24 taken off its exponent is exactly the same number",
    },
    {
      title: "log of ∞ is finite",
      find: "f32x4.lt(x, f32x4.splat(Infinity))",
      replace: "f32x4.le(x, f32x4.splat(Infinity))",
    },
    {
      title: "log exchanges 0 and the negative numbers",
      find: "f32x4.eq(x, f32x4.splat(0))",
      replace: "f32x4.ne(x, f32x4.splat(0))",
    },
    { title: "log of 0 is finite", find: "f32x4.le(x, f32x4.splat(0))", replace: "f32x4.lt(x, f32x4.splat(0))" },
    {
      title: "log divides √2 the other way",
      find: "f32x4.gt(m, f32x4.splat(SQRT_2))",
      replace: "f32x4.ge(m, f32x4.splat(SQRT_2))",
    },
    {
      title: "log does not halve what is above √2",
      find: "f32x4.mul(m, f32x4.splat(0.5)), m, isUpper",
      replace: "m, m, isUpper",
    },
    { title: "a coefficient of log's series", find: "2.0 / 11.0", replace: "2.0 / 13.0" },
    { title: "log1p does not make up for what 1 + x lost", find: "f32x4.div(lost, u)", replace: "f32x4.splat(0)" },
    { title: "log1p does not divide what 1 + x lost", find: "f32x4.div(lost, u)", replace: "lost" },
    { title: "2ᵏ is one power off", find: "i32x4.add(k, i32x4.splat(127))", replace: "i32x4.add(k, i32x4.splat(126))" },
  ],
};
