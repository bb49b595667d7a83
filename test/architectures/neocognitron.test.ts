import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { digitShapes, Neocognitron, neocognitron } from "../../src/architectures/neocognitron.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { floats } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { refuses } from "../support/refusals.ts";

const taught = neocognitron();
taught.learn(digitShapes());
const planes = taught.winners(digitShapes());

/** Each picture made of another one's pixels; outside of it is nothing. */
function moved(images: Tensor, from: (row: number, column: number) => readonly [number, number]): Tensor {
  const [N, H, W] = images.shape;
  const result = zeros(images.shape, images.dtype);
  for (let n = 0; n < N; n++)
    for (let i = 0; i < H; i++)
      for (let j = 0; j < W; j++) {
        const [u, v] = from(i, j);
        if (u >= 0 && u < H && v >= 0 && v < W) result.data[(n * H + i) * W + j] = images.data[(n * H + u) * W + v];
      }
  return result;
}

describe("the Neocognitron, after learning without labels", () => {
  test("A8: each shape excites another cell of the last layer", () => {
    assert.equal(new Set(planes).size, 5, `${planes}`);
    assert.ok(planes.every((plane) => plane >= 0));
  });

  test("A8: the same cell wins wherever the shape is: shifted by up to two pixels in any direction", () => {
    for (let down = -2; down <= 2; down++)
      for (let right = -2; right <= 2; right++) {
        const shifted = digitShapes([down, right]);
        equalBits(
          shifted,
          moved(digitShapes(), (i, j) => [i - down, j - right]),
        );
        assert.deepEqual(taught.winners(shifted), planes, `shifted by ${[down, right]}`);
      }
  });

  const deformed: readonly [string, (i: number, j: number) => readonly [number, number]][] = [
    ["taller", (i, j) => [i <= 9 ? i : i - 1, j]],
    ["shorter", (i, j) => [i <= 8 ? i : i + 1, j]],
    ["wider", (i, j) => [i, j <= 9 ? j : j - 1]],
    ["narrower", (i, j) => [i, j <= 7 ? j : j + 1]],
  ];
  for (const [how, from] of deformed) {
    test(`A8: the same cell wins where the shape is a pixel ${how}`, () => {
      assert.deepEqual(taught.winners(moved(digitShapes(), from)), planes);
    });
  }

  test("A8: the same cell wins where every seventh pixel of the stroke is missing, and among spots", () => {
    const broken = digitShapes();
    let pixels = 0;
    broken.data.forEach((value, e) => {
      if (value > 0 && ++pixels % 7 === 0) broken.data[e] = 0;
    });
    assert.deepEqual(taught.winners(broken), planes);
    const spotted = digitShapes();
    for (let n = 0; n < 5; n++) for (const at of [3 * 19 + 3, 15 * 19 + 14]) spotted.data[n * 361 + at] = 1;
    assert.deepEqual(taught.winners(spotted), planes);
  });

  test("a paler picture is the same picture: inhibition divides by how bright it is", () => {
    const pale = digitShapes();
    for (let e = 0; e < pale.size; e++) pale.data[e] *= 0.5;
    assert.deepEqual(taught.winners(pale), planes);
  });

  test("nothing excites nobody, and before learning no cell prefers its shape", () => {
    assert.deepEqual(taught.winners(zeros([1, 19, 19])), [-1]);
    const untaught = neocognitron();
    assert.deepEqual(untaught.winners(digitShapes()), [-1, -1, -1, -1, -1]);
    const { data } = untaught.respond(digitShapes());
    assert.ok(data.every((value) => value < 1e-6));
  });

  test("learns the same bits again, in float32 and float64, with and without a channel", () => {
    const again = neocognitron();
    again.learn(tensor([...digitShapes().data], [5, 19, 19, 1]));
    taught.stages.forEach(({ a, b }, index) => {
      equalBits(again.stages[index].a, a);
      assert.deepEqual(again.stages[index].b, b);
    });
  });
});

