/** Faults of the convolution that has a filter of its own for every channel. */
import type { MutatedFile } from "../mutant.ts";

const laws = ["kernels/conv2d", "layers/layers", "layers/parameter", "layers/conformance"];

export const depthwise: MutatedFile = {
  file: "depthwise.ts",
  laws,
  mutants: [
    { title: "every band is the first", find: "(unit - image * c.bands) * c.bandRows", replace: "0" },
    {
      title: "the last band goes on behind the end",
      find: "min(firstRow + c.bandRows, c.outputHeight)",
      replace: "firstRow + c.bandRows",
    },
    { title: "only relu is applied", find: "if (c.activation > 1)", replace: "if (c.activation > 9)" },
    {
      title: "only the first channel of a row is activated",
      find: "c.outputWidth * c.groups, c",
      replace: "c.outputWidth, c",
    },
    {
      title: "only the first image is activated",
      find: "c.destination + image * c.imageStep + i * c.rowStep;\n        apply",
      replace: "c.destination + i * c.rowStep;\n        apply",
    },
    {
      title: "every band activates those before it again",
      find: "let i = firstRow; i < endRow; i++",
      replace: "let i = 0; i < endRow; i++",
    },
    { title: "pixels do not stride", find: "<usize>(c.strideWidth * c.groups) << 2", replace: "<usize>c.groups << 2" },
    {
      title: "rows of pixels do not stride",
      find: "<usize>(c.strideHeight * c.sourceWidth * c.groups)",
      replace: "<usize>(c.sourceWidth * c.groups)",
    },
    { title: "rows of y go on where a rectangle ends", find: "c.rowStep - r.columns * c.pixelStep", replace: "0" },
    { title: "a rectangle has a pixel too many", find: "if (k < left)", replace: "if (k <= left)" },
    {
      title: "a rectangle has a pixel too few",
      find: "let left = r.rows * r.columns;",
      replace: "let left = r.rows * r.columns - 1;",
    },
    { title: "only the first row of a rectangle ends", find: "          j = r.columns;\n", replace: "" },
    {
      title: "relu is left out",
      find: "const rectify = c.activation == 1;",
      replace: "const rectify = c.activation == 9;",
    },
    {
      title: "blocks lie without their biases",
      find: "(c.kernelHeight * c.kernelWidth + 1) << 5",
      replace: "(c.kernelHeight * c.kernelWidth) << 5",
    },
    { title: "all blocks of channels take the first one's weights", find: "    w += blockBytes;\n", replace: "" },
    { title: "blocks of channels all see the first", find: "    x0 += 32; x1 += 32; x2 += 32;\n", replace: "" },
    {
      title: "four channels that are left take eight lanes",
      find: "(c.groups & 7) > 4 ? 5 : 4",
      replace: "(c.groups & 7) > 3 ? 5 : 4",
    },
    { title: "channels that are not there are written", find: "rectify, min(4, rest))", replace: "rectify, 4)" },
    { title: "the last channels see those before", find: "    x0 += 16; x1 += 16; x2 += 16;\n", replace: "" },
    { title: "the last channels take the weights before theirs", find: "    w += 16;\n", replace: "" },
    {
      title: "no bias",
      find: "let a00 = v128.load(w), a01 = v128.load(w, 16);",
      replace: "let a00 = f32x4.splat(0), a01 = a00;",
    },
    { title: "all taps take the first weights", find: "w + (load<usize>(entry, 4) << 5)", replace: "w" },
    {
      title: "the right half takes the left weights",
      find: "v128.load(weights, 48)",
      replace: "v128.load(weights, 32)",
    },
    { title: "pixel 2 of a tile is pixel 1", find: "x = x2 + place;", replace: "x = x1 + place;" },
    {
      title: "one vector of a tile is not rectified",
      find: "a21 = rectified(a21, floor);",
      replace: "",
    },
    { title: "a tile writes its left half twice", find: "v128.store(y2, a21, 16)", replace: "v128.store(y2, a20, 16)" },
    { title: "the last channels have no bias", find: "let a0 = v128.load(w);", replace: "let a0 = f32x4.splat(0);" },
    {
      title: "the last channels take their biases for weights",
      find: "((load<usize>(entry, 4) + 1) << shift)",
      replace: "(load<usize>(entry, 4) << shift)",
    },
    {
      title: "the last channels are not rectified",
      find: "storeLanes(y1, rectified(a1, floor), lanes)",
      replace: "storeLanes(y1, a1, lanes)",
    },
    {
      title: "the last channels are always rectified",
      find: "const floor = floorOf(rectify);\n  storeLanes",
      replace: "const floor = floorOf(true);\n  storeLanes",
    },
    {
      title: "the narrow tile's pixel 2 is pixel 1",
      find: "loadLanes(x2 + place, lanes)",
      replace: "loadLanes(x1 + place, lanes)",
    },
    {
      title: "the narrow tile writes behind its channels",
      find: "storeLanes(y2, rectified(a2, floor), lanes)",
      replace: "v128.store(y2, rectified(a2, floor))",
    },
  ],
};

