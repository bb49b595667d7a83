import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { analyze } from "../../src/analysis/analyze.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import {
  AveragePooling2D,
  BatchNormalization,
  Conv2D,
  Dense,
  Dropout,
  Flatten,
  type Layer,
  MaxPooling2D,
  Tanh,
} from "../../src/layers/index.ts";
import { planMemory } from "../../src/model/memory-plan.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { Pass } from "../../src/pass.ts";
import { l2 } from "../../src/regularizers.ts";
import { type Shape, type Tensor, tensor } from "../../src/tensor.ts";
import { floats, labels, seeds } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { rejects } from "../support/refusals.ts";

const lifetimes = fc.array(
  fc
    .record({ size: fc.nat(200), birth: fc.nat(20), length: fc.nat(8) })
    .map(({ size, birth, length }) => ({ size, birth, death: birth + length })),
  { maxLength: 40 },
);

describe("a memory plan", () => {
  test("gives the room of what has ended to what begins later", () => {
    const lives = [0, 1, 2].map((birth) => ({ size: 16, birth, death: birth + 1 }));
    assert.deepEqual(planMemory(lives), { offsets: [0, 16, 0], size: 32 });
  });

  test("never lets two tensors that live at the same time overlap, and keeps all inside the arena", () => {
    fc.assert(
      fc.property(lifetimes, (tensors) => {
        const { offsets, size } = planMemory(tensors);
        tensors.forEach((a, i) => {
          assert.ok(offsets[i] % 16 === 0 && offsets[i] + a.size <= size);
          tensors.slice(0, i).forEach((b, j) => {
            const together = a.birth <= b.death && b.birth <= a.death;
            const overlap = offsets[i] < offsets[j] + b.size && offsets[j] < offsets[i] + a.size;
            assert.ok(!(together && overlap), `tensors ${j} and ${i} overlap`);
          });
        });
      }),
    );
  });

  test("needs no more than all tensors side by side, and no less than any moment needs", () => {
    fc.assert(
      fc.property(lifetimes, (tensors) => {
        const { size } = planMemory(tensors);
        const aligned = tensors.reduce((total, tensor) => total + Math.ceil(tensor.size / 16) * 16, 0);
        assert.ok(size <= aligned);
        for (let moment = 0; moment < 30; moment++) {
          const living = tensors.filter(({ birth, death }) => birth <= moment && moment <= death);
          assert.ok(size >= living.reduce((total, tensor) => total + tensor.size, 0));
        }
      }),
    );
  });
});

/** A chain with a bit of everything; layers are drawn by the seed. */
function network(seed: number): Layer[] {
  const between = [
    new Tanh(),
    new Dropout({ rate: 0.3 }),
    new Conv2D({ filters: 3, kernelSize: 2, padding: "same", activation: "elu" }),
  ];
  const pooling = [new MaxPooling2D(), new AveragePooling2D({ poolSize: 3, strides: 1, padding: "same" })];
  return [
    new Conv2D({ filters: 3, kernelSize: 3, activation: "tanh" }),
    between[seed % 3],
    pooling[(seed >> 2) % 2],
    new Flatten(),
    new Dense({ units: 5, activation: "sigmoid" }),
    new Dense({ units: 3, activation: "softmax" }),
  ];
}

