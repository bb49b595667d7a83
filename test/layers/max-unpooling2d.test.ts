import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import {
  AveragePooling2D,
  Conv2D,
  input,
  MaxPooling2D,
  MaxUnpooling2D,
  type SymbolicTensor,
} from "../../src/layers/index.ts";
import { modelFromFiles } from "../../src/model/load.ts";
import { Model } from "../../src/model/model.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { tensor } from "../../src/tensor.ts";
import { floats, integers } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { float64Pass } from "../support/gradients.ts";
import { wake, wasm } from "../support/kernels.ts";
import { refuses } from "../support/refusals.ts";

const conv = (filters: number) => new Conv2D({ filters, kernelSize: 3, padding: "same", activation: "tanh" });

/** An encoder and a decoder with the second unpooling for the first pooling; 9 does not divide by 2. */
function autoencoder(): Sequential {
  const [first, second] = [new MaxPooling2D({ padding: "same" }), new MaxPooling2D({ poolSize: [2, 1] })];
  const [undoSecond, undoFirst] = [second, first].map((pooling) => new MaxUnpooling2D({ pooling }));
  const layers = [conv(4), first, conv(6), second, conv(6), undoSecond, conv(4), undoFirst, conv(1)];
  return new Sequential(layers, { inputShape: [9, 6, 1], seed: 3 });
}

