import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import fc from "fast-check";
import { Augmentation } from "../../../src/data/augmentation/augmentation.ts";
import { AugmentedBatches } from "../../../src/data/augmentation/batches.ts";
import { Helper } from "../../../src/data/augmentation/helper.ts";
import { gatherRows } from "../../../src/data/rows.ts";
import { Random } from "../../../src/random.ts";
import { type Tensor, zeros } from "../../../src/tensor.ts";
import { floats, seeds } from "../../support/arbitraries.ts";
import { equalBits } from "../../support/compare.ts";

const augmentation = new Augmentation({
  ...{ rotation: 25, shear: 10, zoom: 0.2, widthShift: 0.1, heightShift: 2, randomCrop: 1, horizontalFlip: true },
  ...{ brightness: 0.3, cutout: 2, fillMode: "reflect" },
});

/** Waits until a worker is up. */
async function started(): Promise<Helper> {
  const helper = new Helper().start();
  for (let trial = 0; trial < 500 && !helper.up; trial++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(helper.up, "no worker has come up in 10 s");
  return helper;
}

/** All batches of an epoch, which is the whole of its images in the epoch's order. */
async function epochOf(batches: AugmentedBatches, x: Tensor, epoch: number, order?: Uint32Array): Promise<Tensor[]> {
  batches.begin(epoch, order);
  const taken: Tensor[] = [];
  for (let from = 0; from < x.shape[0]; from += batches.batchSize) taken.push(await batches.take(from));
  return taken;
}

test("the text of warp is complete: it works by itself, also when a bundler has renamed all that is in it", async () => {
  const x = floats([4, 7, 5, 2], 3);
  const { plans, settings } = augmentation.job(x, { seed: 2 });
  const path = fileURLToPath(new URL("../../../src/data/augmentation/warp.ts", import.meta.url));
  for (const options of [
    {},
    { minify: true },
    { minify: true, keepNames: true },
    { keepNames: true, target: "es2017" },
  ]) {
    const built = await build({
      ...options,
      entryPoints: [path],
      bundle: true,
      write: false,
      format: "iife",
      globalName: "built",
    });
    const text: string = runInNewContext(`${built.outputFiles[0].text}; built.warp.toString()`);
    const alone = runInNewContext(`(${text})`);
    const y = zeros(x.shape);
    alone(y.data, x.data, plans, settings);
    equalBits(y, augmentation.apply(x, { seed: 2 }), options);
  }
});

describe("a helper", () => {
  test("gives the bits that the caller gives, in both precisions, whatever is asked for at once", async () => {
    const helper = await started();
    try {
      await fc.assert(
        fc.asyncProperty(seeds, fc.constantFrom("float32", "float64"), async (seed, dtype) => {
          const x = [0, 1, 2, 3].map((n) => floats([1 + n, 5, 6, 2], seed + n, 1, dtype));
          const ys = await Promise.all(
            x.map((images) => helper.warp(images.copy().data, augmentation.job(images, { seed }))),
          );
          ys.forEach((y, n) => {
            equalBits(y, augmentation.apply(x[n], { seed }).data);
          });
        }),
        { numRuns: 25 },
      );
    } finally {
      helper.end();
    }
  });

  test("that is ended tells those who wait, and is up no more", async () => {
    const helper = await started();
    const x = floats([100, 28, 28, 1], 1);
    const asked = helper.warp(x.copy().data, augmentation.job(x));
    helper.end();
    await assert.rejects(asked, /it was ended/);
    assert.equal(helper.up, false);
  });

  test("whose work fails is up no more", async () => {
    const helper = await started();
    const x = floats([1, 2, 2, 1], 1);
    const { plans } = augmentation.job(x);
    await assert.rejects(helper.warp(x.data, { plans, settings: undefined as never }), /TypeError/);
    assert.equal(helper.up, false);
  });
});

describe("the batches of an epoch", () => {
  const x = floats([23, 6, 5, 2], 4);
  const expected = (epoch: number) => augmentation.apply(x, { seed: 9, epoch });

  /** The rows of all images of the epoch, in its order. */
  const inOrder = (images: Tensor, order: Uint32Array) => {
    const rows = zeros(images.shape);
    gatherRows(rows, images, order, 0);
    return rows;
  };
  const joined = (batches: Tensor[]) => Float32Array.from(batches.flatMap(({ data }) => [...data]));

  test("are the same from a helper, from the caller, and from both, for any batch size and order", async () => {
    for (const batchSize of [1, 4, 23, 64]) {
      const helper = await started();
      const withHelper = new AugmentedBatches(augmentation, [x], 9, batchSize, helper);
      const alone = new AugmentedBatches(augmentation, [x], 9, batchSize, new Helper());
      for (const epoch of [1, 2]) {
        equalBits(joined(await epochOf(withHelper, x, epoch)), expected(epoch).data);
        const order = new Random(batchSize).fork(epoch).permutation(23);
        const shuffled = inOrder(expected(epoch), order).data;
        equalBits(joined(await epochOf(withHelper, x, epoch, order)), shuffled);
        equalBits(joined(await epochOf(alone, x, epoch, order)), shuffled);
      }
      assert.ok(helper.up);
      withHelper.end();
    }
  });

  test("are asked for once each, and those of an epoch that was left are not taken for another's", async () => {
    const helper = await started();
    let asked = 0;
    const { warp } = helper;
    helper.warp = (...job) => {
      asked++;
      return warp.apply(helper, job);
    };
    const batches = new AugmentedBatches(augmentation, [x], 9, 4, helper);
    assert.equal((await epochOf(batches, x, 1)).length, 6);
    assert.equal(asked, 6);
    batches.begin(2, undefined);
    await batches.take(0);
    equalBits(joined(await epochOf(batches, x, 3)), expected(3).data);
    batches.end();
  });

  test("are the same when the helper dies on the way", async () => {
    const helper = await started();
    const batches = new AugmentedBatches(augmentation, [x], 9, 4, helper);
    batches.begin(3, undefined);
    const taken = [await batches.take(0), await batches.take(4)];
    const next = batches.take(8);
    helper.end("it has died");
    taken.push(await next);
    for (let from = 12; from < 23; from += 4) taken.push(await batches.take(from));
    equalBits(joined(taken), expected(3).data);
  });
});