describe("training in planned memory", () => {
  test("gives the bits of training in which every tensor has memory of its own", () => {
    return fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const kernels = referenceKernels("float32");
        const [x, y] = [floats([4, 6, 6, 2], seed), labels([4], seed, 3)];
        const model = new Sequential(network(seed), { inputShape: [6, 6, 2], seed });
        model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", kernels });
        const own = new Sequential(network(seed), { inputShape: [6, 6, 2], seed });
        for (let step = 0; step < 3; step++) {
          await model.trainOnBatch(x, y);
          stepByHand(own.layers, x, y, seed, step);
        }
        const expected = own.getWeights();
        model.getWeights().forEach((weight, index) => {
          equalBits(weight, expected[index], `weight ${index}`);
        });
      }),
      { numRuns: 30 },
    );
  });

  test("needs less than the tensors of a step together", async () => {
    const model = new Sequential(network(0), { inputShape: [6, 6, 2] });
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", kernels: referenceKernels("float32") });
    assert.deepEqual(model.memory, { plannedBytes: 0, tensorBytes: 0 });
    await model.trainOnBatch(floats([8, 6, 6, 2], 1), labels([8], 1, 3));
    const { plannedBytes, tensorBytes } = model.memory;
    assert.ok(plannedBytes < 0.8 * tensorBytes, `${plannedBytes} of ${tensorBytes}`);
  });

  test("a model that is built, described and compiled has no initial weights yet: nobody has asked for them", () => {
    const layers = () => [new Conv2D({ filters: 4, kernelSize: 3 }), new Flatten(), new Dense({ units: 2 ** 40 })];
    const model = new Sequential(layers(), { inputShape: [5, 5, 3] });
    assert.match(model.summary(), new RegExp((37 * 2 ** 40 + 112).toLocaleString("en-US")));
    assert.equal(analyze(model).totals.parameters, 37 * 2 ** 40 + 112);
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels: referenceKernels("float32") });
  });

  test("predicting and evaluating allocate no gradient, and a step those of the layers that are not frozen", async () => {
    for (const made of [wasmKernels(), referenceKernels("float32")]) {
      const asked: string[] = [];
      const allocate = (shape: Shape) => {
        asked.push(shape.join());
        return made.allocate(shape);
      };
      const frozen = new Conv2D({ filters: 5, kernelSize: 3, trainable: false, kernelRegularizer: l2(0.1) });
      const head = new Dense({ units: 3, activation: "softmax", kernelRegularizer: l2(0.1) });
      const model = new Sequential([frozen, new BatchNormalization(), new Flatten(), head], { inputShape: [6, 6, 2] });
      model.compile({
        optimizer: "sgd",
        loss: "sparseCategoricalCrossentropy",
        kernels: { ...made, allocate },
      });
      const [x, y] = [floats([4, 6, 6, 2], 1), labels([4], 1, 3)];
      const values = ["3,3,2,5", "5", "5", "5", "5", "5", "80,3", "3"];
      const gradients = ["5", "5", "80,3", "3"];
      /** Beside the arena, whose length is the only one above 10, and the number that a penalty is summed in. */
      const ofParameters = () => asked.filter((shape) => !/^(1|\d\d+)$/.test(shape)).sort();
      await model.predict(x);
      await model.evaluate(x, y);
      assert.deepEqual(ofParameters(), values.sort());
      await model.trainOnBatch(x, y);
      await model.trainOnBatch(x, y);
      assert.deepEqual(ofParameters(), [...values, ...gradients].sort());
      assert.deepEqual([...frozen.parameters[1].gradient.data], [0, 0, 0, 0, 0]);
    }
  });

  test("15,000 steps allocate nothing after the first: neither WASM memory nor the JavaScript heap grows", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const kernels = wasmKernels();
    const grown: Tensor[] = [];
    const counting = { ...kernels, allocate: (shape: Shape) => grown[grown.push(kernels.allocate(shape)) - 1] };
    const model = new Sequential(
      [
        new Conv2D({ filters: 2, kernelSize: 2 }),
        new Dropout({ rate: 0.5 }),
        new Flatten(),
        new Dense({ units: 3, activation: "softmax" }),
      ],
      { inputShape: [4, 4, 1] },
    );
    model.compile({
      optimizer: "adam",
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
      kernels: counting,
    });
    const [x, y] = [floats([20, 4, 4, 1], 1), labels([20], 2, 3)];
    const run = (epochs: number) => model.fit(x, y, { epochs, batchSize: 8, validationData: [x, y] });
    const measure = () => {
      collect();
      return { tensors: grown.length, buffer: grown[0].data.buffer.byteLength, heap: process.memoryUsage().heapUsed };
    };
    await run(300);
    const measured = [measure()];
    for (const epochs of [1667, 1667, 1667]) {
      await run(epochs);
      measured.push(measure());
    }
    const [before, whole] = [measured[0], measured[3]];
    assert.deepEqual([whole.tensors, whole.buffer], [before.tensors, before.buffer]);
    // A leak shows in all three parts; the engine's own notes about the code that it compiles do not. 16 bytes a step would
    // be less than the smallest object.
    const growths = measured.slice(1).map(({ heap }, index) => heap - measured[index].heap);
    assert.ok(Math.min(...growths) < 16 * 5000, `the heap grew by ${growths.join(", then ")} bytes`);
  });

  test("a layer that allocates differently from step to step is refused", async () => {
    class Fickle extends Tanh {
      #calls = 0;
      override forward(x: Tensor, pass: Pass): Tensor {
        pass.allocate([++this.#calls]);
        return super.forward(x, pass);
      }
    }
    const model = new Sequential([new Fickle(), new Dense({ units: 1 })], { inputShape: [2] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels: referenceKernels() });
    await rejects(
      model.trainOnBatch([[1, 2]], [1]),
      "memory plan",
      "is [2], but was [1]",
      "the same tensors in every step",
    );
  });

  test("a model too large for the memory of WebAssembly is refused with what it wants and what there is", () => {
    const engine = new Engine();
    assert.throws(
      () => engine.allocate([2 ** 30, 2]),
      /memory of .* MiB is wanted, but .* smaller batches or a smaller model/,
    );
  });
});

/** The step of the model, in a pass whose tensors are never used twice. */
function stepByHand(layers: readonly Layer[], x: Tensor, y: Tensor, seed: number, step: number): void {
  const kernels = referenceKernels("float32");
  class OwnMemory extends Pass {
    begin() {
      this.restart(this.random.fork("step").fork(step));
      return this;
    }
  }
  const pass = new OwnMemory({ kernels, training: true, seed }).begin();
  const chain = [...layers.slice(0, -1), layers[layers.length - 1].logits()!.layer];
  const z = chain.reduce((value, layer) => layer.forward(value, pass), x);
  const dz = pass.allocate(z.shape);
  const weights = tensor(Float32Array.from({ length: x.shape[0] }, () => 1 / x.shape[0]));
  kernels.loss("softmaxCrossEntropy", pass.allocate([x.shape[0]]), dz, z, y, weights);
  chain.reduceRight((dy, layer) => layer.backward(dy, pass), dz);
  for (const { value, gradient } of layers.flatMap(({ parameters }) => parameters)) {
    kernels.sgd(value, undefined, gradient, { learningRate: 0.01, momentum: 0, nesterov: false, weightDecay: 0 });
  }
}
