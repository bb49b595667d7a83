import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { Add, Dense, Flatten, input, MaxPooling2D } from "../../src/layers/index.ts";
import { Averages } from "../../src/model/averages.ts";
import { checkExamples } from "../../src/model/examples.ts";
import { Model } from "../../src/model/model.ts";
import { objectivesFrom } from "../../src/model/objectives.ts";
import { Plans, StepPass } from "../../src/model/planned-pass.ts";
import { LossSteps } from "../../src/model/step.ts";
import { SGD } from "../../src/optimizers/index.ts";
import type { PassOptions } from "../../src/pass.ts";
import { Random } from "../../src/random.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { modelOf, type Recipe, recipes, WIDTH } from "../support/graphs.ts";
import { watched } from "../support/shadow.ts";

/** 16 examples of 16 numbers: every tensor of a step is a whole number of the plan's units. */
const BATCH = 16;
const LOSSES = ["sparseCategoricalCrossentropy", "meanSquaredError"] as const;
const WEIGHTS = [1, 0.5];

function dataFor({ inputs, second, seed }: Recipe): { x: Tensor[]; y: Tensor[] } {
  const x = Array.from({ length: inputs }, (_, index) => floats([BATCH, WIDTH], seed + index));
  const y = [labels([BATCH], seed, 3), floats([BATCH, 2], seed)].slice(0, second < 0 ? 1 : 2);
  return { x, y };
}

function compiled(recipe: Recipe, kernels: Kernels): ReturnType<typeof modelOf> {
  const model = modelOf(recipe);
  const count = model.connection.outputs.length;
  const [loss, lossWeights] = [LOSSES.slice(0, count), WEIGHTS.slice(0, count)];
  model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss, lossWeights, kernels });
  return model;
}

/** Every tensor has memory of its own. */
class OwnMemory extends StepPass {
  override readonly recording = false;
  override settle(): void {}
  begin(keySource: Random | undefined): this {
    this.restart(keySource);
    return this;
  }
}

class NoPlans extends Plans {
  override run(
    _key: string,
    options: Omit<PassOptions, "kernels">,
    keySource: Random | undefined,
    step: (pass: StepPass) => void,
  ): void {
    step(new OwnMemory({ ...options, kernels: this.kernels }).begin(keySource));
  }
}

describe("the memory of a random graph's step", () => {
  test("gives the bits of training in which every tensor has memory of its own", () => {
    return fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const kernels = referenceKernels("float32");
        const [planned, own] = [compiled(recipe, kernels), modelOf(recipe)];
        const { x, y } = dataFor(recipe);
        const { graph, outputs } = own.connection;
        const count = outputs.length;
        const names = outputs.map(({ name }) => name);
        const options = { loss: LOSSES.slice(0, count), lossWeights: WEIGHTS.slice(0, count) };
        const objectives = objectivesFrom(options, names);
        const steps = new LossSteps(graph, objectives, new NoPlans(kernels));
        const shapes = outputs.map(({ shape }) => shape);
        const examples = checkExamples("test", x, y, objectives, shapes, kernels);
        const optimizer = new SGD({ learningRate: 0.1 });
        for (let step = 0; step < 3; step++) {
          const { loss } = await planned.trainOnBatch(x, y);
          const batch = { examples, from: 0, count: BATCH };
          assert.equal(steps.train(batch, new Averages(objectives), optimizer, new Random(recipe.seed)), loss);
        }
        const expected = own.getWeights();
        for (const [index, weight] of planned.getWeights().entries())
          equalBits(weight, expected[index], `weight ${index}`);
      }),
      { numRuns: 60 },
    );
  });

  test("never has two tensors overlap that any operation still needs, and is never more than their sum", () => {
    return fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const shadow = watched(referenceKernels("float32"));
        const model = compiled(recipe, shadow.kernels);
        const { x, y } = dataFor(recipe);
        await model.trainOnBatch(x, y);
        shadow.clear();
        await model.trainOnBatch(x, y);
        const { plannedBytes, tensorBytes } = model.memory;
        assert.ok(plannedBytes <= tensorBytes, `${plannedBytes} planned of ${tensorBytes}`);
        const uses = shadow.uses();
        uses.forEach((a, index) => {
          for (const b of uses.slice(0, index)) {
            const overlap = a.buffer === b.buffer && a.begin < b.end && b.begin < a.end;
            const together = a.first <= b.last && b.first <= a.last;
            assert.ok(!(overlap && together), `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
          }
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe("what no backward pass goes through", () => {
  /** Three layers on one input, which may be frozen, beside one on another input; their sum goes through a last one. */
  function branches(trainable: boolean): Model {
    const [a, b] = [input({ shape: [4, 4, 1] }), input({ shape: [4, 4, 1] })];
    const dense = () => new Dense({ units: 16, activation: "tanh", trainable });
    const chain = [new MaxPooling2D({ poolSize: 1 }), new Flatten(), dense(), dense(), dense()];
    const left = chain.reduce((x, layer) => layer.apply(x), a);
    const right = new Dense({ units: 16 }).apply(new Flatten().apply(b));
    const outputs = new Dense({ units: 1 }).apply(new Add().apply([left, right]));
    return new Model({ inputs: [a, b], outputs });
  }

  test("is not remembered and not computed: freezing a branch saves memory and operations", async () => {
    const measure = async (trainable: boolean) => {
      const calls: string[] = [];
      const kernels = new Proxy(referenceKernels("float32"), {
        get(target, name) {
          if (String(name).includes("Backward")) calls.push(String(name));
          return Reflect.get(target, name);
        },
      });
      const model = branches(trainable);
      model.compile({ optimizer: "sgd", loss: "meanSquaredError", kernels });
      const x = [floats([16, 4, 4, 1], 1), floats([16, 4, 4, 1], 2)];
      await model.trainOnBatch(x, floats([16, 1], 3));
      return { bytes: model.memory.plannedBytes, calls };
    };
    const [trained, frozen] = [await measure(true), await measure(false)];
    assert.ok(frozen.bytes < trained.bytes, `${frozen.bytes} frozen, ${trained.bytes} trained`);
    const count = (calls: string[], name: string) => calls.filter((call) => call === name).length;
    assert.equal(count(trained.calls, "denseBackwardKernel"), 5);
    assert.equal(count(frozen.calls, "denseBackwardKernel"), 2);
    assert.equal(count(frozen.calls, "activationBackward"), 0);
    assert.equal(count(frozen.calls, "denseBackwardInput"), 1);
    assert.equal(count(trained.calls, "maxPooling2dBackward"), 0);
  });
});
