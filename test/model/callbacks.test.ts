import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { Dense } from "../../src/layers/index.ts";
import {
  type Callback,
  CSVLogger,
  EarlyStopping,
  type EarlyStoppingOptions,
  type Progress,
} from "../../src/model/callbacks.ts";
import type { FitOptions } from "../../src/model/fit.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { SGD } from "../../src/optimizers/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { refuses, rejects } from "../support/refusals.ts";

const x = floats([10, 2], 1);
const y = floats([10, 1], 2);

function model(): Sequential {
  const made = new Sequential([new Dense({ units: 1 })], { inputShape: [2] });
  made.compile({ optimizer: new SGD({ learningRate: 0.05 }), loss: "meanSquaredError", kernels: referenceKernels() });
  return made;
}

/** Puts numbers of one's own into the logs, one an epoch, before other callbacks see them. */
function script(values: readonly number[]): Callback {
  return {
    onEpochEnd: ({ epoch, logs }) => {
      (logs as Record<string, number>).scripted = values[epoch - 1];
    },
  };
}

/** Trains along scripted values, noting the weights after each epoch; index 0 holds those before the first. */
async function stopped(values: readonly number[], options: EarlyStoppingOptions, more: Callback[] = []) {
  const made = model();
  const weights = [made.getWeights()];
  const early = new EarlyStopping({ monitor: "scripted", ...options });
  const note = () => void weights.push(made.getWeights());
  let error: unknown;
  const fitted: FitOptions = { epochs: values.length, callbacks: [script(values), note, early, ...more] };
  const history = await made.fit(x, y, fitted).catch((thrown) => void (error = thrown));
  return { made, weights, early, error, epochs: history?.epochs };
}

/** What early stopping is, written down naively: the best epoch, and after which epoch it ends. */
function expected(values: readonly number[], patience: number, minDelta: number): { best: number; last: number } {
  let best = 0;
  for (let epoch = 1; epoch <= values.length; epoch++) {
    if (best === 0 || values[epoch - 1] < values[best - 1] - minDelta) best = epoch;
    else if (epoch - best >= Math.max(1, patience)) return { best, last: epoch };
  }
  return { best, last: values.length };
}

describe("EarlyStopping", () => {
  const values = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 8 });

  test("ends when nothing has improved for `patience` epochs, and the weights are those of the best one", () => {
    return fc.assert(
      fc.asyncProperty(values, fc.nat(3), fc.nat(2), async (scripted, patience, minDelta) => {
        const { best, last } = expected(scripted, patience, minDelta);
        const { made, weights, early, epochs } = await stopped(scripted, { patience, minDelta });
        assert.deepEqual([epochs, early.bestEpoch], [last, best]);
        made.getWeights().forEach((weight, index) => {
          equalBits(weight, weights[best][index]);
        });
      }),
      { numRuns: 40 },
    );
  });

  test("restores the best weights when the epochs run out", async () => {
    const { made, weights } = await stopped([3, 1, 2], { patience: 10 });
    equalBits(made.getWeights()[0], weights[2][0]);
  });

  test("restores them when another callback stops training", async () => {
    const stopAtThree: Callback = { onEpochEnd: ({ epoch, stop }) => (epoch === 3 ? stop() : undefined) };
    const { made, weights, epochs } = await stopped([3, 1, 2, 0, 0], { patience: 10 }, [stopAtThree]);
    assert.equal(epochs, 3);
    equalBits(made.getWeights()[0], weights[2][0]);
  });

  test("restores them when an error ends training, which is passed on", async () => {
    const broken: Callback = {
      onBatchEnd: ({ epoch }) => {
        if (epoch === 3) throw new Error("a disk is full");
      },
    };
    const { made, weights, error } = await stopped([3, 1, 2, 0], { patience: 10 }, [broken]);
    assert.match(String(error), /a disk is full/);
    equalBits(made.getWeights()[0], weights[2][0]);
  });

  test("restores them when another callback fails at the end; the first error is passed on", async () => {
    const failing = (words: string): Callback => ({
      onTrainEnd: () => {
        throw new Error(words);
      },
    });
    const made = model();
    const best: Tensor[][] = [];
    const note = ({ epoch }: Progress) => void (epoch === 2 && best.push(made.getWeights()));
    const early = new EarlyStopping({ monitor: "scripted", patience: 10 });
    const callbacks = [failing("the first"), script([3, 1, 2]), note, early, failing("the second")];
    await assert.rejects(made.fit(x, y, { epochs: 3, callbacks }), /the first/);
    equalBits(made.getWeights()[0], best[0][0]);
  });

  test("leaves the last weights where restoreBestWeights is false", async () => {
    const { made, weights } = await stopped([3, 1, 2], { patience: 10, restoreBestWeights: false });
    equalBits(made.getWeights()[0], weights[3][0]);
  });

  test("takes more for better where an accuracy is watched, or mode says so", async () => {
    assert.equal((await stopped([1, 3, 2], { mode: "max", patience: 5 })).early.bestEpoch, 2);
    assert.equal((await stopped([1, 3, 2], { patience: 5 })).early.bestEpoch, 1);
    const accuracy = new EarlyStopping({ monitor: "valAccuracy", patience: 5 });
    const progress = (epoch: number, valAccuracy: number) =>
      ({ epoch, logs: { valAccuracy }, model: { getWeights: () => [] }, stop: () => {} }) as unknown as Progress;
    accuracy.onTrainBegin();
    for (const [epoch, value] of [0.1, 0.3, 0.2].entries()) accuracy.onEpochEnd(progress(epoch + 1, value));
    assert.equal(accuracy.bestEpoch, 2);
  });

  test("refuses to watch what is not there, and options that cannot be", async () => {
    const watched = model().fit(x, y, { callbacks: [new EarlyStopping()] });
    await rejects(watched, "EarlyStopping", 'monitor is "valLoss"', "use one of loss", "need validation data");
    refuses(() => new EarlyStopping({ patience: -1 }), "EarlyStopping", "patience is -1", "at least 0");
    refuses(() => new EarlyStopping({ minDelta: Number.NaN }), "EarlyStopping", "minDelta is NaN", "finite");
    refuses(() => new EarlyStopping({ mode: "auto" as "min" }), "EarlyStopping", 'mode is "auto"', '"min" or "max"');
    refuses(() => new EarlyStopping({ restore: true } as never), "EarlyStopping", '"restore"', "restoreBestWeights");
  });
});

