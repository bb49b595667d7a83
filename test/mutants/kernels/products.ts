/** Faults of the two tiles of matrix products. */
import type { MutatedFile } from "../mutant.ts";

export const product: MutatedFile = {
  file: "product.ts",
  laws: ["kernels/dense", "kernels/winograd", "kernels/relaxed"],
  mutants: [
    { title: "row 2 is row 1", find: "x2 = x1 + row", replace: "x2 = x0 + row" },
    { title: "a product never adds", find: "if (adds) {", replace: "if (false) {" },
    { title: "a product always adds", find: "if (adds) {", replace: "if (true) {" },

    {
      title: "a product takes another row in its second turn",
      find: "s = v128.load32_splat(x3, 4);",
      replace: "s = v128.load32_splat(x2, 4);",
    },
    {
      title: "a product takes the left weights for the right in its third turn",
      find: "w1 = v128.load(w, 80);",
      replace: "w1 = v128.load(w, 64);",
    },
    { title: "a product takes a weight again", find: "w0 = v128.load(w, 32)", replace: "w0 = v128.load(w)" },

    { title: "the last input is left out", find: "x + length - 4", replace: "x + length - 8" },

    { title: "row 3 of a sum is lost", find: "a30 = v128.load(from); a31", replace: "a31" },
    { title: "tiles overlap by a row", find: "x += height * row;", replace: "x += (height - 1) * row;" },
    { title: "all tiles are written to one place", find: "    y += height * yRow;\n", replace: "" },
    { title: "a product goes on behind the first of four", find: "    if (x0 == last1) break;\n", replace: "" },
    { title: "a product goes on behind the second of four", find: "    if (x0 == last2) break;\n", replace: "" },
    { title: "a product goes on behind the third of four", find: "    if (x0 == last3) break;\n", replace: "" },
    {
      title: "the fourth number is the third",
      find: "s = v128.load32_splat(x2, 12);",
      replace: "s = v128.load32_splat(x2, 8);",
    },
    { title: "weights stay where they are", find: "    w += 128;\n", replace: "" },
    { title: "a row that is left gets no tile", find: "while (rows > 0) {", replace: "while (rows > 4) {" },
    {
      title: "a tall tile is taken where four rows are left of eight",
      find: "rows >= 6 && rows != 8 ? 6 : 4",
      replace: "rows >= 6 ? 6 : 4",
      relaxed: true,
    },
    {
      title: "tall tiles are as tall as others",
      find: "if (height == 6) productTile(6,",
      replace: "if (height == 6) productTile(4,",
      relaxed: true,
    },
    {
      title: "row 5 of a tall tile is row 4",
      find: "s = v128.load32_splat(x5);",
      replace: "s = v128.load32_splat(x4);",
      relaxed: true,
    },
    {
      title: "a tall tile's second number is its first",
      find: "s = v128.load32_splat(x4, 4);",
      replace: "s = v128.load32_splat(x4);",
      relaxed: true,
    },
    {
      title: "pixel 5 of a tall tile stays where it is",
      find: "x4 += 16; x5 += 16;",
      replace: "x4 += 16;",
      relaxed: true,
    },
    {
      title: "row 4 of a tall tile forgets what was there",
      find: "a40 = v128.load(from); a41 = v128.load(from, 16);",
      replace: "a41 = v128.load(from, 16);",
      relaxed: true,
    },
    {
      title: "row 5 of a tall tile is not written",
      find: "v128.store(y, a50); v128.store(y, a51, 16);",
      replace: "v128.store(y, a51, 16);",
      relaxed: true,
    },
  ],
};

export const outerProduct: MutatedFile = {
  file: "outer-product.ts",
  laws: ["kernels/dense", "kernels/winograd", "kernels/conv2d", "kernels/relaxed"],
  mutants: [
    { title: "an outer product always adds", find: "if (!writes) {", replace: "if (true) {" },
    { title: "an outer product never adds", find: "if (!writes) {", replace: "if (false) {" },
    {
      title: "an outer product takes column 1 for 0 in the first row of three",
      find: "let s = v128.load32_splat(x);",
      replace: "let s = v128.load32_splat(x, 4);",
    },
    { title: "rows 2 and 3 of an outer product are one", find: "t3 = t2 + toStep", replace: "t3 = t1 + toStep" },
    {
      title: "an outer product leaves out the last row",
      find: "const last = d + (rows - 1) * dStep;",
      replace: "const last = d + max(rows - 2, 0) * dStep;",
    },
    {
      title: "an outer product goes on behind the third of three",
      find: "    if (d == last) break;\n    x += xStep;\n    d += dStep;\n  }",
      replace: "    x += xStep;\n    d += dStep;\n  }",
    },
    {
      title: "an outer product stays in the third row of x",
      find: "    x += xStep;\n    d += dStep;\n  }",
      replace: "    d += dStep;\n  }",
    },
    { title: "all tiles read the first columns", find: "    x += <usize>height << 2;\n", replace: "" },
    { title: "all tiles are written to one place", find: "    y += height * toStep;\n", replace: "" },
    {
      title: "columns that fill no tile are left out",
      find: "while (columns > 0) {",
      replace: "while (columns > 3) {",
    },
    { title: "a ragged tile counts as whole", find: "filled == height && lanes == 8", replace: "lanes == 8" },
    {
      title: "a ragged block of eight counts as whole",
      find: "filled == height && lanes == 8",
      replace: "filled == height",
    },
    {
      title: "a ragged tile forgets what was there",
      find: "if (!fits && !writes) copyMatrix",
      replace: "if (false) copyMatrix",
    },
    { title: "a ragged tile is not copied back", find: "if (!fits) copyMatrix", replace: "if (false) copyMatrix" },
    {
      title: "a ragged tile writes columns that are not there",
      find: "copyMatrix(tile, 32, y, toStep, filled, lanes)",
      replace: "copyMatrix(tile, 32, y, toStep, height, lanes)",
    },
    {
      title: "tall tiles are as tall as others",
      find: "if (height == 6) outerTile(6,",
      replace: "if (height == 6) outerTile(4,",
      relaxed: true,
    },
    {
      title: "column 5 of a tall tile leaves out every third row",
      find: "      a51 = madd(a51, s, d1);\n    }\n    if (d == last) break;\n    x += xStep;\n    d += dStep;\n  }",
      replace: "    }\n    if (d == last) break;\n    x += xStep;\n    d += dStep;\n  }",
      relaxed: true,
    },
    {
      title: "column 4 of a tall tile forgets what was there",
      find: "a40 = v128.load(t4); a41",
      replace: "a41",
      relaxed: true,
    },
    {
      title: "column 5 of a tall tile is not written",
      find: "v128.store(t5, a50); v128",
      replace: "v128",
      relaxed: true,
    },
  ],
};