export const depthwiseRectangles: MutatedFile = {
  file: "depthwise-rectangles.ts",
  laws,
  mutants: [
    { title: "rows of a rectangle are gone through again", find: "r.nextRow += r.rows;", replace: "r.nextRow += 1;" },
    { title: "a band has a row too many", find: "  r.endRow = endRow;", replace: "  r.endRow = endRow + 1;" },
    {
      title: "padding at the top with the wrong sign",
      find: "i * c.strideHeight - c.top",
      replace: "i * c.strideHeight + c.top",
    },
    { title: "rows do not stride", find: "i * c.strideHeight - c.top", replace: "i - c.top" },
    {
      title: "padding at the left with the wrong sign",
      find: "j * c.strideWidth - c.left",
      replace: "j * c.strideWidth + c.left",
    },
    { title: "columns stride as rows do", find: "j * c.strideWidth - c.left", replace: "j * c.strideHeight - c.left" },
    {
      title: "rows at the top are taken for whole ones",
      find: "firstP == 0 && endP == c.kernelHeight",
      replace: "endP == c.kernelHeight",
    },
    {
      title: "columns at the left are taken for whole ones",
      find: "firstQ == 0 && endQ == c.kernelWidth",
      replace: "endQ == c.kernelWidth",
    },
    {
      title: "a rectangle goes on to the end of its band",
      find: "min(r.endRow - i, below + 1)",
      replace: "r.endRow - i",
    },
    { title: "a rectangle goes on behind its band", find: "min(r.endRow - i, below + 1)", replace: "below + 1" },
    {
      title: "a rectangle goes on to the end of the row",
      find: "min(c.outputWidth - j, behind + 1)",
      replace: "c.outputWidth - j",
    },
    {
      title: "a rectangle goes on behind the end of the row",
      find: "min(c.outputWidth - j, behind + 1)",
      replace: "behind + 1",
    },
    {
      title: "a rectangle ends where it would without dilated rows",
      find: "- u - (c.kernelHeight - 1) * c.dilationHeight)",
      replace: "- u - (c.kernelHeight - 1))",
    },
    {
      title: "a rectangle ends where it would without dilated columns",
      find: "- v - (c.kernelWidth - 1) * c.dilationWidth)",
      replace: "- v - (c.kernelWidth - 1))",
    },
    {
      title: "a rectangle is as high as without strides",
      find: "c.dilationHeight) / c.strideHeight;",
      replace: "c.dilationHeight);",
    },
    {
      title: "a rectangle is as wide as without strides",
      find: "c.dilationWidth) / c.strideWidth;",
      replace: "c.dilationWidth);",
    },
    { title: "all images are the first", find: "((r.image * c.sourceHeight + u) *", replace: "(u *" },
    {
      title: "all rectangles of a row begin at its left",
      find: "* c.sourceWidth + v) * c.groups",
      replace: "* c.sourceWidth) * c.groups",
    },
    {
      title: "all rectangles of a row are written at its left",
      find: "i * c.rowStep + j * c.pixelStep",
      replace: "i * c.rowStep",
    },
    {
      title: "the first tap inside is rounded down",
      find: "(dilation - 1 - start) / dilation",
      replace: "-start / dilation",
    },
    {
      title: "the first tap inside is left out",
      find: "(dilation - 1 - start) / dilation",
      replace: "(dilation - start) / dilation",
    },
    {
      title: "the last tap inside is left out",
      find: "(size - 1 - start) / dilation + 1",
      replace: "(size - 1 - start) / dilation",
    },
    {
      title: "a window has more taps than the kernel",
      find: "min(kernel, (size - 1 - start) / dilation + 1)",
      replace: "(size - 1 - start) / dilation + 1",
    },
    { title: "taps are not dilated down", find: "p * c.dilationHeight * c.sourceWidth", replace: "p * c.sourceWidth" },
    { title: "taps are not dilated across", find: "q * c.dilationWidth;", replace: "q;" },
    {
      title: "taps lie as close as if there were one channel",
      find: "<usize>(place * c.groups) << 2",
      replace: "<usize>place << 2",
    },
    { title: "taps are numbered by columns", find: "p * c.kernelWidth + q, 4", replace: "q * c.kernelHeight + p, 4" },
    {
      title: "taps are numbered from the first inside",
      find: "p * c.kernelWidth + q, 4",
      replace: "(p - firstP) * c.kernelWidth + q, 4",
    },
    { title: "the last tap is not repeated", find: "  store<u64>(entry, last);\n", replace: "" },
    { title: "the last tap is repeated only once", find: "  store<u64>(entry, last, ENTRY);\n", replace: "" },
  ],
};

