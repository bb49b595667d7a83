import type { MutatedFile } from "../mutant.ts";

export const dense: MutatedFile = {
  file: "dense.ts",
  laws: ["kernels/dense"],
  mutants: [
    {
      title: "every unit begins with the first bias",
      find: "d.bias ? d.bias + (<usize>first << 2) : 0",
      replace: "d.bias",
    },
    { title: "no bias", find: "d.bias ? d.bias + (<usize>first << 2) : 0", replace: "<usize>0" },
    { title: "without a bias, y is added to what was there", find: "else clearNumbers(to, width);", replace: "" },
    { title: "four rows are too few for a tile", find: "if (d.rows >= 4) {", replace: "if (d.rows > 4) {" },
    { title: "the first row behind the tiles is left out", find: "n >= (d.rows & ~3)", replace: "n > (d.rows & ~3)" },
    {
      title: "the last column of a tile is left out",
      find: "min(8, first + width - column)",
      replace: "min(7, first + width - column)",
    },
    {
      title: "every part of the inputs takes the first weights",
      find: "(<usize>(first * d.columns + column) << 2)",
      replace: "(<usize>column << 2)",
    },
    {
      title: "every part of the inputs takes the first inputs",
      find: "let x = d.left + (<usize>first << 2);",
      replace: "let x = d.left;",
    },
    { title: "a ragged tile forgets what was added before", find: "copyTile(to, y, tile, 32, 4, lanes);", replace: "" },
    { title: "a ragged tile is not copied back", find: "copyTile(tile, 32, to, y, 4, lanes);", replace: "" },
    { title: "all tiles read the first four rows", find: "    x += 4 * row;\n", replace: "" },
    {
      title: "packing takes the left half twice",
      find: "v128.store(to, v128.load(from, 16), 16);",
      replace: "v128.store(to, v128.load(from), 16);",
    },
    {
      title: "packing leaves lanes without a column as they were",
      find: "clearNumbers(to + (<usize>lanes << 2), 8 - lanes);",
      replace: "",
      equivalent:
        "no lane is ever mixed with another, and of a ragged tile only the lanes with a column are copied back",
    },
    {
      title: "single rows stay in the first columns of the weights",
      find: "    w += 16;\n    to += 16;\n",
      replace: "    to += 16;\n",
    },
    {
      title: "a whole single row takes a vector of weights twice",
      find: "v128.load(w, 112)",
      replace: "v128.load(w, 96)",
    },
    { title: "relu is left out", find: "if (d.activation > 0)", replace: "if (d.activation > 1)" },
    {
      title: "an activation over a unit's columns only in part",
      find: "applyActivation(to, to, width,",
      replace: "applyActivation(to, to, width - 1,",
    },
    {
      title: "the rows behind the tiles are the first ones",
      find: "copyNumbers(rest, d.left + restOf * row, ",
      replace: "copyNumbers(rest, d.left, ",
    },
    {
      title: "rows that fill up a tile are not cleared",
      find: "clearNumbers(rest + ragged * row, (4 - ragged) * d.columns);",
      replace: "",
      equivalent: "no row is ever mixed with another, and of this tile only the rows of dy are copied",
    },
    { title: "dx of a block takes the first inputs' weights", find: "(<usize>(input * d.columns) << 2)", replace: "0" },
    {
      title: "turning takes the first four rows twice",
      find: "turn4x4(from + 4 * step, step, to + 16)",
      replace: "turn4x4(from, step, to + 16)",
    },
    { title: "turning takes one row for all", find: "load<f32>(from + lane * step)", replace: "load<f32>(from)" },
    {
      title: "dx writes rows that are not there",
      find: "copyTile(tile, 32, to + restOf * x, x, ragged, lanes)",
      replace: "copyTile(tile, 32, to + restOf * x, x, 4, lanes)",
    },
    {
      title: "dx writes inputs that are not there",
      find: "copyTile(tile, 32, to + n * x, x, 4, lanes)",
      replace: "copyTile(tile, 32, to + n * x, x, 4, 8)",
    },
    {
      title: "dx of ragged inputs takes the first rows for all",
      find: "products4x8(d.left + n * row, row, row, 1,",
      replace: "products4x8(d.left, row, row, 1,",
    },
    {
      title: "dw is added to what was there",
      find: "outer4x8(x, CHUNK << 2, dy, row, d.rows, to, row, true)",
      replace: "outer4x8(x, CHUNK << 2, dy, row, d.rows, to, row, false)",
    },
    {
      title: "a ragged tile of dw is added to the one before",
      find: "outer4x8(x, CHUNK << 2, dy, row, d.rows, tile, 32, true)",
      replace: "outer4x8(x, CHUNK << 2, dy, row, d.rows, tile, 32, false)",
    },
    {
      title: "dw writes inputs that are not there",
      find: "const taps = min(4, inputs - a);",
      replace: "const taps = 4;",
    },
    {
      title: "a ragged tile of dw takes an input twice",
      find: "v128.load32_splat(from, 12), v)",
      replace: "v128.load32_splat(from, 8), v)",
    },
    {
      title: "every chunk of dw takes the first inputs",
      find: "(<usize>(n * d.inputs + first) << 2)",
      replace: "(<usize>(n * d.inputs) << 2)",
    },
    {
      title: "inputs that fill up a chunk are not cleared",
      find: "clearNumbers(to + (<usize>inputs << 2), CHUNK - inputs);",
      replace: "",
      equivalent: "no input is ever mixed with another, and only rows of dw that exist are copied",
    },
    {
      title: "the right half of a ragged tile is left out",
      find: "half < lanes; half += 4",
      replace: "half < 4; half += 4",
    },
    { title: "a ragged tile of dw reads one row of dy", find: "      d += row;\n", replace: "" },
    {
      title: "a ragged tile of dw begins with the half before",
      find: "let d = dy + (<usize>half << 2);",
      replace: "let d = dy;",
    },
  ],
};

