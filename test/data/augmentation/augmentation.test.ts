import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Augmentation, type AugmentationOptions } from "../../../src/data/augmentation/augmentation.ts";
import { gatherRows } from "../../../src/data/rows.ts";
import { Random } from "../../../src/random.ts";
import { type Tensor, tensor, zeros } from "../../../src/tensor.ts";
import { sineAndCosine } from "../../../src/trigonometry.ts";
import { floats, integers, seeds } from "../../support/arbitraries.ts";
import { equalBits, within } from "../../support/compare.ts";
import { refuses } from "../../support/refusals.ts";

const FILL_MODES = ["constant", "nearest", "reflect"] as const;
const fillMode = fc.constantFrom(...FILL_MODES);
const side = fc.integer({ min: 1, max: 7 });
const shapes = fc.tuple(fc.integer({ min: 1, max: 4 }), side, side, fc.integer({ min: 1, max: 3 }));

/** Options of every kind at once. */
const options: fc.Arbitrary<AugmentationOptions> = fc.record(
  {
    rotation: fc.double({ min: 0, max: 90, noNaN: true }),
    shear: fc.double({ min: 0, max: 30, noNaN: true }),
    zoom: fc.double({ min: 0, max: 0.5, noNaN: true }),
    widthShift: fc.oneof(fc.double({ min: 0, max: 0.5, noNaN: true }), fc.integer({ min: 0, max: 3 })),
    heightShift: fc.oneof(fc.double({ min: 0, max: 0.5, noNaN: true }), fc.integer({ min: 0, max: 3 })),
    randomCrop: fc.nat(3),
    horizontalFlip: fc.boolean(),
    verticalFlip: fc.boolean(),
    brightness: fc.double({ min: 0, max: 0.5, noNaN: true }),
    cutout: fc.nat(3),
    fillMode,
  },
  { requiredKeys: [] },
);

/** The images whose pixel [i, j] is pixel `from(i, j)` of the old one; what is nowhere is 0. */
function moved(x: Tensor, from: (i: number, j: number) => readonly [u: number, v: number]): Tensor {
  const [count, height, width, channels] = x.shape;
  const y = zeros(x.shape, x.dtype);
  for (let n = 0; n < count; n++)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        const [u, v] = from(i, j);
        if (u < 0 || u >= height || v < 0 || v >= width) continue;
        for (let c = 0; c < channels; c++) {
          const at = (i: number, j: number) => ((n * height + i) * width + j) * channels + c;
          y.data[at(i, j)] = x.data[at(u, v)];
        }
      }
  return y;
}

describe("augmentation that changes nothing", () => {
  test("gives the same bits, also those of -0, not a number and infinity, in both precisions", () => {
    fc.assert(
      fc.property(shapes, seeds, fillMode, fc.constantFrom("float32", "float64"), (shape, seed, mode, dtype) => {
        const x = floats(shape, seed, 1, dtype);
        [-0, Number.NaN, Infinity].forEach((value, e) => {
          x.data[e % x.size] = value;
        });
        const still: AugmentationOptions = {
          rotation: 0,
          shear: [0, 0],
          zoom: 0,
          widthShift: 0,
          randomCrop: 0,
          cutout: 0,
          brightness: 0,
        };
        for (const given of [{}, still]) {
          const y = new Augmentation({ ...given, fillMode: mode }).apply(x, { seed });
          equalBits(y, x);
          assert.notEqual(y.data, x.data);
        }
      }),
    );
  });
});

