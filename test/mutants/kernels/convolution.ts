/** Faults of the direct tile with its bands and packed weights, of the kernel's gradient, and of single channels. */
import type { MutatedFile } from "../mutant.ts";

const laws = ["kernels/conv2d", "layers/layers", "layers/conformance"];

export const packing: MutatedFile = {
  file: "packing.ts",
  laws,
  mutants: [
    {
      title: "four filters that are left take eight lanes",
      find: "remainder > 4 ? 8 : 4",
      replace: "remainder > 3 ? 8 : 4",
    },
    { title: "a block of four filters is eight lanes wide", find: "lanes > 4 ? 8 : 4", replace: "lanes > 3 ? 8 : 4" },
    {
      title: "all groups have the first group's biases",
      find: "k.bias + (<usize>(g * k.filters + f) << 2)",
      replace: "k.bias + (<usize>f << 2)",
    },
    { title: "no bias", find: "k.bias + (<usize>(g * k.filters + f) << 2)", replace: "<usize>0" },
    {
      title: "missing biases are what was there before",
      find: "bias && lane < lanes ? load<f32>(bias + (<usize>lane << 2)) : 0",
      replace: "bias && lane < lanes ? load<f32>(bias + (<usize>lane << 2)) : load<f32>(to)",
    },
    { title: "groups are as far apart as their filters", find: "g * k.groupStep", replace: "g * k.filters" },
    { title: "blocks lie without their biases", find: "* (taps + 1) << 2", replace: "* taps << 2" },
    {
      title: "the kernel is transposed",
      find: "p * k.rowStep + q * k.columnStep",
      replace: "q * k.rowStep + p * k.columnStep",
    },
    {
      title: "turning takes the first four filters twice",
      find: "turn4x4(from + 4 * filter, filter, to + 16)",
      replace: "turn4x4(from, filter, to + 16)",
    },
    {
      title: "eight filters that are neighbours take four twice",
      find: "v128.store(to, v128.load(from, 16), 16);",
      replace: "v128.store(to, v128.load(from), 16);",
    },
    {
      title: "all eight filters are the first one",
      find: "load<f32>(from + lane * filter)",
      replace: "load<f32>(from)",
    },
    { title: "a few filters are taken for neighbours", find: "lane * k.filterStep", replace: "lane" },
    { title: "a few filters have one channel for all", find: "from += <usize>k.channelStep << 2;", replace: "" },
    { title: "a last block of filters begins with the first filter", find: "(unit - g * blocks) << 3", replace: "0" },
  ],
};

