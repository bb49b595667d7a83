import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { Parameter } from "../../src/layers/index.ts";
import { Adam, AdamW, type Optimizer, optimizerFrom, RMSprop, SGD } from "../../src/optimizers/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats } from "../support/arbitraries.ts";
import { close, equalBits } from "../support/compare.ts";
import { casesOf } from "../support/conformance.ts";
import { wake } from "../support/kernels.ts";
import { refuses } from "../support/refusals.ts";

const KINDS: Record<string, new (options: never) => Optimizer> = {
  sgd: SGD,
  adam: Adam,
  adamw: AdamW,
  rmsprop: RMSprop,
};

/** Steps a parameter along given gradients [steps, size]; calls `each` with the value after every step. */
function walk(
  optimizer: Optimizer,
  kernels: Kernels,
  start: Tensor,
  gradients: Tensor,
  each: (value: Tensor, step: number) => void,
) {
  const parameter = new Parameter("value", kernels, start.shape);
  parameter.value.data.set(start.data);
  for (let step = 0; step < gradients.shape[0]; step++) {
    parameter.gradient.data.set(gradients.data.subarray(step * start.size, (step + 1) * start.size));
    optimizer.step([parameter], kernels);
    each(parameter.value, step);
  }
}

describe("optimizers take the steps that PyTorch takes", () => {
  for (const { attrs, inputs, outputs } of casesOf("optimizer")) {
    const { name, ...options } = attrs;
    for (const [kernels, tolerance] of [
      [referenceKernels("float64"), 1e-9],
      [wasmKernels(), 1e-6],
    ] as const) {
      test(`${name} ${JSON.stringify(options)} on ${kernels.dtype}`, () => {
        walk(new KINDS[name](options as never), kernels, inputs.start, inputs.gradients, (value, step) => {
          const expected = outputs.parameters.data.subarray(step * value.size, (step + 1) * value.size);
          close(value, expected, tolerance, `step ${step}`);
        });
      });
    }
  }
});

describe("optimizers", () => {
  const kernels = referenceKernels("float64");
  const one = (value: number) => {
    const parameter = new Parameter("value", kernels, [1]);
    parameter.value.data[0] = value;
    parameter.gradient.data[0] = 1;
    return parameter;
  };

  test("follow a learning rate that changes between steps", () => {
    const optimizer = new SGD({ learningRate: 0.5 });
    const parameter = one(1);
    optimizer.step([parameter], kernels);
    assert.equal(parameter.value.data[0], 0.5);
    optimizer.learningRate = 0.125;
    optimizer.step([parameter], kernels);
    assert.equal(parameter.value.data[0], 0.375);
    assert.equal(optimizer.iterations, 2);
  });

  test("leave frozen parameters alone", () => {
    const parameter = one(1);
    parameter.trainable = false;
    for (const optimizer of [new SGD({ weightDecay: 1 }), new Adam(), new AdamW(), new RMSprop()])
      optimizer.step([parameter], kernels);
    assert.equal(parameter.value.data[0], 1);
  });

  test("keep only what their formula needs, from the first step on", () => {
    const kept = (optimizer: Optimizer, steps: number) => {
      let count = 0;
      const allocate = (shape: readonly number[]) => {
        count++;
        return kernels.allocate(shape);
      };
      const parameter = one(1);
      for (let step = 0; step < steps; step++) optimizer.step([parameter], { ...kernels, allocate });
      return count;
    };
    for (const steps of [1, 3]) {
      assert.equal(kept(new SGD(), steps), 0);
      assert.equal(kept(new SGD({ momentum: 0.5 }), steps), 1);
      assert.equal(kept(new RMSprop(), steps), 1);
      assert.equal(kept(new Adam(), steps), 2);
    }
  });

  test("are made by their names, or given as they are", () => {
    for (const [name, Kind] of Object.entries({ sgd: SGD, adam: Adam, adamW: AdamW, rmsprop: RMSprop } as const)) {
      assert.equal(optimizerFrom(name as "sgd").constructor, Kind);
    }
    const optimizer = new SGD();
    assert.equal(optimizerFrom(optimizer), optimizer);
  });

  test("keep the state of each parameter apart", () => {
    const optimizer = new SGD({ learningRate: 1, momentum: 0.5 });
    const [first, second] = [one(0), one(0)];
    optimizer.step([first], kernels);
    optimizer.step([first, second], kernels);
    assert.equal(first.value.data[0], -1 - 1.5);
    assert.equal(second.value.data[0], -1);
  });

  test("have Keras' defaults", () => {
    const sgd = new SGD();
    assert.deepEqual([sgd.learningRate, sgd.momentum, sgd.nesterov, sgd.weightDecay], [0.01, 0, false, 0]);
    const adam = new Adam();
    assert.deepEqual(
      [adam.learningRate, adam.beta1, adam.beta2, adam.epsilon, adam.weightDecay, adam.decoupled],
      [0.001, 0.9, 0.999, 1e-7, 0, false],
    );
    assert.deepEqual([new AdamW().weightDecay, new AdamW().decoupled], [0.004, true]);
    assert.deepEqual([new RMSprop().learningRate, new RMSprop().rho, new RMSprop().epsilon], [0.001, 0.9, 1e-7]);
  });

  test("refuse what cannot be, and list what is known", () => {
    refuses(() => new SGD({ learningRate: -1 }), "SGD", "learningRate is -1", "at least 0");
    refuses(() => new SGD({ momentum: 2 }), "SGD", "momentum is 2", "from 0 to 1");
    refuses(() => new SGD({ lr: 1 } as never), "SGD", '"lr"', "known options are learningRate, momentum");
    refuses(() => new SGD({ weightDecay: -1 }), "SGD", "weightDecay is -1", "at least 0");
    refuses(() => new SGD({ nesterov: "yes" } as never), "SGD", 'nesterov is "yes"', "true or false");
    refuses(() => new Adam({ beta1: 1 }), "Adam", "beta1 is 1", "less than 1");
    refuses(() => new Adam({ beta2: -1 }), "Adam", "beta2 is -1", "less than 1");
    refuses(() => new Adam({ weightDecay: -1 }), "Adam", "weightDecay is -1", "at least 0");
    refuses(() => new Adam({ rho: 1 } as never), "known options are learningRate, beta1, beta2, epsilon, weightDecay");
    refuses(() => new AdamW({ epsilon: -1 }), "AdamW", "epsilon is -1", "at least 0");
    refuses(() => new RMSprop({ rho: Number.NaN }), "RMSprop", "rho is NaN", "less than 1");
    refuses(() => new RMSprop({ epsilon: -1 }), "RMSprop", "epsilon is -1", "at least 0");
    refuses(() => new RMSprop({ beta1: 1 } as never), "RMSprop", "known options are learningRate, rho, epsilon");
    refuses(() => optimizerFrom(new Map() as never), "compile", "optimizer is {}", "or an Optimizer");
    refuses(() => optimizerFrom(["sgd"] as never), "compile", 'optimizer is ["sgd"]', "or an Optimizer");
    refuses(() => optimizerFrom("adamax" as never), "compile", 'optimizer is "adamax"', "adam, adamW, rmsprop, sgd");
    refuses(() => (new SGD().learningRate = Number.NaN), "SGD", "learningRate is NaN", "finite");
  });
});