describe("pixels that are moved as they are", () => {
  test("flip twice is the identity, and flip once swaps the sides", () => {
    fc.assert(
      fc.property(shapes, seeds, fillMode, (shape, seed, mode) => {
        const x = floats(shape, seed);
        const [, height, width] = shape;
        const flips = [
          [{ horizontalFlip: 1 }, (i: number, j: number) => [i, width - 1 - j] as const],
          [{ verticalFlip: 1 }, (i: number, j: number) => [height - 1 - i, j] as const],
        ] as const;
        for (const [option, from] of flips) {
          const flip = new Augmentation({ ...option, fillMode: mode });
          equalBits(flip.apply(x, { seed }), moved(x, from));
          equalBits(flip.apply(flip.apply(x), { epoch: 1 }), x);
        }
      }),
    );
  });

  test("shift by whole pixels is exact: to the right and down, and back is the identity on what has stayed", () => {
    fc.assert(
      fc.property(shapes, seeds, fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), (shape, seed, down, right) => {
        const x = floats(shape, seed);
        const shifts = { heightShift: [down, down], widthShift: [right, right] } as const;
        const y = new Augmentation({ ...shifts, fillMode: "constant" }).apply(x);
        equalBits(y, moved(x, (i, j) => [i - down, j - right]));
        const fill = new Augmentation({ ...shifts, fillMode: "constant", fillValue: 7 }).apply(x);
        for (const [e, value] of fill.data.entries()) assert.ok(value === y.data[e] || (value === 7 && y.data[e] === 0));
      }),
    ); // biome-ignore format: one law
  });

  test("rotation by quarter turns is an exact permutation: of a square image, counter-clockwise; half turns of any", () => {
    fc.assert(
      fc.property(
        shapes,
        seeds,
        fillMode,
        fc.integer({ min: -4, max: 4 }),
        ([n, side, width, c], seed, mode, turns) => {
          const quarter = (i: number, j: number) => [j, side - 1 - i] as const;
          const square = floats([n, side, side, c], seed);
          let expected = square;
          for (let k = 0; k < ((turns % 4) + 4) % 4; k++) expected = moved(expected, quarter);
          const rotate = (degrees: number) => new Augmentation({ rotation: [degrees, degrees], fillMode: mode });
          equalBits(rotate(90 * turns).apply(square), expected);
          const oblong = floats([n, side, width, c], seed);
          equalBits(
            rotate(180).apply(oblong),
            moved(oblong, (i, j) => [side - 1 - i, width - 1 - j]),
          );
        },
      ),
    );
  });

  test("the example of the docstring", () => {
    const shifted = new Augmentation({ widthShift: [1, 1], fillMode: "constant" });
    assert.deepEqual(shifted.apply(tensor([[[[1], [2], [3]]]])).toNested(), [[[[0], [1], [2]]]]);
  });

  test("what is outside continues as the fill mode says", () => {
    const x = tensor([[[[1], [2], [3]]]]);
    const shifted = (fillMode: (typeof FILL_MODES)[number], by: number) => [
      ...new Augmentation({ widthShift: [by, by], fillMode, fillValue: 9 }).apply(x).data,
    ];
    assert.deepEqual(shifted("constant", 2), [9, 9, 1]);
    assert.deepEqual(shifted("nearest", 2), [1, 1, 1]);
    assert.deepEqual(shifted("reflect", 2), [2, 1, 1]);
    assert.deepEqual(shifted("reflect", 3), [3, 2, 1]);
    assert.deepEqual(shifted("reflect", -4), [2, 1, 1]);
    assert.deepEqual(shifted("nearest", -2), [3, 3, 3]);
    assert.deepEqual(shifted("reflect", 6), [1, 2, 3]);
  });
});

