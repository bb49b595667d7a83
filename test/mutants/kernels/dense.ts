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
    { title: "the first row behind the tiles is left out", find: "n >= (d.rows & ~3)", replace: "n > (d.rows & ~3)" },
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
      find: "copyTile(to, yStep, tile, 32, 4, width - c);",
      replace: "",
    },
    { title: "a ragged tile is not copied back", find: "copyTile(tile, 32, to, yStep, 4, width - c);", replace: "" },
    { title: "all ragged tiles read the first four rows", find: "          x += 4 * xStep;\n", replace: "" },
    { title: "all ragged tiles write the first four rows", find: "          to += 4 * yStep;\n", replace: "" },
    {
      title: "packing takes the left half twice",
      find: "v128.store(at, v128.load(source, 16), 16);",
      replace: "v128.store(at, v128.load(source), 16);",
    },
    {
      title: "packing leaves lanes without a column as they were",
      find: "clearNumbers(at + (<usize>(width - c) << 2), c + 8 - width);",
      replace: "",
      equivalent:
        "no lane is ever mixed with another, and of a ragged tile only the lanes with a column are copied back",
    },
    {
      title: "packing forgets ragged columns",
      find: "copyNumbers(at, from + (<usize>c << 2), width - c);",
      replace: "",
    },
    {
      title: "packing puts all eights in one place",
      find: "      at += next;\n    }\n    if (c < width)",
      replace: "    }\n    if (c < width)",
    },
    {
      title: "single rows begin with the first columns",
      find: "let w = d.right + (<usize>column << 2);",
      replace: "let w = d.right;",
    },
    {
      title: "single rows take four inputs twice",
      find: "    x += 16;\n    w += 4 * step;",
      replace: "    w += 4 * step;",
    },
    {
      title: "single rows take four rows of w twice",
      find: "    x += 16;\n    w += 4 * step;",
      replace: "    x += 16;",
    },
    {
      title: "the last inputs of a single row are left out",
      find: "for (; input < d.inputs; input++) {",
      replace: "for (; input < 0; input++) {",
    },
    {
      title: "one of the last inputs is taken for all",
      find: "    x += 4;\n    w += step;",
      replace: "    w += step;",
    },
    { title: "the last inputs take one row of w", find: "    x += 4;\n    w += step;", replace: "    x += 4;" },
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
      find: "products(d.left + n * row, row, row, 4,",
      replace: "products(d.left, row, row, 4,",
    },
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
      find: "(<usize>(first * d.columns + column) << 2), row, rows",
      replace: "(<usize>column << 2), row, rows",
    },
    {
      title: "dw of all columns goes to the first",
      find: "(<usize>(input * d.columns + column) << 2)",
      replace: "(<usize>(input * d.columns) << 2)",
    },

    { title: "dw of all columns takes the first eight", find: "          dy += <usize>rows << 5;\n", replace: "" },
    {
      title: "copied rows of x overlap",
      find: "scratch, CHUNK << 2, rows, inputs)",
      replace: "scratch, 240, rows, inputs)",
    },
    { title: "a row of x is not copied", find: "CHUNK << 2, rows, inputs)", replace: "CHUNK << 2, rows - 1, inputs)" },
    { title: "an input is not copied", find: "CHUNK << 2, rows, inputs)", replace: "CHUNK << 2, rows, inputs - 1)" },
  ],
};
