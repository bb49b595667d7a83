import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { Activation, Dense, Layer } from "../../src/layers/index.ts";
import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  type LossName,
  lossFrom,
  MeanSquaredError,
  SparseCategoricalCrossentropy,
} from "../../src/losses/index.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { SGD } from "../../src/optimizers/index.ts";
import { type NestedNumbers, type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { floats, labels, seeds } from "../support/arbitraries.ts";
import { close } from "../support/compare.ts";
import { casesOf } from "../support/conformance.ts";
import { refuses, rejects } from "../support/refusals.ts";

const kernels = referenceKernels("float64");

/** A layer that is only its parameter: the model's output, to be looked at after a step of rate 1. */
class Output extends Layer {
  constructor(readonly start: Tensor) {
    super("Output", {}, []);
  }
  override outputShape(): number[] {
    return this.start.shape;
  }
  override forward(x: Tensor, pass: Parameters<Layer["forward"]>[1]): Tensor {
    const y = pass!.allocate(this.start.shape);
    y.data.set(this.parameters[0].value.data);
    pass!.remember(this, { x });
    return y;
  }
  override backward(dy: Tensor, pass: Parameters<Layer["forward"]>[1]): Tensor {
    const { x } = pass!.recall<{ x: Tensor }>(this);
    this.gradient(this.parameters[0], pass!, (destination) => destination.data.set(dy.data));
    return x;
  }
  protected override make(_shape: readonly number[], pass: NonNullable<Parameters<Layer["forward"]>[1]>) {
    return [this.parameter("output", this.start.shape, () => this.start.data, pass)];
  }
}

/** Loss and its gradient by the output `z` of a model, through compile and trainOnBatch. */
async function lossOf(z: Tensor, y: NestedNumbers | Tensor, loss: ReturnType<typeof lossFrom>, closing: Layer[] = []) {
  const output = new Output(z);
  const model = new Sequential([output, ...closing], { inputShape: [1] });
  model.compile({ optimizer: new SGD({ learningRate: 0 }), loss, kernels });
  model.setWeights([z]);
  const logs = await model.trainOnBatch(tensor(new Float64Array(z.shape[0]), [z.shape[0], 1]), y as Tensor);
  return { loss: logs.loss, gradient: output.parameters[0].gradient };
}

describe("losses", () => {
  test("softmax with cross-entropy is PyTorch's, from logits and through a closing softmax", async () => {
    for (const { inputs, outputs, index } of casesOf("softmaxCrossEntropy")) {
      const ways = [
        await lossOf(inputs.logits, inputs.labels, new SparseCategoricalCrossentropy({ fromLogits: true })),
        await lossOf(inputs.logits, inputs.labels, new SparseCategoricalCrossentropy(), [new Activation("softmax")]),
      ];
      for (const { loss, gradient } of ways) {
        close(tensor([loss], undefined, "float64"), outputs.loss, 1e-9, { case: index });
        close(gradient, outputs.dlogits, 1e-9, { case: index });
      }
    }
  });

  test("class numbers and one-hot rows give the same loss and gradient", () => {
    return fc.assert(
      fc.asyncProperty(
        seeds,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (seed, rows, classes) => {
          const z = floats([rows, classes], seed, 3, "float64");
          const numbers = labels([rows], seed, classes, "float64");
          const oneHot = tensor(
            Float64Array.from(
              { length: rows * classes },
              (_, e) => +(numbers.data[Math.floor(e / classes)] === e % classes),
            ),
            [rows, classes],
          );
          const softmax = () => [new Activation("softmax")];
          const sparse = await lossOf(z, numbers, new SparseCategoricalCrossentropy(), softmax());
          const dense = await lossOf(z, oneHot, new CategoricalCrossentropy(), softmax());
          close(tensor([sparse.loss]), tensor([dense.loss]), 1e-6);
          close(sparse.gradient, dense.gradient, 1e-14);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("stay finite, and right, for logits of ±300", async () => {
    const z = tensor([[300, -300]], undefined, "float64");
    const wrong = await lossOf(z, [1], new SparseCategoricalCrossentropy(), [new Activation("softmax")]);
    assert.equal(wrong.loss, 600);
    assert.deepEqual([...wrong.gradient.data], [1, -1]);
    const binary = await lossOf(z, [[0, 1]], new BinaryCrossentropy(), [new Activation("sigmoid")]);
    assert.equal(binary.loss, 300);
    assert.deepEqual([...binary.gradient.data], [0.5, -0.5]);
  });

  test("from probabilities are those from logits, where nothing is rounded to 0", () => {
    return fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const z = floats([3, 4], seed, 2, "float64");
        const numbers = labels([3], seed, 4, "float64");
        const fused = await lossOf(z, numbers, new SparseCategoricalCrossentropy(), [new Activation("softmax")]);
        // A linear layer behind hides the softmax from the loss.
        const apart = [new Activation("softmax"), new Activation("linear")];
        const unfused = await lossOf(z, numbers, new SparseCategoricalCrossentropy(), apart);
        close(tensor([unfused.loss]), tensor([fused.loss]), 1e-6);
        close(unfused.gradient, fused.gradient, 1e-12);
      }),
      { numRuns: 30 },
    );
  });

  test("are means over the batch", async () => {
    const { loss, gradient } = await lossOf(
      tensor([[1], [5]], undefined, "float64"),
      [[0], [3]],
      lossFrom("meanSquaredError"),
    );
    assert.equal(loss, (1 + 4) / 2);
    assert.deepEqual([...gradient.data], [1, 2]);
  });
});

describe("losses by themselves", () => {
  const names = {
    binaryCrossentropy: "sigmoid",
    categoricalCrossentropy: "softmax",
    meanSquaredError: undefined,
    sparseCategoricalCrossentropy: "softmax",
  } as const;

  test("are made by their names, or given as they are, and know what closes the model before them", () => {
    for (const [name, closing] of Object.entries(names)) {
      const loss = lossFrom(name as LossName);
      const isSparse = name === "sparseCategoricalCrossentropy";
      assert.deepEqual([loss.name, loss.closing, loss.sparse, loss.fromLogits], [name, closing, isSparse, false]);
      assert.equal(lossFrom(loss), loss);
    }
  });

  test("take targets [n] for [n, 1] and the other way round, and no other shape for another", () => {
    const [squares, sparse] = [lossFrom("meanSquaredError"), lossFrom("sparseCategoricalCrossentropy")];
    const given = (...shape: number[]) => zeros(shape);
    assert.deepEqual(squares.prepare(given(4), [4, 1]).shape, [4, 1]);
    assert.deepEqual(squares.prepare(given(4, 1, 2), [4, 2]).shape, [4, 2]);
    assert.deepEqual(sparse.prepare(given(4, 1), [4, 3]).shape, [4]);
    assert.deepEqual(sparse.prepare(given(2, 4, 1), [2, 4, 3]).shape, [2, 4]);
    const same = given(4, 2);
    assert.equal(squares.prepare(same, [4, 2]), same);
    const column = given(4);
    assert.equal(squares.prepare(column, [4, 1]).storage, column.storage);
    refuses(() => squares.prepare(given(5), [1, 5]), "the shape of y is [5]", "output is [1,5]", "give [1,5]");
    refuses(() => squares.prepare(given(2, 4), [4, 2]), "the shape of y is [2, 4]", "give [4,2]");
    refuses(() => squares.prepare(given(4), [4, 2]), "the shape of y is [4]", "give [4,2]");
    refuses(() => squares.prepare(given(1, 4), [4, 1]), "the shape of y is [1, 4]", "give [4,1]");
    refuses(() => sparse.prepare(given(3), [2, 3]), "the shape of y is [3]", "give class numbers [2]");
    const oneHot = lossFrom("categoricalCrossentropy");
    refuses(() => oneHot.prepare(given(2, 4), [2, 3]), "the shape of y is [2, 4]", "give one-hot rows [2,3]");
  });
});

describe("targets that do not fit are refused", () => {
  const model = (loss: LossName, units = 3) => {
    const made = new Sequential([new Dense({ units, activation: "softmax" })], { inputShape: [2] });
    made.compile({ optimizer: "sgd", loss, kernels });
    return (y: NestedNumbers) => made.trainOnBatch([[1, 2], [3, 4]], y); // biome-ignore format: two examples
  };

  test("class numbers out of range or not whole", async () => {
    const train = model("sparseCategoricalCrossentropy");
    await rejects(train([0, 3]), "sparseCategoricalCrossentropy", "y[1] is 3", "from 0 to 2", "3 units");
    await rejects(train([-1, 0]), "y[0] is -1", "whole, from 0 to 2");
    await rejects(train([0, 1.5]), "y[1] is 1.5", "whole");
  });

  test("another number of rows, or another shape", async () => {
    await rejects(model("sparseCategoricalCrossentropy")([0]), "the number of rows of y is 1", "x has 2");
    await rejects(model("sparseCategoricalCrossentropy")([[1, 0, 0], [0, 1, 0]]), "[2, 3]", 'loss: "categoricalCrossentropy"'); // biome-ignore format: two rows
    await rejects(model("categoricalCrossentropy")([0, 1]), "[2]", 'loss: "sparseCategoricalCrossentropy"');
    await rejects(model("meanSquaredError")([[1, 2], [3, 4]]), "the shape of y is [2, 2]", "output is [2,3]", "give [2,3]"); // biome-ignore format: two rows
  });

  test("probabilities beyond 0 … 1", async () => {
    await rejects(model("categoricalCrossentropy")([[0, 0, 2], [0, 1, 0]]), "y[2] is 2", "from 0 to 1"); // biome-ignore format: two rows
    await rejects(model("categoricalCrossentropy")([[0, 0, 1], [0, -1, 0]]), "y[4] is -1", "from 0 to 1"); // biome-ignore format: two rows
    await rejects(model("binaryCrossentropy")([[0, 2, 0], [0, 1, 0]]), "y[1] is 2", "0 for no and 1 for yes"); // biome-ignore format: two rows
    await rejects(model("binaryCrossentropy")([[0, -1, 0], [0, 1, 0]]), "y[1] is -1", "0 for no and 1 for yes"); // biome-ignore format: two rows
  });

  test("a loss from logits behind a softmax; a name or option nobody knows", () => {
    const dense = new Sequential([new Dense({ units: 3, activation: "softmax" })], { inputShape: [2] });
    const loss = new SparseCategoricalCrossentropy({ fromLogits: true });
    refuses(
      () => dense.compile({ optimizer: "sgd", loss, kernels }),
      "fromLogits: true",
      "closes with softmax",
      "remove one",
    );
    refuses(
      () => lossFrom("hinge" as never),
      "compile",
      'loss is "hinge"',
      "categoricalCrossentropy, meanSquaredError",
    );
    refuses(() => lossFrom(["meanSquaredError"] as never), "compile", 'loss is ["meanSquaredError"]', "or a Loss");
    const fromLogits = 1 as never;
    refuses(() => new BinaryCrossentropy({ fromLogits }), "binaryCrossentropy", "fromLogits is 1", "true or false");
    assert.throws(() => new MeanSquaredError({ fromLogits }), /"fromLogits"; there are none$/);
    refuses(() => new BinaryCrossentropy({ logits: true } as never), "binaryCrossentropy", '"logits"', "fromLogits");
  });
});