describe("pixels between pixels", () => {
  test("a shift by a fraction is the bilinear mean, exactly where the weights are halves and quarters", () => {
    const x = tensor([[[[0], [4]], [[8], [16]]]]); // biome-ignore format: two rows
    const half = new Augmentation({ widthShift: [-0.25, -0.25], heightShift: [-0.25, -0.25] });
    assert.deepEqual(half.apply(x).toNested(), [[[[7], [10]], [[12], [16]]]]); // biome-ignore format: two rows
  });

  test("twice as large: each pixel lies a quarter from the one before, around the centre", () => {
    const x = tensor([[[[0], [4], [8], [12]]]]);
    const large = new Augmentation({ zoom: [2, 2] }).apply(x);
    assert.deepEqual([...large.data], [3, 5, 7, 9]);
    const small = new Augmentation({ zoom: [0.5, 0.5], fillMode: "constant" }).apply(x);
    assert.deepEqual([...small.data], [0, 2, 10, 0]);
  });

  test("upright lines lean to the right by as many degrees as shear says, and stand in the middle row", () => {
    const x = zeros([1, 5, 9, 1]);
    for (let i = 0; i < 5; i++) x.data[i * 9 + 4] = 1;
    const y = new Augmentation({ shear: [45, 45] }).apply(x);
    for (let i = 0; i < 5; i++) {
      const row = [...y.data.slice(i * 9, i * 9 + 9)];
      assert.ok(Math.abs(row[4 + 2 - i] - 1) < 1e-6, `row ${i}: ${row}`);
    }
  });

  test("every pixel shows the place that flipping, zooming, shearing, rotating and shifting, in this order, take to it", () => {
    const size = 12;
    const angle = fc.integer({ min: -180, max: 180 });
    const drawn = fc.record({
      ...{ rotation: angle, shear: fc.integer({ min: -40, max: 40 }), zoom: fc.integer({ min: 5, max: 20 }) },
      ...{ down: fc.integer({ min: -3, max: 3 }), right: fc.integer({ min: -3, max: 3 }) },
      ...{ mirrored: fc.boolean(), overturned: fc.boolean() },
    });
    // An image of the rows' numbers and one of the columns': on those interpolation is exact.
    const places = zeros([1, size, size, 2], "float64");
    places.data.forEach((_, e, data) => {
      data[e] = e % 2 === 0 ? Math.floor(e / 2 / size) : Math.floor(e / 2) % size;
    });
    fc.assert(
      fc.property(drawn, ({ rotation, shear, zoom, down, right, mirrored, overturned }) => {
        const fixed = (value: number) => [value, value] as const;
        const y = new Augmentation({
          ...{ rotation: fixed(rotation), shear: fixed(shear), zoom: fixed(zoom / 10), fillMode: "constant" },
          ...{ heightShift: fixed(down / 8), widthShift: fixed(right / 8), fillValue: Number.MAX_VALUE / 1e9 },
          ...{ horizontalFlip: Number(mirrored), verticalFlip: Number(overturned) },
        }).apply(places);
        const [sine, cosine] = [Math.sin((rotation * Math.PI) / 180), Math.cos((rotation * Math.PI) / 180)];
        for (let pixel = 0; pixel < size * size; pixel++) {
          const [u, v] = [y.data[2 * pixel], y.data[2 * pixel + 1]];
          if (u > size || v > size) continue; // something from outside is in it
          // To the right and upward from the centre, as on paper.
          let [across, up] = [v - 5.5, 5.5 - u];
          if (mirrored) across = -across;
          if (overturned) up = -up;
          [across, up] = [(across * zoom) / 10, (up * zoom) / 10];
          across += up * Math.tan((shear * Math.PI) / 180);
          [across, up] = [across * cosine - up * sine, across * sine + up * cosine];
          across += (size * right) / 8;
          up -= (size * down) / 8;
          assert.ok(Math.abs(5.5 - up - Math.floor(pixel / size)) < 1e-9, `row ${Math.floor(pixel / size)}`);
          assert.ok(Math.abs(5.5 + across - (pixel % size)) < 1e-9, `column ${pixel % size}`);
        }
      }),
    );
  });

  test("a constant image stays as it is where edges continue, and no image gets darker or brighter than it was", () => {
    fc.assert(
      fc.property(options, shapes, seeds, fc.constantFrom("nearest", "reflect"), (drawn, shape, seed, mode) => {
        const augmentation = new Augmentation({ ...drawn, brightness: 0, cutout: 0, fillMode: mode });
        const constant = zeros(shape);
        constant.data.fill(0.7);
        equalBits(augmentation.apply(constant, { seed }), constant);
        const x = floats(shape, seed, 1, "float64");
        const y = augmentation.apply(x, { seed });
        const [least, most] = [Math.min(...x.data), Math.max(...x.data)];
        for (const value of y.data) assert.ok(value >= least - 1e-15 && value <= most + 1e-15);
      }),
    );
  });

  test("it is linear: of a sum it is the sum, of a multiple the multiple; brightness too", () => {
    fc.assert(
      fc.property(options, shapes, seeds, fc.integer({ min: -3, max: 3 }), (drawn, shape, seed, scale) => {
        const augmentation = new Augmentation(drawn);
        const [x, z] = [integers(shape, seed, "float64"), integers(shape, seed + 1, "float64")];
        const mixed = zeros(shape, "float64");
        for (let e = 0; e < x.size; e++) mixed.data[e] = scale * x.data[e] + z.data[e];
        const [a, b, both] = [x, z, mixed].map((image) => augmentation.apply(image, { seed }));
        const bound = 2 ** -43; // some six roundings of numbers up to 1.5 · 32, and of up to 1.5 · 8 three times over
        within(both.data, a.data.map((value, e) => scale * value + b.data[e]), bound); // biome-ignore format: one line
        const twice = tensor(x.data.map((value) => 2 * value), shape); // biome-ignore format: one line
        equalBits(augmentation.apply(twice, { seed }).data, a.data.map((value) => 2 * value)); // biome-ignore format: one line
      }),
    );
  });

  test("brightness multiplies all of an image by one number within its range, other images by others", () => {
    const x = floats([50, 2, 2, 1], 3, 1, "float64");
    const y = new Augmentation({ brightness: 0.2 }).apply(x, { seed: 1 });
    const factors = Array.from({ length: 50 }, (_, n) => y.data[4 * n] / x.data[4 * n]);
    for (let e = 0; e < x.size; e++) assert.ok(Math.abs(y.data[e] - factors[e >> 2] * x.data[e]) < 1e-15);
    assert.ok(Math.min(...factors) >= 0.8 && Math.max(...factors) <= 1.2 && new Set(factors).size > 40);
  });

  test("cutout takes a square out, which lies beyond the edges in part, and leaves the rest as it is", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 5 }), (seed, cutout) => {
        const x = floats([1, 9, 9, 2], seed);
        const y = new Augmentation({ cutout, fillValue: 3 }).apply(x, { seed });
        const cut: [number, number][] = [];
        for (let e = 0; e < y.size; e++) {
          if (y.data[e] === 3) cut.push([Math.floor(e / 18), Math.floor(e / 2) % 9]);
          else assert.equal(y.data[e], x.data[e]);
        }
        const [rows, columns] = [0, 1].map((axis) => new Set(cut.map((place) => place[axis])).size);
        assert.equal(cut.length, 2 * rows * columns);
        assert.ok(rows <= cutout && columns <= cutout && 2 * rows >= cutout - 1 && 2 * columns >= cutout - 1);
      }),
    );
  });
});

