/** Faults of the direct tile with its bands and packed weights, of the kernel's gradient, and of single channels. */
import type { MutatedFile } from "../mutant.ts";

const laws = ["kernels/conv2d", "layers/layers", "layers/parameter", "layers/conformance"];

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
      title: "missing biases are what is at address 0",
      find: "bias ? lanes : 0",
      replace: "lanes",
      equivalent: "nothing is ever written to the first 64 bytes of the memory",
    },
    { title: "groups are as far apart as their filters", find: "g * k.groupStep", replace: "g * k.filters" },
    { title: "blocks lie without their biases", find: "* (taps + 1) << 2", replace: "* taps << 2" },
    {
      title: "the kernel is transposed",
      find: "p * k.rowStep + q * k.columnStep",
      replace: "q * k.rowStep + p * k.columnStep",
    },
    {
      title: "turning takes the first four lanes twice",
      find: "turn4x4(from + 4 * laneStep, laneStep, to + 16)",
      replace: "turn4x4(from, laneStep, to + 16)",
    },
    {
      title: "eight lanes that are neighbours are four twice",
      find: "        v128.store(to, v128.load(from, 16), 16);",
      replace: "        v128.store(to, v128.load(from), 16);",
    },
    { title: "some lanes are taken for eight", find: "if (lanes == 8) {", replace: "if (lanes > 0) {" },
    { title: "all lanes are the first one", find: "load<f32>(from + lane * laneStep)", replace: "load<f32>(from)" },
    {
      title: "lanes without a filter are what lies behind",
      find: "lane < lanes ? load<f32>(from + lane * laneStep) : 0",
      replace: "load<f32>(from + lane * laneStep)",
      equivalent: "no lane is ever mixed with another, and what a lane without a filter sums is not copied back",
    },
    {
      title: "numbers behind the vectors are the first ones",
      find: "    from += step;\n    to += <usize>width",
      replace: "    to += <usize>width",
    },
    {
      title: "some lanes lie as far apart as eight",
      find: "    to += <usize>width << 2;\n  }\n}",
      replace: "    to += 32;\n  }\n}",
    },
    {
      title: "the last row of eights is left out",
      find: "for (; rows > 0; --rows)",
      replace: "for (; rows > 1; --rows)",
    },
    { title: "all eights lie in one place", find: "      at += next;\n", replace: "" },
    { title: "all eights are the first", find: "      source += 32;\n", replace: "" },
    {
      title: "the right half of eight is the left one",
      find: "v128.store(at, v128.load(source, 16), 16);",
      replace: "v128.store(at, v128.load(source), 16);",
    },
    { title: "numbers behind the eights are left out", find: "    if (left > 0) {", replace: "    if (false) {" },
    {
      title: "of five to seven numbers behind the eights four are seen",
      find: "left > 4 ? loadLanes(source + 16, left - 4) : ",
      replace: "",
    },
    { title: "all packed rows are the first", find: "    from += step;\n    to += 32;", replace: "    to += 32;" },
    { title: "a last block of filters begins with the first filter", find: "(unit - g * blocks) << 3", replace: "0" },
  ],
};

