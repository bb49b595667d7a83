import type { MutatedFile } from "../mutant.ts";

const laws = ["kernels/pooling", "kernels/contract"];

export const pooling: MutatedFile = {
  file: "pooling.ts",
  laws,
  mutants: [
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
    { title: "gradients are added to what was there", find: "(last - first) * size);", replace: "0);" },
    { title: "only the first image's gradient is cleared", find: "(last - first) * size);", replace: "size);" },
    { title: "means are added to what was there", find: "g.direction >= MAXIMUM_BACKWARD", replace: "g.direction > 0" },
    {
      title: "a mean's gradient counts output rows as images",
      find: "g.direction >= MAXIMUM_BACKWARD",
      replace: "g.direction == MAXIMUM_BACKWARD",
    },
    { title: "rows are not dilated", find: "<usize>g.dilationHeight * line", replace: "line" },
    { title: "columns are not dilated", find: "<usize>g.dilationWidth * pixel", replace: "pixel" },
    { title: "rows of cells above the image are read", find: "* line + p * rowStep", replace: "* line" },
    { title: "cells beside the image are read", find: " + q * at.columnStep;", replace: ";" },
    {
      title: "padding at the top with the wrong sign",
      find: "* g.strideHeight - g.top",
      replace: "* g.strideHeight + g.top",
    },
    { title: "columns stride as rows do", find: "j * g.strideWidth - g.left", replace: "j * g.strideHeight - g.left" },
    { title: "columns do not stride", find: "j * g.strideWidth - g.left", replace: "j - g.left" },
    { title: "images are as high as outputs", find: "(image * g.height + u)", replace: "(image * g.outputHeight + u)" },
    { title: "rows of cells follow each other", find: "rowStep - at.columns * at.columnStep", replace: "rowStep" },
    { title: "cells are counted from the first inside", find: "p * g.kernelWidth + q", replace: "0" },
    { title: "cells above the image are not counted", find: "p * g.kernelWidth + q", replace: "q" },
    { title: "cells outside are not counted", find: "g.kernelWidth - at.columns", replace: "0" },
    { title: "all channels read the first", find: "      at.x += <usize>done << 2;\n", replace: "" },
    { title: "all channels are written to one place", find: "      at.y += <usize>done << 2;\n", replace: "" },
    {
      title: "all channels have the first one's switches",
      find: "      if (at.switches) at.switches += <usize>done << 2;\n",
      replace: "",
    },
    { title: "a last channel on its own is left out", find: "left > 0; )", replace: "left > 1; )" },
    { title: "all windows of a row are written to one place", find: "    output += pixel;\n", replace: "" },
    {
      title: "all output rows are written to one place",
      find: "<usize>(row * g.outputWidth) * pixel",
      replace: "<usize>((row - image * g.outputHeight) * g.outputWidth) * pixel",
    },
    {
      title: "only one row of windows has gradients",
      find: "    last *= g.outputHeight;\n",
      replace: "    last = first + 1;\n",
    },
    {
      title: "switches are written where none are wanted",
      find: "g.switches ? g.switches + output : 0",
      replace: "g.switches + output",
    },
  ],
};