describe("what an image becomes", () => {
  test("depends on seed, epoch and its index: not on who else is in the batch, nor on the order", () => {
    fc.assert(
      fc.property(options, shapes, seeds, fc.nat(9), (drawn, shape, seed, epoch) => {
        const augmentation = new Augmentation(drawn);
        const x = floats(shape, seed);
        const all = augmentation.apply(x, { seed, epoch });
        const order = new Random(seed).permutation(shape[0]);
        for (let from = 0; from < order.length; from += 2) {
          const indices = order.subarray(from, from + 2);
          const [batch, expected] = [x, all].map((source) => {
            const rows = zeros([indices.length, ...shape.slice(1)]);
            gatherRows(rows, source, order, from);
            return rows;
          });
          equalBits(augmentation.apply(batch, { seed, epoch, indices }), expected);
        }
      }),
    );
  });

  test("is another thing with another seed, in another epoch, and for another index", () => {
    const augmentation = new Augmentation({ rotation: 30 });
    const x = floats([1, 5, 5, 1], 1);
    const turns = [{ seed: 1 }, { seed: 2 }, { seed: 1, epoch: 1 }, { seed: 1, indices: [1] }];
    assert.equal(new Set(turns.map((turn) => String(augmentation.apply(x, turn).data))).size, 4);
  });

  test("by one option is the same whatever the others are: each draws for itself", () => {
    const x = floats([8, 6, 6, 1], 1);
    const brighter = new Augmentation({ brightness: 0.3 }).apply(x, { seed: 5 });
    const turned = new Augmentation({ rotation: 20, widthShift: 2 }).apply(x, { seed: 5 });
    const both = new Augmentation({ rotation: 20, widthShift: 2, brightness: 0.3 }).apply(x, { seed: 5 });
    both.data.forEach((value, e) => {
      const factor = brighter.data[36 * Math.floor(e / 36)] / x.data[36 * Math.floor(e / 36)];
      assert.ok(Math.abs(value - factor * turned.data[e]) < 1e-6);
    });
  });

  test("is spread over the ranges: both sides of a flip, all whole shifts, no more", () => {
    const x = tensor(Float32Array.from({ length: 400 * 5 }, (_, e) => e % 5), [400, 1, 5, 1]); // biome-ignore format: one line
    const first = (augmentation: Augmentation) => {
      const { data } = augmentation.apply(x, { seed: 3 });
      return Array.from({ length: 400 }, (_, n) => data[5 * n]);
    };
    const count = (values: number[], wanted: number) => values.filter((value) => value === wanted).length;
    const flipped = first(new Augmentation({ horizontalFlip: true }));
    assert.ok(count(flipped, 4) > 160 && count(flipped, 0) > 160 && count(flipped, 4) + count(flipped, 0) === 400);
    const some = first(new Augmentation({ horizontalFlip: 0.1 }));
    assert.ok(count(some, 4) > 20 && count(some, 4) < 70);
    for (const option of [{ widthShift: 1 }, { randomCrop: 1 }]) {
      const shifted = first(new Augmentation({ ...option, fillMode: "reflect" }));
      assert.deepEqual([...new Set(shifted)].sort(), [0, 1]); // to the right shows pixel 0 again
      assert.ok(count(shifted, 1) > 90 && count(shifted, 1) < 180);
    }
  });
});

