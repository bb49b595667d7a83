/** Faults of the kernels that move numbers, enlarge images and normalise over channels. */
import type { MutatedFile } from "../mutant.ts";

export const copies: MutatedFile = {
  file: "copies.ts",
  laws: ["kernels/contract"],
  mutants: [
    { title: "a row below the image is read", find: "u >= w.height", replace: "u > w.height" },
    { title: "a row above the image is read", find: "if (u < 0 || ", replace: "if (" },
    { title: "the zeros at the left are left out", find: "clearNumbers(to, first * w.channels);", replace: "" },
    {
      title: "the zeros at the right are left out",
      find: "clearNumbers(to + <usize>behind * pixel, (w.outputWidth - behind) * w.channels);",
      replace: "",
    },
    { title: "a window keeps to the left", find: "w.width + w.left + first)", replace: "w.width + first)" },
    {
      title: "windows run over the right edge",
      find: "min(w.width - w.left, w.outputWidth)",
      replace: "w.outputWidth",
    },
    {
      title: "images are as high as their windows",
      find: "(image * w.height + u)",
      replace: "(image * w.outputHeight + u)",
    },
    { title: "an axis counts the one before it", find: "const rest = row / length;", replace: "const rest = row;" },
    { title: "all axes are as long as the last", find: "axes += 8;", replace: "" },
    { title: "gathering leaves out the last numbers", find: "store<f32>(to, load<f32>(from));", replace: "" },
    { title: "gathering takes every third number twice", find: "from + 3 * step", replace: "from + 2 * step" },
    { title: "gathering goes on beside itself", find: "from += step << 2;", replace: "from += 16;" },
  ],
};

export const upSampling: MutatedFile = {
  file: "up-sampling.ts",
  laws: ["kernels/contract"],
  mutants: [
    { title: "centres are corners", find: "2 * i + 1 - size", replace: "2 * i" },
    { title: "the last pixel mixes with the next row", find: "place >= input - 1", replace: "place >= input" },
    { title: "near and far are exchanged", find: "taps.near = <f32>(double - far);", replace: "taps.near = <f32>far;" },
    {
      title: "gradients are not divided",
      find: "if (g.isBilinear) divideNumbers(",
      replace: "if (false) divideNumbers(",
    },
    { title: "gradients are added to what was there", find: "clearNumbers(dx, (last - first) * size);", replace: "" },
    {
      title: "gradients overwrite each other",
      find: "f32x4.add(loadLanes(to, lanes), f32x4.mul(f32x4.splat(weight), dy))",
      replace: "f32x4.mul(f32x4.splat(weight), dy)",
    },
    {
      title: "a pixel below is the one beside",
      find: "total = weighted(total, x + line, ",
      replace: "total = weighted(total, x + pixel, ",
    },
    {
      title: "rows and columns are enlarged alike",
      find: "const outputWidth = g.width * g.sizeWidth;",
      replace: "const outputWidth = g.width * g.sizeHeight;",
    },
  ],
};

export const localResponse: MutatedFile = {
  file: "local-response.ts",
  laws: ["kernels/conformance", "kernels/contract"],
  mutants: [
    { title: "a neighbour too few", find: "d >= 0; d--", replace: "d > 0; d--" },
    { title: "the neighbourhood is the other way round", find: "<usize>n.before << 2", replace: "<usize>n.after << 2" },
    {
      title: "what is sent goes the way it came",
      find: "(<usize>(n.after + c) << 2)",
      replace: "(<usize>(n.before + c) << 2)",
    },
    { title: "squares of the pixel before are left behind", find: "clearNumbers(scratch, rowLength(n));", replace: "" },
    {
      title: "shares of another operation are left behind",
      find: "clearNumbers(scratch, 3 * rowLength(n));",
      replace: "clearNumbers(scratch, rowLength(n));",
    },
    { title: "neighbours excite", find: "f32x4.sub(own, ", replace: "f32x4.add(own, " },
    { title: "the share is not divided by s", find: "f32x4.div(power, scale)", replace: "power" },
    { title: "the own square does not count", find: "f32x4.mul(value, value)", replace: "f32x4.splat(0)" },
  ],
};
