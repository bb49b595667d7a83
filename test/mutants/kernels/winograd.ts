import type { MutatedFile } from "../mutant.ts";

const laws = ["kernels/winograd", "kernels/conv2d", "layers/layers", "layers/parameter"];

export const winogradTiles: MutatedFile = {
  file: "winograd-tiles.ts",
  laws,
  mutants: [
    {
      title: "padding at the top with the wrong sign",
      find: "rowOf(w, first) - top",
      replace: "rowOf(w, first) + top",
    },
    { title: "no padding at the left", find: "columnOf(w, first) - left", replace: "columnOf(w, first)" },
    {
      title: "tiles are always four columns apart",
      find: "return (tile % w.tileColumns) * w.side;",
      replace: "return (tile % w.tileColumns) * 4;",
    },
    {
      title: "rows of tiles go on from image to image",
      find: "((tile / w.tileColumns) % w.tileRows) * w.side",
      replace: "(tile / w.tileColumns) * w.side",
    },
    { title: "all runs are in the first image", find: "(imageOf(w, first) * height + u)", replace: "u" },
    {
      title: "a run is longer than the lines",
      find: "min(min(longest, end - first), w.tileColumns - (first % w.tileColumns))",
      replace: "min(end - first, w.tileColumns - (first % w.tileColumns))",
    },
    {
      title: "a run goes on in the next row of tiles",
      find: "w.tileColumns - (first % w.tileColumns)",
      replace: "w.tileColumns",
    },
    { title: "a run goes on behind its block", find: "min(longest, end - first)", replace: "longest" },
    { title: "the last columns of a run are left out", find: "(run - 1) * side + reach", replace: "run * side" },
    { title: "columns beyond the right edge are pixels", find: "<u32>(v + j) < <u32>width", replace: "v + j >= 0" },
    { title: "columns beyond the left edge are pixels", find: "<u32>(v + j) < <u32>width", replace: "v + j < width" },
    { title: "the row above the image is one", find: "u < rows ? from", replace: "<i32>u < <i32>rows ? from" },
    { title: "the row below the image is one", find: "u + 5 < rows", replace: "u + 4 < rows" },
    { title: "the row of a gradient below its edge is one", find: "u + 3 < rows", replace: "u + 2 < rows" },
    { title: "zeros are what was there", find: "clearNumbers(scratch + ZEROS, CHUNK);", replace: "" },
    {
      title: "only the first channels are transformed",
      find: "c < pixel; c += 4 * CHUNK",
      replace: "c < 4 * CHUNK; c += 4 * CHUNK",
    },
    { title: "all channels are the first ones", find: "let from = corner + c;", replace: "let from = corner;" },
    { title: "all channels go to the first ones' planes", find: "let to = planes + c;", replace: "let to = planes;" },
    {
      title: "the last channels are as many as the others",
      find: "min<usize>(4 * CHUNK, pixel - c)",
      replace: "<usize>(4 * CHUNK)",
    },
    { title: "all tiles of a run have the first one's columns", find: "line + (t * side << 4)", replace: "line" },
    { title: "all lines go to the first planes", find: "        to += 6 * plane;\n", replace: "" },
    { title: "all runs go to the first one's places", find: "    planes += run * pixel;\n", replace: "" },
    { title: "an entry of Bᵀ", find: "const odd = f32x4.add(twice, twice)", replace: "const odd = twice" },
    {
      title: "a sign of Bᵀ",
      find: "f32x4.sub(even4, odd4), f32x4.add(even, odd),\n",
      replace: "f32x4.add(even4, odd4), f32x4.add(even, odd),\n",
    },
    { title: "the first row of Bᵀ", find: "madd(even, four, f32x4.sub(d0, d2))", replace: "f32x4.sub(d0, d2)" },
    { title: "the last row of Bᵀ", find: "msub(f32x4.sub(d5, d3), four, twice)", replace: "f32x4.sub(d5, d3)" },
    { title: "an entry of A", find: "f32x4.add(once, once)", replace: "once" },
    {
      title: "a sign of A",
      find: "f32x4.sub(even, odd), f32x4.add(even4, odd4)",
      replace: "f32x4.add(even, odd), f32x4.add(even4, odd4)",
    },
    { title: "the last entry of A of two", find: "reach == 2 ? y1 : y3", replace: "y3" },
    { title: "the last entry of A of four", find: "reach == 2 ? y1 : y3", replace: "y1" },
  ],
};