describe("callbacks", () => {
  test("are told of everything in order, and see where training is", async () => {
    const told: string[] = [];
    const at = (event: string) => (p: Progress) => {
      told.push(
        `${event} ${p.epoch}/${p.epochs} ${p.batch}/${p.batches} ${p.samples}/${p.samplesPerEpoch} ${Object.keys(p.logs)}`,
      );
    };
    const everything: Callback = {
      onTrainBegin: at("begin"),
      onEpochBegin: at("epoch"),
      onBatchEnd: at("batch"),
      onEpochEnd: at("done"),
      onTrainEnd: at("end"),
    };
    await model().fit(x, y, { batchSize: 8, validationData: [x, y], callbacks: [everything] });
    assert.deepEqual(told, [
      "begin 0/1 0/2 0/10 ",
      "epoch 1/1 0/2 0/10 ",
      "batch 1/1 1/2 8/10 loss",
      "batch 1/1 2/2 10/10 loss",
      "done 1/1 2/2 10/10 loss,valLoss",
      "end 1/1 2/2 10/10 loss,valLoss",
    ]);
  });

  test("may be a function, and may be slow: its promise is awaited", async () => {
    const epochs: number[] = [];
    const slow = async ({ epoch }: Progress) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      epochs.push(epoch);
    };
    await model().fit(x, y, { epochs: 3, callbacks: [slow] });
    assert.deepEqual(epochs, [1, 2, 3]);
  });

  test("may stop within an epoch: after the running batch", async () => {
    let batches = 0;
    const impatient: Callback = {
      onBatchEnd: ({ stop }) => {
        batches++;
        stop();
      },
    };
    const { epochs } = await model().fit(x, y, { epochs: 5, batchSize: 2, callbacks: [impatient] });
    assert.deepEqual([epochs, batches], [1, 1]);
  });

  test("do not change a number: with and without them the weights are the same", async () => {
    const [watched, alone] = [model(), model()];
    const asking: Callback = { onBatchEnd: async () => void (await watched.evaluate(x, y)) };
    const first = await watched.fit(x, y, { epochs: 2, batchSize: 4, callbacks: [asking] });
    const second = await alone.fit(x, y, { epochs: 2, batchSize: 4 });
    assert.deepEqual(first, second);
    equalBits(watched.getWeights()[0], alone.getWeights()[0]);
  });

  test("CSVLogger has a line for each epoch with the very numbers of the history", async () => {
    const csv = new CSVLogger();
    const { history } = await model().fit(x, y, { epochs: 2, validationSplit: 0.2, callbacks: [csv] });
    const lines = [0, 1].map((epoch) => `${epoch + 1},${history.loss[epoch]},${history.valLoss[epoch]}\n`);
    assert.equal(csv.text, `epoch,loss,valLoss\n${lines.join("")}`);
  });
});
