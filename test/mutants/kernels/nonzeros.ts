/** Faults of the gradients over lists of what is not zero. */
import type { MutatedFile } from "../mutant.ts";

const laws = ["kernels/nonzeros", "kernels/conv2d"];

export const nonzeros: MutatedFile = {
  file: "nonzeros.ts",
  laws,
  mutants: [
    { title: "the table ends before the set of all four lanes", find: "mask < 16", replace: "mask < 15" },
    { title: "the table moves lane 1 wherever another should go", find: "0x04040404 * lane", replace: "0x04040404" },
    { title: "the table moves every lane to the front", find: "      place += 4;\n", replace: "" },
    {
      title: "all sets of lanes have one place in the table",
      find: "let place = to + (<usize>mask << 4);",
      replace: "let place = to;",
    },
    {
      title: "negative numbers count as zeros",
      find: "i32x4.bitmask(f32x4.ne(values",
      replace: "i32x4.bitmask(f32x4.gt(values",
    },
    { title: "zeros stay between the values", find: "shuffled(values, order)", replace: "values" },
    { title: "offsets do not follow their values", find: "shuffled(offsets, order)", replace: "offsets" },
    {
      title: "offsets are not written down",
      find: "v128.store(to + distance, shuffled(offsets, order));",
      replace: "",
    },
    { title: "zeros are part of the list", find: "(<usize>popcnt(mask) << 2)", replace: "16" },
    {
      title: "sums begin anew",
      find: "let a0 = v128.load(sums), a1 = v128.load(sums, 16), a2",
      replace: "let a0 = f32x4.splat(0), a1 = v128.load(sums, 16), a2",
    },
    {
      title: "a sum goes on with its neighbours'",
      find: "a6 = v128.load(sums, 96), a7 = v128.load(sums, 112);\n  let a8 = a0",
      replace: "a6 = v128.load(sums, 80), a7 = v128.load(sums, 112);\n  let a8 = a0",
    },
    {
      title: "the last number of a list is left out",
      find: "from < end; from += 4) {\n    const value = v128.load32_splat(from);\n    const place",
      replace: "from + 4 < end; from += 4) {\n    const value = v128.load32_splat(from);\n    const place",
    },
    {
      title: "only one number of four is multiplied",
      find: "v128.load32_splat(from);\n    const place",
      replace: "v128.load32_zero(from);\n    const place",
    },
    {
      title: "offsets are not looked up",
      find: "const place = base + load<usize>(from + distance)",
      replace: "const place = base",
    },
    {
      title: "a vector takes its neighbour's numbers",
      find: "a5 = madd(a5, value, v128.load(place, 80))",
      replace: "a5 = madd(a5, value, v128.load(place, 64))",
    },
    {
      title: "the last vector is kept as the one before",
      find: "v128.store(sums, a7, 112);\n  if (vectors",
      replace: "v128.store(sums, a6, 112);\n  if (vectors",
    },
    {
      title: "the sums of the last four of twelve vectors begin with others'",
      find: "    a8 = v128.load(sums, 128);",
      replace: "",
    },
    {
      title: "a vector of twelve takes its neighbour's numbers",
      find: "a10 = madd(a10, value, v128.load(place, 160))",
      replace: "a10 = madd(a10, value, v128.load(place, 144))",
    },
    {
      title: "twelve vectors take the way out",
      find: "vectors == 12 && place == 1",
      replace: "vectors == 12 && place != 1",
    },
    {
      title: "the last of twelve vectors is not kept",
      find: "    v128.store(sums, a11, 176);\n",
      replace: "",
    },
    {
      title: "48 numbers are summed as 32",
      find: "addVectors(12, ",
      replace: "addVectors(8, ",
    },
    {
      title: "a row's second eight bytes are the first",
      find: "a5 = madd(a5, value, v128.load(x, 16))",
      replace: "a5 = madd(a5, value, v128.load(x))",
    },
    {
      title: "the last row is the one before",
      find: "    if (x == 4) break;\n    x += rowStep;\n",
      replace: "",
    },
    { title: "rows take the way out", find: "if (x == 2) break", replace: "if (x != 2) break" },
    {
      title: "the sums of rows go on with their neighbours'",
      find: "let a8 = v128.load(sums, 128), a9 = v128.load(sums, 144)",
      replace: "let a8 = v128.load(sums, 128), a9 = v128.load(sums, 128)",
    },
    {
      title: "the last vector of rows is kept as the one before",
      find: "v128.store(sums, a9, 144);\n}",
      replace: "v128.store(sums, a8, 144);\n}",
    },
    {
      title: "rows are read where the first pixel is",
      find: "let x = base + load<usize>(from + distance)",
      replace: "let x = base",
    },
    { title: "five rows are six", find: "export const ROWS = 5;", replace: "export const ROWS = 6;" },
    { title: "five rows are four", find: "export const ROWS = 5;", replace: "export const ROWS = 4;" },
    {
      title: "counting goes on behind the end",
      find: "min((unit + 1) * c.block, c.size)",
      replace: "(unit + 1) * c.block",
    },
    {
      title: "the last piece goes on behind the end",
      find: "min(c.piece, last - first)",
      replace: "c.piece",
    },
    { title: "all is counted", find: "first += c.step", replace: "first += c.piece" },
    { title: "a block counts one piece", find: "count += nonzerosOf(", replace: "count = nonzerosOf(" },
    { title: "all blocks count the first", find: "c.source + (<usize>first << 2)", replace: "c.source" },
    { title: "all blocks write one count", find: "c.destination + (<usize>unit << 2)", replace: "c.destination" },
    {
      title: "counting rounds up to whole vectors",
      find: "(<usize>(size & ~3) << 2)",
      replace: "(<usize>((size + 3) & ~3) << 2)",
    },
    {
      title: "counting leaves out the last numbers",
      find: "const all = from + (<usize>size << 2);",
      replace: "const all = whole;",
    },
    {
      title: "counting leaves out a lane",
      find: " + i32x4.extract_lane(counts, 3)",
      replace: "",
    },
    {
      title: "zeros are counted",
      find: "i32x4.sub(counts, f32x4.ne(",
      replace: "i32x4.sub(counts, f32x4.eq(",
    },
    {
      title: "negative zeros count as numbers",
      find: "f32x4.ne(v128.load(from), f32x4.splat(0))",
      replace: "i32x4.ne(v128.load(from), f32x4.splat(0))",
    },
    {
      title: "negative zeros among the last numbers count",
      find: "load<f32>(from) != 0",
      replace: "load<i32>(from) != 0",
    },
  ],
};