export const product: MutatedFile = {
  file: "product.ts",
  laws: ["kernels/dense", "kernels/winograd"],
  mutants: [
    { title: "row 2 is row 1", find: "x2 = x1 + row", replace: "x2 = x0 + row" },
    { title: "a product never adds", find: "if (adds) {", replace: "if (false) {" },
    { title: "a product always adds", find: "if (adds) {", replace: "if (true) {" },
    { title: "tiles overlap by a row", find: "x += 4 * row;", replace: "x += 3 * row;" },
    {
      title: "all tiles are written to one place",
      find: "    v128.store(y, a31, 16);\n    y += yRow;",
      replace: "    v128.store(y, a31, 16);\n    y -= 3 * yRow;",
    },
    {
      title: "a product takes the left weights for the right",
      find: "a31 = madd(a31, s, w1);",
      replace: "a31 = madd(a31, s, w0);",
    },
    { title: "the last input is left out", find: "} while (x0 < end);", replace: "} while (x0 + 4 < end);" },
    { title: "weights stay where they are", find: "      w += 32;\n", replace: "" },
    { title: "row 3 of a sum is lost", find: "a30 = v128.load(from); a31", replace: "a31" },
    { title: "an outer product always adds", find: "if (!writes) {", replace: "if (true) {" },
    { title: "an outer product never adds", find: "if (!writes) {", replace: "if (false) {" },
    {
      title: "an outer product takes column 2 for 3",
      find: "v128.load32_splat(x, 12)",
      replace: "v128.load32_splat(x, 8)",
    },
    { title: "rows 2 and 3 of an outer product are one", find: "t3 = t2 + toStep", replace: "t3 = t1 + toStep" },
    {
      title: "an outer product leaves out the last row",
      find: "} while (d < end);",
      replace: "} while (d + dStep < end);",
    },
    { title: "an outer product stays in the first row of x", find: "    x += xStep;\n", replace: "" },
  ],
};