export const depthwiseGradient: MutatedFile = {
  file: "depthwise-gradient.ts",
  laws,
  mutants: [
    { title: "all slices are one", find: "k.weights + (<usize>(slice * size) << 2)", replace: "k.weights" },
    { title: "sums go on with what was there", find: "    clearNumbers(sums, size);\n", replace: "" },
    {
      title: "slices share an image",
      find: "let image = (k.images * slice) / k.slices;",
      replace: "let image = max(0, (k.images * slice) / k.slices - 1);",
    },
    {
      title: "the last band of dy goes on behind the end",
      find: "min(row + k.bandRows, k.outputHeight)",
      replace: "row + k.bandRows",
    },
    {
      title: "every band takes all rows from the first on",
      find: "beginBand(k, image, row, endRow",
      replace: "beginBand(k, image, 0, endRow",
    },
    { title: "taps in threes have a tap twice", find: "entry += 3 * ENTRY", replace: "entry += 2 * ENTRY" },
    {
      title: "the third tap's sum is the second's",
      find: "load<usize>(entry, 4 + 2 * ENTRY)",
      replace: "load<usize>(entry, 4 + ENTRY)",
    },
    { title: "the last eight channels are taken for a few", find: "at + 32 <= pixel", replace: "at + 32 < pixel" },
    { title: "channels that are not there are summed", find: "s2, min(4, rest))", replace: "s2, 4)" },
    { title: "the last channels are not summed", find: "if (rest > 4) taps3x4", replace: "if (rest > 5) taps3x4" },
    {
      title: "the last channels are summed from those before",
      find: "entry, at + 16, s0 + 16",
      replace: "entry, at, s0 + 16",
    },
    {
      title: "a sum begins anew with every rectangle",
      find: "a21 = v128.load(s2, 16);",
      replace: "a21 = f32x4.splat(0);",
    },
    {
      title: "all blocks of channels sum the first eight of x",
      find: "const x = r.x + at;",
      replace: "const x = r.x;",
    },
    { title: "all blocks of channels sum the first eight of dy", find: "let dy = r.y + at;", replace: "let dy = r.y;" },
    {
      title: "pixels that are summed do not stride",
      find: "<usize>(k.strideWidth * k.groups) << 2;\n  const xRow",
      replace: "<usize>k.groups << 2;\n  const xRow",
    },
    {
      title: "rows that are summed do not stride",
      find: "(k.strideHeight * k.sourceWidth * k.groups) << 2) - r",
      replace: "(k.sourceWidth * k.groups) << 2) - r",
    },
    { title: "rows of dy go on where a rectangle ends", find: "k.rowStep - r.columns * dyStep", replace: "0" },
    {
      title: "the right half sums the left dy",
      find: "const d1 = v128.load(dy, 16);",
      replace: "const d1 = v128.load(dy);",
    },
    {
      title: "the third tap stays at its first pixel",
      find: "x0 += xStep; x1 += xStep; x2 += xStep;",
      replace: "x0 += xStep; x1 += xStep;",
    },
    {
      title: "the third tap stays in its first row",
      find: "x0 += xRow; x1 += xRow; x2 += xRow;",
      replace: "x0 += xRow; x1 += xRow;",
    },
    { title: "half of a sum is not kept", find: "  v128.store(s1, a11, 16);\n", replace: "" },
    {
      title: "the last channels begin a sum anew",
      find: "a2 = loadLanes(s2, lanes);",
      replace: "a2 = f32x4.splat(0);",
    },
    {
      title: "the last channels' third tap is the second",
      find: "p2 = load<usize>(entry, 2 * ENTRY);",
      replace: "p2 = p1;",
    },
    {
      title: "the last channels' pixels do not stride",
      find: "<usize>(k.strideWidth * k.groups) << 2;\n  for",
      replace: "<usize>k.groups << 2;\n  for",
    },
    {
      title: "the last channels' rows do not stride",
      find: "i * k.strideHeight * k.sourceWidth",
      replace: "i * k.sourceWidth",
    },
    { title: "the last channels sum the first row of dy", find: "r.y + at + i * k.rowStep", replace: "r.y + at" },
    {
      title: "the last channels are kept with others",
      find: "storeLanes(s2, a2, lanes);\n}",
      replace: "v128.store(s2, a2);\n}",
    },
  ],
};
