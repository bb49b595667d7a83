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
    {
      title: "without a bias, y is added to what was there",
      find: "else for (let n = 0; n < d.rows; n++) clearNumbers(y + n * step, width);",
      replace: "",
    },
    {
      title: "every unit writes the first columns",
      find: "d.destination + (<usize>first << 2)",
      replace: "d.destination",
    },
    { title: "the last unit is as wide as all", find: "min(d.width, d.columns - first)", replace: "d.width" },
    {
      title: "four rows are too few for a tile",
      find: "if (d.rows >= 4) addTiles",
      replace: "if (d.rows > 4) addTiles",
    },
    {
      title: "the first row behind the tiles is left out",
      find: "addRows(d, d.rows & ~3,",
      replace: "addRows(d, (d.rows & ~3) + 1,",
    },
    { title: "relu is left out", find: "if (d.activation > 0)", replace: "if (d.activation > 1)" },
    {
      title: "an activation over a unit's columns only in part",
      find: "applyActivation(to, to, width,",
      replace: "applyActivation(to, to, width - 1,",
    },
    {
      title: "every part of the inputs takes the first weights",
      find: "(<usize>(first * d.columns + column) << 2), yStep",
      replace: "(<usize>column << 2), yStep",
    },
    {
      title: "every part of the inputs takes the first inputs",
      find: "let x = d.left + (<usize>first << 2);",
      replace: "let x = d.left;",
    },
    { title: "all columns take the first eight's weights", find: "packed += <usize>depth << 5;", replace: "" },
    {
      title: "all columns are added to the first eight",
      find: "let to = y + (<usize>c << 2);",
      replace: "let to = y;",
    },
    {
      title: "a ragged tile forgets what was added before",
      find: "copyMatrix(to, yStep, tile, 32, 4, width - c);",
      replace: "",
    },
    { title: "a ragged tile is not copied back", find: "copyMatrix(tile, 32, to, yStep, 4, width - c);", replace: "" },
    { title: "all ragged tiles read the first four rows", find: "          x += 4 * xStep;\n", replace: "" },
    { title: "all ragged tiles write the first four rows", find: "          to += 4 * yStep;\n", replace: "" },
    {
      title: "single rows begin with the first columns",
      find: "let w = d.right + (<usize>column << 2);",
      replace: "let w = d.right;",
    },
    {
      title: "single rows take the first inputs again and again",
      find: "(n * d.inputs + input) << 2",
      replace: "(n * d.inputs) << 2",
    },
    {
      title: "single rows all take the first row's inputs",
      find: "(n * d.inputs + input) << 2",
      replace: "input << 2",
    },
    { title: "single rows take the first rows of w again and again", find: "    w += inputs * step;\n", replace: "" },
    { title: "the last inputs are taken for four", find: "|| input + 4 > d.inputs ? 1 : 4", replace: "? 1 : 4" },
    {
      title: "single inputs are all added to the first row",
      find: "addScaled(y + n * step, x,",
      replace: "addScaled(y, x,",
    },
    {
      title: "four inputs are all added to the first row",
      find: "addFourInputs(x, w, step, y + n * step,",
      replace: "addFourInputs(x, w, step, y,",
    },
    {
      title: "one input leaves out ragged columns",
      find: "if (lanes) storeLanes(to, madd(loadLanes(to, lanes), factor",
      replace: "if (false) storeLanes(to, madd(loadLanes(to, lanes), factor",
    },
    {
      title: "ragged columns of one input forget what was there",
      find: "madd(loadLanes(to, lanes), factor",
      replace: "madd(f32x4.splat(0), factor",
    },
    {
      title: "one input forgets what was there",
      find: "madd(v128.load(to), factor",
      replace: "madd(f32x4.splat(0), factor",
    },
    {
      title: "of four inputs the second counts twice",
      find: "s3 = v128.load32_splat(x, 12)",
      replace: "s3 = v128.load32_splat(x, 4)",
    },
    { title: "four inputs go to three rows of w", find: "w3 = w2 + step", replace: "w3 = w2" },
    { title: "four inputs leave out ragged columns", find: "if (lanes) {", replace: "if (false) {" },
    { title: "ragged columns take one row of w twice", find: "loadLanes(w3, lanes)", replace: "loadLanes(w2, lanes)" },
    {
      title: "the rows behind the tiles are the first ones",
      find: "copyNumbers(rest, d.left + restOf * row, ",
      replace: "copyNumbers(rest, d.left, ",
    },
    {
      title: "dx of a block takes the first inputs' weights",
      find: "let w = d.right + input * row;",
      replace: "let w = d.right;",
    },
    {
      title: "dx of few rows takes the first columns of dy again and again",
      find: "n * row + (<usize>column << 2), scratch, columns",
      replace: "n * row, scratch, columns",
    },
    {
      title: "dx of few rows takes the first columns of w again and again",
      find: ", w += STRETCH << 2",
      replace: "",
    },
    { title: "dx of two rows adds up in one", find: "tile + (<usize>n << 5)", replace: "tile" },
    { title: "dx of few rows keeps the sums of the inputs before", find: "clearNumbers(tile, 16);", replace: "" },
    { title: "three rows have room for two", find: "d.rows < 3", replace: "d.rows < 4" },
    {
      title: "dx of few rows writes inputs that are not there",
      find: "copyMatrix(tile, 32, to, x, d.rows, lanes)",
      replace: "copyMatrix(tile, 32, to, x, d.rows, 8)",
    },
    {
      title: "the second four inputs have the weights of the first",
      find: "sum1 = madd(sum1, s, v128.load(w, 16))",
      replace: "sum1 = madd(sum1, s, v128.load(w))",
    },
    {
      title: "dx writes rows that are not there",
      find: "x, min(4, d.rows - n), lanes)",
      replace: "x, 4, lanes)",
    },
    {
      title: "dx writes inputs that are not there",
      find: "x, min(4, d.rows - n), lanes)",
      replace: "x, min(4, d.rows - n), 8)",
    },
    {
      title: "dx of ragged inputs takes the first rows for all",
      find: "n < restOf ? d.left + n * row : rest",
      replace: "n < restOf ? d.left : rest",
    },
    { title: "dx of ragged inputs is that of eight", find: "lanes == 8 ? restOf : 0", replace: "restOf" },
    { title: "dw is added to what was there", find: "tile, first == 0)", replace: "tile, false)" },
    { title: "dw forgets the rows before", find: "tile, first == 0)", replace: "tile, true)" },

    { title: "dw writes columns that are not there", find: "row, min(8, width - c)", replace: "row, 8" },
    {
      title: "every chunk of dw takes the first inputs",
      find: "(<usize>(first * d.inputs + input) << 2)",
      replace: "(<usize>(first * d.inputs) << 2)",
    },
    {
      title: "all rows of x are the first ones",
      find: "(<usize>(first * d.inputs + input) << 2)",
      replace: "(<usize>input << 2)",
    },
    {
      title: "all rows of dy are the first ones",
      find: "(<usize>(first * d.columns + column) << 2), row, width",
      replace: "(<usize>column << 2), row, width",
    },
    {
      title: "dw of all columns goes to the first",
      find: "(<usize>(input * d.columns + column) << 2)",
      replace: "(<usize>(input * d.columns) << 2)",
    },

    { title: "dw of all columns takes the first eight", find: "            dy += <usize>rows << 5;\n", replace: "" },
    { title: "dw of all columns of a panel goes to the first eight", find: "            at += 32;\n", replace: "" },
    { title: "dw of all stripes takes the first inputs", find: "scratch + (<usize>i << 2)", replace: "scratch" },
    { title: "dw of all stripes goes to the first", find: "let at = to + i * row;", replace: "let at = to;" },
    { title: "the last stripe is as high as all", find: "min(stripe, inputs - i)", replace: "stripe" },
    {
      title: "rows of a large dw are added to what was there",
      find: "        clearNumbers(to, d.columns);\n",
      replace: "",
    },
    {
      title: "all rows of a large dw are the first of a unit",
      find: "(n * d.inputs + a) << 2",
      replace: "(n * d.inputs + input) << 2",
    },
    {
      title: "a large dw takes the first row of dy only",
      find: "d.right + n * row, d.columns);",
      replace: "d.right, d.columns);",
    },
    { title: "a large dw takes the first row of x only", find: "(n * d.inputs + a) << 2", replace: "a << 2" },
    {
      title: "copied rows of x overlap",
      find: "scratch, CHUNK << 2, rows, inputs)",
      replace: "scratch, 240, rows, inputs)",
    },
    { title: "a row of x is not copied", find: "CHUNK << 2, rows, inputs)", replace: "CHUNK << 2, rows - 1, inputs)" },
    { title: "an input is not copied", find: "CHUNK << 2, rows, inputs)", replace: "CHUNK << 2, rows, inputs - 1)" },
  ],
};
