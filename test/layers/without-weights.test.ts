/** Layers without weights, on numbers typed in: the examples of their docstrings, and what they refuse. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pixelsSeen, receptiveField } from "../../src/analysis/receptive-field.ts";
import {
  Cropping2D,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  LocalResponseNormalization,
  Permute,
  Reshape,
  SpatialDropout2D,
  UpSampling2D,
  ZeroPadding2D,
} from "../../src/layers/index.ts";
import { tensor } from "../../src/tensor.ts";
import { floats, integers } from "../support/arbitraries.ts";
import { float64Pass } from "../support/gradients.ts";
import { refuses } from "../support/refusals.ts";

/** One image of 2 × 2, one channel. */
const square = tensor([1, 2, 4, 3], [1, 2, 2, 1]);

describe("global pooling", () => {
  test("as its documentation says, with and without the axes of the image", () => {
    assert.deepEqual(new GlobalAveragePooling2D().forward(square).toNested(), [[2.5]]);
    assert.deepEqual(new GlobalMaxPooling2D().forward(square).toNested(), [[4]]);
    assert.deepEqual(new GlobalAveragePooling2D({ keepDims: true }).forward(square).toNested(), [[[[2.5]]]]);
    assert.deepEqual(new GlobalMaxPooling2D({ keepDims: true }).outputShape([3, 5, 4, 2]), [3, 1, 1, 2]);
  });

  test("of sequences, as its documentation says, with and without the axis of the steps", () => {
    const steps = square.reshape([1, 4, 1]);
    assert.deepEqual(new GlobalAveragePooling1D().forward(steps).toNested(), [[2.5]]);
    assert.deepEqual(new GlobalMaxPooling1D().forward(steps).toNested(), [[4]]);
    assert.deepEqual(new GlobalAveragePooling1D({ keepDims: true }).forward(steps).toNested(), [[[2.5]]]);
    assert.deepEqual(new GlobalMaxPooling1D({ keepDims: true }).outputShape([3, 5, 2]), [3, 1, 2]);
  });

  test("the first maximum wins a tie, NaN wins over all numbers", () => {
    const gradient = (values: number[]) => {
      const pass = float64Pass();
      const layer = new GlobalMaxPooling2D();
      layer.forward(tensor(values, [1, 2, 2, 1], "float64"), pass);
      return [...layer.backward(tensor([[5]], undefined, "float64"), pass).data];
    };
    assert.deepEqual(gradient([1, 7, 7, 3]), [0, 5, 0, 0]);
    assert.deepEqual(gradient([1, 7, Number.NaN, 9]), [0, 0, 5, 0]);
    assert.deepEqual(gradient([-4, -3, -5, -9]), [0, 5, 0, 0]);
  });

  test("refuses what has no pixels, another dy, and options that are none", () => {
    const [average, max] = [new GlobalAveragePooling2D(), new GlobalMaxPooling2D()];
    for (const layer of [average, max]) {
      refuses(() => layer.outputShape([2, 0, 3, 1]), layer.name, "the shape of x is [2, 0, 3, 1]", "with pixels");
      refuses(() => layer.outputShape([2, 3]), layer.name, "[batch, height, width, channels]");
      const pass = float64Pass();
      layer.forward(floats([2, 3, 2, 4], 1, 1, "float64"), pass);
      refuses(() => layer.backward(integers([2, 1, 1, 4], 1), pass), layer.name, "dy is [2, 1, 1, 4]", "[2,4]");
    }
    refuses(() => max.outputShape([1, 4097, 4096, 1]), "global_max_pooling2d: the shape of x", "up to 2^24 pixels");
    assert.deepEqual(max.outputShape([1, 4096, 4096, 1]), [1, 1]);
    for (const layer of [new GlobalAveragePooling1D(), new GlobalMaxPooling1D({ name: "whole" })]) {
      refuses(() => layer.outputShape([2, 0, 1]), layer.name, "the shape of x is [2, 1, 0, 1]", "with pixels");
      refuses(() => layer.outputShape([2, 3]), layer.name, "the shape of x is [2, 3]", "[batch, steps, channels]");
      const pass = float64Pass();
      layer.forward(floats([2, 3, 4], 1, 1, "float64"), pass);
      refuses(() => layer.backward(integers([2, 4, 1], 1), pass), layer.name, "the shape of dy", "[2,4]");
    }
    refuses(() => new GlobalMaxPooling1D({ keepDims: 1 } as never), "GlobalMaxPooling1D", "keepDims is 1");
    refuses(() => new GlobalAveragePooling1D({ poolSize: 2 } as never), '"poolSize"', "options are keepDims");
    refuses(() => new GlobalMaxPooling2D({ keepDims: 1 } as never), "GlobalMaxPooling2D", "keepDims is 1");
    refuses(() => new GlobalAveragePooling2D({ poolSize: 2 } as never), '"poolSize"', "options are keepDims");
  });
});