export const band: MutatedFile = {
  file: "band.ts",
  laws: [...laws, "kernels/wide"],
  mutants: [
    {
      title: "a copied band is as wide as without dilation",
      find: "(c.kernelWidth - 1) * c.dilationWidth + 1;",
      replace: "(c.kernelWidth - 1) + 1;",
    },
    {
      title: "images in place begin at the first row, wherever the windows do",
      find: "firstRow * c.strideHeight - c.top;\n    const first",
      replace: "firstRow * c.strideHeight;\n    const first",
    },
    {
      title: "images in place begin at the first column, wherever the windows do",
      find: " - (<usize>(c.left * C) << 2);",
      replace: ";",
    },
    {
      title: "bands in place do not stride",
      find: "firstRow * c.strideHeight - c.top;\n    const first",
      replace: "firstRow - c.top;\n    const first",
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
    { title: "rows are not dilated", find: "= c.dilationHeight * band.rowBytes", replace: "= band.rowBytes" },
    {
      title: "columns are not dilated",
      find: "c.dilationWidth * C) << 2) - band.runBytes",
      replace: "C) << 2) - band.runBytes",
    },
    {
      title: "a band has a row too few",
      find: "(rows - 1) * c.strideHeight + (",
      replace: "(rows - 2) * c.strideHeight + (",
    },
    {
      title: "reading ahead spoils what the band notes",
      find: "band.rowBytes, scratch);",
      replace: "band.rowBytes, scratch + 4);",
    },
    {
      title: "nothing is read ahead",
      find: "if (c.readsAhead) ",
      replace: "if (false) ",
      equivalent: "the same numbers, only later",
    },
    { title: "a band is not dilated", find: "(c.kernelHeight - 1) * c.dilationHeight + 1", replace: "c.kernelHeight" },
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
    { title: "the row behind the image is read", find: "u < c.sourceHeight", replace: "u <= c.sourceHeight" },
    { title: "the first row counts as padding", find: "u >= 0 &&", replace: "u > 0 &&" },
    {
      title: "padding between rows is not cleared",
      find: "      clearNumbers(zeros, <i32>((at - zeros) >> 2));\n",
      replace: "",
    },
    {
      title: "padding at the end is not cleared",
      find: "  clearNumbers(zeros, <i32>((to - zeros) >> 2));\n",
      replace: "",
    },
    { title: "rows are cleared again", find: "      zeros = at + (<usize>length << 2);\n", replace: "" },
    {
      title: "rows lie at the left of the padding",
      find: "const at = to + (<usize>(from * C) << 2);",
      replace: "const at = to;",
    },
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
    {
      title: "rows of places do not stride",
      find: "row += c.strideHeight * band.rowBytes",
      replace: "row += band.rowBytes",
    },
    { title: "places do not stride", find: "(c.strideWidth * c.sourceChannels)", replace: "c.sourceChannels" },
    { title: "places of all rows write the first", find: "    output += c.rowStep;\n", replace: "" },
    { title: "a last group of columns does not reach back", find: "min(j, c.outputWidth - columns)", replace: "j" },
    {
      title: "a last column without a partner is left out",
      find: "j < c.outputWidth; j += columns",
      replace: "j + columns <= c.outputWidth; j += columns",
    },
    {
      title: "groups of columns overlap",
      find: "j += columns",
      replace: "j++",
      equivalent: "the same pixels are listed again, which is slow and not wrong",
    },
    { title: "all columns are written as the first", find: "output + column * c.pixelStep", replace: "output" },
    {
      title: "a ragged tile has a pixel that is not noted",
      find: "store<usize>(to + more, y, 4);",
      replace: "if (more > 0) store<usize>(to + more, y, 4);",
    },
    {
      title: "a ragged tile reads a pixel that is not noted",
      find: "store<usize>(to + more, x);",
      replace: "if (more > 0) store<usize>(to + more, x);",
    },
    { title: "taps are not dilated down", find: "p * c.dilationHeight * band", replace: "p * band" },
    {
      title: "taps are not dilated across",
      find: "q * c.dilationWidth * c.sourceChannels",
      replace: "q * c.sourceChannels",
    },
    {
      title: "taps are as far apart as a group's channels",
      find: "c.dilationWidth * c.sourceChannels",
      replace: "c.dilationWidth * c.channels",
    },
    {
      title: "a ragged tile has taps that are not noted",
      find: "store<usize>(to + more, place - 4)",
      replace: "store<usize>(to + more, place - 4 + (1 << 30))",
    },
  ],
};

export const convolution: MutatedFile = {
  file: "convolution.ts",
  laws: [...laws, "kernels/relaxed"],
  mutants: [
    { title: "every band is the first", find: "(unit - image * c.bands) * c.bandRows", replace: "0" },
    {
      title: "the last band goes on behind the end",
      find: "min(c.bandRows, c.outputHeight - firstRow)",
      replace: "c.bandRows",
    },
    {
      title: "every group reads the first group's channels",
      find: "<usize>(g * c.channels) << 2",
      replace: "<usize>0",
    },
    { title: "every group writes the first group's filters", find: "(g * c.filters + f)", replace: "f" },
    {
      title: "all images are written as the first",
      find: "c.destination + image * c.imageStep + firstRow",
      replace: "c.destination + firstRow",
    },
    { title: "all bands are written as the first", find: " + firstRow * c.rowStep;", replace: ";" },
    { title: "four filters take the tile of eight", find: "if (lanes > 4) {", replace: "if (lanes > 3) {" },
    { title: "the next block's weights begin one tap early", find: "(taps + 1) << 5", replace: "taps << 5" },
    { title: "a narrow block's weights end one tap early", find: "(taps + 1) << 4", replace: "taps << 4" },
    { title: "only relu is applied", find: "if (c.activation > 1) {", replace: "if (c.activation > 5) {" },
    {
      title: "a tile of four does three pixels' work",
      find: "place += <usize>TALLEST << 3",
      replace: "place += <usize>(TALLEST - 1) << 3",
      equivalent: "tiles overlap by a pixel and compute it twice, which is slow and not wrong",
    },
    {
      title: "the last tile of a band is left out",
      find: "place < end; place += <usize>TALLEST << 3",
      replace: "place + 32 < end; place += <usize>TALLEST << 3",
    },
    {
      title: "tiles leave out a pixel",
      find: "place += <usize>TALLEST << 3",
      replace: "place += <usize>(TALLEST + 1) << 3",
    },
    {
      title: "a ragged narrow tile is left out",
      find: "place < end; place += 48",
      replace: "place + 40 < end; place += 48",
    },
    { title: "narrow tiles leave out two pixels", find: "place += 48", replace: "place += 64" },
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
      title: "pixel 3 of a tile is pixel 2",
      find: "let x3 = x + load<usize>(places, 24), x4: usize = 0",
      replace: "let x3 = x2, x4: usize = 0",
    },
    {
      title: "a tile begins with zeros instead of the biases",
      find: "let a00 = v128.load(w), a01",
      replace: "let a00 = f32x4.splat(0), a01",
    },
    {
      title: "the right half takes the left weights",
      find: "w1 = v128.load(w, 48);",
      replace: "w1 = v128.load(w, 32);",
    },
    {
      title: "pixel 3 of a tile stays in the window's first row",
      find: "x0 += step; x1 += step; x2 += step; x3 += step;\n    if",
      replace: "x0 += step; x1 += step; x2 += step;\n    if",
    },
    {
      title: "pixel 3 of a tile does not go on to the next run",
      find: "x0 += step; x1 += step; x2 += step; x3 += step;\n      if",
      replace: "x0 += step; x1 += step; x2 += step;\n      if",
    },
    { title: "a tile goes on with a weight it had", find: "w += rest << 3;", replace: "w += (rest << 3) - 32;" },
    { title: "a narrow tile goes on with a weight it had", find: "w += rest << 2;", replace: "w += (rest << 2) - 16;" },
    {
      title: "the second number of a run is the first",
      find: "s = v128.load32_splat(x2, 4);",
      replace: "s = v128.load32_splat(x2);",
    },
    {
      title: "the third number of a run is the second",
      find: "s = v128.load32_splat(x1, 8);",
      replace: "s = v128.load32_splat(x1, 4);",
    },
    {
      title: "a run goes on behind the first of four",
      find: "        if (x0 == last1) break;\n        w0",
      replace: "        w0",
    },
    {
      title: "a run goes on behind the second of four",
      find: "        if (x0 == last2) break;\n        w0",
      replace: "        w0",
    },
    {
      title: "a run goes on behind the third of four",
      find: "        if (x0 == last3) break;\n        w0",
      replace: "        w0",
    },
    {
      title: "the fourth number of a run is the third",
      find: "s = v128.load32_splat(x2, 12);",
      replace: "s = v128.load32_splat(x2, 8);",
    },
    {
      title: "a narrow run goes on behind the second of three",
      find: "        if (x0 == last2) break;\n        weight",
      replace: "        weight",
    },
    {
      title: "the third weight of a narrow run is the second",
      find: "weight = v128.load(w, 32)",
      replace: "weight = v128.load(w, 16)",
    },
    {
      title: "pixel 5 of a tile stays in the window's first row",
      find: "x4 += step; x5 += step;\n  }",
      replace: "x4 += step;\n  }",
    },
    {
      title: "pixel 5 of a tile stays at the window's first numbers",
      find: "x4 += 12; x5 += 12;\n        w += 48;",
      replace: "x4 += 12;\n        w += 48;",
    },
    {
      title: "the narrow tile begins with zeros instead of the biases",
      find: "let a0 = v128.load(w);",
      replace: "let a0 = f32x4.splat(0);",
    },
    {
      title: "the second vector of all pixels is not rectified",
      find: "v128.store(y, rectified(a1, floor), 16)",
      replace: "v128.store(y, a1, 16)",
    },
    {
      title: "a ragged second vector is not rectified",
      find: "storeLanes(y + 16, rectified(a1, floor), lanes - 4)",
      replace: "storeLanes(y + 16, a1, lanes - 4)",
    },
    { title: "filters that are not there are written", find: "if (lanes == 8) v128", replace: "if (lanes > 5) v128" },
    {
      title: "pixel 2 of a tile is written where pixel 1 is",
      find: "storeRow(y + load<usize>(places, 20)",
      replace: "storeRow(y + load<usize>(places, 12)",
    },
    {
      title: "pixel 5 of a tall tile is pixel 4",
      find: "x5 = x + load<usize>(places, 40); }",
      replace: "x5 = x4; }",
      relaxed: true,
    },
    {
      title: "pixel 4 of a tall tile has its first number twice",
      find: "s = v128.load32_splat(x4, 4);",
      replace: "s = v128.load32_splat(x4);",
      relaxed: true,
    },
    {
      title: "pixel 5 of a tall tile stays at the window's first numbers",
      find: "{ x4 += 16; x5 += 16; }",
      replace: "{ x4 += 16; }",
      relaxed: true,
    },
    {
      title: "pixel 5 of a tall tile stays in the window's first row",
      find: "if (TALLEST == 6) { x4 += step; x5 += step; }\n  }",
      replace: "if (TALLEST == 6) { x4 += step; }\n  }",
      relaxed: true,
    },
    {
      title: "pixel 4 of a tall tile does not go on to the next run",
      find: "if (TALLEST == 6) { x4 += step; x5 += step; }\n      w",
      replace: "if (TALLEST == 6) { x5 += step; }\n      w",
      relaxed: true,
    },
    {
      title: "a tile goes on with weights it had",
      find: "        w += 128;\n",
      replace: "        w += 96;\n",
    },
    {
      title: "pixel 4 of a tall tile is written where pixel 5 is",
      find: "storeRow(y + load<usize>(places, 36)",
      replace: "storeRow(y + load<usize>(places, 44)",
      relaxed: true,
    },
    {
      title: "pixel 5 of a tile is pixel 4",
      find: "a5 = madd(a5, v128.load32_splat(x5, 4), weight)",
      replace: "a5 = madd(a5, v128.load32_splat(x4, 4), weight)",
    },
    {
      title: "one vector of the narrow tile is not rectified",
      find: "rectified(a5, floor)",
      replace: "a5",
    },
    {
      title: "the narrow tile writes a pixel twice",
      find: "storeLanes(y + load<usize>(places, 44)",
      replace: "storeLanes(y + load<usize>(places, 36)",
    },
  ],
};

