import type { MutatedFile } from "../mutant.ts";

const laws = ["kernels/pooling", "kernels/contract"];

export const pooling: MutatedFile = {
  file: "pooling.ts",
  laws,
  mutants: [
    { title: "the last maximum wins a tie", find: "f32x4.gt(value, best)", replace: "f32x4.ge(value, best)" },
    {
      title: "what is not a number loses",
      find: "v128.or(f32x4.gt(value, best), f32x4.ne(value, value))",
      replace: "f32x4.gt(value, best)",
    },
    { title: "the maximum begins with 0", find: "v128.or(isFirst, wins(value, best))", replace: "wins(value, best)" },
    { title: "the last cell always wins", find: "isFirst = i32x4.splat(0);", replace: "" },
    { title: "a window of padding has a winner", find: "winner = f32x4.splat(-1)", replace: "winner = f32x4.splat(0)" },
    {
      title: "the first row or column counts as padding",
      find: "start + cell * dilation < 0",
      replace: "start + cell * dilation <= 0",
    },
    {
      title: "a row or column behind the image is read",
      find: "(cell - 1) * dilation >= size",
      replace: "(cell - 1) * dilation > size",
    },
    {
      title: "the last row or column counts as padding",
      find: "(cell - 1) * dilation >= size",
      replace: "cell * dilation >= size",
    },
    {
      title: "overlapping windows overwrite each other's gradient",
      find: "f32x4.add(loadLanes(to, lanes), value)",
      replace: "value",
    },
    { title: "gradients are added to what was there", find: "(last - first) * size);", replace: "0);" },
    { title: "only the first image's gradient is cleared", find: "(last - first) * size);", replace: "size);" },
    { title: "a mean counts rows of padding", find: "max(0, at.endP - at.firstP)", replace: "max(0, at.endP)" },
    { title: "a mean counts columns of padding", find: "max(0, at.endQ - at.firstQ)", replace: "max(0, at.endQ)" },
    { title: "the mean of nothing is not a number", find: "<f32>max(1, max(", replace: "<f32>max(0, max(" },
    { title: "rows are not dilated", find: "<usize>g.dilationHeight * line", replace: "line" },
    { title: "columns are not dilated", find: "<usize>g.dilationWidth * pixel", replace: "pixel" },
    {
      title: "padding at the top with the wrong sign",
      find: "* g.strideHeight - g.top",
      replace: "* g.strideHeight + g.top",
    },
    { title: "columns stride as rows do", find: "j * g.strideWidth - g.left", replace: "j * g.strideHeight - g.left" },
    { title: "columns do not stride", find: "j * g.strideWidth - g.left", replace: "j - g.left" },
    { title: "images are as high as outputs", find: "(image * g.height + u)", replace: "(image * g.outputHeight + u)" },
    { title: "all vectors of channels read the first", find: "    at.x += 16;\n", replace: "" },
    {
      title: "a last channel on its own is left out",
      find: "if (c < g.channels) fourChannels(",
      replace: "if (c + 1 < g.channels) fourChannels(",
    },
    {
      title: "all columns of a row of cells have one number",
      find: "isFirst = i32x4.splat(0);\n      from += at.columnStep;\n      cell += 1;",
      replace: "isFirst = i32x4.splat(0);\n      from += at.columnStep;",
    },
    {
      title: "cells 2 and 3 are exchanged",
      find: "f32x4.splat(3), f32x4.splat(2), rightOfBottom",
      replace: "f32x4.splat(2), f32x4.splat(3), rightOfBottom",
    },
    { title: "the bottom wins a tie", find: "wins(bottom, top)", replace: "v128.not(wins(top, bottom))" },
    {
      title: "a square at the left border reads padding",
      find: "at.endP == 2 && at.firstQ == 0 && ",
      replace: "at.endP == 2 && ",
    },
    {
      title: "a square at the bottom border reads padding",
      find: "at.firstP == 0 && at.endP == 2 && ",
      replace: "at.firstP == 0 && ",
    },
    {
      title: "dilated squares are taken for whole ones",
      find: "const isSquareOfFour = g.kernelHeight == 2 && g.kernelWidth == 2;",
      replace: "const isSquareOfFour = g.kernelHeight == 2;",
    },
    {
      title: "a mean's gradient is not divided",
      find: "divideNumbers(share, dy, g.channels, cells(at));",
      replace: "divideNumbers(share, dy, g.channels, f32x4.splat(1));",
    },
    { title: "a mean is a sum", find: "divideNumbers(y, y, g.channels, cells(at));", replace: "" },
    { title: "a sum goes on with what was there", find: "  clearNumbers(y, g.channels);\n", replace: "" },
    {
      title: "a sum takes the first cell of a row again and again",
      find: "addNumbers(y, from, g.channels);\n      from += at.columnStep;",
      replace: "addNumbers(y, from, g.channels);",
    },
    {
      title: "a sum leaves out the last channel",
      find: "addNumbers(y, from, g.channels)",
      replace: "addNumbers(y, from, g.channels - 1)",
    },
    {
      title: "shares go to the first cell of a row again and again",
      find: "addNumbers(to, share, g.channels);\n      to += at.columnStep;",
      replace: "addNumbers(to, share, g.channels);",
    },
    {
      title: "the last channel has no share",
      find: "addNumbers(to, share, g.channels)",
      replace: "addNumbers(to, share, g.channels - 1)",
    },
    {
      title: "only one row of windows has gradients",
      find: "row < last * g.outputHeight",
      replace: "row < first * g.outputHeight + 1",
    },
    {
      title: "all output rows are written to one place",
      find: "<usize>(row * g.outputWidth) * pixel",
      replace: "<usize>((row - image * g.outputHeight) * g.outputWidth) * pixel",
    },
    {
      title: "unpooling's gradient takes the next cell",
      find: "found = v128.bitselect(loadLanes(from, lanes)",
      replace: "found = v128.bitselect(loadLanes(from + at.columnStep, lanes)",
    },
    {
      title: "unpooling's gradient of a window without a maximum is not 0",
      find: "let found = f32x4.splat(0);",
      replace: "let found = winner;",
    },
    {
      title: "switches are written where none are wanted",
      find: "if (g.switches) storeLanes(g.switches + offset, winner, lanes)",
      replace: "storeLanes(g.switches + offset, winner, lanes)",
    },
  ],
};