describe("padding and cropping", () => {
  const row = tensor([[[[1], [2], [3]]]]);

  test("as their documentation says; one pixel at each edge where none is named", () => {
    const padded = new ZeroPadding2D({ padding: [0, 1] }).forward(tensor([[[[1], [2]]]]));
    assert.deepEqual(padded.toNested(), [[[[0], [1], [2], [0]]]]);
    assert.deepEqual(new Cropping2D({ cropping: [0, 0, 1, 0] }).forward(row).toNested(), [[[[2], [3]]]]);
    assert.deepEqual(new ZeroPadding2D().outputShape([2, 3, 4, 5]), [2, 5, 6, 5]);
    assert.deepEqual(new Cropping2D().outputShape([2, 3, 4, 5]), [2, 1, 2, 5]);
    assert.deepEqual(new ZeroPadding2D({ padding: [1, 2, 3, 4] }).outputShape([1, 1, 1, 1]), [1, 4, 8, 1]);
    assert.deepEqual(new ZeroPadding2D({ padding: [1, 2] }).outputShape([1, 1, 1, 1]), [1, 3, 5, 1]);
  });

  test("refuse what leaves nothing, what is too large, and sides that are none", () => {
    refuses(
      () => new Cropping2D({ cropping: [0, 2] }).outputShape([1, 9, 4, 1]),
      "cropping2d",
      "cropping is [0, 2]",
      "of 4 pixels nothing would be left",
    );
    refuses(
      () => new ZeroPadding2D({ padding: 2 ** 30 }).outputShape([1, 9, 4, 1]),
      "zero_padding2d",
      "longer than 2^31 − 1",
    );
    refuses(
      () => new ZeroPadding2D({ padding: [1, 2, 3] } as never),
      "ZeroPadding2D",
      "padding is [1, 2, 3]",
      "[top, bottom, left, right]",
    );
    refuses(() => new Cropping2D({ cropping: [1, -2] }), "Cropping2D", "cropping is -2", "at least 0");
    refuses(
      () => new ZeroPadding2D({ padding: "same" } as never),
      "ZeroPadding2D",
      'padding is "same"',
      "whole number",
    );
    for (const shape of [
      [1, 0, 2, 1],
      [1, 2, 0, 1],
      [1, 2, 2, 0],
    ]) {
      // biome-ignore format: shapes
      refuses(() => new ZeroPadding2D().outputShape(shape), "zero_padding2d", "with pixels and channels");
    }
    refuses(() => new ZeroPadding2D().outputShape("x" as never), "zero_padding2d", 'the shape of x is "x"');
    refuses(() => new ZeroPadding2D(null as never), "ZeroPadding2D", "give an object");
    const pass = float64Pass();
    const layer = new Cropping2D();
    layer.forward(floats([1, 3, 3, 1], 1, 1, "float64"), pass);
    refuses(() => layer.backward(floats([1, 3, 3, 1], 1), pass), "cropping2d", "the shape of dy", "[1,1,1,1]");
  });
});

describe("a frame", () => {
  test("leaves one pixel at least, and makes 2^31 − 1 in a row at most", () => {
    assert.deepEqual(new Cropping2D().outputShape([1, 3, 3, 1]), [1, 1, 1, 1]);
    refuses(() => new Cropping2D().outputShape([1, 2, 3, 1]), "cropping is 1", "nothing would be left");
    const wide = (pixels: number) => new ZeroPadding2D({ padding: [pixels, 0, 0, 0] }).outputShape([1, 1, 1, 1]);
    assert.deepEqual(wide(2 ** 31 - 2), [1, 2 ** 31 - 1, 1, 1]);
    refuses(() => wide(2 ** 31 - 1), "padding is [2147483647, 0, 0, 0]", "longer than 2^31 − 1", "use less");
  });
});