export const band: MutatedFile = {
  file: "band.ts",
  laws,
  mutants: [
    {
      title: "a copied band is as wide as without dilation",
      find: "(c.kernelWidth - 1) * c.dilationWidth + 1;",
      replace: "(c.kernelWidth - 1) + 1;",
    },
    {
      title: "images in place begin at the first row, wherever the windows do",
      find: "firstRow * c.strideHeight - c.top;\n    band",
      replace: "firstRow * c.strideHeight;\n    band",
    },
    {
      title: "images in place begin at the first column, wherever the windows do",
      find: " - (<usize>(c.left * C) << 2);",
      replace: ";",
    },
    {
      title: "bands in place do not stride",
      find: "firstRow * c.strideHeight - c.top;\n    band",
      replace: "firstRow - c.top;\n    band",
    },
    {
      title: "every band is in the first image",
      find: "const row = image * c.sourceHeight + ",
      replace: "const row = ",
    },
    { title: "groups are read as one", find: "c.groups == 1 && c.dilationWidth == 1", replace: "c.dilationWidth == 1" },
    {
      title: "dilated columns are read as one run",
      find: "c.groups == 1 && c.dilationWidth == 1",
      replace: "c.groups == 1",
    },
    { title: "rows are not dilated", find: "c.dilationHeight * band.rowBytes", replace: "band.rowBytes" },
    {
      title: "columns are not dilated",
      find: "c.dilationWidth * C) << 2) - band.runBytes",
      replace: "C) << 2) - band.runBytes",
    },
    { title: "a band has a row too few", find: "(rows - 1) * c.strideHeight", replace: "(rows - 2) * c.strideHeight" },
    { title: "a band is not dilated", find: "(c.kernelHeight - 1) * c.dilationHeight + 1", replace: "c.kernelHeight" },
    { title: "the row behind the image is read", find: "u >= c.sourceHeight", replace: "u > c.sourceHeight" },
    { title: "the first row counts as padding", find: "u < 0", replace: "u <= 0" },
    {
      title: "padding at the top with the wrong sign",
      find: "let u = firstRow * c.strideHeight - c.top;",
      replace: "let u = firstRow * c.strideHeight + c.top;",
    },
    {
      title: "a copied band begins at the first row of the image",
      find: "let u = firstRow * c.strideHeight - c.top;",
      replace: "let u = -c.top;",
    },
    { title: "columns that no window reads are copied", find: "max(-c.left, 0)", replace: "0" },
    { title: "padding at the left is not cleared", find: "clearNumbers(to, from * C);", replace: "" },
    {
      title: "padding at the right is not cleared",
      find: "clearNumbers(to + (<usize>(until * C) << 2), (width - until) * C);",
      replace: "",
    },
    { title: "rows of padding are not cleared", find: "clearNumbers(to, width * C);", replace: "" },
    {
      title: "the last column counts as padding",
      find: "c.sourceWidth + c.left)",
      replace: "c.sourceWidth + c.left - 1)",
    },
    { title: "the column behind the image is read", find: "min(width, c.sourceWidth + c.left)", replace: "width" },
    {
      title: "a band that only sees padding runs backwards",
      find: "max(from, min(width, c.sourceWidth + c.left))",
      replace: "min(width, c.sourceWidth + c.left)",
    },
    { title: "all images are the first", find: "(image * c.sourceHeight + u)", replace: "u" },
  ],
};

