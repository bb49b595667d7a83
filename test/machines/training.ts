import {
  Adam,
  AveragePooling2D,
  Conv2D,
  Dense,
  Dropout,
  exponentialDecay,
  Flatten,
  LearningRateScheduler,
  MaxPooling2D,
  type Optimizer,
  Sequential,
  SGD,
  wasmKernels,
} from "../../src/index.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { countUnits } from "./units.ts";

/** What a machine reports of one training. */
export interface Training {
  readonly kernels: string;
  /** SHA-256 of all weights. */
  readonly hash: string;
  readonly seconds: number;
  /** The part of the work that workers took off the caller; 0 with one thread. */
  readonly helped: number;
}

const STEPS = 200;

/**
 * Trains a network whose layers go through every kind of kernel, 200 steps with each of two optimizers. It runs wherever
 * the library does, so it uses nothing of Node.
 */
export async function train(threads: number): Promise<Training> {
  const count = countUnits();
  const start = performance.now();
  const optimizers = [
    new SGD({ learningRate: 0.02, momentum: 0.9, nesterov: true, weightDecay: 0.001 }),
    new Adam({ learningRate: 0.003 }),
  ];
  const weights: Float32Array<ArrayBuffer>[] = [];
  for (const optimizer of optimizers) weights.push(...(await trainWith(optimizer, threads)));
  const seconds = (performance.now() - start) / 1000;
  return { kernels: wasmKernels({ threads }).name, hash: await sha256(weights), seconds, helped: count.stop() };
}

async function trainWith(optimizer: Optimizer, threads: number): Promise<Float32Array<ArrayBuffer>[]> {
  const model = new Sequential(
    [
      new Conv2D({ filters: 8, kernelSize: 5, strides: 2, padding: "same", activation: "tanh" }),
      new Conv2D({ filters: 16, kernelSize: 3, padding: "same", activation: "elu" }), // Winograd
      new MaxPooling2D({ poolSize: 3, strides: 2 }),
      new AveragePooling2D({ poolSize: 2, strides: 1 }),
      new Flatten(),
      new Dropout({ rate: 0.3 }),
      new Dense({ units: 23, activation: "relu" }),
      new Dense({ units: 7, activation: "softmax" }),
    ],
    { inputShape: [21, 22, 1], seed: 11 },
  );
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", kernels: wasmKernels({ threads }) });
  const examples = 190; // with batches of 20: nine whole ones and half a one, ten steps an epoch
  const schedule = exponentialDecay({ initialLearningRate: optimizer.learningRate, decayRate: 0.99 });
  await model.fit(floats([examples, 21, 22, 1], 5), labels([examples], 6, 7), {
    ...{ epochs: STEPS / 10, batchSize: 20, seed: 7 },
    callbacks: [new LearningRateScheduler(optimizer, schedule)],
  });
  if (optimizer.iterations !== STEPS) throw new Error(`${optimizer.iterations} steps instead of ${STEPS}`);
  return model.getWeights().map(({ data }) => Float32Array.from(data));
}

/** Web Crypto, which Node and pages from localhost have alike. */
async function sha256(arrays: Float32Array<ArrayBuffer>[]): Promise<string> {
  const bytes = new Uint8Array(await new Blob(arrays).arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
