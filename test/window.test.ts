import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Padding, Window } from "../src/window.ts";
import { refuses } from "./support/refusals.ts";

const size = fc.integer({ min: 1, max: 20 });
const few = fc.integer({ min: 1, max: 4 });
const axes = fc.record({ input: size, kernel: few, stride: few, dilation: few, before: fc.nat(4), after: fc.nat(4) });

/** Both directions alike, except for the padding that is given. */
function over(input: number, kernel: number, stride: number, dilation: number, padding: Padding): Window {
  return Window.over("test", input, input, { kernelSize: kernel, strides: stride, dilationRate: dilation, padding });
}

describe("a window", () => {
  test("has as many outputs as there are places where it fits into the padded input", () => {
    fc.assert(
      fc.property(axes, ({ input, kernel, stride, dilation, before, after }) => {
        const span = dilation * (kernel - 1) + 1;
        fc.pre(span <= input + before + after);
        const { rows } = over(input, kernel, stride, dilation, [before, after, 0, kernel * dilation + 4]);
        let places = 0;
        for (let start = -before; start + span <= input + after; start += stride) places++;
        assert.equal(rows.output, places);
      }),
    );
  });

  test('with "same" has ceil(input / stride) outputs and the odd zero behind', () => {
    fc.assert(
      fc.property(axes, ({ input, kernel, stride, dilation }) => {
        const { rows } = over(input, kernel, stride, dilation, "same");
        assert.equal(rows.output, Math.ceil(input / stride));
        assert.ok(rows.after - rows.before === 0 || rows.after - rows.before === 1);
        if (rows.before + rows.after > 0) {
          const needed = (rows.output - 1) * stride + dilation * (kernel - 1) + 1;
          assert.equal(rows.before + rows.after, needed - input, "no more zeros than needed");
        }
      }),
    );
  });

  test('with "valid" is the one with padding 0, and a number pads all four sides', () => {
    fc.assert(
      fc.property(axes, ({ input, kernel, stride, dilation, before }) => {
        fc.pre(dilation * (kernel - 1) + 1 <= input);
        assert.deepEqual(over(input, kernel, stride, dilation, "valid"), over(input, kernel, stride, dilation, 0));
        const sides = [before, before, before, before] as const;
        assert.deepEqual(over(input, kernel, stride, dilation, before), over(input, kernel, stride, dilation, sides));
      }),
    );
  });

  test("pads [top, bottom, left, right] in this order, and takes sizes as [height, width]", () => {
    const { rows, columns } = Window.over("test", 9, 7, { kernelSize: [3, 2], strides: [2, 1], padding: [1, 2, 3, 4] });
    assert.deepEqual(rows, { input: 9, kernel: 3, stride: 2, dilation: 1, before: 1, after: 2, output: 5 });
    assert.deepEqual(columns, { input: 7, kernel: 2, stride: 1, dilation: 1, before: 3, after: 4, output: 13 });
  });

  test("AlexNet's first: 224 × 224, 11 × 11, stride 4, padding 2 gives 55 × 55", () => {
    const window = Window.over("Conv2D", 224, 224, { kernelSize: 11, strides: 4, padding: 2 });
    assert.deepEqual(window.outputShape(8, 96), [8, 55, 55, 96]);
    assert.deepEqual(window.inputShape(8, 3), [8, 224, 224, 3]);
  });

  test("that does not fit is refused in the words of its layer", () => {
    const small = () => Window.over("pool", 4, 2, { kernelSize: 3 }, "poolSize");
    refuses(small, "pool", "poolSize is [3, 3]", "spans 3 columns", "only 2", "smaller");
    const padded = (padding: Padding) => () => Window.over("pool", 4, 4, { kernelSize: 8, padding });
    refuses(padded([1, 2, 9, 9]), "pool", "kernelSize is [8, 8]", "spans 8 rows", "only 7", "more padding");
    refuses(padded([9, 9, 0, 3]), "pool", "spans 8 columns", "only 7");
  });

  test("refuses numbers that cannot be, each by its name", () => {
    const lay = (options: object) => () => Window.over("test", 9, 9, { kernelSize: 1, ...options });
    refuses(lay({ kernelSize: 0 }), "test", "kernelSize is 0", "at least 1");
    refuses(lay({ kernelSize: [1, 1, 1] }), "test", "kernelSize is [1, 1, 1]", "[height, width]");
    refuses(lay({ strides: [1, 0] }), "test", "strides is 0", "at least 1");
    refuses(lay({ dilationRate: 0 }), "test", "dilationRate is 0", "at least 1");
    refuses(lay({ padding: -1 }), "test", "padding is -1", "at least 0");
    refuses(lay({ padding: [0, 0, 0, -1] }), "test", "padding is -1", "at least 0");
    refuses(lay({ padding: [1, 2, 3] }), "test", "padding is [1, 2, 3]", "[top, bottom, left, right]");
    refuses(lay({ padding: "full" }), "test", 'padding is "full"', '"valid", "same"');
  });

  test("goes to the largest number of 32 bits, with its padding, and not beyond", () => {
    const largest = 2 ** 31 - 1;
    const lay = (input: number, padding: Padding, kernelSize: number | [number, number] = 1) =>
      Window.over("test", input, 1, { kernelSize, padding });
    assert.equal(lay(largest, "valid").rows.output, largest);
    assert.equal(lay(largest - 2, [1, 1, 0, 0]).rows.output, largest);
    assert.equal(lay(largest, "valid", [largest, 1]).rows.output, 1);
    const beyond = ["makes more than 2^31 − 1", "use less"];
    refuses(() => lay(largest, [0, 1, 0, 0]), "padding is [0, 1, 0, 0]", "with 2147483647 inputs", ...beyond);
    refuses(() => lay(largest, [1, 0, 0, 0]), "padding is [1, 0, 0, 0]", ...beyond);
    refuses(() => lay(largest + 1, "valid"), "with 2147483648 inputs", ...beyond);
    refuses(() => lay(1, 0, largest + 1), "kernelSize is 2147483648", "a whole number below 2^31");
    refuses(() => lay(0.5, 0), "the height is 0.5");
    refuses(() => Window.over("test", 1, -1, { kernelSize: 1 }), "the width is -1");
  });
});