export const convolution: MutatedFile = {
  file: "convolution.ts",
  laws,
  mutants: [
    { title: "every band is the first", find: "(unit - image * c.bands) * c.bandRows", replace: "0" },
    {
      title: "the last band goes on behind the end",
      find: "min(c.bandRows, c.outputHeight - firstRow)",
      replace: "c.bandRows",
    },
    {
      title: "every group reads the first group's channels",
      find: "band.origin + (<usize>(g * c.channels) << 2)",
      replace: "band.origin",
    },
    {
      title: "every group writes the first group's filters",
      find: "(<usize>(g * c.filters + f) << 2)",
      replace: "(<usize>f << 2)",
    },
    {
      title: "all images are written as the first",
      find: "c.destination + image * c.imageStep + firstRow",
      replace: "c.destination + firstRow",
    },
    { title: "all bands are written as the first", find: " + firstRow * c.rowStep, rows", replace: ", rows" },
    { title: "four filters take the tile of eight", find: "if (lanes > 4) {", replace: "if (lanes > 3) {" },
    { title: "the next block's weights begin one tap early", find: "(taps + 1) << 5", replace: "taps << 5" },
    { title: "a narrow block's weights end one tap early", find: "(taps + 1) << 4", replace: "taps << 4" },
    { title: "only relu is applied", find: "if (c.activation > 1) {", replace: "if (c.activation > 5) {" },
    {
      title: "rows do not stride",
      find: "c.strideHeight * band.rowBytes;\n  const last = rows * c.outputWidth - 1;\n  let i",
      replace: "band.rowBytes;\n  const last = rows * c.outputWidth - 1;\n  let i",
    },
    {
      title: "rows do not stride for a few filters",
      find: "c.strideHeight * band.rowBytes;\n  const last = rows * c.outputWidth - 1;\n  const places",
      replace: "band.rowBytes;\n  const last = rows * c.outputWidth - 1;\n  const places",
    },
    {
      title: "only the first row of a band is activated",
      find: "const row = output + i * c.rowStep;",
      replace: "const row = output;",
    },
    {
      title: "only the first group is activated",
      find: "c.outputWidth * c.groups * c.filters",
      replace: "c.outputWidth * c.filters",
    },
    {
      title: "a tile of four pixels runs over the end of a row",
      find: "j + 4 <= c.outputWidth",
      replace: "j + 3 <= c.outputWidth",
    },
    { title: "tiles of four pixels overlap", find: "      j += 4;\n", replace: "      j += 3;\n" },
    {
      title: "a tile across two rows stays in the first",
      find: "j == c.outputWidth && pixel + k <= last",
      replace: "j == c.outputWidth + 1 && pixel + k <= last",
    },
    {
      title: "a tile of eight pixels across two rows stays in the first",
      find: "if (j == c.outputWidth) {",
      replace: "if (j == c.outputWidth + 1) {",
    },
    { title: "pixel 3 of a tile is pixel 2", find: "x3 = x2 + xStep", replace: "x3 = x2" },
    {
      title: "a tile begins with zeros instead of the biases",
      find: "let a00 = v128.load(w), a01",
      replace: "let a00 = f32x4.splat(0), a01",
    },
    {
      title: "the right half takes the left weights",
      find: "a31 = madd(a31, x, w1)",
      replace: "a31 = madd(a31, x, w0)",
    },
    {
      title: "pixel 3 of a tile stays in the window's first row",
      find: "x2 += rowStep; x3 += rowStep;\n  }",
      replace: "x2 += rowStep;\n  }",
    },
    {
      title: "pixel 3 of a tile does not go on to the next run",
      find: "x2 += step; x3 += step;\n",
      replace: "x2 += step;\n",
    },
    { title: "pixel 7 of a tile stays in the window's first row", find: " x7 += rowStep;", replace: "" },
    { title: "pixel 7 of a tile stays at the window's first number", find: " x7 += 4;", replace: "" },
    {
      title: "the narrow tile begins with zeros instead of the biases",
      find: "let a0 = v128.load(w);",
      replace: "let a0 = f32x4.splat(0);",
    },
    {
      title: "one vector of a tile is not rectified",
      find: "a21 = rectified(a21, floor);",
      replace: "",
    },
    {
      title: "filters that are not there are written",
      find: "storeLanes(y3 + 16, a31, lanes - 4)",
      replace: "v128.store(y3, a31, 16)",
    },
    {
      title: "pixel 7 of a tile is pixel 6",
      find: "a7 = madd(a7, v128.load32_splat(x7), weight)",
      replace: "a7 = madd(a7, v128.load32_splat(x6), weight)",
    },
    { title: "a ragged tile writes its last pixel in the wrong place", find: "(<usize>(k - 1) << 2)", replace: "0" },
    {
      title: "one vector of the narrow tile is not rectified",
      find: "a7 = rectified(a7, floor);",
      replace: "",
    },
    {
      title: "the narrow tile writes a pixel twice",
      find: "storeLanes(load<usize>(places, 28), a7, lanes)",
      replace: "storeLanes(load<usize>(places, 24), a7, lanes)",
    },
  ],
};