describe("Reshape and Permute", () => {
  test("as their documentation says", () => {
    const reshaped = new Reshape({ targetShape: [2, -1] }).forward(tensor([[1, 2, 3, 4]]));
    assert.deepEqual(reshaped.toNested(), [[[1, 2], [3, 4]]]); // biome-ignore format: rows
    const permuted = new Permute({ dims: [2, 1] }).forward(tensor([[[1, 2, 3], [4, 5, 6]]])); // biome-ignore format: rows
    assert.deepEqual(permuted.toNested(), [[[1, 4], [2, 5], [3, 6]]]); // biome-ignore format: rows
    assert.deepEqual(new Permute({ dims: [3, 1, 2] }).outputShape([7, 2, 3, 4]), [7, 4, 2, 3]);
    assert.deepEqual(new Reshape({ targetShape: [] }).outputShape([3, 1]), [3]);
    assert.deepEqual(new Reshape({ targetShape: [1] }).outputShape([3]), [3, 1]);
  });

  test("refuse shapes that do not fit, and axes that are none", () => {
    refuses(() => new Reshape({ targetShape: [-1, -1] }), "Reshape", "targetShape is [-1, -1]", "one of them −1");
    refuses(() => new Reshape({ targetShape: [0, 2] }), "Reshape", "targetShape is [0, 2]", "positive");
    refuses(() => new Reshape({ targetShape: 4 } as never), "Reshape", "targetShape is 4", "a list");
    const layer = new Reshape({ targetShape: [2, 3] });
    refuses(() => layer.outputShape([5, 7]), "reshape", "the shape of x is [-1, 7]", "give 6 numbers each");
    const open = new Reshape({ targetShape: [2, -1] });
    refuses(() => open.outputShape([5, 7]), "reshape", "give a multiple of 2 numbers each");
    refuses(() => open.outputShape([]), "reshape", "at least [batch, …]");
    refuses(() => new Permute({ dims: [0, 1] }), "Permute", "dims is [0, 1]", "counted from 1");
    refuses(() => new Permute({ dims: [1, 1] }), "Permute", "dims is [1, 1]", "each axis once");
    refuses(() => new Permute({ dims: [] }), "Permute", "dims is []");
    refuses(() => new Permute({} as never), "Permute", "dims is undefined");
    refuses(() => new Permute({ dims: [2, 1] }).outputShape([1, 2, 3, 4]), "permute", "give 3 axes");
  });
});

describe("UpSampling2D", () => {
  test("as its documentation says", () => {
    const x = tensor([[[[1], [2]]]]);
    const y = (options: object) => new UpSampling2D(options).forward(x).toNested();
    assert.deepEqual(y({ size: [1, 2] }), [[[[1], [1], [2], [2]]]]);
    assert.deepEqual(y({ size: [1, 2], interpolation: "bilinear" }), [[[[1], [1.25], [1.75], [2]]]]);
    assert.deepEqual(new UpSampling2D().outputShape([1, 3, 4, 2]), [1, 6, 8, 2]);
    const bilinear = new UpSampling2D({ interpolation: "bilinear" });
    const read = [0, 1, 2, 3, 4, 5].map((place) => bilinear.placesRead([1, 3, 4, 2], "rows", place));
    assert.deepEqual(read, [[0], [0, 1], [0, 1], [1, 2], [1, 2], [2]]);
  });

  test("bilinear, of 2 × 2 by 2: what PyTorch's documentation prints for align_corners=False", () => {
    const y = new UpSampling2D({ interpolation: "bilinear" }).forward(tensor([1, 2, 3, 4], [1, 2, 2, 1]));
    // biome-ignore format: rows of the image
    assert.deepEqual([...y.data], [
      1, 1.25, 1.75, 2,
      1.5, 1.75, 2.25, 2.5,
      2.5, 2.75, 3.25, 3.5,
      3, 3.25, 3.75, 4,
    ]);
  });

  test("its units see single pixels or their neighbours, which receptiveField cannot say in three numbers", () => {
    const seen = (interpolation: "nearest" | "bilinear", unit: readonly [number, number]) =>
      pixelsSeen([new UpSampling2D({ interpolation })], [1, 3, 3, 1], unit);
    assert.deepEqual(seen("nearest", [3, 0]), { rows: [1], columns: [0] });
    assert.deepEqual(seen("bilinear", [3, 0]), { rows: [1, 2], columns: [0] });
    const field = () => receptiveField([new UpSampling2D()], [1, 3, 3, 1]);
    refuses(field, "receptiveField", 'a layer is "up_sampling2d"', "ask pixelsSeen");
  });

  test("refuses sizes and interpolations that are none", () => {
    refuses(() => new UpSampling2D({ size: 0 }), "UpSampling2D", "size is 0", "at least 1");
    refuses(() => new UpSampling2D({ interpolation: "bicubic" } as never), "UpSampling2D", '"bicubic"', '"bilinear"');
    refuses(() => new UpSampling2D().outputShape([1, 2, 0, 1]), "up_sampling2d", "with pixels and channels");
  });
});