export const winogradOutputs: MutatedFile = {
  file: "winograd-outputs.ts",
  laws,
  mutants: [
    { title: "outputs below the edge are written", find: "min(side, w.outputHeight - i0)", replace: "side" },
    { title: "outputs beyond the right edge are written", find: "min(side, w.outputWidth - j0)", replace: "side" },
    { title: "the third column is left out", find: "columns > 2", replace: "columns > 3" },
    { title: "all filters have the first biases", find: "w.bias + offset + f : 0", replace: "w.bias + offset : 0" },
    {
      title: "all blocks of filters have the first one's biases",
      find: "w.bias + offset + f : 0",
      replace: "w.bias + f : 0",
    },
    { title: "four filters have the same biases", find: "      bias += 16;\n", replace: "" },
    { title: "no bias", find: "w.bias ? w.bias + offset + f : 0", replace: "0" },
    { title: "relu is left out", find: "floorOf(w.activation == 1)", replace: "floorOf(w.activation == 9)" },
    { title: "only relu is applied", find: "if (w.activation > 1) {", replace: "if (w.activation > 9) {" },
    { title: "an entry of Aᵀ", find: "side == 4 ? 8 : 2", replace: "side == 4 ? 4 : 2" },
    { title: "an entry of Aᵀ of F(2×2, 5×5)", find: "side == 4 ? 8 : 2", replace: "8" },
    {
      title: "the second row of F(2×2, 5×5) is that of F(4×4, 3×3)",
      find: "side == 4 ? LINE : 3 * LINE",
      replace: "LINE",
    },
    { title: "all images are written to the first one's place", find: "imageOf(w, tile) * w.imageStep", replace: "0" },
    {
      title: "rows of a phase are written one below the other",
      find: "output + i * w.rowStep + f, pixel",
      replace: "output + <usize>(i * w.outputWidth * w.filters << 2) + f, pixel",
    },
    {
      title: "tiles of a phase are written one beside the other",
      find: "j0 * pixel + offset",
      replace: "<usize>(j0 * w.filters << 2) + offset",
    },
    {
      title: "filters behind the first 32 read the first ones' sums",
      find: "j * plane + f, 6",
      replace: "j * plane, 6",
    },
    { title: "the last entry of Aᵀ", find: "f32x4.add(difference1, m5)", replace: "difference1" },
    {
      title: "an activation leaves out the pixels behind the first",
      find: "applyActivation(to, to, filters, w.activation, w.alpha);\n        to += pixel;",
      replace: "applyActivation(to, to, filters, w.activation, w.alpha);",
    },
  ],
};

export const winograd: MutatedFile = {
  file: "winograd.ts",
  laws,
  mutants: [
    { title: "only whole fours of tiles are multiplied", find: "(tiles + 3) & ~3", replace: "tiles & ~3" },
    { title: "all places take the first place's weights", find: "      weights += <usize>C << 5;\n", replace: "" },
    { title: "planes of weights are taken for neighbours", find: "    weights += APART;\n", replace: "" },
    { title: "the last block is a whole one", find: "min(w.blockTiles, w.tiles - first)", replace: "w.blockTiles" },
  ],
};

export const winogradWeights: MutatedFile = {
  file: "winograd-weights.ts",
  laws,
  mutants: [
    { title: "a sign of G", find: "f32x4.sub(odd, even)", replace: "f32x4.sub(even, odd)" },
    { title: "an entry of G", find: "f32x4.mul(g1, f32x4.splat(0.5))", replace: "g1" },
    { title: "an entry of G of five, even", find: "last, f32x4.splat(4)", replace: "last, f32x4.splat(2)" },
    { title: "an entry of G of five, odd", find: "g3, f32x4.splat(2)", replace: "g3, f32x4.splat(1)" },
    { title: "the last entry of G of five", find: "last = line.g4;", replace: "" },
    { title: "the fourth weight is left out at 1 and −1", find: "odd = f32x4.add(odd, g3);", replace: "" },
    { title: "rows 3 and 4 of G are one", find: "f32x4.sub(even4, odd4)", replace: "f32x4.add(even4, odd4)" },
    {
      title: "the kernel is transposed",
      find: "p * k.rowStep + q * k.columnStep",
      replace: "q * k.rowStep + p * k.columnStep",
    },
    {
      title: "filters that are apart are taken for neighbours",
      find: "if (step == 4) return",
      replace: "if (step > 0) return",
    },
    {
      title: "the fourth filter is the third",
      find: "from + 3 * step, result, 3",
      replace: "from + 2 * step, result, 3",
    },
    {
      title: "all blocks have the first eight filters",
      find: "(filter + half) * k.filterStep",
      replace: "half * k.filterStep",
    },
  ],
};

