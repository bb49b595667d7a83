/** Operations that move numbers: windows, axes, enlarging. */
import fc from "fast-check";
import { Random } from "../../src/random.ts";
import { batches, channels, operation } from "./operations.ts";

const side = fc.integer({ min: 1, max: 5 });
const offset = fc.integer({ min: -6, max: 6 });
const windows = fc.record({
  ...{ batch: batches, height: side, width: side, outputHeight: side, outputWidth: side, top: offset, left: offset },
  channels,
});
const axes = fc.record({ lengths: fc.array(fc.nat(6), { minLength: 1, maxLength: 5 }), order: fc.nat(0xffff) });
const enlargements = fc.record({
  ...{ batch: batches, height: side, width: side, size: fc.tuple(side, side), channels },
  interpolation: fc.constantFrom("nearest" as const, "bilinear" as const),
});

export const moves = [
  operation("copyWindow2d", windows, ({ batch, height, width, outputHeight, outputWidth, top, left, channels }) => ({
    inputs: [[batch, height, width, channels]],
    outputs: [[batch, outputHeight, outputWidth, channels]],
    run: (k, y, x) => k.copyWindow2d(y, x, top, left),
  })),
  operation(
    "spatialDropout2d",
    fc.record({
      batch: batches,
      height: side,
      width: side,
      channels,
      rate: fc.constantFrom(0, 0.5, 0.99),
      seed: fc.nat(),
    }),
    ({ batch, height, width, channels, rate, seed }) => ({
      inputs: [[batch, height, width, channels]],
      outputs: [[batch, height, width, channels]],
      run: (k, y, x) => k.spatialDropout2d(y, x, rate, [seed, 1]),
    }),
  ),
  operation("permute", axes, ({ lengths, order }) => {
    const permutation = [...new Random(order).permutation(lengths.length)];
    return {
      inputs: [lengths],
      outputs: [permutation.map((axis) => lengths[axis])],
      run: (k, y, x) => k.permute(y, x, permutation),
    };
  }),
  operation("upSampling2dForward", enlargements, ({ batch, height, width, size, channels, interpolation }) => ({
    inputs: [[batch, height, width, channels]],
    outputs: [[batch, height * size[0], width * size[1], channels]],
    run: (k, y, x) => k.upSampling2dForward(y, x, interpolation),
  })),
  operation("upSampling2dBackward", enlargements, ({ batch, height, width, size, channels, interpolation }) => ({
    inputs: [[batch, height * size[0], width * size[1], channels]],
    outputs: [[batch, height, width, channels]],
    run: (k, dx, dy) => k.upSampling2dBackward(dx, dy, interpolation),
  })),
];