export const kernelGradient: MutatedFile = {
  file: "kernel-gradient.ts",
  laws: [...laws, "kernels/relaxed"],
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
      find: "packTaps(places, pixels, channels, ",
      replace: "packTaps(places, pixels, 0, ",
    },

    { title: "all groups read the first group's dy", find: "packEights(dy + group,", replace: "packEights(dy," },
    { title: "all groups write the first one's sums", find: "sums + tap * row + group", replace: "sums + tap * row" },
    {
      title: "pixels of dy are as far apart as a group's filters",
      find: "row, k.filters, pixels, packedDy",
      replace: "<usize>k.filters << 2, k.filters, pixels, packedDy",
    },
    { title: "all blocks of filters are summed as the first", find: "        d += <usize>pixels << 5;\n", replace: "" },
    {
      title: "all blocks of filters write to one place",
      find: "row + group + (<usize>f << 2)",
      replace: "row + group",
    },
    {
      title: "the last chunk of taps goes on behind the end",
      find: "min(firstTap + k.chunkTaps, k.kernelHeight * k.kernelWidth * k.channels)",
      replace: "firstTap + k.chunkTaps",
    },
    {
      title: "a chunk writes its sums where the first one does",
      find: "sums + tap * row",
      replace: "sums + (tap - firstTap) * row",
    },
    {
      title: "every chunk begins with the first tap",
      find: "const firstTap = chunk * k.chunkTaps;",
      replace: "const firstTap = 0;",
    },
    {
      title: "all taps count as neighbours",
      find: "taps == packed && load<usize>(seen + (xStep << 1) - 8) == firstSeen + xStep - 4",
      replace: "taps == packed",
    },
    {
      title: "taps count as neighbours where the last but one is where the last should be",
      find: "firstSeen + xStep - 4",
      replace: "firstSeen + xStep",
    },
    {
      title: "neighbours of all groups are the first group's channels",
      find: "packRun(places, pixels, channels + firstSeen",
      replace: "packRun(places, pixels, firstSeen",
    },
    {
      title: "of eight neighbours four are copied twice",
      find: "v128.store(to, v128.load(x, 16), 16);\n    if",
      replace: "v128.store(to, v128.load(x), 16);\n    if",
    },
    {
      title: "of twelve neighbours four are not copied",
      find: "if (TALLEST == 6 && step == 48)",
      replace: "if (false)",
      relaxed: true,
    },
    {
      title: "neighbours of the last pixel are not copied",
      find: "for (const end = places + (<usize>pixels << 3)",
      replace: "for (const end = places + (<usize>(pixels - 1) << 3)",
    },
    { title: "taps of three in a row count as four", find: "t2 == t0 + 8 && ", replace: "" },
    { title: "taps that lie apart are read as neighbours", find: " && t3 == t0 + 12", replace: "" },
    {
      title: "tap 3 of those that lie apart is tap 2",
      find: "v128.load_lane<f32>(x + t3",
      replace: "v128.load_lane<f32>(x + t2",
    },
    {
      title: "tap 1 of those that lie apart is tap 0",
      find: "v128.load_lane<f32>(x + t1",
      replace: "v128.load_lane<f32>(x + t0",
    },
    {
      title: "the last pixel is not packed",
      find: "  const end = places + (<usize>pixels << 3);",
      replace: "  const end = places + (<usize>(pixels - 1) << 3);",
    },
    { title: "eight taps are four, twice", find: "seen + (<usize>t << 3)", replace: "seen" },
    { title: "taps 4 to 7 take the first four's place", find: "packedX + (<usize>t << 2)", replace: "packedX" },
    { title: "taps behind the first four are not copied", find: "t < taps; t += 4", replace: "t < 4; t += 4" },
    { title: "taps beyond the last are summed", find: "min(packed, endTap - tap)", replace: "packed" },
    {
      title: "twelve taps are copied as eight where four filters are left",
      find: "((filters - 1) & 7) < 4 ? 8",
      replace: "false ? 8",
      relaxed: true,
    },

    { title: "a narrow tile begins a sum anew", find: "if (!first) turnTile(", replace: "if (false) turnTile(" },
    {
      title: "a narrow tile is not turned back",
      find: "turnTile(tile, 4, 32, to, row, 4, taps, lanes)",
      replace: "turnTile(tile, 32, 4, to, row, 4, taps, lanes)",
    },
    {
      title: "four filters take the tile of eight",
      find: "if (lanes > 4) outer",
      replace: "if (lanes > 3) outer",
      equivalent: "it is slower, and the same sums: the other four lanes are zeros that are not kept",
    },
    { title: "the last slice is left out", find: "slice < s.slices", replace: "slice < s.slices - 1" },
    { title: "sums of slices go on behind the end", find: "min(end * s.block, s.size)", replace: "end * s.block" },
  ],
};

