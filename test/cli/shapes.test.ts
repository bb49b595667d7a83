/** `neocog check` over the layers without weights, on images of a size as networks have them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLayer } from "../../src/cli/checking.ts";
import {
  Cropping2D,
  GaussianNoise,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  type Layer,
  LocalResponseNormalization,
  Permute,
  Reshape,
  SpatialDropout2D,
  UpSampling2D,
  ZeroPadding2D,
} from "../../src/layers/index.ts";

const settings = { runs: 4, elements: 8, seed: 1 };
const each: [layer: Layer, laws: RegExp[]][] = [
  [new GlobalAveragePooling2D(), [/^C3, C4: permuting the pixels/, /^B7/, /^C8, A2/]],
  [new GlobalMaxPooling2D({ keepDims: true }), [/^C3, C4: permuting the pixels/]],
  [new ZeroPadding2D({ padding: [1, 2] }), [/^B3, B4: there are as many outputs/, /^B6/, /^B10/, /^C8, A2/]],
  [new Cropping2D({ cropping: [3, 0, 5, 4] }), [/^B3, B4: there are as many outputs/, /^B6/, /^B10/, /^C8, A2/]],
  [new Reshape({ targetShape: [-1, 27] }), [/^C5: reshaping/, /^B7/, /^C8, A2/]],
  [new Permute({ dims: [3, 1, 2] }), [/^B7/, /^C8, A2/]],
  [new UpSampling2D({ size: [2, 3], interpolation: "bilinear" }), [/^B10/, /^B7/, /^C8, A2/]],
  [new SpatialDropout2D({ rate: 0.5 }), [/^A1/]],
  [new GaussianNoise({ stddev: 0.1 }), [/^A1/]],
  [new LocalResponseNormalization(), [/^B6/, /^A1/]],
];

for (const [layer, laws] of each) {
  test(`${layer.kind} obeys all laws that apply, and they are these`, () => {
    const { results } = checkLayer(layer, [1, 27, 27, 16], settings);
    for (const { law, refutation } of results) assert.equal(refutation, undefined, law);
    for (const expected of laws) assert.ok(results.some(({ law }) => expected.test(law)), `${expected} is missing`); // biome-ignore format: short
  });
}