export const kernelGradient: MutatedFile = {
  file: "kernel-gradient.ts",
  laws,
  mutants: [
    { title: "every image begins a sum anew", find: "image == firstImage && band == 0", replace: "band == 0" },
    { title: "every band begins a sum anew", find: "image == firstImage && band == 0", replace: "image == firstImage" },
    {
      title: "slices share an image",
      find: "(k.images * slice) / k.slices",
      replace: "max(0, (k.images * slice) / k.slices - 1)",
    },
    { title: "all slices are one", find: "k.destination + slice * size", replace: "k.destination" },
    {
      title: "a band of dy begins with the first row",
      find: "(image * k.outputHeight + firstRow)",
      replace: "(image * k.outputHeight)",
    },
    {
      title: "the last band goes on behind the end",
      find: "min(k.bandRows, k.outputHeight - firstRow)",
      replace: "k.bandRows",
    },
    {
      title: "all groups read the first group's channels",
      find: "band.origin + (<usize>(g * k.channels) << 2)",
      replace: "band.origin",
    },
    {
      title: "all groups read the first group's dy",
      find: "copyFilters(dy + (<usize>(g * k.filters + f) << 2)",
      replace: "copyFilters(dy + (<usize>f << 2)",
    },
    {
      title: "all blocks of filters read the first eight",
      find: "copyFilters(dy + (<usize>(g * k.filters + f) << 2)",
      replace: "copyFilters(dy + (<usize>(g * k.filters) << 2)",
    },
    {
      title: "pixels of dy are as far apart as a group's filters",
      find: "<usize>F << 2, lanes, width",
      replace: "<usize>k.filters << 2, lanes, width",
    },
    {
      title: "a copy of eight filters has four twice",
      find: "loadLanes(from + 16, lanes - 4)",
      replace: "loadLanes(from, lanes - 4)",
    },
    {
      title: "a copy of dy leaves out its last pixel",
      find: "for (; pixels > 0; --pixels)",
      replace: "for (; pixels > 1; --pixels)",
    },
    {
      title: "the last chunk of taps goes on behind the end",
      find: "min(firstTap + k.chunkTaps, k.kernelHeight * k.kernelWidth * k.channels)",
      replace: "firstTap + k.chunkTaps",
    },
    {
      title: "a chunk writes its sums where the first one does",
      find: "to + (<usize>(tap * F) << 2)",
      replace: "to + (<usize>((tap - firstTap) * F) << 2)",
    },
    {
      title: "rows of x do not stride",
      find: "k.strideHeight * band.rowBytes - k.outputWidth * xStep;\n  for (let i = rows; i > 0; --i) {\n    const end = dy + k.outputWidth * dyStep;\n    do {\n      const d0",
      replace:
        "band.rowBytes - k.outputWidth * xStep;\n  for (let i = rows; i > 0; --i) {\n    const end = dy + k.outputWidth * dyStep;\n    do {\n      const d0",
    },
    {
      title: "every chunk begins with the first tap",
      find: "const firstTap = chunk * k.chunkTaps;",
      replace: "const firstTap = 0;",
    },
    {
      title: "a copy of four filters is eight wide",
      find: "const width = lanes > 4 ? 8 : 4;",
      replace: "const width = 8;",
    },
    { title: "taps are not dilated down", find: "p * k.dilationHeight", replace: "p" },
    { title: "taps are not dilated across", find: "q * k.dilationWidth", replace: "q" },
    {
      title: "taps are as far apart as a group's channels",
      find: "k.dilationWidth * k.sourceChannels",
      replace: "k.dilationWidth * k.channels",
    },
    {
      title: "a sum goes on with another tap's",
      find: "a20 = v128.load(to + 2 * step)",
      replace: "a20 = v128.load(to + step)",
    },
    {
      title: "the narrow tile goes on with another tap's sum",
      find: "a5 = loadLanes(to + 5 * step, lanes)",
      replace: "a5 = loadLanes(to + 4 * step, lanes)",
    },
    { title: "tap 3 of a tile is not kept", find: "if (taps > 3) storePair(", replace: "if (taps > 4) storePair(" },
    {
      title: "a ragged tile keeps taps that are not there",
      find: "if (taps > 1) storePair(",
      replace: "if (taps > 0) storePair(",
    },
    {
      title: "the narrow tile keeps tap 6 as tap 7",
      find: "storeLanes(to + 7 * step, a7, lanes)",
      replace: "storeLanes(to + 7 * step, a6, lanes)",
    },
    {
      title: "filters that are not there are written",
      find: "storeLanes(to + 16, right, lanes - 4)",
      replace: "v128.store(to, right, 16)",
    },
    { title: "the last slice is left out", find: "slice < s.slices", replace: "slice < s.slices - 1" },
    { title: "sums of slices go on behind the end", find: "min(end * s.block, s.size)", replace: "end * s.block" },
    {
      title: "pixels of x are not taken in strides",
      find: "x0 += xStep; x1 += xStep; x2 += xStep; x3 += xStep;\n",
      replace: "x0 += xStep; x1 += xStep; x2 += xStep; x3 += 4;\n",
    },
  ],
};