export const inputGradient: MutatedFile = {
  file: "input-gradient.ts",
  laws,
  mutants: [
    {
      title: "all kernel rows are packed into one place",
      find: "(r * g.kernelHeight + p * LANES) * g.filters",
      replace: "r * g.kernelHeight * g.filters",
    },
    {
      title: "all blocks of a run are packed into one place",
      find: "(r * g.kernelHeight + p * LANES) * g.filters",
      replace: "p * LANES * g.filters",
    },
    { title: "all kernel rows are packed as the first", find: "(p * length + r) * tap", replace: "r * tap" },
    {
      title: "all blocks of a run are packed as the first",
      find: "(p * length + r) * tap",
      replace: "p * length * tap",
    },
    { title: "all filters are packed as the first", find: "* tap + (<usize>f << 2);", replace: "* tap;" },
    {
      title: "all numbers of a block are packed as the first",
      find: "load<f32>(from + lane * tap)",
      replace: "load<f32>(from)",
    },
    {
      title: "the last number of a run is not packed",
      find: "r + lane < length ?",
      replace: "r + lane < length - 1 ?",
    },
    { title: "all images read the first dy", find: "g.source + (<usize>(image * pixels) << 2)", replace: "g.source" },
    {
      title: "images of dy are as large as those of dx",
      find: "g.source + (<usize>(image * pixels) << 2)",
      replace: "g.source + (<usize>(image * size) << 2)",
    },
    {
      title: "all images write the first dx",
      find: "g.destination + (<usize>(image * size) << 2)",
      replace: "g.destination",
    },
    { title: "the table is not laid", find: "  layTable(scratch);\n", replace: "" },
    {
      title: "rows of dx are as wide as those of dy",
      find: "dx += <usize>(g.sourceWidth * g.channels) << 2",
      replace: "dx += <usize>(g.outputWidth * g.channels) << 2",
    },
    { title: "all columns are listed as the first", find: "dy + (<usize>(j * F) << 2)", replace: "dy" },
    { title: "rows do not stride", find: "-i * g.strideHeight * F * LANES * 4", replace: "-i * F * LANES * 4" },
    { title: "rows stride as columns do", find: "-i * g.strideHeight * F", replace: "-i * g.strideWidth * F" },
    { title: "a fourth filter takes the third's weights", find: "3 * LANES * 4", replace: "2 * LANES * 4" },
    {
      title: "all fours of filters take the first four's weights",
      find: "        offsets = i32x4.add(offsets, i32x4.splat(4 * LANES * 4));\n",
      replace: "",
    },
    { title: "a last filter on its own is left out", find: "if (f < F) to =", replace: "if (f + 1 < F) to =" },
    {
      title: "the next pixel's filters are listed as this one's",
      find: "loadLanes(from + (<usize>f << 2), F - f)",
      replace: "v128.load(from + (<usize>f << 2))",
    },
    {
      title: "the last four filters are taken for a few",
      find: "f + 4 <= F",
      replace: "f + 4 < F",
      equivalent: "loading a few lanes also loads four",
    },
    {
      title: "rows of dy are one pixel wide",
      find: "from += <usize>(g.outputWidth * F) << 2",
      replace: "from += <usize>F << 2",
    },
    { title: "columns have no end of their own", find: "    }\n    store<usize>(starts, to);\n", replace: "    }\n" },
    { title: "padding at the top with the wrong sign", find: "u + g.top", replace: "u - g.top" },
    {
      title: "a row above the kernel's reach is read",
      find: "reach - g.kernelHeight + 1",
      replace: "reach - g.kernelHeight",
    },
    {
      title: "the first row in reach is left out",
      find: "reach - g.kernelHeight + 1",
      replace: "reach - g.kernelHeight + 2",
    },
    {
      title: "a stride that does not divide is rounded down",
      find: "(above + g.strideHeight - 1) / g.strideHeight",
      replace: "above / g.strideHeight",
    },
    {
      title: "a row behind dy is read",
      find: "min(reach / g.strideHeight + 1, g.outputHeight)",
      replace: "reach / g.strideHeight + 1",
    },
    {
      title: "the last row in reach is left out",
      find: "reach / g.strideHeight + 1",
      replace: "reach / g.strideHeight",
    },
    {
      title: "a reach without rows runs backwards",
      find: "max(first, min(reach / g.strideHeight + 1, g.outputHeight))",
      replace: "min(reach / g.strideHeight + 1, g.outputHeight)",
      equivalent: "⌈(reach − KH + 1)/stride⌉ ≤ ⌊reach/stride⌋ + 1, and both are cut off at the same end of dy",
    },
    {
      title: "a column's list has no place for its end",
      find: "<usize>(g.outputHeight + 1) << 2",
      replace: "<usize>g.outputHeight << 2",
    },
    {
      title: "weights begin at the image's row",
      find: "reach * LANES) * g.filters",
      replace: "u * LANES) * g.filters",
    },
    {
      title: "all blocks of a run take the first weights",
      find: "(r * g.kernelHeight + reach * LANES) * g.filters",
      replace: "reach * LANES * g.filters",
    },
    {
      title: "a last block is filled up with what comes next",
      find: "r + lane < length ? load<f32>(from + lane * tap) : 0",
      replace: "load<f32>(from + lane * tap)",
    },
    { title: "runs are added to the last row's", find: "      clearNumbers(row, g.rowLength);\n", replace: "" },
    {
      title: "what no window reaches is not cleared",
      find: "clearNumbers(row, g.rowLength)",
      replace: "clearNumbers(row, min(g.rowLength, g.outputWidth * g.strideWidth * g.channels))",
    },
    {
      title: "all rows are sent what the first is",
      find: "sumRuns(g, u, row, scratch)",
      replace: "sumRuns(g, 0, row, scratch)",
    },
    {
      title: "dx has the padding",
      find: "row + (<usize>(g.left * g.channels) << 2), g.sourceWidth",
      replace: "row, g.sourceWidth",
    },
    {
      title: "dx has the padding at the top at the left",
      find: "row + (<usize>(g.left * g.channels) << 2), g.sourceWidth",
      replace: "row + (<usize>(g.top * g.channels) << 2), g.sourceWidth",
    },
    {
      title: "rows of dx are as wide as those of dy where they are copied",
      find: "<< 2), g.sourceWidth * g.channels);\n      dx",
      replace: "<< 2), g.outputWidth * g.channels);\n      dx",
    },
    { title: "all blocks of a run are summed in one place", find: "row + (<usize>r << 2)", replace: "row" },
    { title: "all columns take the first list", find: "      list += column;\n", replace: "" },
    {
      title: "columns do not stride",
      find: "to += <usize>(g.strideWidth * g.channels) << 2",
      replace: "to += <usize>g.channels << 2",
    },
    {
      title: "columns stride as rows do",
      find: "to += <usize>(g.strideWidth * g.channels) << 2",
      replace: "to += <usize>(g.strideHeight * g.channels) << 2",
    },
    {
      title: "the last column of dy sends nothing",
      find: "j < g.outputWidth; j++) {\n      const from",
      replace: "j < g.outputWidth - 1; j++) {\n      const from",
    },
    {
      title: "blocks that begin in the padding are nobody's",
      find: "to + LANES * 4 > left",
      replace: "to >= left",
    },
    {
      title: "the last pixel of a row gets nothing",
      find: "to < right",
      replace: "to + (<usize>g.channels << 2) < right",
    },
    {
      title: "blocks in the padding are summed",
      find: " && to + LANES * 4 > left && to < right",
      replace: "",
      equivalent: "nobody copies the padding of a row: it only saves the sums",
    },
  ],
};

