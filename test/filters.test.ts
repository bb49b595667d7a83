import assert from "node:assert/strict";
import { test } from "node:test";
import { centreSurroundFilter, filterBank, filterImages, gaborBank, gaborFilter, sobelFilter } from "../src/filters.ts";
import { Conv2D, DepthwiseConv2D } from "../src/layers/index.ts";
import { tensor } from "../src/tensor.ts";
import { floats } from "./support/arbitraries.ts";
import { equalBits } from "./support/compare.ts";
import { refuses } from "./support/refusals.ts";

test("the examples of the documentation", () => {
  const row = [[0], [0], [9], [9]];
  const x = tensor([[row, row, row]]);
  assert.deepEqual(filterImages(x, [sobelFilter("x")], { padding: "valid" }).toNested(), [[[[36], [36]]]]);
  assert.deepEqual(sobelFilter("x").toNested(), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]); // biome-ignore format: a filter
  assert.deepEqual(sobelFilter("y").toNested(), [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]); // biome-ignore format: a filter
  assert.deepEqual(filterImages(x, [sobelFilter("x")]).shape, [1, 3, 4, 1]);
});

test("a layer begins with the filters of its bank, on every channel", () => {
  const bank = gaborBank({ size: 5, wavelength: 4, orientations: 3 });
  const conv = new Conv2D({ filters: 6, kernelSize: 5, kernelInitializer: filterBank(bank) });
  const depthwise = new DepthwiseConv2D({
    ...{ kernelSize: 5, depthMultiplier: 6, depthwiseInitializer: filterBank(bank) },
  });
  for (const layer of [conv, depthwise]) {
    layer.build([1, 9, 9, 2]);
    const { data } = layer.kernel.value;
    bank.forEach((filter, f) => {
      for (const c of [0, 1]) equalBits(data.filter((_, e) => e % 12 === c * 6 + f), Float32Array.from(filter.data)); // biome-ignore format: one line
    });
  }
  assert.equal(gaborFilter({ size: 5, wavelength: 4 }).data[12], 1);
});

test("images are filtered channel by channel", () => {
  const x = floats([2, 6, 7, 2], 1);
  const y = filterImages(x, [sobelFilter("x"), sobelFilter("y")]);
  const alone = filterImages(tensor(x.data.filter((_, e) => e % 2 === 1) as Float32Array, [2, 6, 7, 1]), [
    sobelFilter("y"),
  ]);
  equalBits(y.data.filter((_, e) => e % 4 === 3) as Float32Array, alone);
});

test("filters name what they refuse", () => {
  refuses(() => gaborFilter({ size: 0, wavelength: 4 }), "gaborFilter", "size is 0", "at least 1");
  refuses(() => gaborFilter({ size: 3, wavelength: 0 }), "gaborFilter", "wavelength is 0", "0.01 pixels");
  refuses(() => gaborFilter({ size: 3, wavelength: 4, phase: Infinity }), "gaborFilter", "phase is Infinity");
  refuses(() => gaborBank({ size: 3, wavelength: 4, orientations: 0 }), "gaborBank", "orientations is 0");
  refuses(() => sobelFilter("z" as never), "sobelFilter", 'direction is "z"', '"x" or "y"');
  refuses(() => centreSurroundFilter({ size: 3, sigma: -1 }), "centreSurroundFilter", "sigma is -1", "at least 0");
  refuses(() => filterBank([]), "filterBank", "filters is []", "a list of filters");
  refuses(() => filterBank([sobelFilter("x"), floats([2, 2], 1)]), "filterBank", "filters[1] is [2, 2]", "of one size");
  const layer = new Conv2D({ filters: 3, kernelSize: 3, kernelInitializer: filterBank([sobelFilter("x")]) });
  refuses(() => layer.build([1, 5, 5, 1]), "filterBank", "[3, 3, 1, 3]", "1 filters of 3 × 3");
});