export const halving: MutatedFile = {
  file: "pooling-halves.ts",
  laws,
  mutants: [
    { title: "the last maximum wins a tie", find: "f32x4.gt(value, best)", replace: "f32x4.ge(value, best)" },
    {
      title: "what is not a number loses",
      find: "v128.or(f32x4.gt(value, best), f32x4.ne(value, value))",
      replace: "f32x4.gt(value, best)",
    },
    {
      title: "a ragged last vector runs over the end",
      find: "const at = min(c, lastChannel);\n        if",
      replace: "const at = c;\n        if",
    },
    {
      title: "a ragged last vector of gradients runs over the end",
      find: "const at = min(c, lastChannel);\n          if",
      replace: "const at = c;\n          if",
    },
    { title: "windows overlap by a row", find: "(image * h.height + 2 * i)", replace: "(image * h.height + i)" },
    { title: "windows overlap by a column", find: "from += 2 * pixel;", replace: "from += pixel;" },
    {
      title: "images are as high as their windows",
      find: "(image * h.height + 2 * i)",
      replace: "(image * 2 * h.outputHeight + 2 * i)",
    },
    { title: "an odd last column keeps what was there", find: "(h.width & 1) * h.channels", replace: "0" },
    {
      title: "the upper half of an odd last column keeps what was there",
      find: "clearNumbers(to, oddColumn);\n",
      replace: "",
    },
    {
      title: "the lower half of an odd last column keeps what was there",
      find: "clearNumbers(to + line - (<usize>oddColumn << 2), oddColumn);",
      replace: "",
    },
    {
      title: "an odd last row keeps what was there",
      find: "if (h.height & 1) clearNumbers(to, h.width * h.channels);",
      replace: "",
    },
    { title: "the gradient of cell 3 goes to cell 2", find: "f32x4.splat(3)", replace: "f32x4.splat(2)" },
    { title: "the bottom wins a tie", find: "wins(bottom, top)", replace: "v128.not(wins(top, bottom))" },
    {
      title: "switches are written where none are wanted",
      find: "h.switches ? h.switches + to + at : 0",
      replace: "h.switches + to + at",
    },
    { title: "the bottom's cell is that of the top", find: "v128.and(one, right2)", replace: "v128.and(one, right0)" },
    {
      title: "images of gradients are as large as those of x",
      find: "image * h.outputHeight * h.outputWidth",
      replace: "image * h.height * h.width",
    },
    { title: "means are maxima", find: "forward(true, ", replace: "forward(false, " },
    { title: "shares of means go to the first cell", find: "backward(true, ", replace: "backward(false, " },
    {
      title: "the mean of four times −0 is −0",
      find: "f32x4.add(f32x4.splat(0), v128.load(from))",
      replace: "v128.load(from)",
    },
    {
      title: "a mean leaves cell 1 out",
      find: "f32x4.splat(0), v128.load(from)), v128.load(from + pixel)",
      replace: "f32x4.splat(0), v128.load(from)), v128.load(from)",
    },
    {
      title: "a mean leaves cells 2 and 3 out",
      find: "  from += line;\n",
      replace: "",
    },
    {
      title: "means are sums of another order",
      find: "f32x4.add(f32x4.add(top, v128.load(from)), v128.load(from + pixel))",
      replace: "f32x4.add(top, f32x4.add(v128.load(from), v128.load(from + pixel)))",
    },
    {
      title: "a mean is half the sum",
      find: "v128.load(from + pixel)), f32x4.splat(0.25)",
      replace: "v128.load(from + pixel)), f32x4.splat(0.5)",
    },
    {
      title: "half of dy goes to each cell",
      find: "v128.load(from), f32x4.splat(0.25)",
      replace: "v128.load(from), f32x4.splat(0.5)",
    },
    {
      title: "the gradient of −0 is −0",
      find: "f32x4.add(v128.load(from), f32x4.splat(0));",
      replace: "v128.load(from);",
    },
    {
      title: "a share of −0 is −0",
      find: "f32x4.add(f32x4.mul(v128.load(from), f32x4.splat(0.25)), f32x4.splat(0))",
      replace: "f32x4.mul(v128.load(from), f32x4.splat(0.25))",
    },
    {
      title: "cell 1 gets no share",
      find: "  v128.store(to + pixel, share);\n  to += line;\n",
      replace: "  to += line;\n",
    },
    {
      title: "cells 2 and 3 get no share",
      find: "  to += line;\n  v128.store(to, share);",
      replace: "  v128.store(to, share);",
    },
  ],
};