describe("masks", () => {
  test("move as their images do, but keep their labels: the same permutation where pixels are moved whole", () => {
    fc.assert(
      fc.property(options, shapes, seeds, (drawn, shape, seed) => {
        const labels = integers(shape, seed);
        const augmentation = new Augmentation({ ...drawn, fillMode: "constant" });
        const known = new Set([...labels.data, -99]);
        for (const value of augmentation.applyToMasks(labels, { seed, fillValue: -99 }).data)
          assert.ok(known.has(value));
        const whole = { horizontalFlip: true, verticalFlip: true, widthShift: 2, heightShift: 1, randomCrop: 1 };
        const geometry = new Augmentation({ ...whole, fillMode: drawn.fillMode });
        const expected = geometry.apply(labels, { seed });
        equalBits(geometry.applyToMasks(labels, { seed }), expected);
        const more = new Augmentation({ ...whole, fillMode: drawn.fillMode, brightness: 0.5, cutout: 3 });
        equalBits(more.applyToMasks(labels, { seed }), expected);
      }),
    );
  });

  test("turn by the same angle: a mask of a bright half is that half, where it is not near the edge between", () => {
    const size = 20;
    const x = zeros([1, size, size, 1]);
    for (let e = 0; e < x.size / 2; e++) x.data[e] = 1;
    const augmentation = new Augmentation({ rotation: 40, zoom: 0.2, shear: 10 });
    for (let epoch = 0; epoch < 10; epoch++) {
      const [image, mask] = [augmentation.apply(x, { epoch }), augmentation.applyToMasks(x, { epoch })];
      image.data.forEach((value, e) => {
        if (Math.abs(value - 0.5) > 1e-6) assert.equal(mask.data[e], Math.round(value));
      });
    }
  });
});