describe("S-cells", () => {
  /** One stage on images of 3 × 3, all of whose cells compete. */
  const cells = (selectivity: number, seed: number) => {
    const stage = { planes: 3, window: 3, selectivity, reinforcement: 1e9 };
    return new Neocognitron({ inputShape: [3, 3], stages: [stage], seed });
  };
  const picture = (seed: number) => {
    const x = floats([1, 3, 3], seed, 1, "float64");
    for (let e = 0; e < x.size; e++) x.data[e] = Math.abs(x.data[e]);
    return x;
  };
  const most = (network: Neocognitron, x: Tensor) => Math.max(...network.layers(x.reshape([3, 3]))[0].s.data);

  test("respond to what they have learnt with 1, however bright it is, and to nothing with more", () => {
    for (let seed = 0; seed < 50; seed++) {
      const network = cells(1 + (seed % 4), seed);
      const x = picture(seed);
      network.learn(x, { presentations: 2 });
      const bright = x.copy();
      for (let e = 0; e < x.size; e++) bright.data[e] *= 3;
      for (const same of [x, bright]) assert.ok(Math.abs(most(network, same) - 1) < 1e-6, `seed ${seed}`);
      assert.ok(most(network, picture(seed + 1000)) < 1 + 1e-6, `seed ${seed}`);
    }
  });

  test("respond only where the cosine is above r / (1 + r), by (1 + r) · cosine − r", () => {
    const pair = (left: number, right: number) => tensor([0, 0, 0, left, 0, right, 0, 0, 0], [3, 3], "float64");
    const network = (r: number) => {
      const taught = cells(r, 0);
      // As if plane 2 had seen the pair (1, 1) in the middle: places 3 and 5 of the window.
      const [{ a, b, c }, q] = [taught.stages[0], 1e9];
      assert.equal(c.data[3], c.data[5]);
      for (const place of [3, 5]) a.data[place * 3 + 2] = q * c.data[place];
      b[2] = (q / 2) * Math.sqrt(2 * c.data[3]);
      return taught;
    };
    for (const r of [1, 2, 4])
      for (const [left, right] of [
        [1, 0],
        [4, 3],
        [3, 4],
        [12, 5],
        [5, 12],
        [0, 1],
        [2, 2],
      ]) {
        // biome-ignore format: one line
        const middle = network(r).layers(pair(left, right))[0].s.data[4 * 3 + 2];
        const cosine = (left + right) / Math.sqrt(2 * (left * left + right * right));
        const expected = Math.max((1 + r) * cosine - r, 0);
        assert.ok(Math.abs(middle - expected) < 1e-6, `r ${r}, (${left}, ${right}): ${middle}, not ${expected}`);
      }
  });
});

test("C-cells blur u_S, less what all planes have in common, and saturate: equations (5) to (7)", () => {
  const alpha = 0.25;
  const expected = (sums: readonly number[]) => {
    const common = sums.reduce((total, sum) => total + sum, 0) / sums.length;
    return sums.map((sum) => Math.max((1 + sum) / (1 + common) - 1, 0)).map((x) => x / (alpha + x));
  };
  const two = digitShapes().data.slice(2 * 361, 3 * 361);
  const stages = taught.layers(tensor(two, [19, 19], "float64"));
  for (const [stage, { s, c }] of stages.entries()) {
    const [H, W, K] = s.shape;
    const [rows, columns] = c.shape;
    const at = (i: number, j: number, k: number) =>
      i >= 0 && i < H && j >= 0 && j < W ? s.data[(i * W + j) * K + k] : 0;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const sums = Array.from({ length: K }, (_, k) => {
          let sum = 0;
          if (stage === 2) for (let n = 0; n < H * W; n++) sum += s.data[n * K + k];
          // Weights 3, 4, 5, 4, 3 in each direction, which sum to 19.
          else
            for (let p = -2; p <= 2; p++)
              for (let q = -2; q <= 2; q++)
                sum += (((5 - Math.abs(p)) * (5 - Math.abs(q))) / 361) * at(2 * i + p, 2 * j + q, k);
          return sum;
        });
        expected(sums).forEach((u, k) => {
          const found = c.data[(i * columns + j) * K + k];
          assert.ok(Math.abs(found - u) < 1e-12, `stage ${stage}, [${i}, ${j}, ${k}]: ${found}, not ${u}`);
        });
      }
  }
  assert.deepEqual(stages.map(({ c }) => c.shape), [[10, 10, 24], [5, 5, 48], [1, 1, 12]]); // biome-ignore format: one line
});

test("a Neocognitron refuses what it cannot be or see", () => {
  const make = (stage: object, options: object = {}) => {
    const stages = [{ planes: 2, window: 3, selectivity: 2, reinforcement: 1, ...stage }];
    return () => new Neocognitron({ inputShape: [5, 5], stages, ...options } as never);
  };
  refuses(make({ window: 4 }), "Neocognitron", "window is 4", "odd");
  refuses(make({ planes: 0 }), "Neocognitron", "planes is 0", "at least 1");
  refuses(make({ selectivity: -1 }), "Neocognitron", "selectivity is -1", "at least 0");
  refuses(make({ stride: 0 }), "Neocognitron", "stride is 0", "at least 1");
  refuses(make({ filters: 3 }), "Neocognitron: a stage", '"filters"', "planes, window");
  refuses(make({}, { stages: [] }), "Neocognitron", "stages is []", "one stage at least");
  refuses(make({}, { stages: 3 }), "Neocognitron", "stages is 3");
  refuses(make({}, { inputShape: [5] }), "Neocognitron", "inputShape is [5]", "[height, width]");
  refuses(make({}, { saturation: 0 }), "Neocognitron", "saturation is 0", "above 0");
  const network = make({})();
  refuses(() => network.learn(zeros([1, 5, 4])), "Neocognitron", "the shape of images is [1, 5, 4]", "[N, 5, 5]");
  refuses(() => network.winners([[1]] as never), "Neocognitron", "images is [[1]]", "give a tensor");
  refuses(() => network.learn(zeros([1, 5, 5]), { presentations: 0 }), "learn", "presentations is 0", "at least 1");
});
