import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { Dense, Flatten } from "../../src/layers/index.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { tensor } from "../../src/tensor.ts";
import { floats } from "../support/arbitraries.ts";
import { refuses, rejects } from "../support/refusals.ts";

describe("bad input is refused before anything is computed", () => {
  const model = () => {
    const made = new Sequential([new Flatten(), new Dense({ units: 3, activation: "softmax" })], {
      inputShape: [2, 2, 1],
    });
    made.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", kernels: referenceKernels("float32") });
    return made;
  };
  const x = floats([4, 2, 2, 1], 1);
  const y = [0, 1, 2, 0];
  const fit = (options: object) => model().fit(x, y, options);

  test("without compile", async () => {
    const raw = new Sequential([new Dense({ units: 1 })], { inputShape: [1] });
    for (const method of ["fit", "evaluate", "trainOnBatch"] as const) {
      await rejects(
        raw[method]([[1]], [1]),
        "sequential",
        `${method} needs an optimizer and a loss`,
        "call compile first",
      );
    }
  });

  test("compile: names and options nobody knows", () => {
    const compile = (options: object) => () =>
      model().compile({ optimizer: "sgd", loss: "meanSquaredError", ...options });
    refuses(compile({ optimizer: "lion" }), "compile", 'optimizer is "lion"', "adam, adamW, rmsprop, sgd");
    refuses(compile({ loss: "mse" }), "compile", 'loss is "mse"', "meanSquaredError");
    refuses(compile({ metrics: ["f1"] }), "compile", 'a metric is "f1"', "accuracy");
    refuses(
      compile({ learningRate: 1 }),
      "compile",
      '"learningRate"',
      "optimizer, loss, lossWeights, metrics, kernels",
    );
  });

  test("x of another shape, empty, or no numbers", async () => {
    await rejects(
      model().fit(floats([4, 2, 2], 1), y),
      "fit",
      "the shape of x is [4, 2, 2]",
      "takes [n, 2, 2, 1]",
      "x.reshape([4,2,2,1])",
    );
    await rejects(model().predict(floats([0, 2, 2, 1], 1)), "predict", "the number of examples is 0");
    await rejects(model().predict("images" as never), "predict", 'x is "images"', "give a tensor");
    await rejects(model().predict([[[[1], [2]], [[3]]]]), "rows at depth", "equally long");
  });

  test("NaN and infinity, with the place of the first", async () => {
    const broken = x.copy();
    broken.data[7] = Number.NaN;
    broken.data[9] = Number.POSITIVE_INFINITY;
    await rejects(model().fit(broken, y), "fit", "x[1, 1, 1, 0] is NaN", "remove or replace");
    broken.data[7] = 0;
    await rejects(model().evaluate(broken, y), "evaluate", "x[2, 0, 1, 0] is Infinity");
    await rejects(model().fit(x, [0, 1, Number.NaN, 0]), "fit", "y[2] is NaN");
  });

  test("one number that is not finite among many, wherever it stands; but not finite ones whose sum is too large", async () => {
    const wide = new Sequential([new Flatten()], { inputShape: [40_000] });
    const places = fc.nat(79_999);
    const strange = fc.constantFrom(Number.NaN, Infinity, -Infinity);
    await fc.assert(
      fc.asyncProperty(places, fc.constantFrom(1, 3e38), strange, async (place, other, wrong) => {
        const numbers = new Float32Array(80_000).fill(other);
        assert.deepEqual((await wide.predict(tensor(numbers, [2, 40_000]))).data, numbers);
        numbers[place] = wrong;
        const argument = `x[${place < 40_000 ? 0 : 1}, ${place % 40_000}]`;
        await rejects(wide.predict(tensor(numbers, [2, 40_000])), "predict", `${argument} is ${wrong}`);
      }),
      { numRuns: 50 },
    );
  });

  test("y of another number, or with labels out of range", async () => {
    await rejects(model().fit(x, [0, 1, 2]), "fit", "the number of rows of y is 3", "x has 4");
    await rejects(model().fit(x, new Uint8Array([0, 1, 2, 3])), "y[3] is 3", "from 0 to 2");
    const validation: [typeof x, number[]] = [x, [0, 1, 2, 7]];
    await rejects(fit({ validationData: validation }), "y[3] is 7", "from 0 to 2");
  });

  test("options of fit that cannot be", async () => {
    await rejects(fit({ epoch: 3 }), "fit", '"epoch"', "known options are epochs, batchSize");
    await rejects(fit({ epochs: -1 }), "fit", "epochs is -1", "at least 0");
    await rejects(fit({ batchSize: 0 }), "fit", "batchSize is 0", "at least 1");
    await rejects(fit({ shuffle: 1 }), "fit", "shuffle is 1", "true or false");
    await rejects(fit({ seed: 1.5 }), "Random", "seed is 1.5", "whole number");
    await rejects(fit({ validationSplit: 1.5 }), "fit", "validationSplit is 1.5", "from 0 to 1");
    await rejects(fit({ validationSplit: 0.9 }), "fit", "validationSplit is 0.9", "of 4 examples it leaves 0");
    await rejects(fit({ validationSplit: 0.5, validationData: [x, y] }), "both given", "give one of them");
    await rejects(fit({ validationData: x }), "fit", "validationData is", "give [x, y]");
    await rejects(fit({ callbacks: [3] }), "fit", "callbacks[0] is 3", "Callback or a function");
    await rejects(fit({ sampleWeight: [1, 2] }), "fit", "the number of sampleWeight is 2", "x has 4");
    await rejects(fit({ sampleWeight: [1, 2, -3, 1] }), "fit", "sampleWeight[2] is -3", "at least 0");
    await rejects(fit({ classWeight: { 1: Number.NaN } }), "fit", "classWeight[1] is NaN", "finite");
    await rejects(model().evaluate(x, y, { steps: 3 } as never), "evaluate", '"steps"', "batchSize, sampleWeight");
    await rejects(model().predict(x, { batchSize: 0.5 }), "predict", "batchSize is 0.5", "whole number");
  });

  test("a loss that is no number any more ends the training and says where", async () => {
    const made = new Sequential([new Dense({ units: 1 })], { inputShape: [1] });
    made.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels: referenceKernels("float32") });
    const far = made.fit([[1e15], [1e15]], [1, 1], { batchSize: 1, epochs: 9 });
    await rejects(far, "fit", "the loss is", "of epoch", "smaller learningRate");
  });

  test("a second fit while the first is running", async () => {
    const busy = model();
    const first = busy.fit(x, y, {
      epochs: 2,
      callbacks: [async () => await rejects(busy.fit(x, y), "trained already", "wait")],
    });
    assert.equal((await first).epochs, 2);
  });
});