export const winogradFewTiles: MutatedFile = {
  file: "winograd-few-tiles.ts",
  laws,
  mutants: [
    { title: "all tiles are the first", find: "transformTiles(w, begin, ", replace: "transformTiles(w, 0, " },
    {
      title: "all tiles go to the first ones' places",
      find: "w.planes + (<usize>(begin * w.channels) << 2)",
      replace: "w.planes",
    },
    { title: "all units have the first filters", find: "unit * w.unitFilters", replace: "0" },
    {
      title: "a unit has its first eight filters twice",
      find: "transformFilters(layout, f, ",
      replace: "transformFilters(layout, first, ",
    },
    {
      title: "the last unit is a whole one",
      find: "min(first + w.unitFilters, w.filters)",
      replace: "first + w.unitFilters",
    },
    { title: "all go to the first eight filters", find: "sumsStep, f, 8", replace: "sumsStep, 0, 8" },
    { title: "later channels replace what was summed", find: "32, c > 0)", replace: "32, false)" },
    { title: "sums go on with what was there", find: "32, c > 0)", replace: "32, true)" },
    { title: "later channels read the first ones", find: "tilesStep + (<usize>c << 2)", replace: "tilesStep" },
    {
      title: "the last channels are a whole chunk",
      find: "min(c + w.chunk, w.channels)",
      replace: "c + w.chunk",
    },
    {
      title: "tiles behind the last four are left out",
      find: "length, w.blockTiles, weights",
      replace: "length, w.tiles & ~3, weights",
    },
    { title: "the last tile is not finished", find: "t < w.tiles; t++", replace: "t < w.tiles - 1; t++" },
    { title: "all places take the first place's weights", find: "weights + place * weightsStep", replace: "weights" },
    { title: "all places take the first place's tiles", find: "w.planes + place * tilesStep", replace: "w.planes" },
    { title: "all places have one sum", find: "          sums += sumsStep;\n", replace: "" },
    { title: "the next eight filters are the first", find: "      sums += 36 * sumsStep;\n", replace: "" },
  ],
};

export const winogradGradient: MutatedFile = {
  file: "winograd-gradient.ts",
  laws,
  mutants: [
    {
      title: "slices share a block",
      find: "let block = (blocks * slice) / w.slices;",
      replace: "let block = max(0, (blocks * slice) / w.slices - 1);",
    },
    { title: "all slices are one", find: "w.destination + (<usize>slice * size << 2)", replace: "w.destination" },
    { title: "sums go on with what was there", find: "clearNumbers(sums, size);", replace: "" },
    {
      title: "the last slice is left out",
      find: "slice < w.slices; slice++) {\n          from",
      replace: "slice < w.slices - 1; slice++) {\n          from",
    },
    {
      title: "all slices are added to the first filter's",
      find: "from += 36 * plane;",
      replace: "from += 36 * plane - place;",
    },
    { title: "the last entry of Gᵀ", find: "middle = f32x4.add(middle, u5);", replace: "" },
    {
      title: "an entry of Gᵀ of five",
      find: "madd(difference1, difference2, four)",
      replace: "f32x4.add(difference1, difference2)",
    },
    {
      title: "the last entry of Gᵀ of five",
      find: "f32x4.add(madd(f32x4.neg(sum1), sum2, four), u5)",
      replace: "madd(f32x4.neg(sum1), sum2, four)",
    },
    {
      title: "rows of the kernel's gradient are three apart",
      find: "<usize>(size * p) * plane",
      replace: "<usize>(3 * p) * plane",
    },
    { title: "a sign of Gᵀ", find: "f32x4.sub(u2, u1)", replace: "f32x4.sub(u1, u2)" },
    { title: "an entry of Gᵀ", find: "1.0 / 12.0", replace: "1.0 / 6.0" },
    { title: "a channel is left out", find: "xRow, C, gradients", replace: "xRow, C - 4, gradients" },
    { title: "all filters are the first", find: "gradients + (<usize>f << 2)", replace: "gradients" },
    { title: "all places sum the first place's gradients", find: "    gradients += gStep;\n", replace: "" },
  ],
};