export const poolingCells: MutatedFile = {
  file: "pooling-cells.ts",
  laws,
  mutants: [
    { title: "the last maximum of four wins a tie", find: "wins(value, a)", replace: "v128.not(wins(a, value))" },
    {
      title: "what is not a number loses among four channels",
      find: "wins(value, a)",
      replace: "f32x4.gt(value, a)",
    },
    {
      title: "the maximum begins with 0",
      find: "v128.or(isFirst, wins(value, a))",
      replace: "wins(value, a)",
    },
    { title: "the last cell always wins", find: "isFirst = i32x4.splat(0);", replace: "" },
    { title: "a window of padding has a winner", find: "b = f32x4.splat(-1), isFirst", replace: "b = a, isFirst" },
    { title: "the last maximum of sixteen wins a tie", find: "f32x4.gt(v2, a2)", replace: "f32x4.ge(v2, a2)" },
    { title: "the cell of a maximum is the last cell", find: "v128.and(cell, f32x4.gt(v1, a1))", replace: "cell" },
    {
      title: "the maximum of sixteen is the smallest",
      find: "a3 = f32x4.pmax(a3, v3)",
      replace: "a3 = f32x4.pmin(a3, v3)",
    },
    {
      title: "a maximum takes its neighbour's numbers",
      find: "a2 = f32x4.pmax(a2, v2)",
      replace: "a2 = f32x4.pmax(a2, v1)",
    },
    { title: "zero is the larger of two zeros", find: "a0 = f32x4.pmax(a0, v0)", replace: "a0 = f32x4.max(a0, v0)" },
    {
      title: "what is not a number loses among sixteen channels",
      find: "direction == MAXIMUM && v128.any_true(f32x4.ne(sum, sum))",
      replace: "false",
    },
    {
      title: "what is not a number loses in the last four of sixteen channels",
      find: "f32x4.add(f32x4.add(v0, v1), f32x4.add(v2, v3))",
      replace: "f32x4.add(f32x4.add(v0, v1), v2)",
    },
    {
      title: "sixteen maxima begin with the first cell of the window, not of those inside",
      find: "b2 = cell, b3 = cell;",
      replace: "b2 = zero, b3 = cell;",
    },
    {
      title: "sixteen maxima begin with 0",
      find: "a0 = v128.load(x); a1 = v128.load(x, 16); a2",
      replace: "a0 = v128.load(x); a2",
    },
    {
      title: "a mean is the gradient of one",
      find: "if (direction == MEAN) return means",
      replace: "if (false) return means",
    },
    {
      title: "windows of padding have sixteen channels",
      find: "at.rows > 0 && at.columns > 0 && ",
      replace: "at.rows > 0 && ",
    },
    {
      title: "windows below the image have sixteen",
      find: "at.rows > 0 && at.columns > 0 && ",
      replace: "at.columns > 0 && ",
    },
    { title: "fifteen channels are sixteen", find: "channels >= 16", replace: "channels >= 15" },
    {
      title: "five channels are four",
      find: "return few(direction, at, min(4, channels));",
      replace: "return few(direction, at, min(5, channels));",
    },
    {
      title: "all columns of a row of cells have one number",
      find: "      x += columnStep;\n      cell += 1;\n",
      replace: "      x += columnStep;\n",
    },
    {
      title: "a row of cells is counted from where the last one ends",
      find: "    cell += <f32>at.cellGap;\n",
      replace: "",
    },
    {
      title: "sixteen channels count cells outside for inside",
      find: "    cell = f32x4.add(cell, gap);\n",
      replace: "",
    },
    { title: "sixteen channels do not count cells", find: "      cell = f32x4.add(cell, one);\n", replace: "" },
    {
      title: "overlapping windows overwrite each other's gradient",
      find: "storeLanes(x, f32x4.add(value, share), lanes)",
      replace: "storeLanes(x, share, lanes)",
    },
    {
      title: "overlapping windows overwrite each other's gradient, where there are sixteen channels",
      find: "v128.store(x, f32x4.add(v3, direction == MEAN_BACKWARD ? a3 : v128.and(a3, f32x4.eq(b3, cell))), 48)",
      replace: "v128.store(x, direction == MEAN_BACKWARD ? a3 : v128.and(a3, f32x4.eq(b3, cell)), 48)",
    },
    {
      title: "a gradient goes to all cells",
      find: "direction == MEAN_BACKWARD ? a1 : v128.and(a1, f32x4.eq(b1, cell))",
      replace: "a1",
    },
    {
      title: "a gradient goes where its neighbour's maximum is",
      find: "v128.and(a2, f32x4.eq(b2, cell))",
      replace: "v128.and(a2, f32x4.eq(b1, cell))",
    },
    {
      title: "the mean of nothing is not a number",
      find: "<f32>max(1, at.rows * at.columns)",
      replace: "<f32>(at.rows * at.columns)",
    },
    {
      title: "a mean's gradient is not divided",
      find: "if (direction == MEAN_BACKWARD) a = f32x4.div(a, cells);",
      replace: "",
    },
    { title: "a mean is a sum", find: "  if (direction == MEAN) a = f32x4.div(a, cells);\n", replace: "" },
    {
      title: "a mean of sixteen channels is a sum in the last four",
      find: "if (direction == MEAN) {\n    a0 = f32x4.div(a0, cells); a1 = f32x4.div(a1, cells); a2 = f32x4.div(a2, cells); a3 = f32x4.div(a3, cells);",
      replace:
        "if (direction == MEAN) {\n    a0 = f32x4.div(a0, cells); a1 = f32x4.div(a1, cells); a2 = f32x4.div(a2, cells);",
    },
    {
      title: "a mean's gradient is not divided in the last four of sixteen channels",
      find: "if (direction == MEAN_BACKWARD) {\n    a0 = f32x4.div(a0, cells); a1 = f32x4.div(a1, cells); a2 = f32x4.div(a2, cells); a3 = f32x4.div(a3, cells);",
      replace:
        "if (direction == MEAN_BACKWARD) {\n    a0 = f32x4.div(a0, cells); a1 = f32x4.div(a1, cells); a2 = f32x4.div(a2, cells);",
    },
    {
      title: "a sum takes its neighbour's numbers",
      find: "a2 = f32x4.add(a2, v2);",
      replace: "a2 = f32x4.add(a2, v3);",
    },
    {
      title: "unpooling's gradient takes the next cell",
      find: "a = v128.bitselect(value, a, f32x4.eq(b, f32x4.splat(cell)));",
      replace: "a = v128.bitselect(value, a, f32x4.eq(b, f32x4.splat(cell - 1)));",
    },
    {
      title: "unpooling looks at sixteen channels",
      find: "return few(PICK, at, min(4, channels));",
      replace: "return some(PICK, at, channels);",
    },
    {
      title: "switches of sixteen channels are written where none are wanted",
      find: "if (direction == MAXIMUM && at.switches) {\n    const to",
      replace: "if (direction == MAXIMUM) {\n    const to",
    },
    {
      title: "switches of four channels are written where none are wanted",
      find: "if (direction == MAXIMUM && at.switches) storeLanes",
      replace: "if (direction == MAXIMUM) storeLanes",
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
