import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Initializer, initialize } from "../src/initializers.ts";
import { Conv2D, Dense } from "../src/layers/index.ts";
import { Random } from "../src/random.ts";
import { sizeOf } from "../src/tensor.ts";
import { seeds } from "./support/arbitraries.ts";
import { float64Pass } from "./support/gradients.ts";
import { refuses } from "./support/refusals.ts";

/** 5 × 5 cells, 4 channels, 100 filters: fanIn 100, fanOut 2500. */
const conv = [5, 5, 4, 100];
/** The standard deviation of a uniform distribution of ±1. */
const uniform = 1 / Math.sqrt(3);

const drawn = (initializer: Initializer, shape: number[], random: Random) =>
  initialize("test", initializer, shape, random, new Float64Array(sizeOf(shape)));

function moments(values: Float64Array): { mean: number; deviation: number; most: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    mean,
    deviation: Math.sqrt(variance),
    most: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  };
}

describe("initial values", () => {
  const cases: [Initializer, number[], { deviation: number; limit: number; mean?: number }][] = [
    ["glorotUniform", conv, { deviation: Math.sqrt(6 / 2600) * uniform, limit: Math.sqrt(6 / 2600) }],
    ["heUniform", conv, { deviation: Math.sqrt(6 / 100) * uniform, limit: Math.sqrt(6 / 100) }],
    ["glorotNormal", conv, { deviation: Math.sqrt(2 / 2600), limit: (2 * Math.sqrt(2 / 2600)) / 0.8796 }],
    ["heNormal", conv, { deviation: Math.sqrt(2 / 100), limit: (2 * Math.sqrt(2 / 100)) / 0.8796 }],
    ["glorotUniform", [100, 200], { deviation: Math.sqrt(6 / 300) * uniform, limit: Math.sqrt(6 / 300) }],
    ["heNormal", [100, 200], { deviation: Math.sqrt(2 / 100), limit: (2 * Math.sqrt(2 / 100)) / 0.8796 }],
    ["randomNormal", conv, { deviation: 0.05, limit: 0.5 }],
    [{ name: "randomNormal", mean: 3, stddev: 2 }, conv, { deviation: 2, limit: 20, mean: 3 }],
    ["randomUniform", conv, { deviation: 0.05 * uniform, limit: 0.05 }],
    [{ name: "randomUniform", minval: 1, maxval: 3 }, conv, { deviation: uniform, limit: 3, mean: 2 }],
    ["zeros", conv, { deviation: 0, limit: 0 }],
    ["ones", conv, { deviation: 0, limit: 1, mean: 1 }],
  ];
  for (const [initializer, shape, { deviation, limit, mean = 0 }] of cases) {
    test(`${JSON.stringify(initializer)} [${shape}] has mean ${mean}, deviation ${deviation.toFixed(4)}, no more than ${limit.toFixed(3)}`, () => {
      const values = drawn(initializer, shape, new Random(5));
      const found = moments(values);
      // Five standard errors: of a mean, and (kurtosis at most 3) of a deviation.
      const error = (5 * deviation) / Math.sqrt(values.length);
      assert.ok(Math.abs(found.mean - mean) <= error, `mean ${found.mean}`);
      assert.ok(Math.abs(found.deviation - deviation) <= error, `deviation ${found.deviation}`);
      assert.ok(found.most <= limit, `the largest is ${found.most}`);
    });
  }

  test("are the same for the same seed and name, whatever else was drawn", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const values = () => drawn("heNormal", [3, 4], new Random(seed).fork("dense").fork("kernel"));
        assert.deepEqual(values(), values());
      }),
    );
  });

  test("drawn at once are those drawn one by one, bit for bit, and leave the stream where those do", () => {
    const names = ["randomNormal", "randomUniform"] as const;
    fc.assert(
      fc.property(seeds, fc.nat(3000), fc.nat(3000), fc.constantFrom(...names), (seed, first, second, name) => {
        const [whole, parts] = [new Random(seed), new Random(seed)];
        const expected = [first, second].flatMap((count) =>
          Array.from({ length: count }, () => drawn(name, [1], parts)[0]),
        );
        assert.deepEqual([...drawn(name, [first], whole), ...drawn(name, [second], whole)], expected);
        assert.equal(whole.bits(), parts.bits());
      }),
      { numRuns: 30 },
    );
  });

  test("in float32 are those in float64, rounded", () => {
    for (const name of ["glorotNormal", "heUniform", "randomNormal", "randomUniform", "ones"] as const) {
      const narrow = initialize("test", name, [3, 400], new Random(1), new Float32Array(1200));
      assert.deepEqual(narrow, Float32Array.from(drawn(name, [3, 400], new Random(1))), name);
    }
  });

  test("may come from a function of one's own", () => {
    const dense = new Dense({
      units: 2,
      kernelInitializer: ([inputs, units]) => Array.from({ length: inputs * units }, (_, e) => e),
    });
    dense.build([1, 3], float64Pass());
    assert.deepEqual(dense.getWeights()[0].toNested(), [[0, 1], [2, 3], [4, 5]]); // biome-ignore format: a matrix
  });

  test("that cannot be are refused", () => {
    const layer = (kernelInitializer: unknown) => new Conv2D({ filters: 1, kernelSize: 1, kernelInitializer } as never);
    refuses(() => layer("uniform"), "Conv2D", 'kernelInitializer is "uniform"', "randomUniform");
    refuses(() => layer(7), "Conv2D", "kernelInitializer is 7", "(shape, random) => values");
    refuses(() => layer({ name: "heNormal", scale: 2 }), "Conv2D", '"scale"', "known options are name");
    refuses(() => layer({ name: "randomNormal", stddev: -1 }), "Conv2D", "stddev is -1", "at least 0");
    const built = (values: number[]) => () => layer(() => values).build([1, 2, 2, 2], float64Pass());
    refuses(built([1]), "conv2d", "the number of initial values is 1", "return 2");
    refuses(built([1, Number.NaN]), "conv2d", "initial value 1 is NaN", "finite");
  });
});