describe("angles", () => {
  test("quarter turns are exact; others are those of Math within its rounding of radians", () => {
    const quarters = [[0, 1], [1, 0], [0, -1], [-1, 0]]; // biome-ignore format: a circle
    for (let k = -8; k <= 8; k++) {
      const [sine, cosine] = sineAndCosine(90 * k);
      assert.deepEqual([sine + 0, cosine + 0], quarters[((k % 4) + 4) % 4]);
    }
    fc.assert(
      fc.property(fc.double({ min: -360, max: 360, noNaN: true }), (degrees) => {
        const [sine, cosine] = sineAndCosine(degrees);
        const radians = (degrees * Math.PI) / 180; // off by up to 2⁻⁵⁰ itself
        assert.ok(Math.abs(sine - Math.sin(radians)) <= 2 ** -49, `sin ${degrees}: ${sine}, ${Math.sin(radians)}`);
        assert.ok(Math.abs(cosine - Math.cos(radians)) <= 2 ** -49, `cos ${degrees}`);
        assert.ok(Math.abs(sine * sine + cosine * cosine - 1) <= 2 ** -51);
      }),
    );
    assert.deepEqual(sineAndCosine(60), [0.8660254037844387, 0.49999999999999994]);
  });
});

test("what is no range, no image, no turn is refused by name", () => {
  // biome-ignore lint/suspicious/noExplicitAny: no types are what this is about
  const make = (options: any) => () => new Augmentation(options);
  refuses(make({ rotate: 3 }), "Augmentation", '"rotate"', "known options are rotation");
  refuses(make({ rotation: Number.NaN }), "rotation is NaN", "[least, most]");
  refuses(make({ rotation: [3, 1] }), "rotation is [3, 1]");
  refuses(make({ rotation: [1, 2, 3] }), "rotation is [1, 2, 3]");
  refuses(make({ zoom: 1 }), "zoom is 1", "0.01");
  refuses(make({ shear: 90 }), "shear is 90", "from -80 to 80");
  refuses(make({ brightness: "much" }), 'brightness is "much"');
  refuses(make({ horizontalFlip: 2 }), "horizontalFlip is 2");
  refuses(make({ cutout: 1.5 }), "cutout is 1.5", "whole");
  refuses(make({ fillMode: "wrap" }), 'fillMode is "wrap"', "constant, nearest, reflect");
  refuses(make({ fillValue: Infinity }), "fillValue is Infinity");
  refuses(make(null), "null", "give an object");
  const augmentation = new Augmentation();
  const x = zeros([2, 3, 3, 1]);
  refuses(() => augmentation.apply(zeros([3, 3])), "the shape of images is [3, 3]", "[n, height, width, channels]");
  refuses(() => augmentation.apply([[1]] as never), "images", "tensor");
  refuses(() => augmentation.apply(x, { indices: [1] }), "the number of indices is 1", "2 images");
  refuses(() => augmentation.apply(x, { indices: [1, -1] }), "indices is -1");
  refuses(() => augmentation.apply(x, { epoch: 0.5 }), "epoch is 0.5");
  refuses(() => augmentation.apply(x, { seed: -1 }), "seed is -1");
  refuses(() => augmentation.apply(x, { sed: 1 } as never), '"sed"', "seed, epoch, indices");
  refuses(() => augmentation.applyToMasks(x, { fillValue: "x" } as never), 'fillValue is "x"');
});