const NEVER_SUMMED =
  "nothing sums the lists of filters that are not there; what is read are the next pixels' numbers, or what lies behind dy";

export const sparseKernelGradient: MutatedFile = {
  file: "sparse-kernel-gradient.ts",
  laws,
  mutants: [
    { title: "the table is not laid", find: "  layTable(scratch + k.tableOffset);\n", replace: "" },
    {
      title: "every chunk of filters is a slice",
      find: "const slice = unit / k.filterChunks;",
      replace: "const slice = unit;",
    },
    {
      title: "all chunks begin with the first filter",
      find: "(unit - slice * k.filterChunks) * k.chunkFilters",
      replace: "0",
    },
    {
      title: "the last chunk goes on behind the last filter",
      find: "min(k.chunkFilters, k.filters - first)",
      replace: "k.chunkFilters",
    },
    { title: "all slices are one", find: "(slice * k.filters + first) * filter", replace: "first * filter" },
    {
      title: "all chunks are summed in one place",
      find: "(slice * k.filters + first) * filter",
      replace: "slice * k.filters * filter",
    },
    { title: "sums go on with what was there", find: "    clearNumbers(sums, filters * filter);\n", replace: "" },
    {
      title: "only the first filter's sums are cleared",
      find: "clearNumbers(sums, filters * filter)",
      replace: "clearNumbers(sums, filter)",
    },
    {
      title: "slices share an image",
      find: "let from = ((k.images * slice) / k.slices) * k.bands;",
      replace: "let from = max(0, (k.images * slice) / k.slices - 1) * k.bands;",
    },
    {
      title: "bands of the next slice are listed with the last ones",
      find: "min(k.together, last - from)",
      replace: "k.together",
    },
    {
      title: "bands that are listed together are left out",
      find: "from += k.together",
      replace: "from += k.together + 1",
    },
    { title: "bands are listed twice", find: "from += k.together", replace: "from++" },
    {
      title: "the lists of the filters behind the fourth go on with what was there",
      find: "f < ((filters + 3) & ~3); f++",
      replace: "f < 4; f++",
    },
    {
      title: "the lists that fill up a four begin nowhere",
      find: "f < ((filters + 3) & ~3); f++",
      replace: "f < filters; f++",
    },
    { title: "all bands lie in one place", find: "scratch + n * k.bandBytes", replace: "scratch" },
    {
      title: "all bands are of the first image",
      find: "const image = (from + n) / k.bands;",
      replace: "const image = from / k.bands;",
    },
    {
      title: "the last band goes on behind the end",
      find: "min(k.bandRows, k.outputHeight - row)",
      replace: "k.bandRows",
    },
    {
      title: "all bands are at the first row of x",
      find: "layBand(k, image, row, rows, band)",
      replace: "layBand(k, image, 0, rows, band)",
    },
    {
      title: "all bands have the first one's dy",
      find: "(image * k.outputHeight + row) *",
      replace: "(image * k.outputHeight) *",
    },
    { title: "all images have the first one's dy", find: "(image * k.outputHeight + row) *", replace: "row *" },
    {
      title: "all chunks have the first one's dy",
      find: "k.outputWidth * k.filters + first) << 2)",
      replace: "k.outputWidth * k.filters) << 2)",
    },
    { title: "all filters have the first four's dy", find: "  dy += <usize>first << 2;\n", replace: "" },
    {
      title: "filters that are not there are read",
      find: "min(filter, filters - 4)",
      replace: "filter",
      equivalent: NEVER_SUMMED,
    },
    {
      title: "the second last filters' lists are listed again",
      find: "listed = filter - first",
      replace: "listed = 0",
    },
    { title: "of two filters that are left three are listed", find: "if (listed < 2)", replace: "if (listed < 3)" },
    { title: "of two filters that are left one is listed", find: "if (listed < 3)", replace: "if (listed < 2)" },
    {
      title: "all filters have the lists of the first four",
      find: "k.endsOffset + (<usize>first << 2)",
      replace: "k.endsOffset",
    },
    { title: "two filters share a list", find: "filter * k.listBytes", replace: "(filter & ~1) * k.listBytes" },
    {
      title: "fewer than four filters are four",
      find: "const lanes = min(4, filters);",
      replace: "const lanes = 4;",
      equivalent: NEVER_SUMMED,
    },
    {
      title: "places are told from where each band lies",
      find: "band.origin - changetype<Band>(scratch).origin",
      replace: "0",
    },
    {
      title: "pixels of dy have the filters of a chunk",
      find: "const step = <usize>k.filters << 2;",
      replace: "const step = <usize>filters << 2;",
    },
    { title: "columns do not stride", find: "k.strideWidth * k.sourceChannels * 4", replace: "k.sourceChannels * 4" },
    { title: "columns stride as rows do", find: "k.strideWidth * k", replace: "k.strideHeight * k" },
    { title: "the fourth pixel lies where the third does", find: "3 * xStep", replace: "2 * xStep" },
    { title: "rows do not stride", find: "row += k.strideHeight * band.rowBytes", replace: "row += band.rowBytes" },
    { title: "all rows are the first", find: "    row += k.strideHeight * band.rowBytes;\n", replace: "" },
    {
      title: "the next row's pixels belong to this one",
      find: "lanes == 4 ? k.outputWidth - 3 : 0",
      replace: "lanes == 4 ? k.outputWidth : 0",
    },
    {
      title: "four pixels are never read at once",
      find: "lanes == 4 ? k.outputWidth - 3 : 0",
      replace: "0",
      equivalent: "it only saves instructions",
    },
    { title: "a row's last three pixels are four", find: "if (pixels > 3)", replace: "if (pixels > 2)" },
    { title: "a row's last three pixels are two", find: "if (pixels > 2)", replace: "if (pixels > 3)" },
    {
      title: "two filters have the same numbers",
      find: "v128.shuffle<f64>(high01, high23, 1, 3), o",
      replace: "v128.shuffle<f64>(high01, high23, 0, 2), o",
    },
    {
      title: "two pixels are exchanged",
      find: "low23 = v128.shuffle<f32>(r2, r3, ",
      replace: "low23 = v128.shuffle<f32>(r3, r2, ",
    },
    {
      title: "all fours of pixels lie where the first do",
      find: "      offsets = i32x4.add(offsets, i32x4.splat(4 * xStep));\n",
      replace: "",
    },
    { title: "all pixels of a row are its first four", find: "      at += 4 * step;\n", replace: "" },
    { title: "all rows of dy are the first", find: "    dy += k.outputWidth * step;\n", replace: "" },
    {
      title: "the last filter's list ends where another's does",
      find: "store<usize>(ends, to3, 12)",
      replace: "store<usize>(ends, to2, 12)",
    },
    { title: "all kernel rows see the first row", find: "band.origin + p * band.rowBytes", replace: "band.origin" },
    {
      title: "all kernel rows are summed in one place",
      find: "sums + (<usize>(p * k.run + r) << 2)",
      replace: "sums + (<usize>r << 2)",
    },
    {
      title: "all blocks of a run are summed in one place",
      find: "sums + (<usize>(p * k.run + r) << 2)",
      replace: "sums + (<usize>(p * k.run) << 2)",
    },
    { title: "all blocks of a run see the first numbers", find: "row + (<usize>r << 2)", replace: "row" },
    { title: "narrow runs are wide", find: "if (narrow) addRows(", replace: "if (false) addRows(" },
    { title: "wide runs are narrow", find: "const narrow = k.lanes < LANES;", replace: "const narrow = true;" },
    { title: "narrow runs go one row further", find: "p += narrow ? ROWS : 1", replace: "p += 1" },
    {
      title: "sums have the kernel's rows",
      find: "  const filter = k.rows * k.run;\n",
      replace: "  const filter = k.kernelHeight * k.run;\n",
    },
    { title: "all filters are summed in one place", find: "        to += filter;\n", replace: "" },
    { title: "all filters take the first list", find: "        list += k.listBytes;\n", replace: "" },
    { title: "all lists end where the first does", find: "        ends += 4;\n", replace: "" },
    { title: "the last filter is left out", find: "f < filters; f++", replace: "f < filters - 1; f++" },
    { title: "all kernel rows are written as the first", find: "p * length * k.filters", replace: "0" },
    { title: "runs are as long as the kernel's rows", find: "p * k.run + lane", replace: "p * length + lane" },
    { title: "all filters are written as the first", find: "      from += filter;\n", replace: "" },
    { title: "runs are written with what fills them up", find: "lane < length", replace: "lane < k.run" },
    { title: "the last number of a run is not written", find: "lane < length", replace: "lane < length - 1" },
    { title: "48 numbers at a time go on after 32", find: "r += k.lanes", replace: "r += min(k.lanes, LANES)" },
    {
      title: "48 numbers at a time are summed as 32",
      find: "if (k.lanes == LANES) addProducts",
      replace: "if (k.lanes >= LANES) addProducts",
    },
  ],
};
