import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { resizeTo, toGrayscale } from "../../src/data/png.ts";
import { sizeOf, type Tensor, tensor } from "../../src/tensor.ts";
import { assertClose, assertRefused } from "../formats/support.ts";

const sides = fc.integer({ min: 1, max: 10 });
const images = fc
  .record({
    shape: fc.tuple(fc.integer({ min: 0, max: 2 }), sides, sides, fc.integer({ min: 1, max: 3 })),
    seed: fc.nat(),
  })
  .map(({ shape, seed }) => {
    const values = Float32Array.from(
      { length: sizeOf(shape) },
      (_, k) => (Math.imul(seed + k, 0x9e3779b1) >>> 24) / 255,
    );
    return tensor(values, shape);
  });
const mean = (x: Tensor) => Float64Array.from(x.data).reduce((sum, value) => sum + value, 0) / x.size;

test("gray is 0.299 red + 0.587 green + 0.114 blue, and gray stays gray", () => {
  assertClose(
    toGrayscale(
      tensor([
        [
          [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
            [1, 1, 1],
          ],
        ],
      ]),
    ),
    [0.299, 0.587, 0.114, 1],
  );
  const already = tensor([[[[0.25]]]]);
  assert.equal(toGrayscale(already), already);
  assertRefused(() => toGrayscale(tensor([[[[1, 2]]]])), "toGrayscale", /channels is 2/);
  assertRefused(() => toGrayscale(tensor([1, 2])), "toGrayscale", /\[n, height, width, channels\]/);
});

test("resizing to its own size changes nothing", () => {
  fc.assert(fc.property(images, (x) => assert.deepEqual(resizeTo(x, x.shape[1], x.shape[2]).data, x.data)));
});

test("resizing keeps a constant image constant and stays within the values there were", () => {
  fc.assert(
    fc.property(images, sides, sides, (x, height, width) => {
      const y = resizeTo(x, height, width);
      assert.deepEqual(y.shape, [x.shape[0], height, width, x.shape[3]]);
      for (const value of y.data) {
        assert.ok(value >= Math.min(...x.data) - 2 ** -22 && value <= Math.max(...x.data) + 2 ** -22);
      }
      assertClose(
        resizeTo(tensor(new Float32Array(x.size).fill(0.3), x.shape), height, width),
        new Float32Array(y.size).fill(0.3),
      );
    }),
  );
});

test("shrinking keeps the mean", () => {
  fc.assert(
    fc.property(images, fc.double({ min: 0, max: 1, noNaN: true }), (x, part) => {
      fc.pre(x.size > 0);
      const [height, width] = [x.shape[1], x.shape[2]].map((side) => Math.max(1, Math.round(side * part)));
      assert.ok(Math.abs(mean(resizeTo(x, height, width)) - mean(x)) < 1e-6);
    }),
  );
});

test("shrinking by a whole factor takes the mean of each block", () => {
  const x = tensor([
    [
      [[1], [2], [5], [6]],
      [[3], [4], [7], [8]],
    ],
  ]);
  assert.deepEqual(resizeTo(x, 1, 2).toNested(), [[[[2.5], [6.5]]]]);
  assertClose(resizeTo(tensor([[[[0], [3], [6]]]]), 1, 2), [1, 5]);
});

test("growing interpolates between pixel centres", () => {
  assert.deepEqual(resizeTo(tensor([[[[0], [1]]]]), 1, 4).toNested(), [[[[0], [0.25], [0.75], [1]]]]);
  assert.deepEqual(resizeTo(tensor([[[[0]], [[1]]]]), 4, 1).toNested(), [[[[0]], [[0.25]], [[0.75]], [[1]]]]);
});

test("turning an image, then resizing it, is resizing, then turning", () => {
  const turn = ({ shape: [n, h, w, c], data }: Tensor) => {
    const turned = Float32Array.from(data, (_, k) => {
      const [channel, row, column, image] = [
        k % c,
        Math.floor(k / c) % h,
        Math.floor(k / (c * h)) % w,
        Math.floor(k / (c * h * w)),
      ];
      return data[((image * h + row) * w + column) * c + channel];
    });
    return tensor(turned, [n, w, h, c]);
  };
  fc.assert(
    fc.property(images, sides, sides, (x, height, width) => {
      assertClose(resizeTo(turn(x), width, height), turn(resizeTo(x, height, width)).data);
    }),
  );
});

test("sizes that are no sizes are refused", () => {
  const x = tensor([[[[1]]]]);
  for (const bad of [0, -1, 1.5, Number.NaN]) assertRefused(() => resizeTo(x, bad, 1), "resizeTo", /height/);
  assertRefused(() => resizeTo(x, 1, 0), "resizeTo", /width/);
  assertRefused(() => resizeTo(tensor(new Float32Array(0), [1, 0, 1, 1]), 1, 1), "resizeTo", /pixels/);
});