describe("clipping", () => {
  const clipped = (options: object, gradients: readonly number[][], frozen: readonly number[] = []) => {
    const kernels = referenceKernels("float64");
    const parameters = gradients.map((gradient, index) => {
      const parameter = new Parameter("value", kernels, [gradient.length]);
      parameter.gradient.data.set(gradient);
      parameter.trainable = !frozen.includes(index);
      return parameter;
    });
    new SGD({ learningRate: 0, ...options }).step(parameters, kernels);
    return parameters.map(({ gradient }) => [...gradient.data]);
  };

  test("clipValue brings every number into ±clipValue", () => {
    assert.deepEqual(clipped({ clipValue: 2 }, [[-3, 1, 2.5]]), [[-2, 1, 2]]);
  });

  test("clipNorm scales each gradient that is longer to that length, and leaves others alone", () => {
    assert.deepEqual(clipped({ clipNorm: 2.5 }, [[3, 4], [0, 1], [0, 0]]), [[1.5, 2], [0, 1], [0, 0]]); // biome-ignore format: short
  });

  test("globalClipNorm scales all by one factor, by their common length; what is frozen does not count", () => {
    assert.deepEqual(clipped({ globalClipNorm: 2.5 }, [[3], [4]]), [[1.5], [2]]);
    assert.deepEqual(clipped({ globalClipNorm: 5 }, [[3], [4]]), [[3], [4]]);
    assert.deepEqual(clipped({ globalClipNorm: 2.5 }, [[3], [100], [4]], [1]), [[1.5], [100], [2]]);
  });

  test("gives the same bits with 1 and with 3 threads, and the reference's within rounding", async () => {
    await wake(wasmKernels({ threads: 3 }));
    const run = (kernels: Kernels) => {
      const parameters = [40_001, 3].map((size) => {
        const parameter = new Parameter("value", kernels, [size]);
        parameter.gradient.data.set(floats([size], size).data);
        return parameter;
      });
      new SGD({ globalClipNorm: 0.1 }).step(parameters, kernels);
      return parameters.map(({ value }) => value.copy());
    };
    const [one, three, reference] = [
      wasmKernels({ threads: 1 }),
      wasmKernels({ threads: 3 }),
      referenceKernels("float64"),
    ].map(run);
    one.forEach((value, index) => {
      equalBits(three[index], value);
      close(value, reference[index], 1e-6);
    });
  });

  test("refuses limits that are not positive, and several at once", () => {
    refuses(() => new SGD({ clipNorm: 0 }), "SGD", "clipNorm is 0", "above 0");
    refuses(() => new Adam({ clipValue: -1 }), "Adam", "clipValue is -1", "at least 0");
    refuses(
      () => new RMSprop({ clipValue: 1, globalClipNorm: 1 }),
      "RMSprop",
      "clipValue and globalClipNorm",
      "one of them",
    );
  });
});