export const singleChannel: MutatedFile = {
  file: "single-channel.ts",
  laws,
  mutants: [
    {
      title: "all blocks have the first six filters",
      find: "tap * c.filters + block * FILTERS",
      replace: "tap * c.filters",
    },
    { title: "all blocks have the first six biases", find: "bias ? bias + f : 0", replace: "bias" },
    { title: "no bias", find: "bias ? bias + f : 0", replace: "<usize>0" },
    { title: "a ragged last vector runs over the end of the row", find: "min(j, width - 4)", replace: "j" },
    { title: "relu is left out", find: "floorOf(c.activation == 1)", replace: "floorOf(c.activation == 9)" },
    { title: "only relu is applied", find: "if (c.activation > 1)", replace: "if (c.activation > 9)" },
    {
      title: "filter 5 takes filter 4's weights",
      find: "a5 = madd(a5, pixels, v128.load(w, 80))",
      replace: "a5 = madd(a5, pixels, v128.load(w, 64))",
    },
    {
      title: "a pixel has another's last two filters",
      find: "v128.store_lane<f64>(y, low45, 1, 16)",
      replace: "v128.store_lane<f64>(y, low45, 0, 16)",
    },
    { title: "all bands are the first", find: "(unit - image * c.bands) * c.bandRows", replace: "0" },
    { title: "rows do not stride", find: "i * c.strideHeight * band.rowBytes", replace: "i * band.rowBytes" },
    {
      title: "all images are written as the first",
      find: "c.destination + image * c.imageStep",
      replace: "c.destination",
    },
    { title: "all bands are written as the first", find: "(firstRow + i) * c.rowStep", replace: "i * c.rowStep" },
    { title: "all blocks take the first one's weights", find: "c.weights + (f >> 2) * block", replace: "c.weights" },
    {
      title: "the last band goes on behind the end",
      find: "min(c.bandRows, c.outputHeight - firstRow)",
      replace: "c.bandRows",
    },
    {
      title: "the last band of dy goes on behind the end",
      find: "min(k.bandRows, k.outputHeight - firstRow)",
      replace: "k.bandRows",
    },
    {
      title: "all bands sum the first one's dy",
      find: "(image * k.outputHeight + firstRow) * k.outputWidth",
      replace: "image * k.outputHeight * k.outputWidth",
    },
    { title: "all rows copy the first one's dy", find: "    dy += k.outputWidth * pixel;\n", replace: "" },
    { title: "all slices are one", find: "k.destination + slice * size", replace: "k.destination" },
    {
      title: "slices share an image",
      find: "const firstImage = (k.images * slice) / k.slices;",
      replace: "const firstImage = max(0, (k.images * slice) / k.slices - 1);",
    },
    {
      title: "pixels are counted twice where a vector reaches back",
      find: "i32x4.splat(last ? back : 0)",
      replace: "i32x4.splat(0)",
    },
    { title: "a last vector of dy does not reach back", find: "v * 4 - (last ? back : 0)", replace: "v * 4" },
    { title: "a last vector of x does not reach back", find: "v128.load(at - back)", replace: "v128.load(at)" },
    { title: "every band replaces the sum", find: "first ? sum : load<f32>(to) + sum", replace: "sum" },
    {
      title: "sums are added to what was there",
      find: "first ? sum : load<f32>(to) + sum",
      replace: "load<f32>(to) + sum",
    },
    { title: "every image begins a sum anew", find: "image == firstImage && firstRow == 0", replace: "firstRow == 0" },
    { title: "taps are not dilated down", find: "p * k.dilationHeight", replace: "p" },
    { title: "taps are not dilated across", find: "x += <usize>k.dilationWidth << 2", replace: "x += 4" },
    {
      title: "all blocks sum the first six filters' dy",
      find: "(<usize>(row * k.filters + f) << 2)",
      replace: "(<usize>(row * k.filters) << 2)",
    },
    { title: "rows of x do not stride", find: "k.strideHeight * band.rowBytes", replace: "band.rowBytes" },
    { title: "the sum leaves out a lane", find: "f32x4.extract_lane(a, 3)", replace: "f32x4.extract_lane(a, 2)" },
  ],
};