describe("MaxUnpooling2D", () => {
  test("and the switches of MaxPooling2D, as their documentation says", () => {
    const x = tensor([1, 2, 4, 3], [1, 2, 2, 1]);
    const z = new MaxUnpooling2D({ poolSize: 2 }).forwardAll([tensor([9], [1, 1, 1, 1]), x]);
    assert.deepEqual(z.toNested(), [[[[0], [0]], [[9], [0]]]]); // biome-ignore format: rows
    assert.deepEqual(new MaxPooling2D().switches(x).toNested(), [[[[2]]]]);
  });

  test("in a Sequential gives images as large as those that were pooled, and is a graph in the file", async () => {
    const model = autoencoder();
    assert.deepEqual(model.outputShape, [9, 6, 1]);
    const x = floats([3, 9, 6, 1], 1);
    const files = model.toFiles();
    const { layers, nodes } = JSON.parse(files["model.json"]);
    const unpooling = layers.filter(({ kind }: { kind: string }) => kind === "MaxUnpooling2D");
    assert.deepEqual(unpooling.map(({ options }: { options: object }) => options), [{ poolSize: [2, 1] }, { padding: "same" }]); // biome-ignore format: short
    const image = (node: number) => nodes[node].inputs[1];
    assert.deepEqual([image(5), image(7)], [3, 1], "the values that the two poolings take");
    const loaded = modelFromFiles(files);
    assert.equal(loaded.toFiles()["model.json"], files["model.json"]);
    equalBits(await loaded.predict(x), await model.predict(x));
  });

  test("trains: the loss of an autoencoder falls, with the same bits with one thread and with three", async () => {
    const run = async (threads: number) => {
      const model = autoencoder();
      model.compile({ optimizer: "adam", loss: "meanSquaredError", kernels: wasmKernels({ threads }) });
      const x = floats([8, 9, 6, 1], 2);
      const losses: number[] = [];
      for (let step = 0; step < 30; step++) losses.push((await model.trainOnBatch(x, x)).loss);
      return losses;
    };
    const losses = await run(1);
    assert.ok(losses.at(-1)! < 0.85 * losses[0], `${losses[0]} to ${losses.at(-1)}`);
    await wake(wasmKernels({ threads: 3 }));
    assert.deepEqual(await run(3), losses);
  });

  test("takes the image from anywhere in a graph, also where nothing else leads back to it", () => {
    const [a, b] = [input({ shape: [4, 4, 2] }), input({ shape: [2, 2, 2] })];
    const image = conv(2).apply(a);
    const model = new Model({ inputs: [a, b], outputs: new MaxUnpooling2D().apply([b, image]) });
    assert.deepEqual(model.outputShape, [4, 4, 2]);
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels: wasm });
    const weights = model.getWeights();
    const xs = [floats([2, 4, 4, 2], 1), floats([2, 2, 2, 2], 2)];
    return model.trainOnBatch(xs, floats([2, 4, 4, 2], 3)).then(() => {
      model.getWeights().forEach((weight, index) => {
        equalBits(weight, weights[index], "what only names places is not changed");
      });
    });
  });

  test("a pooling layer that is shared is found where it gave as many values", () => {
    const pool = new MaxPooling2D();
    const a = input({ shape: [8, 8, 1] });
    const [b, c] = [pool.apply(a), pool.apply(pool.apply(a))];
    const imageOf = (y: SymbolicTensor) => new MaxUnpooling2D({ pooling: pool }).apply(y).source!.inputs[1];
    assert.equal(imageOf(b), a);
    assert.deepEqual(imageOf(c).shape, [4, 4, 1]);
    assert.notEqual(imageOf(c), a);
  });

  test("the image is that of its own pooling, not of another that gives as many values", () => {
    const [pool, other] = [new MaxPooling2D(), new MaxPooling2D({ poolSize: 3, strides: 1, padding: "same" })];
    const a = input({ shape: [8, 8, 1] });
    const y = other.apply(pool.apply(a));
    assert.equal(new MaxUnpooling2D({ pooling: pool }).apply(y).source!.inputs[1], a);
  });

  test("an image that is given is the one that counts, and has no dx where nobody wants it", () => {
    const pooling = new MaxPooling2D();
    const [a, b] = [input({ shape: [4, 4, 1] }), input({ shape: [4, 4, 1] })];
    assert.equal(new MaxUnpooling2D({ pooling }).apply([pooling.apply(a), b]).source!.inputs[1], b);
    const [pass, layer] = [float64Pass(), new MaxUnpooling2D()];
    const z = layer.forwardAll([integers([1, 2, 2, 1], 1), integers([1, 4, 4, 1], 2)], pass);
    const [dy, dx] = layer.backwardAll(z, pass, [true, false]);
    assert.deepEqual([dy?.shape, dx], [[1, 2, 2, 1], undefined]);
  });

  test("refuses inputs that are not two, or do not fit, and a pooling that is none or not there", () => {
    const layer = new MaxUnpooling2D();
    const [y, x] = [integers([1, 2, 2, 1], 1), integers([1, 4, 4, 1], 2)];
    const pass = float64Pass();
    refuses(() => layer.forward(y, pass), "max_unpooling2d", "the number of inputs is 1", "apply([a, b])");
    refuses(() => layer.forwardAll([y, x, x], pass), "the number of inputs is 3", "the image that was pooled");
    refuses(
      () => layer.forwardAll([x, x], pass),
      "the shape of input 1 is [1, 4, 4, 1]",
      "[1,4,4,1] is pooled to [1,2,2,1]",
    );
    refuses(() => layer.forwardAll([y, [1] as never], pass), "max_unpooling2d", "input 2 is [1]", "give a tensor");
    refuses(() => layer.outputShapeAll([[1, 1, 1, 1], [1, 1, 4, 1]]), "poolSize is [2, 2]", "only 1"); // biome-ignore format: short
    refuses(
      () => new MaxUnpooling2D({ pooling: new AveragePooling2D() as never }),
      "pooling is",
      "the MaxPooling2D layer",
    );
    const pool = new MaxPooling2D();
    refuses(() => new MaxUnpooling2D({ pooling: pool, strides: 1 }), "pooling and strides are both given");
    refuses(() => new MaxUnpooling2D({ poolSize: 0 }), "MaxUnpooling2D", "poolSize is 0");
    refuses(() => layer.apply(3 as never), "max_unpooling2d", "x is 3");
    refuses(() => new MaxUnpooling2D({ size: 2 } as never), '"size"', "pooling, poolSize");
    const a = input({ shape: [4, 4, 1] });
    refuses(
      () => new MaxUnpooling2D({ pooling: pool }).apply(a),
      "does not come from pooling, max_pooling2d",
      "put it before",
    );
    refuses(() => new MaxUnpooling2D().apply(a), "the number of inputs is 1");
    layer.forwardAll([y, x], pass);
    refuses(() => layer.backwardAll(y, pass), "max_unpooling2d", "the shape of dy is [1, 2, 2, 1]", "[1,4,4,1]");
  });
});