describe("SpatialDropout2D and GaussianNoise", () => {
  test("do nothing without training, as their documentation says, and hand the tensor on", () => {
    const image = tensor([[[[1, 2]]]]);
    assert.equal(new SpatialDropout2D({ rate: 0.5 }).forward(image), image);
    const row = tensor([1, 2]);
    assert.equal(new GaussianNoise({ stddev: 0.1 }).forward(row), row);
  });

  test("draw the same with the same seed, and something else in each call and with another seed", () => {
    const x = floats([4, 1, 1, 64], 1, 1, "float64");
    for (const layer of [new SpatialDropout2D({ rate: 0.5 }), new GaussianNoise({ stddev: 0.5 })]) {
      const run = (seed: number) => layer.forward(x, float64Pass({ training: true, seed })).data;
      assert.deepEqual(run(1), run(1));
      assert.notDeepEqual(run(1), run(2));
      const pass = float64Pass({ training: true });
      assert.notDeepEqual(layer.forward(x, pass).data, layer.forward(x, pass).data);
    }
  });

  test("refuse rates, deviations and shapes that are none", () => {
    refuses(() => new SpatialDropout2D({ rate: 1 }), "SpatialDropout2D", "rate is 1", "less than 1");
    refuses(() => new GaussianNoise({ stddev: -1 }), "GaussianNoise", "stddev is -1", "at least 0");
    refuses(() => new GaussianNoise({} as never), "GaussianNoise", "stddev is undefined");
    const layer = new SpatialDropout2D({ rate: 0.5 });
    refuses(
      () => layer.forward(floats([2, 3], 1), float64Pass()),
      "spatial_dropout2d",
      "[batch, height, width, channels]",
    );
  });
});

describe("LocalResponseNormalization", () => {
  test("as its documentation says", () => {
    const layer = new LocalResponseNormalization({ size: 3, alpha: 3, beta: 0.5, k: 1 });
    assert.deepEqual(layer.forward(tensor([[[[0, 3, 0, 0]]]])).toNested(), [[[[0, 0.9486832618713379, 0, 0]]]]);
  });

  test("refuses a neighbourhood of nothing, and a k with which 0 would be divided by 0", () => {
    const refused = (options: object, ...parts: string[]) =>
      refuses(() => new LocalResponseNormalization(options), "LocalResponseNormalization", ...parts);
    refused({ size: 0 }, "size is 0", "at least 1");
    refused({ k: 0 }, "k is 0", "above 0");
    refused({ k: Infinity }, "k is Infinity", "finite");
    refused({ alpha: -1 }, "alpha is -1", "at least 0");
    refused({ beta: Infinity }, "beta is Infinity", "finite");
    refused({ bias: 1 }, '"bias"', "options are size, alpha, beta, k");
    refuses(
      () => new LocalResponseNormalization().outputShape([2, 3]),
      "local_response_normalization",
      "[batch, height",
    );
  });
});