export const singleChannel: MutatedFile = {
  file: "single-channel.ts",
  laws,
  mutants: [
    {
      title: "all blocks have the first two filters",
      find: "tap * c.filters + block * FILTERS",
      replace: "tap * c.filters",
    },
    { title: "all blocks have the first two biases", find: "bias ? bias + f : 0", replace: "bias" },
    { title: "no bias", find: "bias ? bias + f : 0", replace: "<usize>0" },
    { title: "a ragged last vector runs over the end of the row", find: "min(j, width - 4)", replace: "j" },
    { title: "relu is left out", find: "floorOf(c.activation == 1)", replace: "floorOf(c.activation == 9)" },
    { title: "only relu is applied", find: "if (c.activation > 1)", replace: "if (c.activation > 9)" },
    {
      title: "filter 1 takes filter 0's weights",
      find: "weight = v128.load(w, 16);",
      replace: "weight = v128.load(w);",
    },
    { title: "the second tap is the first", find: "load<usize>(place, 8)", replace: "load<usize>(place)" },
    { title: "the third tap has the second one's weights", find: "v128.load(w, 64)", replace: "v128.load(w, 32)" },
    { title: "taps go on behind the first of three", find: "      if (w == last1) break;\n", replace: "" },
    { title: "taps go on behind the second of three", find: "      if (w == last2) break;\n", replace: "" },
    {
      title: "a pixel is written beside another",
      find: "(y + 3 * pixelStep, high, 1)",
      replace: "(y + 2 * pixelStep, high, 1)",
    },
    { title: "a pixel has another's filters", find: "pixelStep, low, 1)", replace: "pixelStep, low, 0)" },
    {
      title: "rows do not stride",
      find: "const rowBytes = c.strideHeight * band.rowBytes;",
      replace: "const rowBytes = band.rowBytes;",
    },
    { title: "the second row is the first", find: "x0 + down1 * rowBytes", replace: "x0" },
    { title: "the third row is written over the second", find: "y + down2 * rowStep", replace: "y + down1 * rowStep" },
    { title: "below the last row is another", find: "<usize>(rows - 1)", replace: "<usize>3" },
    {
      title: "the last of four rows is not activated",
      find: "k < tileRows; k++",
      replace: "k < min(tileRows, 3); k++",
    },
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
