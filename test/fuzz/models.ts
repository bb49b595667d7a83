/** Layers, models and their files, used with what fits and with what does not. */
import fc from "fast-check";
import * as neocog from "../../src/index.ts";
import type { Layer } from "../../src/layers/layer.ts";
import { sizeOf } from "../../src/tensor.ts";
import { layerOptions, shapes } from "./constructors.ts";
import { junk, mostly, options } from "./junk.ts";
import { asyncTarget, mutations, type Target, target } from "./target.ts";

// biome-ignore lint/suspicious/noExplicitAny: anything is what fuzzing is about
type Anything = any;
const library = neocog as Anything;
const reference = Object.assign(neocog.referenceKernels("float32"), { [fc.toStringMethod]: () => "the reference" });

/** More than this takes long for good reasons. */
const isSmall = (size: number) => size <= 20_000;
/** Without a sample, too, a layer has weights for each of its channels. */
const isSmallShape = (shape: neocog.Shape) => isSmall(sizeOf(shape)) && shape.every(isSmall);

const layerCalls = fc.constantFrom(...Object.keys(layerOptions)).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    options: layerOptions[kind],
    shape: shapes,
    second: fc.option(shapes, { freq: 3 }),
    weights: mostly(fc.constant("own")),
    training: fc.boolean(),
  }),
);

const layers = target("layers", 120, layerCalls, ({ kind, options, shape, second, weights, training }) => {
  const layer: Layer = new library[kind](options);
  const { filters = 1, units = 1 } = Object(options);
  const pass = new neocog.Pass({ kernels: reference, training });
  for (const drawn of [shape, second ?? shape] as neocog.Shape[]) {
    const y = layer.outputShape(drawn);
    if (!isSmallShape(y) || !isSmallShape(drawn) || !isSmall(filters) || !isSmall(units)) return;
    layer.build(drawn, pass);
    layer.setWeights(weights === "own" ? layer.getWeights() : (weights as Anything));
    const out = layer.forward(neocog.tensor(new Float32Array(sizeOf(drawn)).fill(1), drawn), pass);
    layer.backward(neocog.tensor(new Float32Array(out.size).fill(1), out.shape), pass);
  }
});

const small = fc.integer({ min: 1, max: 4 });
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(2 ** 53, 2 ** 53 - 1, 2 ** 31, -1, 0.5, "__proto__"),
);
const perhaps = <T>(valid: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 15, arbitrary: valid as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: json });
const described = fc
  .constantFrom<[string, Record<string, fc.Arbitrary<unknown>>]>(
    ["Conv2D", { filters: small, kernelSize: small, padding: fc.constantFrom("same", "valid", 1), groups: small }],
    [
      "Conv2DTranspose",
      { filters: small, kernelSize: small, strides: small, padding: fc.constantFrom("same", "valid", 1) },
    ],
    ["BatchNormalization", { scale: fc.boolean(), center: fc.boolean() }],
    ["Dense", { units: small, activation: fc.constantFrom("relu", "softmax", { name: "elu", alpha: 2 }) }],
    ["Flatten", {}],
    ["MaxPooling2D", { poolSize: small, strides: small }],
    ["Dropout", { rate: fc.constantFrom(0, 0.5) }],
    ["UpSampling2D", { size: small, interpolation: fc.constantFrom("nearest", "bilinear") }],
    ["Cropping2D", { cropping: fc.tuple(small, small) }],
    ["Reshape", { targetShape: fc.constantFrom([-1], [3, -1], [6, 6, 1]) }],
    ["Permute", { dims: fc.constantFrom([1], [2, 1, 3], [3, 1, 2]) }],
    ["MaxUnpooling2D", { poolSize: small }],
    ["LocalResponseNormalization", { size: small, k: small }],
    ["Nothing", {}],
  )
  .chain(([kind, valid]) =>
    fc.record({
      kind: perhaps(fc.constant(kind)),
      name: perhaps(fc.constantFrom("a", "b", "c", "d", "e")),
      options: perhaps(
        fc.record(Object.fromEntries(Object.entries(valid).map(([name, value]) => [name, perhaps(value)]))),
      ),
    }),
  );
const topologies = fc
  .record({
    format: perhaps(fc.constant("neocog sequential")),
    version: perhaps(fc.constant(1)),
    name: perhaps(fc.constant("model")),
    inputShape: perhaps(fc.constantFrom([6, 6, 1], [5, 4, 2], [3])),
    layers: perhaps(fc.array(perhaps(described), { maxLength: 4 })),
  })
  .map((topology) => new TextEncoder().encode(JSON.stringify(topology)));

const saved = new neocog.Sequential(
  [new neocog.Conv2D({ filters: 2, kernelSize: 3 }), new neocog.Flatten(), new neocog.Dense({ units: 2 })],
  { inputShape: [4, 4, 1] },
).toFiles();
const texts = fc.oneof(fc.constant(new TextEncoder().encode(saved["model.json"])), topologies);
const files = fc.record({
  text: fc.oneof({ weight: 1, arbitrary: mutations(texts) }, { weight: 2, arbitrary: texts }),
  weights: fc.oneof(fc.constant(saved["weights.safetensors"]), mutations(fc.constant(saved["weights.safetensors"]))),
});

const modelFiles = target("model files", 60, files, ({ text, weights }) => {
  const json = new TextDecoder().decode(text);
  neocog.modelFromFiles({ "model.json": json, "weights.safetensors": weights }, { directory: "some" });
});

const data = fc.oneof(
  { weight: 30, arbitrary: fc.constant("fits") as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: junk },
  { weight: 1, arbitrary: fc.array(fc.array(fc.double(), { maxLength: 3 }), { maxLength: 4 }) },
);
const weight = fc.constantFrom(0, 1, 1e30, 5e-324);
/** As many epochs as are asked for are done: only so many may be asked for. */
const isDoneSoon = (given: unknown) => !(typeof Object(given).epochs === "number" && Object(given).epochs > 2);
const events = fc.dictionary(
  fc.constantFrom("onTrainBegin", "onEpochEnd", "onTrainEnd", "onBatchEnd"),
  mostly(fc.constant(() => {})),
  { maxKeys: 2 },
);
const callback = fc.oneof(
  events,
  fc.constant(() => {}),
  fc.constantFrom("loss", "valLoss", "accuracy").map((monitor) => new neocog.EarlyStopping({ monitor })),
  fc.constant(0).map(() => new neocog.CSVLogger()),
);
const weights = {
  sampleWeight: fc.array(weight, { minLength: 5, maxLength: 5 }),
  classWeight: fc.dictionary(fc.constantFrom("0", "1", "x"), mostly(weight)),
};
const training = fc.record({
  classes: fc.constantFrom(1, 2, 3),
  activation: fc.constantFrom("softmax", "sigmoid", "linear"),
  model: options({ inputShape: fc.constantFrom([3], [2, 2]), name: fc.constant("m"), seed: fc.nat(3) }, [], 40),
  compile: options(
    {
      optimizer: fc.constantFrom("sgd", "adam", "adamW", "rmsprop"),
      loss: fc.constantFrom(
        "binaryCrossentropy",
        "categoricalCrossentropy",
        "meanSquaredError",
        "sparseCategoricalCrossentropy",
      ),
      metrics: fc.subarray(["accuracy", "topKCategoricalAccuracy"]),
      kernels: fc.constant(reference),
    },
    ["optimizer", "loss", "kernels"],
    60,
  ),
  x: data,
  y: data,
  fit: options(
    {
      ...weights,
      ...{ epochs: fc.nat(2), batchSize: fc.constantFrom(1, 3, 2 ** 53 - 1), shuffle: fc.boolean(), seed: fc.nat(9) },
      validationSplit: fc.constantFrom(0, 0, 0.4),
      validationData: fc.constantFrom(undefined, undefined, [[[1, 2, 3]], [0]], [[[1, 2, 3]], [[1, 0]], [1]]),
      callbacks: fc.array(mostly(callback, 20), { maxLength: 2 }),
    },
    [],
    60,
  ).filter(isDoneSoon),
  evaluate: options({ batchSize: fc.constantFrom(1, 2 ** 53 - 1), sampleWeight: weights.sampleWeight }, [], 40),
});

const models = asyncTarget("training", 40, training, async (drawn) => {
  const { classes, activation } = drawn;
  const output = new neocog.Dense({ units: classes, activation });
  const model: Anything = new neocog.Sequential([new neocog.Flatten(), output], drawn.model as Anything);
  model.compile(drawn.compile as Anything);
  const shape = inputShapeOf(model);
  const x = drawn.x === "fits" ? neocog.tensor(new Float32Array(5 * sizeOf(shape)).fill(0.5), [5, ...shape]) : drawn.x;
  const sparse = Object(drawn.compile).loss === "sparseCategoricalCrossentropy";
  const oneHot = Array.from({ length: 5 }, (_, n) =>
    Array.from({ length: classes }, (_, k) => Number(k === n % classes)),
  );
  const y = drawn.y === "fits" ? (sparse ? Uint8Array.from({ length: 5 }, (_, n) => n % classes) : oneHot) : drawn.y;
  await model.fit(x, y, drawn.fit);
  await model.evaluate(x, y, drawn.evaluate);
  await model.predict(x);
  model.setWeights(drawn.y === "fits" ? model.getWeights() : drawn.y);
  model.toFiles();
});

function inputShapeOf(model: neocog.Sequential): neocog.Shape {
  try {
    return model.inputShape;
  } catch {
    return [3];
  }
}

export const using: readonly Target[] = [layers, modelFiles, models];
